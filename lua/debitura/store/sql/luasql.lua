--- What the databases that are reached through LuaSQL have in common: values in statements, rows,
-- transactions, and tables that are made once. LuaSQL prepares no statements, so this is where
-- values become SQL text.
--
-- A database adds: `literal(name, text)` (SQL text for a text, or nil and what is wrong with it),
-- `read(row)` (made of what a cursor gave), `execute(statement)` (a cursor or a number, or nil and
-- a failure), `begin(lock)` (a statement and its values), `relations()` (rows with the `name` of
-- each table that is there), `failure(message, more)`, `types`, `triggers()`,
-- `for_claim`, `among` (being one of a selection), `unhurried` (statements for a transaction that
-- may take long), `returns` where a statement that changes rows may return them. Its tables have
-- the layout `layout`.
-- @module debitura.store.sql.luasql

local columns_of = require("debitura.store.sql.columns").of_layout
local layouts = require("debitura.store.layouts")
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
  return not self.refused or nil, self.refused
end

--- A statement with its values in place, and the columns of the layout.
function Connection:bound(statement, values)
  if not values then return statement end
  if statement:find("$", 1, true) then statement = statement:gsub("%$([%l_]+)", self.columns) end
  local refused
  statement = statement:gsub(":([%a_][%w_]*)", function(name)
    local text, err = self:text(name, values[name])
    refused = refused or not text and name .. " " .. err or nil
    return text
  end)
  if refused then return nil, self.failure(refused, { retryable = false }) end
  return statement
end

--- Runs one statement; with values `:name` stands for one, in parentheses for an array, and `$name`
-- for columns, see debitura.store.sql.columns.
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

--- Rows as SQL text.
-- @tparam table columns names
-- @tparam table rows
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:tuples(columns, rows)
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
  return table.concat(tuples, ", ")
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
  local tuples, err = self:tuples(columns, rows)
  if not tuples then return nil, err end
  return ("insert into %s (%s) values "):format(relation, table.concat(columns, ", "))
    .. tuples .. conflict
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

function Connection:open_transaction(lock)
  local begun, err = self:run(self:begin(lock))
  self.in_transaction = begun and true
  return begun, err
end

--- Runs a function as one transaction. It is undone when the function raises or its first result is
-- nil or false.
-- @tparam function body
-- @tparam[opt] string|table lock transactions that name the same one never overlap; an array names
--   the tenants whose rows change their states, "" for those of none
function Connection:atomically(body, lock)
  local begun, err = self:open_transaction(lock)
  if not begun then return nil, err end
  local results, committed = pack(pcall(body)), nil
  if results[1] and results[2] then committed, err = self:run("commit") end
  self.in_transaction, self.opening = false, nil
  if committed then return unpack(results, 2, results.n) end
  self:rollback()
  if not results[1] then error(results[2], 0) end
  if results[2] then return nil, err end
  return unpack(results, 2, results.n)
end

--- Runs statements one after the other as one transaction.
-- @tparam table statements
-- @tparam table values of all of them
-- @return as `run` of the last one
function Connection:together(statements, values)
  return self:atomically(function()
    local given, err
    for _, statement in ipairs(statements) do
      given, err = self:run(statement, values)
      if not given then return nil, err end
    end
    return given
  end)
end

-- Tables ----------------------------------------------------------------------------------------

local FOREIGN = "it holds tables of another program; nothing was changed: name a place of its own"

--- Takes on a layout.
function Connection:take_layout(layout)
  if layout ~= self.layout then
    self.layout, self.columns = layout, columns_of(layout)
  end
  return layout
end

--- Looks at the layout of the tables, which another process may have migrated. What this release
-- does not read is refused from now on.
-- @treturn[1] number
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:look()
  local found, err = self:run("select value from meta where name = 'layout'")
  if not found then return nil, err end
  local layout, refusal = layouts.read(found[1] and found[1].value)
  if layout then return self:take_layout(layout) end
  self.refused = self.failure(refusal, { retryable = false })
  return nil, self.refused
end

--- Whether there are tables.
-- @treturn[1] boolean when there are any, this release reads them
-- @treturn[2] nil
-- @treturn[2] table failure
function Connection:has_tables()
  local relations, err = self:relations()
  if not relations then return nil, err end
  if #relations == 0 then return false end
  local known = {}
  for _, relation in ipairs(relations) do known[relation.name] = true end
  if known.links and known.effects then
    return nil, self.failure(select(2, layouts.read()), { retryable = false })
  elseif not (known.meta and known.records) then
    return nil, self.failure(FOREIGN, { retryable = false })
  end
  local layout
  layout, err = self:look()
  return layout and true, err
end

--- Runs statements, whose rows are of no interest, until one fails.
function Connection:run_all(statements)
  for _, statement in ipairs(statements) do
    local done, err = self:run((statement:gsub("%$(%l+)", self.types)))
    if not done then return nil, err end
  end
  return true
end

--- Brings tables from one layout to the latest, within a transaction.
function Connection:raise_layout(from)
  local latest = layouts.latest()
  for number = from + 1, latest do
    local done, err = self:run_all(layouts.list[number].sql or {})
    if not done then return nil, err end
  end
  local done, err = self:run_all(self.triggers())
  if not done then return nil, err end
  done, err = self:run("update meta set value = :layout where name = 'layout'",
    { layout = layouts.text(latest) })
  return done and self:take_layout(latest), err
end

--- Makes the tables. Another process may make them at the same time: the second finds them made.
function Connection:make_tables()
  return self:atomically(function()
    local made, err = self:has_tables()
    if made ~= false then return made, err end
    made, err = self:run_all(schema)
    if not made then return nil, err end
    self:take_layout(1)
    made, err = self:insert("meta", { "name", "value" },
      { { name = "layout", value = layouts.text(1) } })
    return made and self:raise_layout(1), err
  end, "schema")
end

--- Brings the tables to this release's layout. Another process may do so at the same time: the
-- second finds it done.
-- @treturn[1] number by how many layouts they went up
-- @treturn[2] nil
-- @treturn[2] table failure; nothing was changed
function Connection:migrate()
  local before = self.layout
  local raised, err = self:atomically(function()
    local found, problem = self:look()
    if not found or found == layouts.latest() then return found and 0, problem end
    local raised
    raised, problem = self:run_all(self.unhurried)
    if raised then raised, problem = self:raise_layout(found) end
    return raised and raised - found, problem
  end, "schema")
  if not raised then self:take_layout(before) end
  return raised, err
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
