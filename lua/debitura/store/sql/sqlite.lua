--- SQLite through LuaSQL: one file, several processes, nothing to administer.
-- Every commit reaches the disk before the verb returns (WAL, synchronous FULL).
-- @module debitura.store.sql.sqlite

local failure = require("debitura.base.failure")
local luasql = require("debitura.store.sql.luasql")
local sql = require("debitura.store.sql")

local sqlite = {}

local BUSY_TIMEOUT = 10 -- seconds; a write of this library holds the lock for milliseconds
local INSTALL_HINT = "install LuaSQL for SQLite: apt-get install lua-sql-sqlite3, or luarocks install luasql-sqlite3"

local Connection = setmetatable({
  types = { id = "text", bytes = "text", seq = "integer primary key" },
  for_claim = "", -- a transaction has the file to itself
}, luasql)
Connection.__index = Connection

function Connection.problem(message, retryable)
  message = tostring(message):gsub("^LuaSQL: ", "")
  return failure.new { kind = "store", message = "SQLite ledger: " .. message, retryable = retryable ~= false }
end

function Connection.literal(_, _, text)
  -- SQLite would end the statement at a NUL.
  if text:find("%z") then
    return "cast(x'" .. text:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end) .. "' as text)"
  end
  return "'" .. text:gsub("'", "''") .. "'"
end

function Connection:execute(statement)
  local answer, reason = self.handle:execute(statement)
  if not answer then return nil, self.problem(reason) end
  return answer
end

--- "immediate": a transaction that began as a reader would be refused, not delayed, when it comes to write. It holds the
-- whole file, so no lock needs a name.
function Connection.begin()
  return "begin immediate"
end

function Connection:version()
  local rows, reason = self:run("pragma user_version")
  if not rows then return nil, reason end
  return rows[1].user_version
end

function Connection:set_version(version)
  return self:run(("pragma user_version = %d"):format(version))
end

function Connection:prepare(busy_timeout)
  local settings = {
    ("pragma busy_timeout = %d"):format(busy_timeout * 1000),
    "pragma journal_mode = wal",
    "pragma synchronous = full",
  }
  for _, setting in ipairs(settings) do
    local done, reason = self:run(setting)
    if not done then return nil, reason end
  end
  return self:migrate()
end

--- Opens or creates a ledger; `store.open("sqlite:///path")` calls it.
-- @tparam string address `///absolute/path`
-- @tparam table options `busy_timeout` seconds, default 10
-- @treturn[1] table the store
-- @treturn[2] nil
-- @treturn[2] table failure
function sqlite.open(address, options)
  local path = address:match("^//(/.+)$")
  if not path then return nil, Connection.problem("write its address as sqlite:///absolute/path", false) end
  local busy_timeout = options.busy_timeout or BUSY_TIMEOUT
  if type(busy_timeout) ~= "number" or busy_timeout < 0 then error("busy_timeout is a number of seconds", 3) end

  local found, driver = pcall(require, "luasql.sqlite3")
  if not found then return nil, Connection.problem(INSTALL_HINT, false) end
  local environment = driver.sqlite3()
  local handle, reason = environment:connect(path)
  if not handle then
    environment:close()
    return nil, Connection.problem(("cannot open %s: %s"):format(path, (tostring(reason):gsub("^LuaSQL: ", ""))))
  end
  local connection = setmetatable({ handle = handle, environment = environment }, Connection)
  local ready
  ready, reason = connection:prepare(busy_timeout)
  if not ready then
    connection:close()
    return nil, reason
  end
  return sql.new(connection)
end

return sqlite
