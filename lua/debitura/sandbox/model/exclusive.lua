--- The collection partner's exclusive period: 90 days from the start of collection, 30 more after
-- each payment.
-- @module debitura.sandbox.model.exclusive

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

return exclusive
