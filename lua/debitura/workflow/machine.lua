--- Reads a state machine that is written down as a table.
--
-- A definition has `kinds` (of the records it is for), `states` (name to meaning), `transitions`
-- (rows, below), and what the rows name: `guards` (the condition on (record, event, terms), and
-- what to say when it does not hold), `takes` ((record, event, terms, now) to `{ set, data }`:
-- columns, and marks kept in the record's `data`; false clears one), `jobs` ((record after the
-- move, event, terms, now) to the jobs it enqueues), `destinations` ((record after the move) to a
-- state). Where it has `tally`, that is taken with every event, as by a take.
--
-- A row has `on` (events), `from` (states; "none": there is no record yet), `when` (a guard), `to`
-- (a state or a destination; nil: it stays), `take`, `jobs`; several names are one text with commas
-- between. Of the rows that fit an event the first counts; an event that fits none changes nothing.
-- @module debitura.workflow.machine

local machine = {}

local Machine = {}
Machine.__index = Machine

local function copy(values)
  local twin = {}
  for name, value in pairs(values) do twin[name] = value end
  return twin
end

local function put(values, changes)
  for name, value in pairs(changes or {}) do values[name] = value or nil end
end

--- Iterates over the names in a text.
-- @tparam ?string names with commas between
-- @treturn function
function machine.each(names)
  return (names or ""):gmatch("[^, ]+")
end

--- The names in a text as keys.
-- @tparam string names with commas between
-- @treturn table
function machine.set(names)
  local set = {}
  for name in machine.each(names) do set[name] = true end
  return set
end

--- A record as it is after a row's take.
local function taken(self, row, record, event, terms, now)
  local after, set = copy(record), {}
  after.data = copy(record.data)
  local takes = { self.tally, self.takes[row.take] }
  for i = 1, 2 do
    local change = takes[i] and takes[i](record, event, terms, now) or {}
    put(after, change.set)
    put(after.data, change.data)
    for name, value in pairs(change.set or {}) do set[name] = value end
  end
  return after, set
end

function Machine:take(row, record, event, terms, now)
  local after, set = taken(self, row, record, event, terms, now)
  local choose = self.destinations and self.destinations[row.to]
  after.state = choose and choose(after) or row.to or record.state
  set.state = after.state
  local enqueued = {}
  for name in machine.each(row.jobs) do
    for _, job in ipairs(self.jobs[name](after, event, terms, now)) do
      enqueued[#enqueued + 1] = job
    end
  end
  return { after = after, set = set, jobs = enqueued }
end

--- The row that an event takes a record by.
-- @tparam table record see `step`
-- @tparam table event
-- @tparam table terms
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string why it changes nothing
function Machine:row_for(record, event, terms)
  local why = "changes nothing in the state " .. record.state
  for _, candidate in ipairs(self.by_event[event.name] or {}) do
    if candidate.from[record.state] then
      local guard = self.guards[candidate.row.when]
      if not guard or guard[1](record, event, terms) then return candidate.row end
      why = guard[2]
    end
  end
  return nil, why
end

--- What an event does to a record. Changes nothing itself.
-- @tparam table record where there is none, one with the state "none"; with `data`
-- @tparam table event `name`, `at` (when it happened, by the clock of its source), and what its
--   transition takes
-- @tparam table terms what was promised when the record was requested
-- @tparam number now Unix seconds
-- @treturn[1] table `after` (the record as it will be), `set` (the columns that change), `jobs`
--   (what it enqueues)
-- @treturn[2] nil
-- @treturn[2] string why it changes nothing
function Machine:step(record, event, terms, now)
  local row, why = self:row_for(record, event, terms)
  return row and self:take(row, record, event, terms, now), why
end

--- Makes a machine of its definition.
-- @tparam table definition
-- @treturn table the definition, with `step`
function machine.new(definition)
  definition.by_event = {}
  for _, row in ipairs(definition.transitions) do
    local from = machine.set(row.from)
    for event in machine.each(row.on) do
      definition.by_event[event] = definition.by_event[event] or {}
      table.insert(definition.by_event[event], { row = row, from = from })
    end
  end
  return setmetatable(definition, Machine)
end

return machine
