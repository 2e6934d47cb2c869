--- Many links whose windows have passed: what approval delivery leaves behind when nobody has answered for more than a week.

local approval_delivery = require("debitura.recipes.verbs.approval")
local core = require("debitura.core")
local desk = require("spec.support.desk")

local backlog = {}

--- When all windows have been over for a day.
backlog.NOW = desk.T0 + 8 * 86400

local TEMPLATE = "customer-template"

--- The columns that are copied, and of these the ones that name the tenant.
local COLUMNS = {
  links = { "tenant", "state", "generation", "base", "version", "variant", "url", "payload", "requested_at", "expires_at", "created_at",
    "updated_at" },
  effects = { "key", "tenant", "kind", "generation", "channel", "state", "attempt", "due_at", "created_at", "ended_at", "result" },
  history = { "tenant", "at", "event", "from_state", "to_state", "generation" },
}
local NAMING = { tenant = true, key = true, payload = true }

--- The n-th tenant.
function backlog.tenant(n)
  return ("customer-%06d"):format(n)
end

--- Asks for clients, against answers that are laid out.
-- @tparam table ledger
-- @tparam table tenants names
function backlog.ask(ledger, tenants)
  local own = desk.new(ledger)
  local approval = approval_delivery.new(own:options())
  for i, tenant in ipairs(tenants) do
    own.answers = { desk.needs_linking("https://referral.example.test/link/first-" .. i) }
    assert(approval:request(desk.payload { externalTenantId = tenant, cases = core.json.array {} }))
  end
end

--- SQL for what a column holds in the n-th copy; PostgreSQL has a type of its own for bytes.
local function copied(column, is_postgresql)
  if not NAMING[column] then return column end
  local number = is_postgresql and "right('00000' || n, 6)" or "substr('00000' || n, -6)"
  if not is_postgresql or column ~= "payload" then return ("replace(%s, 'template', %s)"):format(column, number) end
  return ("convert_to(replace(convert_from(%s, 'UTF8'), 'template', %s), 'UTF8')"):format(column, number)
end

--- Fills an empty ledger in one transaction with copies of one client that was asked for.
-- @tparam table ledger on SQLite or PostgreSQL, without encryption
-- @tparam number count
function backlog.fill(ledger, count)
  backlog.ask(ledger, { TEMPLATE })
  local connection = ledger.backend.connection
  local is_postgresql = connection.types.bytes == "bytea"
  local function run(statement, relation, ...)
    return assert(connection:run(statement:format(relation, ...), { count = count, template = TEMPLATE }))
  end
  assert(connection:atomically(function()
    for relation, columns in pairs(COLUMNS) do
      local values = {}
      for i, column in ipairs(columns) do values[i] = copied(column, is_postgresql) end
      run([[with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < :count)
        insert into %s (%s) select %s from numbers, %s where tenant = :template]],
        relation, table.concat(columns, ", "), table.concat(values, ", "), relation)
      run("delete from %s where tenant = :template", relation)
    end
    return true
  end))
  if is_postgresql then run("analyze") end -- what it would find out by itself in the next minutes
end

return backlog
