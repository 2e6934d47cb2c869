--- The options of the objects of both APIs, and those of a single call.
-- @module debitura.client.options

local core = require("debitura.core")
local limiter = require("debitura.client.limiter")
local options = require("debitura.base.options")

local client_options = {}

local KIBIBYTE = 1024
local MEBIBYTE = 1024 * KIBIBYTE

local function url_problem(url)
  local allowed, err = core.check_url(url, "base")
  return not allowed and err.message or nil
end

local function key_problem(key)
  if type(key) == "string" and key:find("%s") then
    return "contains white space: it was probably copied with a line break or a blank"
  end
end

local HEADER_MOST = "a whole number from 1 to 102400"

local function header_problem(bytes)
  if bytes > 100 * KIBIBYTE then return HEADER_MOST .. " expected, got " .. bytes end
end

local LIMITER = "one made by debitura.limiter, or false"

local function limiter_problem(value)
  if value and not limiter.is(value) then return LIMITER .. " expected, got another table" end
end

local LOGGER = "an object with info, warn and debug, a function(level, line), or ngx.log"

local function logger_problem(value)
  if type(value) == "table" and type(value.info) ~= "function" then
    return LOGGER .. " expected, got a table without info"
  end
end

local function waiter_problem(value)
  if type(value.wait) ~= "function" or type(value.sleep) ~= "function" then
    return "one of debitura.waiter, with wait and sleep, expected"
  end
end

local TARGET = {
  { "api_key", "secret", required = true, check = key_problem,
    "the key that Debitura issued" },
  {
    "environment", "string", values = { "production", "test" },
    "where requests go; needed unless there is a `base_url`, beside which it says what that "
      .. "stands for",
  },
  {
    "base_url", "string", check = url_problem, expected = "a URL",
    "instead of the environment's: a sandbox, a proxy; https, or http of this machine",
  },
}

local OF_PARTNER = {
  {
    "customer_base_url", "string", check = url_problem, expected = "a URL",
    shown_default = "the environment's; beside a `base_url`, that with `/customer`",
    "of the Customer API",
  },
  {
    "store", "object", annotation = "debitura.Store",
    "see `debitura.store`: through it the workers of all hosts share tokens",
  },
}

local CONNECTION = {
  { "timeout", "positive", default = 60, "seconds for one attempt" },
  { "connect_timeout", "positive", default = 10, "seconds until a connection stands" },
  { "budget", "positive", default = 120,
    "seconds for a call with all its attempts and pauses" },
  { "attempts", "count", default = 3, "how often a call is tried where that is harmless" },
  { "backoff_base", "positive", default = 0.5,
    "seconds; the longest pause after the first attempt" },
  { "backoff_cap", "positive", default = 8, "seconds; the longest pause after any" },
  {
    "max_response_bytes", "count", default = 16 * MEBIBYTE,
    "bytes of a response, decompressed; a longer one is a failure of kind `limit`",
  },
  {
    "max_header_bytes", "count", default = 64 * KIBIBYTE, check = header_problem,
    expected = HEADER_MOST,
    "bytes of a response's header, at most 100 KiB; failure of kind `limit`",
  },
  { "max_header_lines", "count", default = 1000, "lines of it; failure of kind `limit`" },
  { "max_connections", "count", default = 64, "open at the same time" },
  { "ca_file", "text", shown_default = "the system's",
    "a file of trusted certificates (PEM)" },
  { "ca_path", "text", shown_default = "the system's",
    "a directory of trusted certificates" },
  { "proxy", "text", shown_default = "none", "the URL of a proxy" },
  {
    "user_agent", "text", shown_default = "`debitura-lua/<version> (Lua x; libcurl y)`",
    "what the header User-Agent says",
  },
  { "engine", "object", annotation = "userdata", "to share one between objects" },
  {
    "waiter", "table", check = waiter_problem, annotation = "debitura.Waiter",
    shown_default = "nginx's in nginx, else the process waits",
    "how to wait, see `debitura.waiter`",
  },
  {
    "limiter", "table|false", expected = LIMITER, check = limiter_problem,
    annotation = "debitura.Limiter|false",
    shown_default = "one with the documented limits",
    "one made by `debitura.limiter`; false: none",
  },
  {
    "logger", "table|function", expected = LOGGER, check = logger_problem,
    annotation = "debitura.Logger|fun(level: string, line: string)",
    "an object with `info`, `warn` and `debug`, a function of level and line, or `ngx.log`",
  },
  {
    "observe", "boolean", default = false,
    "true: compares some answers with the documents, see `debitura differences`",
  },
  { "clock", "function", annotation = "fun(): number", "gives monotonic seconds" },
  { "random", "function", annotation = "fun(): number", "gives numbers from 0 up to 1" },
  {
    "on_request", "function", annotation = "fun(event: debitura.RequestEvent)",
    "is called before each attempt",
  },
  {
    "on_response", "function", annotation = "fun(event: debitura.ResponseEvent)",
    "is called after each attempt",
  },
  {
    "on_retry", "function", annotation = "fun(event: debitura.RetryEvent)",
    "is called before a call is tried again",
  },
}

local CALL = {
  {
    "check", "boolean", default = true,
    "false leaves out all checks of the arguments but those of the path",
  },
  {
    "idempotency_key", "any", annotation = "string",
    shown_default = "a random one, where the operation takes one",
    "1 to 255 visible ASCII characters",
  },
  { "timeout", "positive", shown_default = "the object's", "seconds for one attempt" },
  {
    "budget", "positive", shown_default = "the object's",
    "seconds for the call with all its attempts and pauses",
  },
  { "attempts", "count", shown_default = "the object's", "how often the call is tried" },
  {
    "query", "table", "parameters of the query by name, beside a body or a file",
  },
}

local OF_ANY_PATH = {
  {
    "path", "table", annotation = "table<string, string|integer>",
    "what fills each `{name}` of a template",
  },
}

client_options.partner = options.define("debitura.partner", TARGET, OF_PARTNER, CONNECTION)
client_options.customer = options.define("debitura.customer", TARGET, CONNECTION)
client_options.call = options.define("options of a call", CALL)
client_options.generic_call = options.define("call", CALL, OF_ANY_PATH)

--- Reads the options of an object that has a key: where requests go is settled then, and the key
-- is shown no more.
-- @tparam table defined one of the above
-- @tparam table given
-- @tparam table hosts base URL by environment
-- @treturn table with `base_url` without a slash at its end
-- @raise at the caller's line
function client_options.read(defined, given, hosts)
  local read = defined:read(given)
  if not read.environment and not read.base_url then
    defined:complain("environment",
      "missing: 'production' or 'test', or the base_url of a sandbox or proxy")
  end
  read.api_key = core.secret(read.api_key)
  read.base_url = (read.base_url or hosts[read.environment]):gsub("/+$", "")
  return read
end

return client_options
