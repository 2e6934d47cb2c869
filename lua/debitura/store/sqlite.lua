--- SQLite through LuaSQL: one file, several processes, nothing to administer.
-- Opens the file, brings its tables up to date, and runs statements; what they say is `debitura.store.sql`'s concern.
-- Every commit reaches the disk before the verb returns (WAL, synchronous FULL).
-- @module debitura.store.sqlite

local failure = require("debitura.failure")
local schema = require("debitura.store.schema")
local sql = require("debitura.store.sql")

local sqlite = {}

local BUSY_TIMEOUT = 10 -- seconds; a write of this library holds the lock for milliseconds
local WAL_TRIES = 20
local INSTALL_HINT = "install LuaSQL for SQLite: apt-get install lua-sql-sqlite3, or luarocks install luasql-sqlite3"

local function problem(message, retryable)
  message = tostring(message):gsub("^LuaSQL: ", "")
  return failure.new { kind = "store", message = "SQLite ledger: " .. message, retryable = retryable ~= false }
end

local TYPES = { id = "text", bytes = "text", seq = "integer primary key" }

--- A value as SQL text. LuaSQL prepares no statements, so this is the one place where values meet SQL.
local function literal(value)
  local kind = type(value)
  if value == nil then return "null" end
  if kind == "number" then
    if value ~= value or value == math.huge or value == -math.huge then error("a number in the ledger must be finite") end
    return value % 1 == 0 and math.abs(value) < 2 ^ 53 and ("%d"):format(value) or ("%.17g"):format(value)
  end
  if kind == "table" then
    local list = {}
    for i, item in ipairs(value) do list[i] = literal(item) end
    return "(" .. table.concat(list, ", ") .. ")"
  end
  if kind ~= "string" then error("the ledger cannot hold a " .. kind) end
  -- SQLite would end the statement at a NUL.
  if value:find("%z") then
    return "cast(x'" .. value:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end) .. "' as text)"
  end
  return "'" .. value:gsub("'", "''") .. "'"
end

local Connection = { for_claim = "" } -- a transaction has the file to itself
Connection.__index = Connection

--- Runs one statement; `:name` stands for a value, in parentheses for an array.
-- @treturn[1] table|number its rows, or how many it changed
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:run(statement, values)
  if not self.handle then error("the store is closed", 0) end
  if values then
    statement = statement:gsub(":([%a_]+)", function(name) return literal(values[name]) end)
  end
  local answer, reason = self.handle:execute(statement)
  if not answer then return nil, problem(reason) end
  if type(answer) == "number" then return answer end
  local rows = {}
  repeat
    local row
    row, reason = answer:fetch({}, "a")
    rows[#rows + 1] = row
  until not row
  if reason then
    pcall(answer.close, answer)
    return nil, problem(reason)
  end
  return rows
end

local function pack(...)
  return { n = select("#", ...), ... }
end

local unpack = table.unpack or unpack -- luacheck: ignore

--- Runs a function as one transaction that sees no other writer. It is undone when the function raises or its first
-- result is nil or false.
function Connection:atomically(body)
  -- "immediate": a transaction that began as a reader would be refused, not delayed, when it comes to write.
  local begun, reason = self:run("begin immediate")
  if not begun then return nil, reason end
  local results = pack(pcall(body))
  if not (results[1] and results[2]) then
    self:run("rollback")
    if not results[1] then error(results[2], 0) end
    return unpack(results, 2, results.n)
  end
  local committed
  committed, reason = self:run("commit")
  if not committed then
    self:run("rollback")
    return nil, reason
  end
  return unpack(results, 2, results.n)
end

function Connection:close()
  if not self.handle then return end
  self.handle:close()
  self.environment:close()
  self.handle, self.environment = nil, nil
end

--- Brings the tables to this release's version; a file from a newer release is left alone.
local function migrate(connection)
  return connection:atomically(function()
    local rows, reason = connection:run("pragma user_version")
    if not rows then return nil, reason end
    local found = rows[1].user_version
    if found > #schema then
      return nil, problem(("its tables have version %d and this release knows up to %d; use the newer release of debitura")
        :format(found, #schema), false)
    end
    for version = found + 1, #schema do
      for _, statement in ipairs(schema[version]) do
        local done
        done, reason = connection:run((statement:gsub("%$(%l+)", TYPES)))
        if not done then return nil, reason end
      end
    end
    return connection:run(("pragma user_version = %d"):format(#schema))
  end)
end

--- Switches a new file to write-ahead logging. The switch does not wait for another process that is opening the file at this
-- moment, a transaction does: so one is waited for, and the switch tried again.
local function use_wal(connection)
  local done, reason
  for _ = 1, WAL_TRIES do
    done, reason = connection:run("pragma journal_mode = wal")
    if done then return done end
    if not connection:run("begin immediate") then break end
    connection:run("commit")
  end
  return nil, reason
end

local function prepare(connection, busy_timeout)
  local done, reason = connection:run(("pragma busy_timeout = %d"):format(busy_timeout * 1000))
  if done then done, reason = connection:run("pragma synchronous = full") end
  if done then done, reason = use_wal(connection) end
  if not done then return nil, reason end
  return migrate(connection)
end

--- Opens or creates a ledger; `store.open("sqlite:///path")` calls it.
-- @tparam string address `///absolute/path`
-- @tparam table options `busy_timeout` seconds, default 10
-- @treturn[1] table the store
-- @treturn[2] nil
-- @treturn[2] table failure
function sqlite.open(address, options)
  local path = address:match("^//(/.+)$")
  if not path then return nil, problem("write its address as sqlite:///absolute/path", false) end
  local busy_timeout = options.busy_timeout or BUSY_TIMEOUT
  if type(busy_timeout) ~= "number" or busy_timeout < 0 then error("busy_timeout is a number of seconds", 3) end

  local found, driver = pcall(require, "luasql.sqlite3")
  if not found then return nil, problem(INSTALL_HINT, false) end
  local environment = driver.sqlite3()
  local handle, reason = environment:connect(path)
  if not handle then
    environment:close()
    return nil, problem(("cannot open %s: %s"):format(path, (tostring(reason):gsub("^LuaSQL: ", ""))))
  end
  local connection = setmetatable({ handle = handle, environment = environment }, Connection)
  local ready
  ready, reason = prepare(connection, busy_timeout)
  if not ready then
    connection:close()
    return nil, reason
  end
  return sql.new(connection)
end

return sqlite
