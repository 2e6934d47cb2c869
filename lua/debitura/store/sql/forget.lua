--- Forgetting in SQL. What is counted is counted by the tables themselves.
-- @module debitura.store.sql.forget

local contract = require("debitura.store.contract")

local verbs = {}

--- What ends a row; a claim that holds it has lost it then.
local ENDED = [[claim = claim + case when state = 'open' then 1 else 0 end, state = 'done',
  ended_at = coalesce(ended_at, :now), ]]

--- The statements of one step, in the order in which transactions lock rows.
local STATEMENTS = {
  {
    ([[update records set state = '%s', version = version + 1, updated_at = :now,
    undelivered_since = null, $blank_record where kind in :kinds and tenant = :tenant]]):format(
      contract.forgotten), counts = true,
  },
  { "update history set $blank_history where kind in :kinds and tenant = :tenant" },
  { "update jobs set " .. ENDED .. "args = null, $blank_job where tenant = :tenant" },
  { "update inbox set " .. ENDED .. "$blank_event where tenant in :owners",
    counts = true },
  { "delete from tokens where key in :tokens", needs = "tokens" },
}

local CHANGED = [[select name from records where kind in :kinds and tenant = :tenant
  and updated_at > :since limit 1]]

--- Whether no record of the tenant was changed after a time.
local function is_unchanged(connection, values)
  return not values.since or #connection:run(CHANGED, values) == 0
end

function verbs:forget(wanted)
  local connection, owners = self.connection, { wanted.tenant }
  for _, owner in ipairs(wanted.owners or {}) do owners[#owners + 1] = owner end
  local values = { tenant = wanted.tenant, kinds = wanted.kinds, owners = owners,
    tokens = wanted.tokens or {}, now = wanted.now, since = wanted.unchanged_since }
  return connection:atomically(function()
    if not is_unchanged(connection, values) then return false end
    local count = 0
    for _, row in ipairs(STATEMENTS) do
      if not row.needs or #values[row.needs] > 0 then
        local changed = connection:run(row[1], values)
        count = count + (row.counts and changed or 0)
      end
    end
    return count
  end, owners)
end

return verbs
