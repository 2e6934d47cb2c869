--- Redis in nginx: lua-resty-redis, whose cosockets never block the worker. Each command takes a
-- connection from the worker's pool and gives it back, since a cosocket belongs to one request.
-- @module debitura.store.redis.nginx

-- luacheck: read globals ngx

local able = require("debitura.async.waiters.nginx").able

local unpack = table.unpack or unpack -- luacheck: ignore

local transport = {}
transport.__index = transport

local IDLE = 60000 -- milliseconds a connection waits for its next use
local POOL = 64 -- connections for each worker and address
local FIRST_WITH_TLS = 0.28 -- older ones ignore the option, and would talk in plain text
local INSTALL_HINT = "install lua-resty-redis: opm get openresty/lua-resty-redis, "
  .. "or on Debian apt-get install lua-nginx-redis"

--- A reply in which false stands for none, as debitura.store.redis.resp has it.
local function without_null(reply)
  if reply == ngx.null then return false end
  if type(reply) == "table" then
    for i, item in ipairs(reply) do reply[i] = without_null(item) end
  end
  return reply
end

local function send(connection, arguments)
  local name = arguments[1]:lower()
  local reply, err = connection[name](connection, unpack(arguments, 2))
  if reply then return without_null(reply) end
  return nil, err, reply == false
end

function transport:connect()
  local connection = self.driver:new()
  connection:set_timeout(self.timeout * 1000)
  local connected, err = connection:connect(self.place.host, self.place.port, self.options)
  if not connected then return nil, err end
  if connection:get_reused_times() > 0 then return connection end
  for _, command in ipairs(self.greeting) do
    local answer, refused
    answer, err, refused = send(connection, command)
    if not answer then
      connection:close()
      return nil, err, refused
    end
  end
  return connection
end

--- Sends a command and reads its reply; as debitura.store.redis.socket has it.
function transport:call(arguments, repeatable)
  local allowed, failed = able()
  if not allowed then return nil, failed.message end
  local connection, err, refused = self:connect()
  if not connection then return nil, err, refused end
  local kept = connection:get_reused_times() > 0
  local reply
  reply, err, refused = send(connection, arguments)
  -- A server that has become a replica refuses writes for ever: the address may lead to another one
  -- by now.
  if reply ~= nil or refused and not err:find("^READONLY") then
    connection:set_keepalive(IDLE, POOL)
  else
    connection:close()
  end
  if reply ~= nil or refused then return reply, err, refused end
  if kept and repeatable and err ~= "timeout" then return self:call(arguments, false) end
  return nil, err
end

function transport.close() end

--- Makes a transport; as debitura.store.redis.socket has it.
function transport.new(place, greeting, timeout)
  local found, driver = pcall(require, "resty.redis")
  if not found then found, driver = pcall(require, "nginx.redis") end -- Debian's name for it
  if not found then return nil, INSTALL_HINT end
  if place.tls and (tonumber(driver._VERSION) or 0) < FIRST_WITH_TLS then
    return nil, ("rediss:// needs lua-resty-redis 0.28 or later, and this one is %s")
      :format(tostring(driver._VERSION))
  end
  return setmetatable({
    driver = driver, place = place, greeting = greeting, timeout = timeout,
    options = {
      -- The user and the database stay with a connection, so it must not come from another's pool.
      pool = table.concat({
        place.host, place.port, place.database, place.user or "", place.tls and "tls" or "",
      }, ":"),
      ssl = place.tls or nil, ssl_verify = place.tls or nil,
      server_name = place.tls and place.host or nil,
    },
  }, transport)
end

return transport
