--- Takes steps in SQL: all of them or none, in one statement; see debitura.store.sql.triggers.
-- @module debitura.store.sql.steps

local contract = require("debitura.store.contract")
local failure = require("debitura.base.failure")
local triggers = require("debitura.store.sql.triggers")

local steps = {}

-- The layouts that columns came with.
local SINCE = {}
for _, column in ipairs(contract.record) do SINCE[column[1]] = column.since end

--- The columns that any of some rows has, without those that the layout of the tables lacks.
local function used(list, layout)
  local names, seen = {}, {}
  for _, step in ipairs(list) do
    for name in pairs(step) do seen[name] = true end
  end
  for _, name in ipairs(triggers.step) do
    if seen[name] and (SINCE[name] or 1) <= layout then names[#names + 1] = name end
  end
  return names
end

--- Takes steps.
-- @tparam table connection
-- @tparam string tenant
-- @tparam table list rows of `steps`
-- @treturn[1] boolean true
-- @treturn[2] boolean false
-- @treturn[2] string "stale", "duplicate" or "lost"
function steps.take(connection, tenant, list)
  local text = connection:insertion("steps", used(list, connection.layout), list, "")
  local done, err = failure.catch(connection.alone, connection, { tenant }, text, nil, true)
  if done then return true end
  return false, triggers.refusal(err) or error(err)
end

return steps
