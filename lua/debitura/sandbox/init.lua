--- Debitura on this machine: starts the sandbox and gives it back when it accepts requests.
--
--     local sandbox = require("debitura.sandbox").start()
--     local partner = debitura.partner { api_key = sandbox.api_key, base_url = sandbox.url }
--     ...
--     sandbox:stop()
-- @module debitura.sandbox

local core = require("debitura.core")
local nginx = require("debitura.nginx_app")
local parent_process = require("debitura.nginx_app.parent_process")
local seeds = require("debitura.sandbox.model.seeds")
local settings_module = require("debitura.sandbox.model.settings")

local sandbox = {}

local CONFIGURATION = [[
  client_max_body_size 27m;
  client_body_buffer_size 256k;
  keepalive_requests 1000000;
  lua_max_running_timers 4096;
  lua_max_pending_timers 4096;
  init_by_lua_block { require("debitura.sandbox.server.worker").load([=====[$OPTIONS]=====]) }
  init_worker_by_lua_block { require("debitura.sandbox.server.worker").start() }
  exit_worker_by_lua_block { require("debitura.sandbox.server.worker").stop() }
  server {
    listen $ADDRESS:$PORT;
    server_tokens off;
    default_type application/json;
    location / { content_by_lua_block { require("debitura.sandbox.server.worker").serve() } }
    error_page 413 @too_large;
    location @too_large {
      return 413 '{"error":"PayloadTooLarge","message":"The body is larger than 26 MB."}';
    }
  }
]]

local Sandbox = {}
Sandbox.__index = Sandbox

--- Stops the sandbox. Harmless when it is stopped already.
function Sandbox:stop()
  if self.engine then self.engine:close() end
  self.engine = nil
  self.server:stop()
end

--- Whether it is running.
-- @treturn boolean
function Sandbox:running()
  return self.server:running()
end

--- What the sandbox has logged: empty unless something went wrong.
-- @treturn string
function Sandbox:log()
  return self.server:log()
end

--- Asks one of the sandbox's own controls, blocking.
-- @tparam string method "GET" or "POST"
-- @tparam string name such as "clock"
-- @tparam[opt] table body
-- @treturn[1] table the decoded answer
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function Sandbox:control(method, name, body)
  self.engine = self.engine or core.engine {}
  local transfer, problem = self.engine:submit {
    method = method, url = self.url .. "/_sandbox/" .. name,
    body = body and assert(core.json.encode(body)),
    headers = { ["Content-Type"] = "application/json", Accept = "application/json" }, timeout = 600,
  }
  if not transfer then return nil, problem.message end
  while not transfer:done() do self.engine:wait(1) end
  local answer
  answer, problem = transfer:result()
  if not answer then return nil, problem.message end
  if answer.status ~= 200 then return nil, ("status %d: %s"):format(answer.status, answer.body) end
  return core.json.decode(answer.body)
end

--- Lets time pass. Returns when every event up to then has been delivered, or was tried as often as
-- the time allows.
-- @tparam string duration such as "7d1h"; "0s" only waits for what is under way
-- @treturn[1] table `{now}`
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function Sandbox:advance(duration)
  return self:control("POST", "clock", { advance = duration })
end

--- What is wrong with the options, or nil.
local function first_problem(options)
  for index, account in ipairs(options.accounts or {}) do
    local name, messages = next(seeds.problems(account) or {})
    if name then return ("accounts[%d].%s: %s"):format(index, name, messages[1]) end
  end
  for _, name in ipairs(options.situations or {}) do
    if not seeds.situations[name] then return "unknown situation " .. tostring(name) end
  end
  local given = {}
  for name, value in pairs(options.settings or {}) do given[name] = value end
  local name, messages = next(settings_module.problems(given) or {})
  if name then return ("settings.%s: %s"):format(name, messages[1]) end
end

--- Starts a sandbox.
-- @tparam[opt] table options `port` (default: a free one); `address` (default "127.0.0.1"); `seed`
--   (a whole number: the same one gives the same ids and secrets; default: a random one);
--   `situations` (names out of `debitura.sandbox.model.seeds`, default all); `settings` (see
--   `debitura.sandbox.model.settings`: `api_key`, `partner_name`, `ttl_days`, ...); `accounts`
--   (array of further accounts, as POST /_sandbox/accounts takes them); `state_file` (a SQLite file
--   that keeps the sandbox over restarts)
-- @treturn[1] table with `url` (partner API), `customer_url` (Customer API), `api_key`, `port`, and
--   the methods above
-- @treturn[2] nil
-- @treturn[2] string what is missing or what nginx said
function sandbox.start(options)
  options = options or {}
  local problem = first_problem(options)
  if problem then return nil, problem end
  local address = options.address or "127.0.0.1"
  local settings = { api_key = "sandbox-key" }
  for name, value in pairs(options.settings or {}) do settings[name] = value end
  settings.base_url = settings.base_url or ("http://%s:$PORT"):format(address)
  local first, second, third = core.system.random(3):byte(1, 3)
  local text = assert(core.json.encode {
    settings = settings, owner = parent_process.pid(), accounts = options.accounts,
    situations = options.situations and core.json.array(options.situations),
    seed = options.seed or first * 65536 + second * 256 + third,
    state_file = options.state_file and nginx.absolute(options.state_file),
  })
  local server, reason = nginx.start {
    http = CONFIGURATION:gsub("%$(%u+)", { OPTIONS = text, ADDRESS = address }),
    port = options.port,
  }
  if not server then return nil, reason end
  local url = settings.base_url:gsub("%$PORT", tostring(server.port))
  return setmetatable({
    server = server, port = server.port, url = url, customer_url = url .. "/customer",
    api_key = settings.api_key,
  }, Sandbox)
end

return sandbox
