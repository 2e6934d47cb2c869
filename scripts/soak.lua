-- The model check of spec/support/model.lua over many seeds, side by side on all processors:
-- scripts/soak [SEEDS [FIRST]] Prints each seed that fails with the first thing that was wrong and
-- the command that tries it alone.

local core = require("debitura.core")
local model = require("spec.support.model")
local progress = require("debitura.cli.progress")

local SEEDS, STEPS = 10000, 2000
local STDERR = 2

--- One process's share: every so many seeds a line with the seed and, when it failed, why.
local function work(first, last, stride)
  io.stdout:setvbuf("line")
  for seed = first, last, stride do
    local lived, problems = pcall(model.run, seed, STEPS)
    local problem = not lived and problems or problems[1] or ""
    print(("%d %s"):format(seed, (tostring(problem):gsub("%s*\n.*", ""))))
  end
end

local function processors()
  local pipe = assert(io.popen("nproc"))
  local count = pipe:read("*n")
  pipe:close()
  return count or 1
end

local function start(first, last, stride)
  return assert(io.popen(("scripts/lua jit scripts/soak.lua work %d %d %d 2>&1")
    :format(first, last, stride)))
end

--- Goes through the seeds in their order; a process that is ahead waits until its lines are read.
local function soak(count, first)
  local last, stride, pipes, failed = first + count - 1, math.min(processors(), count), {}, 0
  for i = 1, stride do pipes[i] = start(first + i - 1, last, stride) end
  local bar = progress.new {
    stream = io.stderr, screen = core.system.terminal(STDERR), what = "seeds", total = count,
    clock = core.system.monotonic,
  }
  for done = 1, count do
    local seed, share = first + done - 1, (done - 1) % stride + 1
    local line = pipes[share]:read("*l") or ""
    local problem = line:match("^" .. seed .. " (.*)$")
    if not problem then
      problem = "its process ended: " .. line
      pipes[share]:close()
      pipes[share] = start(seed + stride, last, stride)
    end
    if problem ~= "" then
      failed = failed + 1
      bar:finish()
      print(("seed %d: %s\n  scripts/soak 1 %d"):format(seed, problem, seed))
    end
    bar:update(done)
  end
  bar:finish()
  for _, pipe in ipairs(pipes) do pipe:close() end
  print(("%d passed, %d failed"):format(count - failed, failed))
  return failed == 0
end

--- A whole number from 1, or the end of the program.
local function number(text, default)
  local value = text == nil and default or tonumber(text)
  if value and value >= 1 and value % 1 == 0 then return value end
  io.stderr:write("usage: scripts/soak [SEEDS [FIRST]]\n")
  os.exit(2)
end

if arg[1] == "work" then
  work(tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4]))
else
  os.exit(soak(number(arg[1], SEEDS), number(arg[2], 1)))
end
