--- Holds requests back before the service has to: so many in a minute, an hour and a day for each
-- API key.
--
--     local limits = debitura.limiter { minute = 1000 }
--     local partner = debitura.partner { api_key = key, environment = "test", limiter = limits }
--
-- Each window slides in slots, a whole slot counted as long as any part of it lies in the window:
-- never too many, at most a slot's worth too few. What is kept does not grow with the number of
-- requests.
--
-- Source of the limits: the partner guide, "2,000 a minute (sliding), 20,000 an hour, 100,000 a day
-- per API key".
-- @module debitura.client.limiter

local core = require("debitura.core")
local options = require("debitura.base.options")
local window = require("debitura.base.window")

local limiter = {}

--- A slot more than a window is long: the oldest and the present one lie in it with a part only.
local WINDOWS = {
  { name = "minute", slots = 61, width = 1 },
  { name = "hour", slots = 61, width = 60 },
  { name = "day", slots = 49, width = 1800 },
}

limiter.options = options.define("debitura.limiter", {
  { "minute", "count", default = 2000, "requests in any minute" },
  { "hour", "count", default = 20000, "requests in any hour" },
  { "day", "count", default = 100000, "requests in any day" },
  {
    "store", "object", annotation = "debitura.Store",
    "see `debitura.store`: counts the requests of all workers together",
  },
  {
    "name", "text", shown_default = "one for each API key",
    "of the counter, for keys that share their limits",
  },
  {
    "clock", "function", annotation = "fun(): number",
    shown_default = "monotonic; with a store the time of day, which hosts agree on",
    "gives seconds",
  },
})

--- A service that asks for a longer pause is not believed.
local LONGEST_HOLD = 86400

local Counters = {}
Counters.__index = Counters

--- The counters of one process; a store's are shared by workers. Both know the verb `counter_add`.
local function new_counters()
  return setmetatable({}, Counters)
end

-- What is asked stays the same for a second: as long as there is certainly room, its requests are
-- only numbered, and counted with the next one that is asked for otherwise.
function Counters:counter_add(name, asked)
  local kept = self[name]
  if kept and kept.asked == asked and kept.room > 0 then
    kept.room, kept.count = kept.room - 1, kept.count + 1
    return true
  end
  kept = kept or { counters = {}, count = 0 }
  self[name] = kept
  if kept.count > 0 then window.count(kept.counters, kept.asked, kept.count) end
  local counted, full, room = window.add(kept.counters, asked)
  kept.asked, kept.room, kept.count = asked, room or 0, 0
  return counted, full
end

local Limiter = {}
Limiter.__index = Limiter

function Limiter.__tostring()
  return "debitura.limiter"
end

-- The counter of an API key.
function Limiter:counter(account)
  if self.name then return self.name end
  local name = self.names[account]
  if not name then
    name = "requests " .. account
    self.names[account] = name
  end
  return name
end

-- The windows as they are in a second: made once for it, and left alone for calls that still wait
-- for a store.
function Limiter:windows(now)
  local asked = window.at(WINDOWS, self.limits, now)
  self.asked, self.since = asked, math.floor(now)
  return asked
end

--- Counts a request that is about to be sent, or tells how long it has to wait; then nothing is
-- counted.
-- @tparam[opt=""] string account what tells the API key from others
-- @treturn number seconds to wait before asking again, 0 for none
-- @treturn ?string what is to be waited for: "minute", "hour", "day", or "held" when the service
--   asked for a pause
function Limiter:reserve(account)
  account = account or ""
  local now, name = self.clock(), self.names[account] or self:counter(account)
  local held_until = self.held_until[name]
  if held_until and held_until > now then return held_until - now, "held" end
  local since = self.since
  local asked = now >= since and now < since + 1 and self.asked or self:windows(now)
  -- A store that is out of order (nil) holds no call up: the service has limits of its own.
  local counted, full = self.counters:counter_add(name, asked)
  if counted ~= false then return 0 end
  return window.wait(WINDOWS, asked, full, now)
end

local FULL = { minute = 0, hour = 0, day = 0 }

--- What part of each limit is used. A window without any room says what was counted in it.
-- @tparam[opt=""] string account what tells the API key from others
-- @treturn[1] table by the name of the window
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Limiter:used(account)
  local counted, full = self.counters:counter_add(self:counter(account or ""),
    window.at(WINDOWS, FULL, self.clock()))
  if counted == nil then return nil, full end
  local used = {}
  for name, one in pairs(full) do used[name] = one.sum / self.limits[name] end
  return used
end

--- Lets no call pass for some seconds, because the service said so (429).
-- @tparam number seconds at most a day
-- @tparam[opt=""] string account what tells the API key from others
function Limiter:hold(seconds, account)
  local name, until_ = self:counter(account or ""), self.clock() + math.min(seconds, LONGEST_HOLD)
  self.held_until[name] = math.max(self.held_until[name] or 0, until_)
end

--- Makes a limiter. Each API key has its own counter, unless they are given a name to share.
-- @tparam[opt] table given `minute`, `hour`, `day` and others: see the page of options
-- @treturn table
-- @raise at the caller's line, when an option is unknown or wrong
function limiter.new(given)
  local read = limiter.options:read(given)
  return setmetatable({
    limits = { minute = read.minute, hour = read.hour, day = read.day },
    name = read.name, counters = read.store or new_counters(), names = {}, held_until = {},
    since = 0,
    clock = read.clock or read.store and core.system.now or core.system.monotonic,
  }, Limiter)
end

--- Whether a value is a limiter.
-- @param value anything
-- @treturn boolean
function limiter.is(value)
  return getmetatable(value) == Limiter
end

return limiter
