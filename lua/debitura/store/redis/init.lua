--- Redis: several hosts on one store, and OpenResty without blocking. Each verb is one script on
-- the server; see debitura.store.redis.scripts for what is kept where. In nginx the commands go
-- through lua-resty-redis, elsewhere through LuaSocket.
-- @module debitura.store.redis

local address_of = require("debitura.store.redis.address")
local failure = require("debitura.base.failure")
local lanes_options = require("debitura.store.lanes.options")
local layouts = require("debitura.store.layouts")
local scripts = require("debitura.store.redis.scripts")
local usage = require("debitura.base.usage")
local verbs = require("debitura.store.redis.verbs")

local redis = {}

--- What `store.open` takes for Redis; see debitura.base.options.
redis.options = {
  { "prefix", "text", default = "debitura:", "the text before each key (Redis)" },
  { "timeout", "positive", default = 10, "seconds to wait for the server (Redis)" },
  {
    "ca_file", "text",
    "file of the authorities that vouch for a rediss: server, where nginx does not say it; "
      .. "default: the system's (Redis)",
  },
  {
    "volatile", "boolean", default = false,
    "also takes a server that would forget what was acknowledged (Redis)",
  },
  lanes_options.batch,
}

-- The verbs that must not be sent twice: of all others the second time does no harm.
local ONCE = { record_move = true, record_note = true, job_revive = true, inbox_revive = true,
  beat = true }

local Store = {}
Store.__index = Store

for verb, run in pairs(verbs) do Store[verb] = run end

--- A failure; another attempt will not help unless `more` says so.
local function problem(message, more)
  return failure.new({ kind = "store", message = "Redis: " .. message, retryable = false }, more)
end

-- Talking -----------------------------------------------------------------------------------------

--- Sends a command and reads its reply; as debitura.store.redis.socket has it. A server of a
-- cluster tells which other one has the keys, and has done nothing then.
function Store:call(arguments, repeatable)
  local transport = self.transport
  local reply, err, refused = transport:call(arguments, repeatable)
  local host, port = (refused and err or ""):match("^MOVED %d+ (.*):(%d+)$")
  if not host then return reply, err, refused end
  transport:move(host ~= "" and host or self.place.host, tonumber(port))
  return transport:call(arguments, repeatable)
end

--- Runs a verb's script.
function Store:run(verb, arguments)
  if self.closed then usage.error("the store is closed") end
  local repeatable = not ONCE[verb]
  local digest = self.digests[verb]
  local reply, err, refused
  arguments[2], arguments[4] = digest, self.prefix
  if digest then reply, err, refused = self:call(arguments, repeatable) end
  if not digest or refused and err:find("^NOSCRIPT") then
    digest, err, refused = self:call({ "SCRIPT", "LOAD", scripts[verb] }, true)
    if not digest then return nil, self:failed(err, refused) end
    self.digests[verb], arguments[2] = digest, digest
    reply, err, refused = self:call(arguments, repeatable)
  end
  if reply ~= nil then return reply end
  local layout = refused and err:match("^LAYOUT (%S+)")
  if layout then return nil, problem(select(2, layouts.read(layout))) end
  return nil, self:failed(err, refused)
end

-- The refusals that end by themselves, or when someone gives the server what it lacks; all others
-- stay: a wrong password, a command that is not allowed, a database that there is not.
local PASSES = {
  BUSY = true, CLUSTERDOWN = true, LOADING = true, MASTERDOWN = true, MISCONF = true,
  NOREPLICAS = true, NOSCRIPT = true, OOM = true, READONLY = true, TRYAGAIN = true,
  UNBLOCKED = true, MOVED = true, ASK = true,
}

function Store:failed(err, refused)
  -- The address belongs to the message; what is secret in it does not.
  local message = refused and err:gsub(" script: .*$", "")
    or ("%s:%d: %s"):format(self.place.host, self.place.port, tostring(err))
  local code = refused and err:match("^%-?(%u+)")
  local passes = not refused or PASSES[code] or err:find("max number of clients", 1, true)
  return problem(message, { retryable = passes and true or false })
end

--- Ends the connection; harmless when it has ended.
function Store:close()
  if self.closed then return end
  self.closed = true
  self.transport:close()
end

-- Opening -----------------------------------------------------------------------------------------

--- Refuses a server that would forget what was acknowledged, unless that is wanted.
function Store:check_server(volatile)
  local said, err, refused = self:call({ "INFO" }, true)
  if not said then return nil, self:failed(err, refused) end
  local function info(name) return said:match("\r\n" .. name .. ":([^\r\n]*)") end
  if not volatile and info("aof_enabled") ~= "1" then
    return nil, problem("the server keeps no log of its writes, so that a restart would lose "
      .. "webhooks that were acknowledged; set appendonly to yes, or open the store with "
      .. "volatile = true")
  end
  if info("cluster_enabled") == "1" and not self.prefix:find("{[^}]+}") then
    return nil, problem("the server belongs to a cluster, where a store's keys must be kept "
      .. 'together: open the store with a prefix in braces, such as prefix = "{debitura}:"')
  end
  local policy = info("maxmemory_policy") or ""
  if info("maxmemory") ~= "0" and policy:find("^allkeys") then
    return nil, problem(("the server drops any key when its memory is full (maxmemory-policy %s); "
      .. "set it to noeviction"):format(policy))
  end
  return true
end

--- Reads the layout of the keys, or writes it down. What this release does not read is refused,
-- and its keys are left alone. Another process may write it down at the same time: the first one's
-- stands.
function Store:check_layout(create)
  local key = self.prefix .. "version"
  local found, err, refused = self:call({ "GET", key }, true)
  if found == false and not create then
    return nil, problem("the store does not exist yet", { missing = true })
  elseif found == false then
    found, err, refused = self:call({ "SETNX", key, layouts.text(layouts.latest()) }, true)
    if found then found, err, refused = self:call({ "GET", key }, true) end
  end
  if not found then return nil, self:failed(err, refused) end
  local layout, refusal = layouts.read(found)
  if layout then return layout end
  return nil, problem(refusal)
end

function Store:layout() return self:check_layout() end

local function greeting_of(place)
  local greeting = {}
  if place.password then
    greeting[1] = place.user and { "AUTH", place.user, place.password }
      or { "AUTH", place.password }
  end
  if place.database > 0 then greeting[#greeting + 1] = { "SELECT", tostring(place.database) } end
  return greeting
end

--- Opens a store; `store.open("redis://…")` calls it. In nginx: in a phase that can wait, such as
-- the first request.
-- @tparam string rest `//[user][:password]@host[:port][/database]`
-- @tparam table options those of `redis.options`, and `create`
-- @tparam string scheme "redis", or "rediss" for TLS
-- @treturn[1] table the store
-- @treturn[2] nil
-- @treturn[2] table failure; the password is in no message
function redis.open(rest, options, scheme)
  local place, err = address_of.read(scheme, rest)
  if not place then return nil, problem(err) end
  place.ca_file = options.ca_file
  local transports = require(rawget(_G, "ngx") and "debitura.store.redis.nginx"
    or "debitura.store.redis.socket")
  local transport
  transport, err = transports.new(place, greeting_of(place), options.timeout, options.batch)
  if not transport then return nil, problem(err) end
  local store = setmetatable({
    transport = transport, place = place, prefix = options.prefix, digests = {},
  }, Store)
  local ready
  ready, err = store:check_server(options.volatile)
  if ready then ready, err = store:check_layout(options.create) end
  if ready then return store end
  store:close()
  return nil, err
end

return redis
