-- A file of cases read and checked to its end, against a loop that splits its lines at commas; and
-- the memory that a million lines take. Aim: 60,000 rows a second, 15 MB.
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
