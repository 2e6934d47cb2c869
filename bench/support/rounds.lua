--- Compares a measure with its baseline on a machine that is busy with other things as well: both
-- are taken in turns, in CPU time, and the median of the rounds counts.
local rounds = {}

local ROUNDS = 15

--- @tparam table values numbers; they are sorted
-- @treturn number
function rounds.median(values)
  table.sort(values)
  return values[math.ceil(#values / 2)]
end

--- CPU seconds for one call.
-- @tparam function call
-- @tparam number times
-- @treturn number
function rounds.cpu(call, times)
  collectgarbage()
  local started = os.clock()
  for _ = 1, times do call() end
  return (os.clock() - started) / times
end

--- Takes a measure and its baseline in turns, the first of them only to warm up.
-- @tparam function measure
-- @tparam function baseline
-- @tparam[opt=15] number count of rounds
-- @treturn number median of the measure
-- @treturn number median of measure to baseline
function rounds.in_turns(measure, baseline, count)
  local values, ratios = {}, {}
  for i = 0, count or ROUNDS do
    local expected = baseline()
    values[i] = measure()
    ratios[i] = values[i] / expected
  end
  return rounds.median(values), rounds.median(ratios)
end

--- Prints a line.
-- @tparam string name
-- @tparam number value
-- @tparam string unit
-- @tparam number ratio to the baseline
function rounds.report(name, value, unit, ratio)
  print(("%s %.0f %s %.2f"):format(name, value, unit, ratio))
  io.stdout:flush()
end

--- Prints `name value unit ratio-to-baseline`, microseconds of CPU time for one call.
-- @tparam string name
-- @tparam function measure returns seconds for one call
-- @tparam function baseline the same for what it is compared with
-- @tparam[opt=15] number count of rounds
function rounds.compare(name, measure, baseline, count)
  local seconds, ratio = rounds.in_turns(measure, baseline, count)
  print(("%s %.2f us %.2f"):format(name, seconds * 1e6, ratio))
end

--- The same as how many calls there are in a second.
function rounds.rate(name, measure, baseline, count)
  local seconds, ratio = rounds.in_turns(measure, baseline, count)
  print(("%s %.0f calls/s %.2f"):format(name, 1 / seconds, 1 / ratio))
end

--- Compiles a C program of this directory.
-- @tparam string name of the source, without `.c`
-- @tparam string libraries names for pkg-config
-- @treturn string path of the program
function rounds.compile(name, libraries)
  local program = "build/bench/" .. name
  local command = (
    "mkdir -p build/bench && ${CC:-cc} -O2 -o %s bench/%s.c $(pkg-config --cflags --libs %s)")
    :format(program, name, libraries)
  local status = os.execute(command)
  assert(status == true or status == 0, "cannot compile bench/" .. name .. ".c")
  return program
end

return rounds
