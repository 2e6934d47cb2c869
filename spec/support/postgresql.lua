--- A real PostgreSQL for specs: its own cluster on a loopback port, gone when it is stopped.
--
--     local postgresql = require("spec.support.postgresql")
--     postgresql.missing()                        what is not installed, or nil
--     local server = postgresql.start()
--     local place = server:place()               an empty one, for
--                                                store.open(place.address, place.options)
--     server:halt() server:start()
--     server:stop()

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local server = require("spec.support.server")

local postgresql = {}

local USER, PASSWORD = "debitura", "sample/pass word"
postgresql.password = PASSWORD

local Server = {}
Server.__index = Server

--- Where the programs are; Debian keeps them beside each other by version, out of the PATH.
local function find()
  local postgres = server.find("postgres", "/usr/lib/postgresql/*/bin/postgres",
    "/usr/local/pgsql/bin/postgres")
  return postgres and postgres:match("^(.*)/postgres$")
end

--- What is not installed, or nil.
function postgresql.missing()
  if not find() then return server.not_found("postgres", "postgresql") end
  if not pcall(require, "luasql.postgres") then
    return server.not_found("LuaSQL for PostgreSQL", "lua-sql-postgres")
  end
end

--- Rules of a language for the order of texts, because the store must not depend on them. Nothing
-- makes statistics by itself, as plans would then depend on the time.
local INITDB = "%s/initdb -D data -U %s -A scram-sha-256 --pwfile=password -E UTF8 "
  .. "--locale=C.UTF-8 --locale-provider=icu --icu-locale=en --no-sync --no-instructions "
  .. "--wal-segsize=1"
local POSTGRES = "%s/postgres -D data -p %d -k %s -c listen_addresses=127.0.0.1 -c fsync=%s "
  .. "-c max_connections=20 -c shared_buffers=16MB -c min_wal_size=2MB -c max_wal_size=32MB "
  .. "-c autovacuum=off"

--- Starts one.
-- @tparam[opt] table options `limit`: largest file in KiB that it may write; `durable`: whether
--   commits reach the disk
-- @treturn table
function postgresql.start(options)
  local directory_of_programs, driver = find(), require("luasql.postgres")
  local directory, port = server.directory(), core.system.free_port()
  server.write(directory .. "/password", PASSWORD)
  local initdb = server.unprivileged(INITDB:format(directory_of_programs, USER))
  local said, made = server.run(("cd %s && %s"):format(directory, initdb))
  if not made then error("initdb: " .. said) end
  local fsync = options and options.durable and "on" or "off"
  local command = POSTGRES:format(directory_of_programs, port, directory, fsync)
  local self = setmetatable({
    driver = driver, places = 0, port = port, command_line = command,
  }, Server)
  self.process = server.start {
    command = server.limited(command, options and options.limit), directory = directory,
    port = port, signal = "INT", -- a "fast" shutdown
    ready = function() return self:connect() end,
  }
  return self
end

--- The address of the store's database.
-- @tparam[opt] table changes `user`, `password`, `database`
function Server:address(changes)
  changes = changes or {}
  local password = encoding.percent(changes.password or PASSWORD)
  return ("postgresql://%s:%s@127.0.0.1:%d/%s"):format(
    changes.user or USER, password, self.port, changes.database or "postgres")
end

--- A new, empty place for a store: `address` and `options`.
function Server:place()
  self.places = self.places + 1
  return { address = self:address(), options = { schema = "store_" .. self.places } }
end

function Server:connect()
  self.environment = self.environment or self.driver.postgres()
  local err
  if not self.connection then
    self.connection, err = self.environment:connect(
      "postgres", USER, PASSWORD, "127.0.0.1", self.port)
  end
  return self.connection, err
end

--- Runs a statement beside the store.
-- @treturn table|number its rows, or how many it changed
function Server:execute(statement)
  assert(self:connect())
  local answer = assert(self.connection:execute(statement))
  if type(answer) == "number" then return answer end
  local rows, row = {}, answer:fetch({}, "a")
  while row do
    rows[#rows + 1] = row
    row = answer:fetch({}, "a")
  end
  answer:close()
  return rows
end

--- What pg_dump gives of a place.
function Server:dump(place)
  local program = server.find("/usr/lib/postgresql/*/bin/pg_dump", "pg_dump")
  local text, sound = server.run(("%s --schema=%s '%s'"):format(program, place.options.schema,
    self:address()))
  return assert(sound and text, text)
end

function Server:forget_connection()
  if not self.connection then return end
  self.connection:close()
  self.environment:close()
  self.connection, self.environment = nil, nil
end

function Server:halt(signal)
  self:forget_connection()
  self.process:halt(signal)
end

function Server:start()
  self.process:start()
end

--- Starts it again without a limit.
function Server:make_room()
  self:halt()
  self.process.command = self.command_line
  self:start()
end

function Server:stop()
  self:forget_connection()
  self.process:stop()
end

return postgresql
