--- Holds requests back before the service has to: so many in a minute, an hour and a day for each API key.
--
--     local partner = debitura.partner { api_key = key, limiter = debitura.limiter { minute = 1000 } }
--
-- Each window slides in slots, a whole slot counted as long as any part of it lies in the window: never too many, at most
-- a slot's worth too few. What is kept does not grow with the number of requests. Knows nothing of HTTP.
--
-- Source of the limits: the partner guide, "2,000 a minute (sliding), 20,000 an hour, 100,000 a day per API key".
-- @module debitura.client.limiter

local core = require("debitura.core")

local limiter = {}

--- The windows: in how many slots each slides, and how many seconds wide a slot is.
local WINDOWS = {
  { name = "minute", slots = 60, width = 1 },
  { name = "hour", slots = 60, width = 60 },
  { name = "day", slots = 48, width = 1800 },
}

--- Requests allowed in each window unless the options say otherwise.
limiter.defaults = { minute = 2000, hour = 20000, day = 100000 }

--- A service that asks for more patience than this is not believed.
local LONGEST_HOLD = 86400

-- Counters ------------------------------------------------------------------------------------------------------------

local Counters = {}
Counters.__index = Counters

--- The counters of one process; a store's are shared by workers. Both know the verb `counter_add` of debitura.store.
local function new_counters()
  return setmetatable({ windows = {} }, Counters)
end

-- The slots of a window, without those that have left it.
function Counters:window(window)
  local kept = self.windows[window.name]
  if not kept then
    kept = { sum = 0, slots = {}, first = window.first }
    self.windows[window.name] = kept
  end
  if kept.first < window.first then
    for slot, count in pairs(kept.slots) do
      if slot < window.first then
        kept.slots[slot] = nil
        kept.sum = kept.sum - count
      end
    end
    kept.first = window.first
  end
  return kept
end

-- What is kept of each of the windows, with their present slot and limit. The limiter asks with the same table for a second.
function Counters:current(windows)
  if self.asked == windows then return self.kept end
  self.asked, self.kept = windows, {}
  for index, window in ipairs(windows) do
    local kept = self:window(window)
    kept.slot, kept.limit, kept.name = window.slot, window.limit, window.name
    self.kept[index] = kept
  end
  return self.kept
end

function Counters:counter_add(_, windows)
  local current, full = self:current(windows), nil
  for index = 1, #current do
    local kept = current[index]
    if kept.sum >= kept.limit then
      full = full or {}
      full[kept.name] = kept
    end
  end
  if full then return false, full end
  for index = 1, #current do
    local kept = current[index]
    local slots, slot = kept.slots, kept.slot
    slots[slot] = (slots[slot] or 0) + 1
    kept.sum = kept.sum + 1
  end
  return true
end

-- Limiter -------------------------------------------------------------------------------------------------------------

local Limiter = {}
Limiter.__index = Limiter

function Limiter.__tostring()
  return "debitura.limiter"
end

local LEAST_WAIT = 0.001 -- rounding must not turn a full window into one with room

--- The seconds until a window has room again. Slots leave it from the oldest on, each when `slots` others have followed.
local function seconds_until_room(window, excess, slots, first, now)
  local slot, freed = first - 1, 0
  repeat
    slot = slot + 1
    freed = freed + (slots[slot] or 0)
  until freed > excess or slot > first + window.slots
  return math.max(LEAST_WAIT, (slot + window.slots + 1) * window.width - now)
end

-- The windows as they are in a second: made once for it, and left alone for those who still wait for a store's answer.
function Limiter:windows(now)
  local asked = self.asked
  if asked and asked[1].slot == math.floor(now / WINDOWS[1].width) then return asked end
  asked = {}
  for index, window in ipairs(WINDOWS) do
    local slot = math.floor(now / window.width)
    asked[index] = { name = window.name, slot = slot, first = slot - window.slots, limit = self.limits[window.name] }
  end
  self.asked = asked
  return asked
end

--- Counts a request that is about to be sent, or tells how long it has to wait; then nothing is counted.
-- @treturn number seconds to wait before asking again, 0 for none
-- @treturn ?string what is to be waited for: "minute", "hour", "day", or "held" when the service asked for a pause
function Limiter:reserve()
  local now = self.clock()
  if self.held_until > now then return self.held_until - now, "held" end
  local asked = self:windows(now)
  -- A store that is out of order (nil) holds nobody up: the service has limits of its own.
  local counted, full = self.counters:counter_add(self.name, asked)
  if counted ~= false then return 0 end
  local wait, reason = 0, nil
  for index, window in ipairs(WINDOWS) do
    local over = full[window.name]
    if over then
      local seconds = seconds_until_room(window, over.sum - asked[index].limit, over.slots, asked[index].first, now)
      if seconds > wait then wait, reason = seconds, window.name end
    end
  end
  return wait, reason
end

--- Lets nobody pass for some seconds, because the service said so (429).
-- @tparam number seconds at most a day
function Limiter:hold(seconds)
  self.held_until = math.max(self.held_until, self.clock() + math.min(seconds, LONGEST_HOLD))
end

--- Makes a limiter. Sessions that use the same API key share one.
-- @tparam[opt] table options `minute`, `hour`, `day`: requests allowed in each, see `limiter.defaults`; `store` (debitura.store:
--   counts the requests of all workers together), `name` (of the counter in the store, for a second API key); `clock` (seconds,
--   default monotonic; with a store the time of day, which hosts agree on)
-- @treturn table
function limiter.new(options)
  options = options or {}
  local limits = {}
  for _, window in ipairs(WINDOWS) do
    local limit = options[window.name]
    if limit == nil then limit = limiter.defaults[window.name] end
    if type(limit) ~= "number" or limit < 1 or limit ~= limit then
      error(("limiter: %s: a number of requests expected, 1 at least"):format(window.name), 2)
    end
    limits[window.name] = limit
  end
  return setmetatable({
    limits = limits, name = options.name or "requests", counters = options.store or new_counters(),
    clock = options.clock or options.store and core.system.now or core.system.monotonic, held_until = 0,
  }, Limiter)
end

--- Whether a value is a limiter.
-- @param value anything
-- @treturn boolean
function limiter.is(value)
  return getmetatable(value) == Limiter
end

return limiter
