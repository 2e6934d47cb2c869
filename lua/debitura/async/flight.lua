--- Work that is done once for all that wait for it, and to its end: in nginx in a timer, since a
-- request, with all its coroutines, is killed when its client hangs up.
-- @module debitura.async.flight

local core = require("debitura.core")
local task = require("debitura.async.task")
local waiters = require("debitura.async.waiters")

local unpack = table.unpack or unpack -- luacheck: ignore

local flight = {}

--- Seconds between two looks whether it has landed. Any event loop can sleep, so nothing finer is
-- asked.
local POLL = 0.005
--- Seconds after which one that has not started is not waited for: nginx has only so many timers.
local START = 1

local Flight = {}
Flight.__index = Flight

local function fly(self)
  if self.started then return end
  self.started = true
  local sound, results = task.pcall(function()
    return self.run(unpack(self.arguments, 1, self.arguments.n))
  end, self.waiter)
  if sound then self.results = results else self.raised = { results[1] } end
  self.landed = true
end

-- A task has its turns from a coroutine that may be killed, too.
local function detach_of(waiter)
  if waiter.detach or waiter ~= task.waiter() then return waiter.detach end
  local loop = waiters.auto()
  return loop and loop.detach
end

--- Begins the work, in a coroutine of its own where there can be one.
function Flight:begin()
  self.due = self.clock() + START
  local detach = detach_of(self.waiter)
  if not (detach and detach(fly, self)) then fly(self) end
end

--- Waits until it has landed.
-- @tparam table waiter
-- @tparam[opt] number seconds how long at most
-- @treturn boolean whether it has
function Flight:wait(waiter, seconds)
  local deadline = self.clock() + (seconds or math.huge)
  while not self.landed and self.clock() < deadline do
    waiter.sleep(POLL)
    if not self.started and self.clock() >= self.due then fly(self) end
  end
  return self.landed
end

--- Makes a flight, which `begin` starts. Once it has `landed`, `raised[1]` is the error when it
-- raised one, else `results` holds what it returned, `n` values.
-- @tparam table waiter of the coroutine that begins it
-- @tparam function clock seconds that pass while waiting
-- @tparam function run must not be a closure over locals of a function that has not ended: their
--   places are another coroutine's once nginx has killed this one
-- @param ... its arguments
-- @treturn table
function flight.new(waiter, clock, run, ...)
  return setmetatable({
    run = run, arguments = { n = select("#", ...), ... }, waiter = waiter, clock = clock,
    started = false, landed = false,
  }, Flight)
end

--- Does work and waits for it: here, or in a timer where the running coroutine may be killed.
-- @tparam function run see `new`
-- @param ... its arguments
-- @return what it returned; raises what it raised
function flight.run(run, ...)
  local loop = waiters.auto()
  if not (loop and loop.is_mortal and loop.is_mortal()) then return run(...) end
  local waiter = task.waiter() or loop
  local self = flight.new(waiter, core.system.monotonic, run, ...)
  self:begin()
  self:wait(waiter)
  if self.raised then error(self.raised[1], 0) end
  return unpack(self.results, 1, self.results.n)
end

return flight
