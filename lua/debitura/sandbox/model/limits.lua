--- Rate limits per API key, switched on at POST /_sandbox/settings: a sliding minute, and fixed
-- hours and days.
-- @module debitura.sandbox.model.limits

local window = require("debitura.base.window")

local limits = {}

local WINDOWS = {
  { name = "minute", slots = 60, width = 1 },
  { name = "hour", slots = 1, width = 3600 },
  { name = "day", slots = 1, width = 86400 },
}

--- Counts a call.
-- @tparam table state
-- @tparam number now sandbox time
-- @treturn number|nil seconds to wait where a limit is reached
function limits.count(state, now)
  local settings = state.settings.rate_limits
  if not settings.enabled then return nil end
  local asked = window.at(WINDOWS, settings, now)
  local counted, full = window.add(state.used, asked)
  if counted then return nil end
  return math.max(1, math.ceil((window.wait(WINDOWS, asked, full, now))))
end

return limits
