--- The sandbox's own time: runs beside the wall clock, can be moved ahead, frozen or sped up, never runs backwards.
-- A clock is plain data. Times are seconds since 1970 in UTC; durations are seconds.
-- @module debitura.sandbox.model.clock

local clock = {}

local UNITS = { d = 86400, h = 3600, m = 60, s = 1 }

--- Makes a clock that shows the wall time.
-- @tparam number wall seconds
-- @treturn table `pending` seconds are still to be walked through by the model (see `dispatch.step`)
function clock.new(wall)
  return { base = wall, wall = wall, rate = 1, pending = 0 }
end

--- The sandbox's time at a wall time.
-- @tparam table self a clock
-- @tparam number wall seconds; a wall clock that was set back counts as standing still
-- @treturn number seconds
function clock.at(self, wall)
  return self.base + math.max(0, wall - self.wall) * self.rate
end

--- Sets the speed: 0 freezes, 1 is real time, 3600 makes an hour of each second.
-- @tparam table self a clock
-- @tparam number wall seconds
-- @tparam number rate 0 or more
function clock.set_rate(self, wall, rate)
  self.base, self.wall, self.rate = clock.at(self, wall), wall, rate
end

--- Moves the clock ahead at once.
-- @tparam table self a clock
-- @tparam number seconds 0 or more
function clock.move(self, seconds)
  self.base = self.base + seconds
end

--- Reads a duration such as "7d1h", "90m", "45s" or a number of seconds.
-- @param text string or number
-- @treturn number|nil seconds; nil where it is none (a negative one included)
function clock.duration(text)
  if type(text) == "number" then return text >= 0 and text < math.huge and text or nil end
  if type(text) ~= "string" then return nil end
  local seconds = 0
  local rest = text:gsub("%s*(%d+)%s*([dhms])", function(amount, unit)
    seconds = seconds + tonumber(amount) * UNITS[unit]
    return ""
  end)
  if rest == "" and text ~= "" then return seconds end
  return tonumber(text) and clock.duration(tonumber(text)) or nil
end

--- Writes a duration for people: its two greatest units.
-- @tparam number seconds
-- @treturn string such as "6d 23h"
function clock.describe(seconds)
  local parts = {}
  local rest = math.floor(math.max(0, seconds))
  for _, unit in ipairs { "d", "h", "m", "s" } do
    local amount = math.floor(rest / UNITS[unit])
    rest = rest - amount * UNITS[unit]
    if amount > 0 and #parts < 2 then parts[#parts + 1] = ("%d%s"):format(amount, unit) end
  end
  return #parts > 0 and table.concat(parts, " ") or "0s"
end

--- Writes a time as ISO 8601.
-- @tparam number seconds
-- @treturn string such as "2026-01-31T12:00:00Z"
function clock.iso(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

--- Days since 1970-01-01 of a date of the Gregorian calendar.
local function days_from_civil(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local day_of_era = year_of_era * 365 + math.floor(year_of_era / 4) - math.floor(year_of_era / 100) + day_of_year
  return era * 146097 + day_of_era - 719468
end

local MONTH_DAYS = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

--- Reads an ISO 8601 date, or date and time (UTC where it names no offset).
-- @param text
-- @treturn[1] number seconds
-- @treturn[1] boolean whether it was a bare date
-- @treturn[2] nil where it is none
function clock.parse(text)
  if type(text) ~= "string" then return nil end
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if not year or not MONTH_DAYS[month] or day < 1 or day > MONTH_DAYS[month] then return nil end
  local seconds = days_from_civil(year, month, day) * 86400
  if rest == "" then return seconds, true end
  local hour, minute, second, zone = rest:match("^[Tt ](%d%d):(%d%d):?([%d.]*)(.*)$")
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second == "" and "0" or second)
  if not hour or not second or hour > 23 or minute > 59 or second >= 61 then return nil end
  seconds = seconds + hour * 3600 + minute * 60 + second
  if zone == "" or zone == "Z" or zone == "z" then return seconds, false end
  local sign, zone_hours, zone_minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
  if not sign then return nil end
  local offset = tonumber(zone_hours) * 3600 + tonumber(zone_minutes) * 60
  return seconds - (sign == "+" and offset or -offset), false
end

return clock
