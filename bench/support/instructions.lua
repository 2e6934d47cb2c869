--- Counts instructions, which a busy machine does not change: a program is run under valgrind for a
-- few calls and for many, and the difference is that of the calls. What the kernel does is not in
-- it.
local rounds = require("bench.support.rounds")

local instructions = {}

local FEW, MANY = 500, 3500
local COUNT = "valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null %s %d 2>&1"

local function total(command, calls)
  local pipe = assert(io.popen(COUNT:format(command, calls)))
  local said = pipe:read("*a")
  pipe:close()
  local counted = said:match("I +refs: +([%d,]+)")
  return tonumber((assert(counted, said):gsub(",", "")))
end

--- Instructions of one call.
-- @tparam string command without its last argument, the number of calls
-- @treturn number
function instructions.count(command)
  return (total(command, MANY) - total(command, FEW)) / (MANY - FEW)
end

--- Prints `name value unit ratio-to-baseline`.
-- @tparam string name
-- @tparam string command see `count`
-- @tparam string baseline the same for what it is compared with
function instructions.compare(name, command, baseline)
  local counted = instructions.count(command)
  rounds.report(name, counted, "instructions", counted / instructions.count(baseline))
end

return instructions
