--- Many calls at once: functions that run side by side, at most so many at a time.
--
--     local outcomes = debitura.parallel({ limit = 16 }, jobs)
--     for index, outcome in ipairs(outcomes) do
--       if debitura.is_failure(outcome) then print(index, outcome) else use(outcome[1]) end
--     end
--
-- In plain Lua the caller waits for all of them together; in an event loop each job gets a
-- coroutine of the loop.
-- @module debitura.async.parallel

local core = require("debitura.core")
local driver = require("debitura.async.waiters.driver")
local failure = require("debitura.base.failure")
local options = require("debitura.base.options")
local task = require("debitura.async.task")
local usage = require("debitura.base.usage")
local waiters = require("debitura.async.waiters")

local parallel = {}

--- Seconds between two looks where several engines are waited for, or another library's loop waits.
local TICK = 0.002

--- Longest single wait for an engine; bounds nothing, the transfers' own timeouts do.
local LONGEST = 60

-- Outcomes ---------------------------------------------------------------------------------------

--- What a job gave: its values, or the failure that it returned or raised. Any other error is kept
-- apart.
local function note(outcomes, errors, index, sound, results)
  local first = results[1]
  if sound then
    outcomes[index] = first == nil and failure.is(results[2]) and results[2] or results
  elseif failure.is(first) then
    outcomes[index] = first
  else
    errors[#errors + 1] = { index = index, message = first }
  end
end

-- Plain Lua --------------------------------------------------------------------------------------

--- The engines that tasks wait for, and when the first of those that sleep is due.
local function waited_for(tasks)
  local engines, known, due = {}, {}, math.huge
  for _, running in ipairs(tasks) do
    local engine = running.engine
    if engine and not known[engine] then
      known[engine] = true
      engines[#engines + 1] = engine
    end
    if running.due and running.due < due then due = running.due end
  end
  return engines, due
end

local function fail_all(tasks, engine, err)
  for _, running in ipairs(tasks) do
    if running.engine == engine then running:resume(driver.failed(err)) end
  end
end

--- Lets time pass until a task may be ready.
-- @treturn number the time until which those that sleep have slept
local function idle(tasks, waiter)
  local engines, due = waited_for(tasks)
  local now = core.system.monotonic()
  local seconds = math.max(0, due - now)
  if #engines == 0 then
    waiter.sleep(seconds)
    return math.max(due, core.system.monotonic())
  end
  local alone = #engines == 1 and waiter == waiters.block
  for _, engine in ipairs(engines) do
    local err = driver.move(engine, alone and math.min(seconds, LONGEST) or 0)
    if err then fail_all(tasks, engine, err) end
  end
  if not alone then waiter.sleep(math.min(seconds, TICK)) end
  return core.system.monotonic()
end

--- Runs the jobs as tasks of which this coroutine takes care.
local function take_turns(jobs, limit, waiter, on_end)
  local tasks, started, reached = {}, 0, core.system.monotonic()
  repeat
    while #tasks < limit and started < #jobs do
      started = started + 1
      tasks[#tasks + 1] = task.start(jobs[started])
      tasks[#tasks].index = started
    end
    local moved, open = false, {}
    for _, running in ipairs(tasks) do
      if not running.ended and running:ready(reached) then
        running:resume()
        moved = true
      end
      if running.ended then
        on_end(running.index, running.sound, running.results)
        moved = true
      else
        open[#open + 1] = running
      end
    end
    tasks = open
    if not moved and #tasks > 0 then reached = idle(tasks, waiter) end
  until #tasks == 0 and started == #jobs
end

-- Event loops ------------------------------------------------------------------------------------

--- Runs the jobs in coroutines of the waiter's loop; false where there is none.
local function spread(jobs, limit, waiter, on_end)
  local started = 0
  return waiter.gather and waiter.gather(math.min(limit, #jobs), function()
    while started < #jobs do
      started = started + 1
      local index = started
      on_end(index, task.pcall(jobs[index], waiter))
    end
  end)
end

parallel.options = options.define("debitura.parallel", {
  { "limit", "count", default = 16, "how many run at a time" },
  {
    "waiter", "table", annotation = "debitura.Waiter", shown_default = "as calls wait",
    "how to wait, see `debitura.waiter`",
  },
})

local function check_jobs(jobs)
  if type(jobs) ~= "table" then
    usage.error("debitura.parallel: an array of functions expected, got " .. type(jobs))
  end
  for index = 1, #jobs do
    if type(jobs[index]) ~= "function" then
      usage.error(("debitura.parallel: job %d: a function expected, got %s"):format(
        index, type(jobs[index])))
    end
  end
end

--- Runs functions side by side and returns when all have ended.
--
-- A job that raises an error, other than a failure as `listing:each()` raises it, is a mistake in
-- the program: the other jobs are brought to their ends, so that nothing is left half done, and
-- then the first such error is raised here.
-- @tparam ?table given options: `limit`, `waiter`; see the page of options
-- @tparam table jobs array of functions; in plain Lua they wait by calls of this library only, in a
--   loop by any of its means
-- @treturn[1] table by the jobs' order: what each returned as an array with `n`, or the failure
--   that it returned or raised
-- @treturn[2] nil
-- @treturn[2] table failure, in a phase of nginx that cannot wait; then no job was started
-- @raise the error of the first job that raised one
function parallel.run(given, jobs)
  local read = parallel.options:read(given)
  check_jobs(jobs)
  local waiter, err = task.waiter() or read.waiter, nil
  if not waiter then waiter, err = waiters.auto() end
  if not waiter then return nil, err end

  local outcomes, errors = {}, {}
  local function on_end(index, sound, results) note(outcomes, errors, index, sound, results) end
  if not spread(jobs, read.limit, waiter, on_end) then
    take_turns(jobs, read.limit, waiter, on_end)
  end
  if errors[1] then
    table.sort(errors, function(a, b) return a.index < b.index end)
    local first = errors[1]
    if type(first.message) ~= "string" then error(first.message, 0) end
    error(("job %d: %s"):format(first.index, first.message), 0)
  end
  return outcomes
end

return parallel
