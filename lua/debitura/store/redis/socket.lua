--- Redis outside of nginx: one connection of LuaSocket, which is kept and blocks.
-- @module debitura.store.redis.socket

local resp = require("debitura.store.redis.resp")
local tls = require("debitura.store.redis.tls")

local transport = {}
transport.__index = transport

local INSTALL_HINT = "install LuaSocket: apt-get install lua-socket, or luarocks install luasocket"

function transport:drop()
  if self.connection then self.connection:close() end
  self.connection = nil
end

function transport:exchange(arguments)
  local sent, err = self.connection:send(resp.encode(arguments))
  if not sent then return nil, err end
  return resp.read(self.connection)
end

function transport:connect()
  local connection, err = self.driver.tcp()
  if not connection then return nil, err end
  connection:settimeout(self.timeout)
  local connected
  connected, err = connection:connect(self.place.host, self.place.port)
  if not connected then
    connection:close()
    return nil, err
  end
  connection:setoption("tcp-nodelay", true)
  if self.place.tls then
    connection, err = tls.wrap(connection, self.place, self.timeout)
    if not connection then return nil, err end
  end
  self.connection = connection
  for _, command in ipairs(self.greeting) do
    local answer, refused
    answer, err, refused = self:exchange(command)
    if not answer then
      self:drop()
      return nil, err, refused
    end
  end
  return true
end

--- Whether the kept connection has nothing to say: what the server has closed, or left a reply in,
-- is of no use.
function transport:is_quiet()
  self.connection:settimeout(0)
  local _, err = self.connection:receive(1)
  self.connection:settimeout(self.timeout)
  return err == "timeout" or err == "wantread" -- the latter with TLS
end

--- Sends a command and reads its reply.
-- @tparam table arguments array of strings
-- @tparam boolean repeatable it may be sent again when the connection is lost before the reply
-- @treturn[1] string|number|table|boolean the reply
-- @treturn[2] nil
-- @treturn[2] string what went wrong, or what the server said
-- @treturn[2] boolean true when it is the server that refused the command
function transport:call(arguments, repeatable)
  if self.connection and not self:is_quiet() then self:drop() end
  local kept = self.connection ~= nil
  if not kept then
    local connected, err, refused = self:connect()
    if not connected then return nil, err, refused end
  end
  local reply, err, refused = self:exchange(arguments)
  if reply ~= nil then return reply end
  -- A server that has become a replica refuses writes for ever: the address may lead to another
  -- one by now.
  if not refused or err:find("^READONLY") then self:drop() end
  if refused then return nil, err, true end
  if kept and repeatable and err ~= "timeout" then return self:call(arguments, false) end
  return nil, err
end

--- Goes to another server from the next command on.
function transport:move(host, port)
  self:drop()
  self.place.host, self.place.port = host, port
end

function transport:close()
  self:drop()
end

--- Makes a transport; it connects with the first command.
-- @tparam table place see debitura.store.redis.address
-- @tparam table greeting array of commands that begin each connection
-- @tparam number timeout seconds
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is missing
function transport.new(place, greeting, timeout)
  local found, driver = pcall(require, "socket")
  local missing = not found and INSTALL_HINT or place.tls and tls.missing()
  if missing then return nil, missing end
  return setmetatable({
    place = place, greeting = greeting, timeout = timeout, driver = driver,
  }, transport)
end

return transport
