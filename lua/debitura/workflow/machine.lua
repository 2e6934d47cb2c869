--- Reads a state machine that is written down as a table.
--
-- A definition has `states` (name to meaning), `transitions` (rows, below), and what the rows name: `guards` (the condition on
-- (record, event, policy), and what to say when it does not hold), `takes` ((record, event, policy, now) to a change), `effects`
-- ((record after the move, event, policy, now) to the effects owed), `destinations` ((record, change) to a state).
--
-- A row has `on` (an event), `from` (states; "none": there is no record yet), `when` (a guard), `to` (a state or a destination; nil:
-- it stays), `take`, `effects`. Of the rows that fit an event the first counts; an event that fits none changes nothing.
-- @module debitura.workflow.machine

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

--- An effect that a record owes: once for its generation, and for each of `each` where it is owed for several. Texts of the platform
-- (a tenant, a case's reference) may look like other parts of the key, so that a kind of effect of links has `each` always or never.
-- @tparam string kind
-- @tparam table record the link, or the matter, whose key cannot be a link's
-- @tparam number due_at
-- @tparam number generation
-- @tparam[opt] string each
-- @tparam[opt] string channel
-- @treturn table as the store takes it
function machine.owe(kind, record, due_at, generation, each, channel)
  local key
  if record.kind then
    key = ("%s:%s/%d/%d:%s/%d:%s/%s"):format(record.kind, kind, generation, #record.tenant, record.tenant, #record.name, record.name,
      each or "")
  else
    key = each and ("%s/%d/%s/%s"):format(kind, generation, each, record.tenant) or ("%s/%d/%s"):format(kind, generation, record.tenant)
  end
  return {
    key = key, kind = kind, generation = generation, channel = channel, due_at = due_at, matter = record.kind,
    name = record.kind and record.name,
  }
end

--- The URL of a record, once by each channel. `event.channel` chooses one, `event.remind` makes reminders of them (numbered 0); `again` is
-- a mark for what somebody asked for once more.
-- @tparam table record after the move
-- @tparam table event
-- @tparam table policy
-- @tparam number now
-- @tparam[opt] string again
-- @treturn table effects
function machine.deliveries(record, event, policy, now, again)
  local owed = {}
  for _, channel in ipairs(record.url and policy.channels or {}) do
    if event.channel == nil or event.channel == channel then
      local each = (event.remind and "0/" or "") .. channel .. (again or "")
      owed[#owed + 1] = machine.owe(event.remind and "remind" or "deliver", record, now, record.generation, each, channel)
    end
  end
  return owed
end

--- The same at later points.
-- @tparam table record after the move
-- @tparam table policy
-- @tparam number now
-- @tparam table points seconds from now
-- @treturn table effects
function machine.reminders(record, policy, now, points)
  local owed = {}
  for ordinal, seconds in ipairs(record.url and points or {}) do
    for _, channel in ipairs(policy.channels) do
      owed[#owed + 1] = machine.owe("remind", record, now + seconds, record.generation, ("%d/%s"):format(ordinal, channel), channel)
    end
  end
  return owed
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
