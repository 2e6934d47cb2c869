--- Forgetting in SQL. What is counted is counted by the tables themselves.
-- @module debitura.store.sql.forget

local contract = require("debitura.store.contract")

local verbs = {}

--- What blanks the sealed columns of a row.
local function blanked(row)
  local parts = {}
  for _, column in ipairs(row) do
    if column.sealed then parts[#parts + 1] = column[1] .. " = null" end
  end
  return table.concat(parts, ", ")
end

--- What ends a row; a claim that holds it has lost it then.
local ENDED = [[claim = claim + case when state = 'open' then 1 else 0 end, state = 'done',
  ended_at = coalesce(ended_at, :now), ]]

--- The statements of one step, in the order in which transactions lock rows.
local STATEMENTS = {
  {
    ([[update records set state = '%s', version = version + 1, updated_at = :now,
    undelivered_since = null, %s where kind in :kinds and tenant = :tenant]]):format(
      contract.forgotten, blanked(contract.record)), counts = true,
  },
  { ("update history set %s where kind in :kinds and tenant = :tenant"):format(
    blanked(contract.history)) },
  { "update jobs set " .. ENDED .. "args = null, " .. blanked(contract.job)
    .. " where tenant = :tenant" },
  { "update inbox set " .. ENDED .. blanked(contract.event) .. " where tenant in :owners",
    counts = true },
  { "delete from tokens where key in :tokens", needs = "tokens" },
}

function verbs:forget(wanted)
  local connection, owners = self.connection, { wanted.tenant }
  for _, owner in ipairs(wanted.owners or {}) do owners[#owners + 1] = owner end
  local values = { tenant = wanted.tenant, kinds = wanted.kinds, owners = owners,
    tokens = wanted.tokens or {}, now = wanted.now }
  return connection:atomically(function()
    local count = 0
    for _, row in ipairs(STATEMENTS) do
      if not row.needs or #values[row.needs] > 0 then
        local changed, err = connection:run(row[1], values)
        if not changed then return nil, err end
        count = count + (row.counts and changed or 0)
      end
    end
    return count
  end, owners)
end

return verbs
