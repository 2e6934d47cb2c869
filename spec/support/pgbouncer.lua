--- A real PgBouncer for specs, in front of a PostgreSQL of spec.support.postgresql.
--
--     local pgbouncer = require("spec.support.pgbouncer")
--     pgbouncer.missing()                              what is not installed, or nil
--     local pooler = pgbouncer.start(server, "transaction")
--     pooler.address
--     pooler:stop()

local core = require("debitura.core")
local postgresql = require("spec.support.postgresql")
local server = require("spec.support.server")

local pgbouncer = {}

local SETTINGS = [[
[databases]
* = host=127.0.0.1 port=%d user=debitura password='%s'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = %s
]]

local function find()
  return server.find("pgbouncer", "/usr/sbin/pgbouncer")
end

--- What is not installed, or nil.
function pgbouncer.missing()
  if not find() then return server.not_found("pgbouncer", "pgbouncer") end
end

--- Starts one.
-- @tparam table behind the server
-- @tparam string mode "session" or "transaction"
-- @treturn table with `address` and `stop`
function pgbouncer.start(behind, mode)
  local directory, port = server.directory(), core.system.free_port()
  server.write(directory .. "/pgbouncer.ini",
    SETTINGS:format(behind.port, postgresql.password, port, mode))
  local process = server.start {
    command = find() .. " -q pgbouncer.ini", directory = directory, port = port, signal = "INT",
    ready = function()
      local environment = behind.driver.postgres()
      -- While its own server is not there it takes a connection and says nothing.
      local connection, err = environment:connect(("host=127.0.0.1 port=%d dbname=postgres "
        .. "user=debitura password=x connect_timeout=2"):format(port))
      if connection then connection:close() end
      environment:close()
      return connection, err
    end,
  }
  return {
    address = ("postgresql://debitura:x@127.0.0.1:%d/postgres"):format(port),
    stop = function() process:stop() end,
  }
end

return pgbouncer
