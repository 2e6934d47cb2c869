-- A file of cases read and checked to its end, against a loop that splits its lines at commas; and
-- the memory that a million lines take. Aim: 60,000 rows a second, 15 MB. And the CPU time of the
-- slowest of some inputs of 256 kB that are refused (aim: below 1 s), against a sound file of that
-- size.
-- BENCH_ROWS is the number of lines of the second.
local import = require("debitura.import")
local rounds = require("bench.support.rounds")

local HEADER = "creditorReference,currencyCode,amountToRecover,date,debtor.type,debtor.name,"
  .. "debtor.contactPerson,debtor.countryAlpha2\n"
local ROWS, MANY = 20000, tonumber(os.getenv("BENCH_ROWS") or 1000000)

--- A file in which references, amounts, dates and names differ as in practice.
local function write(count)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(HEADER)
  for i = 1, count do
    file:write(("INV-%07d,EUR,%d.%02d,2025-%02d-%02d,Company,Sample Debtor %d,Dana Debtor,DK\n")
      :format(i, i * 7919 % 100000 + 1, i % 100, i % 12 + 1, i % 28 + 1, i % 1000))
  end
  file:close()
  return path
end

local function check(path)
  local summary = assert(import.check(path, { external_tenant_id = "sample" }))
  assert(summary.wrong == 0)
  return summary.records
end

local function split(path)
  local count = 0
  for line in io.lines(path) do
    local cells = {}
    for cell in line:gmatch("[^,]*") do cells[#cells + 1] = cell end
    count = count + #cells / 8
  end
  return count
end

local function kilobytes()
  for line in io.lines("/proc/self/status") do
    local value = line:match("^VmHWM:%s*(%d+)")
    if value then return tonumber(value) end
  end
end

-- Refusals ----------------------------------------------------------------------------------------

local BYTES = 256 * 1024

--- A line that has so much of one cell.
local function cell(text) return HEADER .. "INV-1,EUR," .. text .. ",2025-01-01,,,,DK\n" end

local REFUSED = {
  cell((" "):rep(BYTES)), cell('"' .. (" "):rep(BYTES) .. '"'), cell('"' .. ("a\n"):rep(BYTES / 2)),
  cell(("\""):rep(BYTES)), cell(("1,"):rep(BYTES / 2)), cell(("1."):rep(BYTES / 2)),
  cell(("\r"):rep(BYTES)), cell(("\255"):rep(BYTES)), (","):rep(BYTES), ("a"):rep(BYTES),
  ('"'):rep(BYTES), ("\n"):rep(BYTES), HEADER .. ("\n,"):rep(BYTES / 2), ("\0"):rep(BYTES),
}

--- CPU seconds that a file with a text takes, and whether it is sound.
local function seconds_of(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  local sound
  local seconds = rounds.cpu(function()
    local summary = import.check(path, { external_tenant_id = "sample" })
    sound = summary and summary.wrong == 0 and summary.records > 0
  end, 1)
  os.remove(path)
  return seconds, sound
end

local function measure_refusals()
  local path = write(math.ceil(BYTES / 85))
  local file = assert(io.open(path, "rb"))
  local expected, sound = seconds_of(file:read("*a"))
  file:close()
  os.remove(path)
  assert(sound)
  local slowest = 0
  for index, text in ipairs(REFUSED) do
    local seconds
    seconds, sound = seconds_of(text)
    assert(not sound, "input " .. index .. " is not refused")
    slowest = math.max(slowest, seconds)
  end
  rounds.report("import_refusal_256kB", slowest * 1000, "ms", slowest / expected)
end

local path = write(ROWS)
local seconds, ratio = rounds.in_turns(
  function() return rounds.cpu(function() check(path) end, 1) end,
  function() return rounds.cpu(function() split(path) end, 1) end)
rounds.report("import_rows", ROWS / seconds, "rows/s", 1 / ratio)
os.remove(path)

path = write(MANY)
collectgarbage()
-- As the command does it.
pcall(collectgarbage, "incremental")
collectgarbage("setpause", 110)
collectgarbage("setstepmul", 400)
local before = kilobytes()
check(path)
rounds.report("import_memory_of_a_million", kilobytes() - before, "kB",
  (kilobytes() - before) / (15 * 1024))
os.remove(path)
measure_refusals() -- last: what it needs would hide what the others do
