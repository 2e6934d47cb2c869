--- Makes a waiter out of an event loop. However many coroutines wait on an engine, one more coroutine, the driver,
-- steps it as long as anybody waits, and wakes each of them when its own transfer is done. A waiting coroutine may
-- vanish: nothing here keeps it or its transfer alive. An engine may be waited on in several loops, and blockingly, at
-- the same time: whoever steps it wakes all. It must not be closed while coroutines wait.
--
-- A loop is a table of functions:
--
-- * `home()`: what the running coroutine belongs to (a value of this loop's own), or nil outside of the loop;
-- * `spawn(run)`: lets `run` run in a coroutine of its own; true, or false if that cannot be;
-- * `bell(descriptor)`: made in the driver: a table with `wait(busy)`, which yields until the descriptor may be
--   readable and returns false to end the driver, and `close()`; or nil where the loop cannot wait for descriptors;
-- * `place()`: something the running coroutine can be woken by; `park(place)` yields until `wake(place)`, and returns
--   false when it gave up waiting. `wake` must not run the woken coroutine at once;
-- * `sleep(seconds)`.
-- @module debitura.async.waiters.driver

local failure = require("debitura.base.failure")
local task = require("debitura.async.task")

local driver = {}

--- Seconds between two looks at an engine that has no descriptor, or no driver.
local TICK = 0.002

--- Of each engine: what wakes those who wait, by transfer; which homes have a driver; how often it was moved; and why
-- the last driver gave up.
local crews = setmetatable({}, { __mode = "k" })

local function crew_of(engine)
  local crew = crews[engine]
  if not crew then
    crew = { wakers = setmetatable({}, { __mode = "k" }), driven = setmetatable({}, { __mode = "k" }), moves = 0 }
    crews[engine] = crew
  end
  return crew
end

local function wake(crew, transfer)
  local waker = crew.wakers[transfer]
  crew.wakers[transfer] = nil
  if waker then waker() end
end

local function wake_everyone(crew)
  local waiting = {}
  for transfer in pairs(crew.wakers) do waiting[#waiting + 1] = transfer end
  for _, transfer in ipairs(waiting) do wake(crew, transfer) end
end

local function step(engine, seconds)
  if seconds then return engine:wait(seconds) end
  return engine:step()
end

--- Moves an engine once and wakes whose transfers are done.
-- @tparam userdata engine
-- @tparam[opt] number seconds how long to block until something can move
-- @treturn ?table `{message}` when the engine can be used no more
function driver.move(engine, seconds)
  local crew = crew_of(engine)
  local open, finished, problem = pcall(step, engine, seconds)
  crew.moves = crew.moves + 1
  if not open then return { message = tostring(finished) } end
  for _, transfer in ipairs(finished or {}) do wake(crew, transfer) end
  return problem
end

--- What a call fails with whose engine can be used no more.
-- @tparam table problem see driver.move
-- @treturn table failure
function driver.failed(problem)
  return failure.new { kind = "transport", message = problem.message, retryable = false }
end

local function ticking(sleep)
  return {
    wait = function(busy)
      if busy then sleep(TICK) end
      return busy
    end,
    close = function() end,
  }
end

--- Makes a waiter.
-- @tparam table loop see above; its `name` becomes the waiter's
-- @tparam table outside the waiter to use where `loop.home()` is nil
-- @treturn table waiter
function driver.waiter(loop, outside)
  local function drive(engine, crew, home)
    local descriptor = engine:fd()
    local bell = descriptor and loop.bell(descriptor) or ticking(loop.sleep)
    local problem
    repeat
      problem = driver.move(engine)
    until problem or not bell.wait(next(crew.wakers) ~= nil)
    bell.close()
    crew.driven[home], crew.problem = nil, problem
    wake_everyone(crew)
  end

  local function ensure_driver(engine, crew, home)
    if crew.driven[home] then return true end
    crew.driven[home], crew.problem = true, nil
    if loop.spawn(function() drive(engine, crew, home) end) then return true end
    crew.driven[home] = nil
    return false
  end

  --- Yields until the transfer may be done; false when nobody moves the engine.
  local function park(engine, crew, home, transfer)
    local place, moves = loop.place(), crew.moves
    crew.wakers[transfer] = function() loop.wake(place) end
    local parked = ensure_driver(engine, crew, home) and (loop.park(place) or crew.moves > moves)
    crew.wakers[transfer] = nil
    return parked
  end

  --- For a coroutine that got no driver.
  local function tick(engine, transfer)
    while not transfer:done() do
      local problem = driver.move(engine)
      if problem then return nil, driver.failed(problem) end
      loop.sleep(TICK)
    end
    return true
  end

  local function wait(engine, transfer)
    local home = loop.home()
    if home == nil then return outside.wait(engine, transfer) end
    local crew = crew_of(engine)
    while not transfer:done() do
      if not park(engine, crew, home, transfer) then
        crew.driven[home] = nil
        return tick(engine, transfer)
      end
      if crew.problem and not transfer:done() then return nil, driver.failed(crew.problem) end
    end
    return true
  end

  local function sleep(seconds)
    if loop.home() == nil then return outside.sleep(seconds) end
    return loop.sleep(seconds)
  end

  local function gather(count, run)
    if loop.home() == nil then return false end
    local open, place = count, nil
    for _ = 1, count do
      loop.spawn(function()
        run()
        open = open - 1
        if open == 0 and place then loop.wake(place) end
      end)
    end
    while open > 0 do
      place = loop.place()
      loop.park(place)
    end
    return true
  end

  return task.aware { name = loop.name, wait = wait, sleep = sleep, gather = gather }
end

return driver
