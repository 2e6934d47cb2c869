--- What the databases that are reached through LuaSQL have in common: values in statements, rows,
-- transactions, and tables that are made once. LuaSQL prepares no statements, so this is where
-- values become SQL text.
--
-- What the database cannot do is raised as a failure, but by `execute`; debitura.store.sql gives it
-- to the callers of the verbs as the second result.
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

--- An option of all of them; see debitura.base.options.
Connection.busy_option = {
  "busy_timeout", "seconds", default = 10,
  "seconds to wait for another worker's write (SQLite, PostgreSQL)",
}

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

--- A value as SQL text.
function Connection:text(name, value)
  local kind = type(value)
  if value == nil then return "null" end
  if kind == "string" then
    local text, err = self:literal(name, value)
    return text or self:refuse(name .. " " .. err)
  end
  if kind == "number" then return number_text(value) end
  usage.check(kind == "table", "the store cannot hold a " .. kind)
  local list = {}
  for i, item in ipairs(value) do list[i] = self:text(name, item) end
  return "(" .. table.concat(list, ", ") .. ")"
end

function Connection:fetch(cursor)
  local rows = {}
  while true do
    local row, err = cursor:fetch({}, "a")
    if err then
      pcall(cursor.close, cursor)
      error(self.failure(err))
    end
    if not row then return rows end
    rows[#rows + 1] = self.read(row)
  end
end

--- Makes ready for a statement.
function Connection:ready()
  if self.closed then usage.error("the store is closed") end
  if self.refused then error(self.refused) end
end

--- A statement with its values in place, and the columns of the layout.
function Connection:bound(statement, values)
  if not values then return statement end
  if statement:find("$", 1, true) then statement = statement:gsub("%$([%l_]+)", self.columns) end
  return (statement:gsub(":([%a_][%w_]*)", function(name)
    return self:text(name, values[name])
  end))
end

--- Runs one statement; with values `:name` stands for one, in parentheses for an array, and `$name`
-- for columns, see debitura.store.sql.columns.
-- @treturn table|number its rows, or how many it changed
function Connection:run(statement, values)
  self:ready()
  local answer, err = self:execute(self:bound(statement, values))
  if not answer then error(err) end
  return type(answer) == "number" and answer or self:fetch(answer)
end

--- Rows as SQL text.
-- @tparam table columns names
-- @tparam table rows
-- @treturn string
function Connection:tuples(columns, rows)
  self:ready()
  local tuples = {}
  for i, row in ipairs(rows) do
    local texts = {}
    for j, column in ipairs(columns) do texts[j] = self:text(column, row[column]) end
    tuples[i] = "(" .. table.concat(texts, ", ") .. ")"
  end
  return table.concat(tuples, ", ")
end

--- The text of a statement that adds rows.
-- @tparam string relation
-- @tparam table columns names
-- @tparam table rows
-- @tparam string conflict what becomes of a row whose key is taken
-- @treturn string
function Connection:insertion(relation, columns, rows, conflict)
  return ("insert into %s (%s) values "):format(relation, table.concat(columns, ", "))
    .. self:tuples(columns, rows) .. conflict
end

--- Adds rows in one statement.
-- @tparam string relation
-- @tparam table columns names
-- @tparam table rows
-- @tparam[opt] string conflict what becomes of a row whose key is taken; left alone unless told
--   otherwise
-- @treturn number how many were added
function Connection:insert(relation, columns, rows, conflict)
  return self:run(self:insertion(relation, columns, rows, conflict or " on conflict do nothing"))
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
  self:run(self:begin(lock))
  self.in_transaction = true
end

--- Runs a function as one transaction. It is undone when the function raises or its first result is
-- nil or false.
-- @tparam function body
-- @tparam[opt] string|table lock transactions that name the same one never overlap; an array names
--   the tenants whose rows change their states, "" for those of none
function Connection:atomically(body, lock)
  self:open_transaction(lock)
  local results = pack(pcall(body))
  local sound, err = results[1], results[2]
  local committed = false
  if sound and err then
    committed, err = pcall(self.run, self, "commit")
    sound = committed
  end
  self.in_transaction, self.opening = false, nil
  if not committed then self:rollback() end
  if not sound then error(err, 0) end
  return unpack(results, 2, results.n)
end

--- Runs statements one after the other as one transaction.
-- @tparam table statements
-- @tparam table values of all of them
-- @return as `run` of the last one
function Connection:together(statements, values)
  return self:atomically(function()
    local given
    for _, statement in ipairs(statements) do given = self:run(statement, values) end
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
-- @treturn number
function Connection:look()
  local found = self:run("select value from meta where name = 'layout'")
  local layout, refusal = layouts.read(found[1] and found[1].value)
  if layout then return self:take_layout(layout) end
  self.refused = self.failure(refusal, { retryable = false })
  error(self.refused)
end

--- Whether there are tables: when there are any, this release reads them.
-- @treturn boolean
function Connection:has_tables()
  local relations = self:relations()
  if #relations == 0 then return false end
  local known = {}
  for _, relation in ipairs(relations) do known[relation.name] = true end
  if known.links and known.effects then
    self:refuse(select(2, layouts.read()))
  elseif not (known.meta and known.records) then
    self:refuse(FOREIGN)
  end
  self:look()
  return true
end

--- Runs statements whose rows are of no interest.
function Connection:run_all(statements)
  for _, statement in ipairs(statements) do self:run((statement:gsub("%$(%l+)", self.types))) end
end

--- Brings tables from one layout to the latest, within a transaction.
function Connection:raise_layout(from)
  local latest = layouts.latest()
  for number = from + 1, latest do self:run_all(layouts.list[number].sql or {}) end
  self:run_all(self.triggers())
  self:run("update meta set value = :layout where name = 'layout'",
    { layout = layouts.text(latest) })
  return self:take_layout(latest)
end

--- Makes the tables. Another process may make them at the same time: the second finds them made.
function Connection:make_tables()
  return self:atomically(function()
    if self:has_tables() then return true end
    self:run_all(schema)
    self:take_layout(1)
    self:insert("meta", { "name", "value" }, { { name = "layout", value = layouts.text(1) } })
    return self:raise_layout(1)
  end, "schema")
end

--- Brings the tables to this release's layout. Another process may do so at the same time: the
-- second finds it done. Where it fails, nothing was changed.
-- @treturn number by how many layouts they went up
function Connection:migrate()
  local before = self.layout
  local sound, raised = pcall(self.atomically, self, function()
    local found = self:look()
    if found == layouts.latest() then return 0 end
    self:run_all(self.unhurried)
    return self:raise_layout(found) - found
  end, "schema")
  if sound then return raised end
  self:take_layout(before)
  error(raised, 0)
end

--- Whether a message has any of some signs in it.
-- @tparam string message
-- @tparam table signs array of texts
-- @treturn boolean
function Connection.has_sign(message, signs)
  for _, sign in ipairs(signs) do
    if message:find(sign, 1, true) then return true end
  end
  return false
end

--- Raises a failure that another attempt will not help.
-- @tparam string message
-- @tparam[opt] boolean missing whether the store does not exist yet
function Connection:refuse(message, missing)
  error(self.failure(message, { retryable = false, missing = missing }))
end

--- Raises that the store does not exist yet.
function Connection:refuse_missing()
  self:refuse("the store does not exist yet", true)
end

function Connection:close()
  if self.closed then return end
  self.closed = true
  if self.handle then self.handle:close() end
  if self.environment then self.environment:close() end
  self.handle, self.environment = nil, nil
end

return Connection
