--- What the databases that are reached through LuaSQL have in common: values in statements, rows, transactions, and tables
-- that are brought up to date. LuaSQL prepares no statements, so this is where values become SQL text.
--
-- A database adds: `literal(name, text)` (SQL text for a text, or nil and what is wrong with it), `read(row)` (made of what a
-- cursor gave), `execute(statement)` (a cursor or a number, or nil and a failure), `begin(lock)` (a statement and its values),
-- `version()`, `set_version(version)`, `problem(message, retryable)`, `types` and `for_claim`.
-- @module debitura.store.sql.luasql

local schema = require("debitura.store.sql.schema")

local Connection = {}
Connection.__index = Connection

function Connection.read(row)
  return row
end

--- A value as SQL text, or nil and what is wrong with it.
function Connection:sql_text(name, value)
  local kind = type(value)
  if value == nil then return "null" end
  if kind == "string" then return self:literal(name, value) end
  if kind == "number" then
    if value ~= value or value == math.huge or value == -math.huge then error("a number in the ledger must be finite") end
    return value % 1 == 0 and math.abs(value) < 2 ^ 53 and ("%d"):format(value) or ("%.17g"):format(value)
  end
  if kind ~= "table" then error("the ledger cannot hold a " .. kind) end
  local list = {}
  for i, item in ipairs(value) do
    local text, reason = self:sql_text(name, item)
    if not text then return nil, reason end
    list[i] = text
  end
  return "(" .. table.concat(list, ", ") .. ")"
end

function Connection:fetch(cursor)
  local rows = {}
  while true do
    local row, reason = cursor:fetch({}, "a")
    if reason then
      pcall(cursor.close, cursor)
      return nil, self.problem(reason)
    end
    if not row then return rows end
    rows[#rows + 1] = self.read(row)
  end
end

--- Runs one statement; `:name` stands for a value, in parentheses for an array.
-- @treturn[1] table|number its rows, or how many it changed
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:run(statement, values)
  if self.closed then error("the store is closed", 0) end
  local refused
  if values then
    statement = statement:gsub(":([%a_]+)", function(name)
      local text, reason = self:sql_text(name, values[name])
      refused = refused or not text and ("%s %s"):format(name, reason) or nil
      return text
    end)
  end
  if refused then return nil, self.problem(refused, false) end
  local answer, reason = self:execute(statement)
  if not answer then return nil, reason end
  if type(answer) == "number" then return answer end
  return self:fetch(answer)
end

local function pack(...)
  return { n = select("#", ...), ... }
end

local unpack = table.unpack or unpack -- luacheck: ignore

function Connection:rollback()
  self.handle:execute("rollback")
end

--- Runs a function as one transaction. It is undone when the function raises or its first result is nil or false.
-- @tparam function body
-- @tparam[opt] string lock transactions that name the same one never overlap
function Connection:atomically(body, lock)
  local begun, reason = self:run(self:begin(lock))
  if not begun then return nil, reason end
  self.in_transaction = true
  local results, committed = pack(pcall(body)), nil
  if results[1] and results[2] then committed, reason = self:run("commit") end
  self.in_transaction = false
  if committed then return unpack(results, 2, results.n) end
  self:rollback()
  if not results[1] then error(results[2], 0) end
  if results[2] then return nil, reason end
  return unpack(results, 2, results.n)
end

--- Brings the tables to this release's version; those of a newer release are left alone.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:migrate()
  return self:atomically(function()
    local found, reason = self:version()
    if not found then return nil, reason end
    if found > #schema then
      return nil, self.problem(("its tables have version %d and this release knows up to %d; use the newer release of debitura")
        :format(found, #schema), false)
    end
    for version = found + 1, #schema do
      for _, statement in ipairs(schema[version]) do
        local done
        done, reason = self:run((statement:gsub("%$(%l+)", self.types)))
        if not done then return nil, reason end
      end
    end
    if found == #schema then return true end
    return self:set_version(#schema)
  end, "schema")
end

function Connection:close()
  if self.closed then return end
  self.closed = true
  if self.handle then self.handle:close() end
  if self.environment then self.environment:close() end
  self.handle, self.environment = nil, nil
end

return Connection
