--- A function in a coroutine of its own that says what it waits for instead of waiting, so that
-- another coroutine can wait for several of them, or later. Calls made inside find it by
-- `task.waiter`, whatever waiter their session was given.
-- @module debitura.async.task

local core = require("debitura.core")

local task = {}

local Task = {}
Task.__index = Task

-- A task that is not resumed any more goes, with its coroutine and the transfer that it waits for.
local by_coroutine = setmetatable({}, { __mode = "kv" })

local started = false -- the first of all tasks

local function current()
  if not started then return nil end
  local running = coroutine.running()
  return running and by_coroutine[running]
end

local task_waiter = { name = "task" }

function task_waiter.wait(engine, transfer)
  local self = current()
  while not transfer:done() do
    self.engine, self.transfer = engine, transfer
    coroutine.yield()
    if self.err then return nil, self.err end
  end
  return true
end

function task_waiter.sleep(seconds)
  current().due = core.system.monotonic() + seconds
  coroutine.yield()
end

--- The waiter for the running coroutine if it is a task's, else nil.
-- @treturn ?table waiter
function task.waiter()
  return started and current() and task_waiter
end

--- Lets a waiter be used in tasks, too: their coroutines are resumed by the one that waits for the
-- task, never by a loop.
-- @tparam table of_loop the waiter
-- @treturn table the same waiter
function task.aware(of_loop)
  local wait, sleep = of_loop.wait, of_loop.sleep
  function of_loop.wait(engine, transfer)
    return (current() and task_waiter.wait or wait)(engine, transfer)
  end
  function of_loop.sleep(seconds)
    return (current() and task_waiter.sleep or sleep)(seconds)
  end
  return of_loop
end

--- Runs a function until it waits for the first time.
-- @tparam function run
-- @treturn table the task. `ended` tells whether it has; if not, `engine` and `transfer`, or `due`
--   (monotonic seconds), tell what it waits for; all nil: for its next turn. Afterwards `sound` is
--   false and `results[1]` the error when it raised one, else `results` holds what it returned, `n`
--   values.
function task.start(run)
  started = true
  local self = setmetatable({ coroutine = coroutine.create(run), ended = false }, Task)
  by_coroutine[self.coroutine] = self
  self:resume()
  return self
end

function Task:keep(sound, ...)
  if coroutine.status(self.coroutine) ~= "dead" then return end
  self.ended, self.sound, self.results = true, sound, { n = select("#", ...), ... }
end

--- Gives the task a turn.
-- @tparam[opt] table err the failure that ends its present waiting
function Task:resume(err)
  self.engine, self.transfer, self.due, self.err = nil, nil, nil, err
  self:keep(coroutine.resume(self.coroutine))
end

--- Whether there is anything to be gained by a turn.
-- @tparam number now monotonic seconds
function Task:ready(now)
  if self.transfer then return self.transfer:done() end
  return not self.due or self.due <= now
end

--- Waits until the task has ended.
-- @tparam table waiter see debitura.async.waiters
function Task:finish(waiter)
  while not self.ended do
    local err
    if self.transfer then
      local _
      _, err = waiter.wait(self.engine, self.transfer)
    elseif self.due then
      waiter.sleep(math.max(0, self.due - core.system.monotonic()))
    end
    self:resume(err)
  end
end

--- Lua 5.1 itself cannot yield inside of pcall; LuaJIT and later versions can.
local PCALL_YIELDS = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

local function packed(sound, ...)
  return sound, { n = select("#", ...), ... }
end

--- Calls a function as pcall does, where it may yield inside of pcall; else it is only called.
-- @tparam function run
-- @param ... its arguments
-- @treturn boolean whether it raised no error
-- @return what it returned, or the error
function task.guard(run, ...)
  if PCALL_YIELDS then return pcall(run, ...) end
  return true, run(...)
end

--- Runs a function as pcall does; it may wait, also where Lua cannot yield inside of pcall.
-- @tparam function run
-- @tparam table waiter what the running coroutine waits by
-- @treturn boolean whether it raised no error
-- @treturn table what it returned, `n` values, or the error
function task.pcall(run, waiter)
  if PCALL_YIELDS then return packed(pcall(run)) end
  local alone = task.start(run)
  alone:finish(waiter)
  return alone.sound, alone.results
end

return task
