--- Reads a state machine that is written down as a table.
--
-- A definition has `states` (name to meaning), `transitions` (rows, below), and what the rows name: `guards` (the condition on
-- (record, event, policy), and what to say when it does not hold), `takes` ((record, event, policy, now) to a change), `effects`
-- ((record after the move, event, policy, now) to the effects owed), `destinations` ((record, change) to a state).
--
-- A row has `on` (an event), `from` (states; "none": there is no record yet), `when` (a guard), `to` (a state or a destination; nil:
-- it stays), `take`, `effects`. Of the rows that fit an event the first counts; an event that fits none changes nothing.
-- @module debitura.recipes.machine

local machine = {}

local Machine = {}
Machine.__index = Machine

--- A record after a change, as far as effects look at it.
local function moved(record, set)
  local after = {}
  for name, value in pairs(record) do after[name] = value end
  for name, value in pairs(set) do after[name] = value or nil end
  return after
end

function Machine:take(row, record, event, policy, now)
  local take = self.takes[row.take]
  local change = take and take(record, event, policy, now) or {}
  change.set = change.set or {}
  local choose = self.destinations and self.destinations[row.to]
  change.set.state = choose and choose(record, change) or row.to
  change.effects = {}
  local after = moved(record, change.set)
  for _, name in ipairs(row.effects or {}) do
    for _, effect in ipairs(self.effects[name](after, event, policy, now)) do table.insert(change.effects, effect) end
  end
  return change
end

--- What an event does to a record. Changes nothing itself.
-- @tparam table record what is followed; where there is none, one with the state "none"
-- @tparam table event `name`, `at` (when it happened, by the clock of whoever tells it), and what its transition takes
-- @tparam table policy what the recipes' options say
-- @tparam number now Unix seconds
-- @treturn[1] table the change, as the store takes it, without `entry`
-- @treturn[2] nil
-- @treturn[2] string why it changes nothing
function Machine:step(record, event, policy, now)
  local why = "does not fit the state " .. record.state
  for _, candidate in ipairs(self.by_event[event.name] or {}) do
    if candidate.from[record.state] then
      local guard = self.guards[candidate.row.when]
      if not guard or guard[1](record, event, policy) then return self:take(candidate.row, record, event, policy, now) end
      why = guard[2]
    end
  end
  return nil, why
end

--- Makes a machine of its definition.
-- @tparam table definition
-- @treturn table the definition, with `step`
function machine.new(definition)
  definition.by_event = {}
  for _, row in ipairs(definition.transitions) do
    local from = {}
    for _, state in ipairs(row.from) do from[state] = true end
    definition.by_event[row.on] = definition.by_event[row.on] or {}
    table.insert(definition.by_event[row.on], { row = row, from = from })
  end
  return setmetatable(definition, Machine)
end

return machine
