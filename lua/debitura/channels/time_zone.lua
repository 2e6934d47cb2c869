--- The time of day in a time zone, by the system's zoneinfo (RFC 8536).
-- @module debitura.channels.time_zone

local time = require("debitura.base.time")

local time_zone = {}

local DIRECTORY = "/usr/share/zoneinfo/"
local FILE_MAX = 64 * 1024 -- bytes; the largest there is has 4 kB
local HEADER = 44
local HOUR, DAY = 3600, 86400

--- A zone's name: nothing that leads out of the folder.
local NAME = "^%a[%w_+-]*"

-- Reading numbers -----------------------------------------------------------------------------

local function unsigned(text, at, size)
  local value = 0
  for index = at, at + size - 1 do value = value * 256 + text:byte(index) end
  return value
end

local function signed(text, at, size)
  local value = unsigned(text, at, size)
  return value >= 2 ^ (8 * size - 1) and value - 2 ^ (8 * size) or value
end

--- The counts in a header: UTC indicators, standard indicators, leap seconds, transitions, types,
-- letters.
local function counts_of(text, at)
  local counts = {}
  for index, name in ipairs { "utc", "standard", "leaps", "times", "types", "letters" } do
    counts[name] = unsigned(text, at + 20 + 4 * (index - 1), 4)
  end
  return counts
end

local function block_size(counts, width)
  return counts.times * (width + 1) + counts.types * 6 + counts.letters
    + counts.leaps * (width + 4) + counts.standard + counts.utc
end

-- The rule after the last transition -----------------------------------------------------------

--- Seconds of `[-]hours[:minutes[:seconds]]`.
local function clock_seconds(text)
  local sign, hours, minutes, seconds = text:match("^([+-]?)(%d+):?(%d*):?(%d*)$")
  if not sign then return nil end
  local total = hours * HOUR + (tonumber(minutes) or 0) * 60 + (tonumber(seconds) or 0)
  return sign == "-" and -total or total
end

--- The day of `Mm.w.d`: the w-th weekday d of a month, the last one for 5.
local function day_of(rule, year)
  local first = time.days(year, rule.month, 1)
  local weekday = (first + 4) % 7 -- 1970-01-01 was a Thursday
  local day = first + (rule.weekday - weekday) % 7 + 7 * (rule.week - 1)
  if rule.month < 12 and day >= time.days(year, rule.month + 1, 1) then day = day - 7 end
  if rule.month == 12 and day >= time.days(year + 1, 1, 1) then day = day - 7 end
  return day
end

local function read_day(text)
  local month, week, weekday, clock = text:match("^M(%d+)%.(%d)%.(%d)/?(.*)$")
  if not month then return nil end
  return {
    month = tonumber(month), week = tonumber(week), weekday = tonumber(weekday),
    clock = clock == "" and 2 * HOUR or clock_seconds(clock),
  }
end

--- Reads a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`.
-- @treturn ?table `standard`, and where the clock is changed `summer`, `from`, `to`
local function read_rule(text)
  local written, rest = text:gsub("^<[^>]*>", "X"):match("^%a+([+-]?[%d:]+)(.*)$")
  local standard = written and clock_seconds(written)
  if not standard then return nil end
  local rule = { standard = -standard }
  if rest == "" then return rule end
  local summer, from, to = rest:gsub("^<[^>]*>", "X"):match("^%a+([+-]?[%d:]*),([^,]+),([^,]+)$")
  if not summer then return nil end
  local seconds = summer ~= "" and clock_seconds(summer) or nil
  rule.summer = seconds and -seconds or rule.standard + HOUR
  rule.from, rule.to = read_day(from), read_day(to)
  return rule.from and rule.to and rule or nil
end

local function offset_by_rule(rule, seconds)
  if not rule.summer then return rule.standard end
  local year = tonumber(os.date("!%Y", math.floor(seconds)))
  local from = day_of(rule.from, year) * DAY + rule.from.clock - rule.standard
  local to = day_of(rule.to, year) * DAY + rule.to.clock - rule.summer
  local is_summer
  if from < to then
    is_summer = seconds >= from and seconds < to
  else
    is_summer = seconds >= from or seconds < to
  end
  return is_summer and rule.summer or rule.standard
end

-- Files ---------------------------------------------------------------------------------------

--- Reads a file's second block, whose instants have 64 bits.
-- @treturn ?table `times`, `offsets` (after each of them), `first`, `rule`
local function parse(text)
  if text:sub(1, 4) ~= "TZif" or text:byte(5) < 0x32 then return nil end
  local second = HEADER + block_size(counts_of(text, 1), 4) + 1
  local counts = counts_of(text, second)
  local times_at = second + HEADER
  local kinds_at = times_at + 8 * counts.times
  local types_at = kinds_at + counts.times
  local zone = { times = {}, offsets = {}, first = signed(text, types_at, 4) }
  for index = 1, counts.times do
    zone.times[index] = signed(text, times_at + 8 * (index - 1), 8)
    local kind = text:byte(kinds_at + index - 1)
    zone.offsets[index] = signed(text, types_at + 6 * kind, 4)
  end
  zone.rule = read_rule(text:sub(times_at + block_size(counts, 8)):match("^\n([^\n]*)\n") or "")
  return zone
end

local function load(name)
  local file = io.open(DIRECTORY .. name, "rb")
  if not file then return nil end
  local text = file:read(FILE_MAX)
  file:close()
  local sound, zone = pcall(parse, text or "") -- luacheck: globals pcall
  return sound and zone or nil
end

local zones = {}

local function zone_of(name)
  if zones[name] == nil then zones[name] = load(name) or false end
  return zones[name]
end

--- What is wrong with a zone's name.
-- @tparam string name such as "Europe/Copenhagen"
-- @treturn ?string nil when the system knows it
function time_zone.problem(name)
  for part in (name .. "/"):gmatch("([^/]*)/") do
    if not part:find(NAME .. "$") then return "no name of a time zone such as Europe/Copenhagen" end
  end
  if name ~= "UTC" and not zone_of(name) then
    return ("the system has no time zone %q in %s"):format(name, DIRECTORY)
  end
end

--- How far a zone's clocks are ahead of UTC.
-- @tparam string name
-- @tparam number at Unix seconds
-- @treturn number seconds; 0 where the system does not know the zone
function time_zone.offset(name, at)
  local zone = name ~= "UTC" and zone_of(name)
  if not zone then return 0 end
  local low, high = 0, #zone.times
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if zone.times[middle] <= at then low = middle else high = middle - 1 end
  end
  if low == #zone.times and zone.rule then return offset_by_rule(zone.rule, at) end
  return zone.offsets[low] or zone.first
end

--- An instant by a zone's clocks.
-- @tparam ?string name; nil for UTC
-- @tparam number at Unix seconds
-- @treturn table as os.date("!*t") gives it
-- @treturn string what people call the zone: "Copenhagen", "UTC"
function time_zone.clock(name, at)
  at = math.floor(at)
  if not name or time_zone.problem(name) then name = "UTC" end
  local place = name:match("[^/]*$"):gsub("_", " ")
  return os.date("!*t", at + time_zone.offset(name, at)), place
end

return time_zone
