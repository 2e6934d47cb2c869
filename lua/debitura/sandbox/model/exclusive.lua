--- The collection partner's exclusive period: 90 days from the start of collection, 30 more after each payment.
-- @module debitura.sandbox.model.exclusive

local clock = require("debitura.sandbox.model.clock")
local core = require("debitura.core")

local exclusive = {}

local DAY = 86400
local FIRST, EXTENSION = 90 * DAY, 30 * DAY

--- @tparam table case
-- @tparam number now
function exclusive.start(case, now)
  case.exclusive_end, case.extensions = now + FIRST, {}
end

--- @tparam table case
-- @tparam string kind such as "Payment"
-- @tparam number now
function exclusive.extend(case, kind, now)
  if not case.exclusive_end then return end
  case.exclusive_end = case.exclusive_end + EXTENSION
  table.insert(case.extensions, { type = kind, at = now, new_end = case.exclusive_end })
end

--- ExclusivePeriodDto.
-- @tparam table case
-- @tparam number now
-- @treturn table|nil nil where the case has none
function exclusive.view(case, now)
  if not case.exclusive_end then return nil end
  local terminated = case.finished_at and case.finished_at < case.exclusive_end
  local extensions = {}
  for index, one in ipairs(case.extensions) do
    extensions[index] = { type = one.type, eventDate = clock.iso(one.at), newEndDate = clock.iso(one.new_end) }
  end
  return {
    engagementStartDate = clock.iso(case.started_at), currentEndDate = clock.iso(case.exclusive_end),
    daysRemaining = terminated and 0 or math.ceil((case.exclusive_end - now) / DAY),
    status = terminated and "Terminated" or now < case.exclusive_end and "Active" or "Expired",
    extensions = core.json.array(extensions),
  }
end

return exclusive
