--- Counts in windows of time that slide in slots: how many calls there were in the last minute,
-- hour, day.
--
-- A window is described by `{ name, slots, width }`: over how many slots it reaches, the present
-- one included, and how many seconds wide a slot is. What is asked of counters is
-- `{ name, slot, first, limit }`: what was counted since the slot `first` must stay below `limit`;
-- it counts in `slot`. Counters are plain data and do not grow with the number of calls.
-- @module debitura.base.window

local window = {}

local LEAST_WAIT = 0.001 -- rounding must not turn a full window into one with room

--- What is asked of the windows at a moment.
-- @tparam table descriptions
-- @tparam table limits by the windows' names
-- @tparam number now
-- @treturn table
function window.at(descriptions, limits, now)
  local asked = {}
  for index, described in ipairs(descriptions) do
    local slot = math.floor(now / described.width)
    asked[index] = {
      name = described.name, slot = slot, first = slot - described.slots + 1,
      limit = limits[described.name],
    }
  end
  return asked
end

-- What is counted in a window, oldest slot first, without the slots that have left it.
local function kept_of(counters, asked)
  local kept = counters[asked.name]
  if not kept then
    kept = { sum = 0, slots = {} }
    counters[asked.name] = kept
  end
  local slots, first = kept.slots, asked.first
  while slots[1] and slots[1].slot < first do
    kept.sum = kept.sum - table.remove(slots, 1).count
  end
  return kept
end

local function by_slot(slots)
  local counts = {}
  for _, row in ipairs(slots) do counts[row.slot] = row.count end
  return counts
end

-- A clock may have been set back, so the slot is not always the last one.
local function count_in(kept, slot, count)
  local slots, at = kept.slots, #kept.slots
  local row = slots[at]
  while row and row.slot > slot do
    at = at - 1
    row = slots[at]
  end
  if not row or row.slot < slot then
    row = { slot = slot, count = 0 }
    table.insert(slots, at + 1, row)
  end
  row.count, kept.sum = row.count + count, kept.sum + count
end

--- Counts in every window of what was asked, whether it has room or not.
-- @tparam table counters changed in place
-- @tparam table asked for which something was counted before
-- @tparam number count
function window.count(counters, asked, count)
  for i = 1, #asked do count_in(counters[asked[i].name], asked[i].slot, count) end
end

--- Counts one in every window, or, when one is full, in none.
-- @tparam table counters changed in place; empty at first
-- @tparam table asked
-- @treturn boolean whether it was counted
-- @treturn ?table of each full window, under its name, the `sum` and the `slots` (count by slot)
-- @treturn ?number when it was counted, for how many more there is room
function window.add(counters, asked)
  local full, room = nil, math.huge
  for i = 1, #asked do
    local one = asked[i]
    local kept = kept_of(counters, one)
    room = math.min(room, one.limit - kept.sum - 1)
    if kept.sum >= one.limit then
      full = full or {}
      full[one.name] = { sum = kept.sum, slots = by_slot(kept.slots) }
    end
  end
  if full then return false, full end
  window.count(counters, asked, 1)
  return true, nil, room
end

-- Slots leave a window from the oldest on.
local function until_room(described, asked, over, now)
  local excess, slot, freed = over.sum - asked.limit, asked.first - 1, 0
  repeat
    slot = slot + 1
    freed = freed + (over.slots[slot] or 0)
  until freed > excess or slot > asked.slot
  return math.max(LEAST_WAIT, (slot + described.slots) * described.width - now)
end

--- The seconds until every window has room again.
-- @tparam table descriptions
-- @tparam table asked what `window.at` gave for them
-- @tparam table full what `window.add` gave, or a store's `counter_add`
-- @tparam number now
-- @treturn number
-- @treturn string the name of the window that is waited for longest
function window.wait(descriptions, asked, full, now)
  local wait, name = 0, nil
  for index, described in ipairs(descriptions) do
    local over = full[described.name]
    local seconds = over and until_room(described, asked[index], over, now) or 0
    if seconds > wait then wait, name = seconds, described.name end
  end
  return wait, name
end

return window
