--- A real Redis for specs, on a loopback port, which logs every write before it answers.
--
--     local redis, missing = require("spec.support.redis").start()
--     local place = redis:place()                an empty one: store.open(place.address, place.options)
--     redis:command("GET", "key")                runs a command beside the store
--     redis:halt() redis:start()
--     redis:stop()

local core = require("debitura.core")
local server = require("spec.support.server")
local socket = require("debitura.store.redis.socket")

local redis = {}

local PASSWORD = "sample/pass word"
redis.password = PASSWORD

local Server = {}
Server.__index = Server

local CONFIGURATION = [[
port %d
bind 127.0.0.1
dir %s
requirepass "%s"
appendonly %s
appendfsync always
save ""
%s
]]

--- Starts one.
-- @tparam[opt] table options `appendonly` ("yes" unless it is "no"), `more` (lines of configuration)
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is not installed
function redis.start(options)
  options = options or {}
  local program = server.find("redis-server", "valkey-server")
  if not program then return nil, "no redis-server found; Debian and Ubuntu: apt-get install redis-server" end
  local found = pcall(require, "socket")
  if not found then return nil, "no LuaSocket found; Debian and Ubuntu: apt-get install lua-socket" end
  local directory, port = server.directory(), core.system.free_port()
  server.write(directory .. "/redis.conf",
    CONFIGURATION:format(port, directory, PASSWORD, options.appendonly or "yes", options.more or ""))
  local self = setmetatable({ places = 0, port = port, directory = directory }, Server)
  self.process = server.start {
    command = program .. " redis.conf", directory = directory, port = port,
    ready = function() return self:try("PING") end,
  }
  return self
end

function Server:try(...)
  self.transport = self.transport or socket.new({ host = "127.0.0.1", port = self.port }, { { "AUTH", PASSWORD } }, 10)
  return self.transport:call({ ... }, true)
end

function Server:command(...)
  return assert(self:try(...))
end

--- The address of the server.
-- @tparam[opt] table changes `password`, `database`
function Server:address(changes)
  changes = changes or {}
  local password = (changes.password or PASSWORD):gsub("%W", function(c) return ("%%%02X"):format(c:byte()) end)
  return ("redis://:%s@127.0.0.1:%d/%s"):format(password, self.port, changes.database or "0")
end

--- A new, empty place for a store: `address` and `options`.
function Server:place()
  self.places = self.places + 1
  return { address = self:address(), options = { prefix = "ledger_" .. self.places .. ":" } }
end

function Server:halt(signal)
  self.process:halt(signal)
end

function Server:start()
  self.process:start()
end

function Server:stop()
  if self.transport then self.transport:close() end
  self.process:stop()
end

return redis
