--- Rate limits per API key, switched on at POST /_sandbox/settings: a sliding minute, and fixed hours and days.
-- @module debitura.sandbox.model.limits

local limits = {}

local MINUTE, HOUR, DAY = 60, 3600, 86400

--- Counts a call in the window that a moment belongs to; returns the seconds until the next window where it is full.
local function fixed_window(counter, length, limit, now)
  local window = math.floor(now / length)
  if counter.window ~= window then counter.window, counter.count = window, 0 end
  if counter.count >= limit then return (window + 1) * length - now end
  counter.count = counter.count + 1
end

--- The last minute as counts by second, oldest first.
local function sliding_minute(seconds, limit, now)
  local second = math.floor(now)
  while seconds[1] and seconds[1].at <= second - MINUTE do table.remove(seconds, 1) end
  local sum = 0
  for _, entry in ipairs(seconds) do sum = sum + entry.count end
  if sum >= limit then return seconds[1].at + MINUTE - now end
  local last = seconds[#seconds]
  if not last or last.at ~= second then
    last = { at = second, count = 0 }
    seconds[#seconds + 1] = last
  end
  last.count = last.count + 1
end

--- Counts a call.
-- @tparam table state
-- @tparam number now sandbox time
-- @treturn number|nil seconds to wait where a limit is reached
function limits.count(state, now)
  local settings, used = state.settings.rate_limits, state.used
  if not settings.enabled then return nil end
  local wait = sliding_minute(used.seconds, settings.minute, now) or fixed_window(used.hour, HOUR, settings.hour, now)
    or fixed_window(used.day, DAY, settings.day, now)
  return wait and math.max(1, math.ceil(wait))
end

--- @treturn table counters of a sandbox that was never called
function limits.new()
  return { seconds = {}, hour = { count = 0 }, day = { count = 0 } }
end

return limits
