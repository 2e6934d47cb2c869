--- Holds requests back before the service has to: so many in a minute, an hour and a day for each API key.
--
--     local partner = debitura.partner { api_key = key, limiter = debitura.limiter { minute = 1000 } }
--
-- Each window slides in slots, a whole slot counted as long as any part of it lies in the window: never too many, at most
-- a slot's worth too few. What is kept does not grow with the number of requests. Knows nothing of HTTP.
--
-- Source of the limits: the partner guide, "2,000 a minute (sliding), 20,000 an hour, 100,000 a day per API key".
-- @module debitura.limiter

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

--- The counters of one process: `add(window, slot)` counts a request, `since(window, first)` gives the sum of the slots
-- from `first` on and the slots themselves. Any table with these two methods will do, such as one in front of a database
-- that several workers share; then `clock` must be one that they share, too.
local function new_counters()
  return setmetatable({ windows = {} }, Counters)
end

function Counters:add(window, slot)
  local kept = self.windows[window]
  kept.slots[slot] = (kept.slots[slot] or 0) + 1
  kept.sum = kept.sum + 1
end

function Counters:since(window, first)
  local kept = self.windows[window]
  if not kept then
    kept = { sum = 0, slots = {}, first = first }
    self.windows[window] = kept
  end
  if kept.first < first then
    for slot, count in pairs(kept.slots) do
      if slot < first then
        kept.slots[slot] = nil
        kept.sum = kept.sum - count
      end
    end
    kept.first = first
  end
  return kept.sum, kept.slots
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

--- Counts a request that is about to be sent, or tells how long it has to wait; then nothing is counted.
-- @treturn number seconds to wait before asking again, 0 for none
-- @treturn ?string what is to be waited for: "minute", "hour", "day", or "held" when the service asked for a pause
function Limiter:reserve()
  local now = self.clock()
  local wait, reason = self.held_until - now, "held"
  for _, window in ipairs(WINDOWS) do
    local first = math.floor(now / window.width) - window.slots
    local sum, slots = self.counters:since(window.name, first)
    local excess = sum - self.limits[window.name]
    if excess >= 0 then
      local seconds = seconds_until_room(window, excess, slots, first, now)
      if seconds > wait then wait, reason = seconds, window.name end
    end
  end
  if wait > 0 then return wait, reason end
  for _, window in ipairs(WINDOWS) do
    self.counters:add(window.name, math.floor(now / window.width))
  end
  return 0
end

--- Lets nobody pass for some seconds, because the service said so (429).
-- @tparam number seconds at most a day
function Limiter:hold(seconds)
  self.held_until = math.max(self.held_until, self.clock() + math.min(seconds, LONGEST_HOLD))
end

--- Makes a limiter. Sessions that use the same API key share one.
-- @tparam[opt] table options `minute`, `hour`, `day`: requests allowed in each, see `limiter.defaults`; `clock` (seconds,
--   default monotonic), `counters` (default: of this process)
-- @treturn table
function limiter.new(options)
  options = options or {}
  local limits = {}
  for name, default in pairs(limiter.defaults) do
    local limit = options[name]
    if limit == nil then limit = default end
    if type(limit) ~= "number" or limit < 1 or limit ~= limit then
      error(("limiter: %s: a number of requests expected, 1 at least"):format(name), 2)
    end
    limits[name] = limit
  end
  return setmetatable({
    limits = limits, clock = options.clock or core.system.monotonic, counters = options.counters or new_counters(),
    held_until = 0,
  }, Limiter)
end

--- Whether a value is a limiter.
-- @param value anything
-- @treturn boolean
function limiter.is(value)
  return getmetatable(value) == Limiter
end

return limiter
