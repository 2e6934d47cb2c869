--- A real Redis for specs, on a loopback port, which logs every write before it answers.
--
--     local redis = require("spec.support.redis")
--     redis.missing()                            what is not installed, or nil
--     local server = redis.start()
--     local place = server:place()               an empty one: `address` and `options`
--     server:command("GET", "key")                runs a command beside the store
--     server:halt() server:start()
--     server:stop()

local certificates = require("spec.support.certificates")
local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local server = require("spec.support.server")
local socket = require("debitura.store.redis.socket")

local redis = {}

local PASSWORD = "sample/pass word"
redis.password = PASSWORD

local Server = {}
Server.__index = Server

local CONFIGURATION = [[
%s %d
bind 127.0.0.1
dir %s
requirepass "%s"
appendonly %s
appendfsync always
save ""
%s
]]

local function find()
  return server.find("redis-server", "valkey-server")
end

-- With TLS of the certificates in the server's directory.
local WITH_TLS = [[
port 0
tls-cert-file good.pem
tls-key-file good.key
tls-ca-cert-file authority.pem
tls-auth-clients no
]]

--- What is not installed, or nil.
function redis.missing()
  if not find() then return server.not_found("redis-server", "redis-server") end
  if not pcall(require, "socket") then return server.not_found("LuaSocket", "lua-socket") end
end

--- Starts one.
-- @tparam[opt] table options `appendonly` ("yes" unless it is "no"), `more` (lines of
--   configuration), `tls` (true: it speaks TLS alone), `cluster` (true: a node of one, alone and
--   without slots), `limit`: largest file in KiB that it may write
-- @treturn table
function redis.start(options)
  options = options or {}
  local directory, port = server.directory(), core.system.free_port()
  local appendonly, more = options.appendonly or "yes", options.more or ""
  if options.tls then
    more = more .. WITH_TLS
    certificates.make(directory)
    server.run("chmod 644 " .. directory .. "/*.key")
  end
  if options.cluster then
    more = more .. ("cluster-enabled yes\ncluster-port %d\n"):format(core.system.free_port())
  end
  server.write(directory .. "/redis.conf", CONFIGURATION:format(
    options.tls and "tls-port" or "port", port, directory, PASSWORD, appendonly, more))
  local self = setmetatable({ places = 0, port = port, directory = directory,
    tls = options.tls, ca_file = options.tls and directory .. "/authority.pem" }, Server)
  self.command_line = find() .. " redis.conf"
  self.process = server.start {
    command = server.limited(self.command_line, options.limit), directory = directory, port = port,
    ready = function() return self:try("PING") end,
  }
  return self
end

function Server:try(...)
  self.transport = self.transport
    or socket.new({ host = "127.0.0.1", port = self.port,
      tls = self.tls, ca_file = self.ca_file }, { { "AUTH", PASSWORD } }, 10)
  return self.transport:call({ ... }, true)
end

function Server:command(...)
  return assert(self:try(...))
end

--- The bytes of its snapshot.
function Server:dump()
  self:command("CONFIG", "SET", "rdbcompression", "no")
  self:command("SAVE")
  local file = assert(io.open(self.directory .. "/dump.rdb", "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

--- The address of the server.
-- @tparam[opt] table changes `password`, `database`, `host`
function Server:address(changes)
  changes = changes or {}
  local password = encoding.percent(changes.password or PASSWORD)
  return ("%s://:%s@%s:%d/%s"):format(self.tls and "rediss" or "redis", password,
    changes.host or "127.0.0.1", self.port, changes.database or "0")
end

--- A new, empty place for a store: `address` and `options`.
function Server:place()
  self.places = self.places + 1
  return { address = self:address(), options = { prefix = "store_" .. self.places .. ":" } }
end

function Server:halt(signal)
  self.process:halt(signal)
end

function Server:start()
  self.process:start()
end

--- Starts it again without a limit.
function Server:make_room()
  self.process:halt()
  self.process.command = self.command_line
  self.process:start()
end

function Server:stop()
  if self.transport then self.transport:close() end
  self.process:stop()
end

return redis
