--- Instants as Debitura writes them (ISO 8601) as Unix seconds, and back.
-- @module debitura.base.time

local timestamp = {}

--- Days from 1970-01-01 to a civil date; the year is taken to begin in March, so that leap days come last.
local function days(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
    + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

--- Reads an instant.
-- @param text such as `"2026-01-31T12:00:00.25Z"` or with an offset; without either it is UTC
-- @treturn number|nil Unix seconds; nil for anything else
function timestamp.parse(text)
  if type(text) ~= "string" then return nil end
  local year, month, day, hour, minute, second, zone = text:match("^(%d%d%d%d)-(%d%d)-(%d%d)T(%d%d):(%d%d):(%d%d%.?%d*)(.*)$")
  if not year then return nil end
  local offset = 0
  if zone ~= "" and zone ~= "Z" then
    local sign, hours, minutes = zone:match("^([+-])(%d%d):(%d%d)$")
    if not sign then return nil end
    offset = (hours * 60 + minutes) * 60 * (sign == "+" and 1 or -1)
  end
  return days(tonumber(year), tonumber(month), tonumber(day)) * 86400 + hour * 3600 + minute * 60 + second - offset
end

--- Writes an instant, to the second.
-- @tparam number seconds
-- @treturn string such as `"2026-01-31T12:00:00Z"`
function timestamp.format(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

return timestamp
