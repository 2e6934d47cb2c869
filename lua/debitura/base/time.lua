--- The calendar, instants and durations. An instant is a number of Unix seconds, a duration a
-- number of seconds.
-- @module debitura.base.time

local time = {}

local UNITS = { d = 86400, h = 3600, m = 60, s = 1 }
local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
  Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

-- Calendar --------------------------------------------------------------------------------------

local function days_in(year, month)
  local is_leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and is_leap and 29 or MONTH_DAYS[month]
end

--- The days from 1970-01-01 to a date of the Gregorian calendar. The year is taken to begin in
-- March, so that leap days come last.
-- @tparam number year
-- @tparam number month
-- @tparam number day
-- @treturn ?number nil for a day that does not exist
function time.days(year, month, day)
  local last = days_in(year, month)
  if not last or day < 1 or day > last then return nil end
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
    + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

-- A second of 60 is a leap second.
local function seconds_of_day(hour, minute, second)
  if hour > 23 or minute > 59 or second >= 61 then return nil end
  return hour * 3600 + minute * 60 + second
end

-- ISO 8601 --------------------------------------------------------------------------------------

local function offset_of(zone)
  if zone == "" or zone == "Z" or zone == "z" then return 0 end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
  if not sign then return nil end
  local offset = hours * 3600 + minutes * 60
  return sign == "+" and offset or -offset
end

local function read_clock(text)
  local hour, minute, rest = text:match("^[Tt ](%d%d):(%d%d)(.*)$")
  if not hour then return nil end
  local second, zone = rest:match("^:(%d%d%.?%d*)(.*)$")
  local seconds = seconds_of_day(tonumber(hour), tonumber(minute), tonumber(second or 0))
  local offset = offset_of(zone or rest)
  return seconds and offset and seconds - offset
end

--- Reads an instant or a date, as ISO 8601 has them.
-- @param text such as `"2026-01-31T12:00:00.25Z"`, or with an offset; without either it is UTC.
--   `"2026-01-31"` is midnight
-- @treturn ?number Unix seconds; nil for anything else
-- @treturn ?boolean whether it was a bare date
function time.parse(text)
  if type(text) ~= "string" then return nil end
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  local days = year and time.days(tonumber(year), tonumber(month), tonumber(day))
  if not days then return nil end
  if rest == "" then return days * 86400, true end
  local seconds = read_clock(rest)
  if not seconds then return nil end
  return days * 86400 + seconds, false
end

--- Writes an instant as ISO 8601, to the second.
-- @tparam number seconds
-- @treturn string such as `"2026-01-31T12:00:00Z"`
function time.format(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

--- Reads a date as HTTP headers have it (RFC 9110, 5.6.7; the form that servers write).
-- @param text such as `"Sun, 06 Nov 1994 08:49:37 GMT"`
-- @treturn ?number Unix seconds; nil for anything else
function time.parse_http(text)
  if type(text) ~= "string" then return nil end
  local day, name, year, hour, minute, second =
    text:match("^%a+, (%d%d?) (%a+) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$")
  local month = MONTHS[name]
  local days = month and time.days(tonumber(year), month, tonumber(day))
  local seconds = days and seconds_of_day(tonumber(hour), tonumber(minute), tonumber(second))
  return seconds and days * 86400 + seconds
end

-- Durations -------------------------------------------------------------------------------------

--- Reads a duration.
-- @param given such as `"7d1h"`, `"90m"`, `"45s"`, or a number of seconds, as a number or text
-- @treturn ?number seconds; nil for anything else, what is negative included
function time.duration(given)
  if type(given) == "number" then return given >= 0 and given < math.huge and given or nil end
  if type(given) ~= "string" or given == "" then return nil end
  if given:find("^%d+%.?%d*$") then return tonumber(given) end
  local seconds = 0
  local rest = given:gsub("%s*(%d+)%s*([dhms])", function(amount, unit)
    seconds = seconds + amount * UNITS[unit]
    return ""
  end)
  return rest == "" and seconds or nil
end

--- Writes a duration for people: its two greatest units.
-- @tparam number seconds
-- @treturn string such as `"6d 23h"`
function time.describe(seconds)
  local parts = {}
  local rest = math.floor(math.max(0, seconds))
  for _, unit in ipairs { "d", "h", "m", "s" } do
    local amount = math.floor(rest / UNITS[unit])
    rest = rest - amount * UNITS[unit]
    if amount > 0 and #parts < 2 then parts[#parts + 1] = ("%d%s"):format(amount, unit) end
  end
  return #parts > 0 and table.concat(parts, " ") or "0s"
end

return time
