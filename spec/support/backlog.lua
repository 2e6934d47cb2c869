--- Many links whose windows have passed, on a ledger in SQL: one is asked for by the recipe, against laid-out answers, and what that has
-- left behind is copied in one transaction for all the others.

local approval_delivery = require("debitura.recipes.approval_delivery")
local core = require("debitura.core")
local desk = require("spec.support.desk")

local backlog = {}

local TEMPLATE = "customer-template"
backlog.EXPIRED_AT = desk.T0 + 8 * 86400 -- when all windows have been over for a day

--- Columns that hold the tenant's name in their text, and those that hold it in bytes.
local COLUMNS = {
  links = { "tenant", "state", "generation", "base", "version", "variant", "url", "payload", "requested_at", "expires_at", "created_at",
    "updated_at" },
  effects = { "key", "tenant", "kind", "generation", "channel", "state", "attempt", "due_at", "created_at", "ended_at", "result" },
  history = { "tenant", "at", "event", "from_state", "to_state", "generation" },
}
local NAMED = { tenant = "text", key = "text", payload = "bytes" }

--- The n-th tenant.
function backlog.tenant(n)
  return ("customer-%06d"):format(n)
end

--- SQL for a column's value in the n-th copy.
local function copied(connection, column)
  local name = "'customer-' || " .. (connection.types.bytes == "bytea" and "lpad(n::text, 6, '0')" or "printf('%06d', n)")
  if NAMED[column] == "bytes" and connection.types.bytes == "bytea" then
    return ("convert_to(replace(convert_from(%s, 'UTF8'), :template, %s), 'UTF8')"):format(column, name)
  elseif NAMED[column] then
    return ("replace(%s, :template, %s)"):format(column, name)
  end
  return column
end

--- Fills an empty ledger.
-- @tparam table ledger on SQLite or PostgreSQL, without encryption
-- @tparam number count
function backlog.fill(ledger, count)
  local own = desk.new(ledger)
  own.answers = { desk.needs_linking("https://referral.example.test/link/first") }
  local payload = desk.payload { externalTenantId = TEMPLATE, cases = core.json.array {} }
  assert(approval_delivery.new(own:options()):request(payload))
  local connection = ledger.backend.connection
  assert(connection:atomically(function()
    for relation, columns in pairs(COLUMNS) do
      local values = {}
      for i, column in ipairs(columns) do values[i] = copied(connection, column) end
      assert(connection:run(("with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < :count) "
        .. "insert into %s (%s) select %s from numbers, %s where tenant = :template"):format(
        relation, table.concat(columns, ", "), table.concat(values, ", "), relation), { count = count, template = TEMPLATE }))
      assert(connection:run(("delete from %s where tenant = :template"):format(relation), { template = TEMPLATE }))
    end
    return true
  end))
end

return backlog
