--- Many links whose windows have passed: what approval leaves behind when no customer has answered
-- for more than a week.

local approval_delivery = require("debitura.recipes.verbs.approval")
local core = require("debitura.core")
local desk = require("spec.support.desk")

local backlog = {}

--- When all windows have been over for a day.
backlog.NOW = desk.T0 + 8 * 86400

-- As long as the names of the copies: the keys of jobs hold the length.
local TEMPLATE = "customer-template"

--- The columns that are copied.
local COLUMNS = {
  records = {
    "kind", "tenant", "name", "state", "version", "generation", "terms", "data", "url", "payload",
    "requested_at", "expires_at", "created_at", "updated_at",
  },
  jobs = {
    "key", "kind", "tenant", "record", "name", "generation", "channel", "needs", "args", "state",
    "attempt", "claim", "due_at", "created_at", "ended_at", "result",
  },
  history = {
    "kind", "tenant", "name", "at", "event", "from_state", "to_state", "generation",
  },
}

--- Of these the ones that name the tenant.
local NAMING = { tenant = true, key = true, payload = true }

--- What is counted anew of the copies.
local COUNTS = {
  "select 'record', kind, state, 0, count(*) from records group by kind, state",
  "select 'job', kind, state, 0, count(*) from jobs where state <> 'done' group by kind, state",
  [[select 'need', needs, 'open', 0, count(*) from jobs
    where state = 'open' and needs <> '' group by needs]],
}

--- The n-th tenant.
function backlog.tenant(n)
  return ("customer-%08d"):format(n)
end

--- Asks for clients, against answers that are laid out; they are not reminded.
-- @tparam table store
-- @tparam table tenants names
function backlog.ask(store, tenants)
  local own = desk.new(store)
  local approval = approval_delivery.new(own:options { reminders = {} })
  for i, tenant in ipairs(tenants) do
    own.answers = { desk.needs_linking("https://referral.example.test/link/first-" .. i) }
    assert(approval:request(desk.payload { externalTenantId = tenant, cases = core.json.array {} }))
  end
end

--- SQL for what a column holds in the n-th copy; PostgreSQL has a type of its own for bytes.
local function copied(column, is_postgresql)
  if not NAMING[column] then return column end
  local number = is_postgresql and "right('0000000' || n, 8)" or "substr('0000000' || n, -8)"
  if not is_postgresql or column ~= "payload" then
    return ("replace(%s, 'template', %s)"):format(column, number)
  end
  return ("convert_to(replace(convert_from(%s, 'UTF8'), 'template', %s), 'UTF8')")
    :format(column, number)
end

--- Fills an empty store in one transaction with copies of one client that was asked for.
-- @tparam table store on SQLite or PostgreSQL, without encryption
-- @tparam number count
function backlog.fill(store, count)
  backlog.ask(store, { TEMPLATE })
  local connection = store.backend.connection
  local is_postgresql = connection.types.bytes == "bytea"
  local function run(statement, relation, ...)
    return assert(connection:run(statement:format(relation, ...),
      { count = count, template = TEMPLATE }))
  end
  assert(connection:atomically(function()
    if is_postgresql then assert(connection:run("set local statement_timeout = 0")) end
    for relation, columns in pairs(COLUMNS) do
      local values = {}
      for i, column in ipairs(columns) do values[i] = copied(column, is_postgresql) end
      run([[with recursive numbers(n) as
        (select 1 union all select n + 1 from numbers where n < :count)
        insert into %s (%s) select %s from numbers, %s where tenant = :template]],
        relation, table.concat(columns, ", "), table.concat(values, ", "), relation)
      run("delete from %s where tenant = :template", relation)
    end
    return true
  end))
  run("delete from counts")
  for _, counted in ipairs(COUNTS) do
    run("insert into counts (of, kind, state, slot, count) " .. counted)
  end
  if is_postgresql then run("analyze") end -- what it would find out by itself in the next minutes
end

return backlog
