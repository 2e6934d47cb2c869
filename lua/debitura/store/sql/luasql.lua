--- What the databases that are reached through LuaSQL have in common: values in statements, rows,
-- transactions, and tables that are made once. LuaSQL prepares no statements, so this is where
-- values become SQL text.
--
-- A database adds: `literal(name, text)` (SQL text for a text, or nil and what is wrong with it),
-- `read(row)` (made of what a cursor gave), `execute(statement)` (a cursor or a number, or nil and
-- a failure), `begin(lock)` (a statement and its values), `relations()` (rows with the `name` of
-- each table that is there), `failure(message, more)`, `types`, `triggers()`,
-- `for_claim`, and `returns` where an update may return rows.
-- @module debitura.store.sql.luasql

local contract = require("debitura.store.contract")
local schema = require("debitura.store.sql.schema")
local usage = require("debitura.base.usage")

local Connection = {}
Connection.__index = Connection

-- Statements ------------------------------------------------------------------------------------

function Connection.read(row)
  return row
end

local function number_text(value)
  usage.check(value == value and value ~= math.huge and value ~= -math.huge,
    "a number in the store must be finite")
  local is_integer = value % 1 == 0 and math.abs(value) < 2 ^ 53
  return (is_integer and "%d" or "%.17g"):format(value)
end

--- A value as SQL text, or nil and what is wrong with it.
function Connection:text(name, value)
  local kind = type(value)
  if value == nil then return "null" end
  if kind == "string" then return self:literal(name, value) end
  if kind == "number" then return number_text(value) end
  usage.check(kind == "table", "the store cannot hold a " .. kind)
  local list = {}
  for i, item in ipairs(value) do
    local text, err = self:text(name, item)
    if not text then return nil, err end
    list[i] = text
  end
  return "(" .. table.concat(list, ", ") .. ")"
end

function Connection:fetch(cursor)
  local rows = {}
  while true do
    local row, err = cursor:fetch({}, "a")
    if err then
      pcall(cursor.close, cursor)
      return nil, self.failure(err)
    end
    if not row then return rows end
    rows[#rows + 1] = self.read(row)
  end
end

--- Makes ready for a statement.
function Connection:ready()
  if self.closed then usage.error("the store is closed") end
  return true
end

--- A statement with its values in place.
function Connection:bound(statement, values)
  if not values then return statement end
  local refused
  statement = statement:gsub(":([%a_][%w_]*)", function(name)
    local text, err = self:text(name, values[name])
    refused = refused or not text and name .. " " .. err or nil
    return text
  end)
  if refused then return nil, self.failure(refused, { retryable = false }) end
  return statement
end

--- Runs one statement; `:name` stands for a value, in parentheses for an array.
-- @treturn[1] table|number its rows, or how many it changed
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:run(statement, values)
  local answer, text
  local ready, err = self:ready()
  if ready then text, err = self:bound(statement, values) end
  if text then answer, err = self:execute(text) end
  if not answer then return nil, err end
  if type(answer) == "number" then return answer end
  return self:fetch(answer)
end

--- The text of a statement that adds rows.
-- @tparam string relation
-- @tparam table columns names
-- @tparam table rows
-- @tparam string conflict what becomes of a row whose key is taken
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:insertion(relation, columns, rows, conflict)
  local tuples = {}
  for i, row in ipairs(rows) do
    local texts = {}
    for j, column in ipairs(columns) do
      local text, err = self:text(column, row[column])
      if not text then return nil, self.failure(column .. " " .. err, { retryable = false }) end
      texts[j] = text
    end
    tuples[i] = "(" .. table.concat(texts, ", ") .. ")"
  end
  return ("insert into %s (%s) values "):format(relation, table.concat(columns, ", "))
    .. table.concat(tuples, ", ") .. conflict
end

--- Adds rows in one statement.
-- @tparam string relation
-- @tparam table columns names
-- @tparam table rows
-- @tparam[opt] string conflict what becomes of a row whose key is taken; left alone unless told
--   otherwise
-- @treturn[1] number how many were added
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:insert(relation, columns, rows, conflict)
  local text, err = self:insertion(relation, columns, rows, conflict or " on conflict do nothing")
  if not text then return nil, err end
  return self:run(text)
end

--- Runs one statement as a transaction of its own.
-- @tparam table tenants whose rows it changes, see `atomically`; nil when it changes no state
-- @tparam string statement
-- @tparam[opt] table values
-- @tparam[opt] boolean once when it may have been done, and the connection was lost before that was
--   heard, it has failed, whatever comes of it the second time
function Connection:alone(_, statement, values)
  return self:run(statement, values)
end

-- Transactions ----------------------------------------------------------------------------------

local function pack(...)
  return { n = select("#", ...), ... }
end

local unpack = table.unpack or unpack -- luacheck: ignore

function Connection:rollback()
  self.handle:execute("rollback")
end

--- Runs a function as one transaction. It is undone when the function raises or its first result is
-- nil or false.
-- @tparam function body
-- @tparam[opt] string|table lock transactions that name the same one never overlap; an array names
--   the tenants whose rows change their states, "" for those of none
function Connection:atomically(body, lock)
  local begun, err = self:run(self:begin(lock))
  if not begun then return nil, err end
  self.in_transaction = true
  local results, committed = pack(pcall(body)), nil
  if results[1] and results[2] then committed, err = self:run("commit") end
  self.in_transaction = false
  if committed then return unpack(results, 2, results.n) end
  self:rollback()
  if not results[1] then error(results[2], 0) end
  if results[2] then return nil, err end
  return unpack(results, 2, results.n)
end

-- Tables ----------------------------------------------------------------------------------------

local OTHER = "its tables have %s layout, and this release of debitura knows layout %d alone; "
  .. "nothing was changed: use the release that made them, or name another place"
local FOREIGN = "it holds tables of another program; nothing was changed: name a place of its own"

--- The layout of the tables that are there.
-- @treturn[1] boolean whether there are any; when there are, they are of this release's layout
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:has_tables()
  local relations, err = self:relations()
  if not relations then return nil, err end
  if #relations == 0 then return false end
  local known = {}
  for _, relation in ipairs(relations) do known[relation.name] = true end
  if known.links and known.effects then
    return nil, self.failure(OTHER:format("an older", contract.layout), { retryable = false })
  elseif not (known.meta and known.records) then
    return nil, self.failure(FOREIGN, { retryable = false })
  end
  local found
  found, err = self:run("select value from meta where name = 'layout'")
  if not found then return nil, err end
  local layout = tonumber(found[1] and found[1].value) or 0
  if layout == contract.layout then return true end
  return nil, self.failure(OTHER:format(layout < contract.layout and "an older" or "a newer",
    contract.layout), { retryable = false })
end

--- Makes the tables. Another process may make them at the same time: the second finds them made.
function Connection:make_tables()
  return self:atomically(function()
    local made, err = self:has_tables()
    if made ~= false then return made, err end
    for _, statements in ipairs { schema, self.triggers() } do
      for _, statement in ipairs(statements) do
        made, err = self:run((statement:gsub("%$(%l+)", self.types)))
        if not made then return nil, err end
      end
    end
    return self:run("insert into meta (name, value) values ('layout', :layout)", {
      layout = tostring(contract.layout),
    })
  end, "schema")
end

--- A failure of kind "store" that says that the store does not exist yet; `missing` is true.
function Connection.not_there(self)
  return self.failure("the store does not exist yet", { retryable = false, missing = true })
end

function Connection:close()
  if self.closed then return end
  self.closed = true
  if self.handle then self.handle:close() end
  if self.environment then self.environment:close() end
  self.handle, self.environment = nil, nil
end

return Connection
