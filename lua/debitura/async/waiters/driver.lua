--- Makes a waiter out of an event loop. However many coroutines wait on an engine, one more
-- coroutine, the driver, steps it as long as any of them waits, and wakes each when its own
-- transfer is done. A waiting coroutine may vanish: nothing here keeps it or its transfer alive,
-- and nothing here is a closure over its locals, whose place another coroutine may take once nginx
-- has killed it. An engine may be waited on in several loops, and blockingly, at the same time: all
-- are woken by the one that steps it. It must not be closed while coroutines wait.
--
-- A loop is a table of functions:
--
-- * `home()`: what the running coroutine belongs to (a value of this loop's own), or nil outside of
--   the loop;
-- * `spawn(run, ...)`: lets `run` run in a coroutine that belongs to no other; true, or false if
--   that cannot be;
-- * `bell(descriptor)`: made in the driver: a table with `wait(busy)`, which yields until the
--   descriptor may be readable and returns false to end the driver, and `close()`; or nil where the
--   loop cannot wait for descriptors;
-- * `place()`: something the running coroutine can be woken by; `park(place)` yields until
--   `wake(place)`, and returns false when it gave up waiting. `wake` must not run the woken
--   coroutine at once;
-- * `sleep(seconds)`;
-- * `warn(message)`, where the loop has a log.
-- @module debitura.async.waiters.driver

local failure = require("debitura.base.failure")
local task = require("debitura.async.task")

local driver = {}

--- Seconds between two looks at an engine that has no descriptor, or no driver.
local TICK = 0.002

--- A driver that failed so often is not started anew: then each coroutine steps the engine for
-- itself.
local MAX_CRASHES = 3

--- Of each engine: the places of those that wait, by transfer; which homes have a driver; how often
-- it was moved; how often a driver failed; and the error for which the engine can be used no more.
local crews = setmetatable({}, { __mode = "k" })

local function crew_of(engine)
  local crew = crews[engine]
  if not crew then
    crew = {
      parked = setmetatable({}, { __mode = "k" }), driven = setmetatable({}, { __mode = "k" }),
      moves = 0, crashes = 0,
    }
    crews[engine] = crew
  end
  return crew
end

local function wake(crew, transfer)
  local parked = crew.parked[transfer]
  crew.parked[transfer] = nil
  if parked then parked.loop.wake(parked.place) end
end

local function wake_all(crew)
  local waiting = {}
  for transfer in pairs(crew.parked) do waiting[#waiting + 1] = transfer end
  for _, transfer in ipairs(waiting) do wake(crew, transfer) end
end

--- Moves an engine once and wakes those whose transfers are done.
-- @tparam userdata engine
-- @tparam[opt] number seconds how long to block until something can move
-- @treturn ?table `{message}` when the engine can be used no more
function driver.move(engine, seconds)
  local crew = crews[engine] or crew_of(engine)
  local open, finished, err = pcall(seconds and engine.wait or engine.step, engine, seconds)
  crew.moves = crew.moves + 1
  if not open then return { message = tostring(finished) } end
  if finished and next(crew.parked) then
    for _, transfer in ipairs(finished) do wake(crew, transfer) end
  end
  return err
end

--- What a call fails with whose engine can be used no more.
-- @tparam table err see driver.move
-- @treturn table failure
function driver.failed(err)
  return failure.new { kind = "transport", message = err.message, retryable = false }
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

-- @treturn ?table why the engine can be used no more
local function turn(engine, crew, bell)
  repeat
    local err = driver.move(engine)
    if err then return err end
  until not bell.wait(next(crew.parked) ~= nil)
end

local function drive_until_idle(loop, engine, crew)
  local descriptor = engine:fd()
  local bell = descriptor and loop.bell(descriptor) or ticking(loop.sleep)
  local sound, err = task.guard(turn, engine, crew, bell)
  bell.close()
  if not sound then error(err, 0) end
  return err
end

-- What runs in the driver's coroutine. An error of its own must leave none of the others asleep.
local function drive(loop, engine, crew, home)
  local sound, err = task.guard(drive_until_idle, loop, engine, crew)
  crew.driven[home] = nil
  if sound then
    crew.err = err
  else
    crew.crashes = crew.crashes + 1
    if loop.warn then loop.warn("debitura: the driver of an engine failed: " .. tostring(err)) end
  end
  wake_all(crew)
end

local function ensure_driver(loop, engine, crew, home)
  if crew.driven[home] then return true end
  if crew.crashes >= MAX_CRASHES then return false end
  crew.driven[home], crew.err = true, nil
  if loop.spawn(drive, loop, engine, crew, home) then return true end
  crew.driven[home] = nil
  return false
end

-- Yields until the transfer may be done; false when no driver moves the engine.
local function park(loop, engine, crew, home, transfer)
  local place, moves = loop.place(), crew.moves
  crew.parked[transfer] = { loop = loop, place = place }
  local parked = ensure_driver(loop, engine, crew, home)
    and (loop.park(place) or crew.moves > moves)
  crew.parked[transfer] = nil
  return parked
end

-- For a coroutine that got no driver.
local function tick(loop, engine, transfer)
  while not transfer:done() do
    local err = driver.move(engine)
    if err then return nil, driver.failed(err) end
    loop.sleep(TICK)
  end
  return true
end

local function wait_in_loop(loop, home, engine, transfer)
  local crew = crew_of(engine)
  while not transfer:done() do
    if not park(loop, engine, crew, home, transfer) then
      crew.driven[home] = nil
      return tick(loop, engine, transfer)
    end
    if crew.err and not transfer:done() then return nil, driver.failed(crew.err) end
  end
  return true
end

-- Runs a function in so many coroutines of a loop, and waits for all.
local function gather(loop, count, run)
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

--- Makes a waiter.
-- @tparam table loop see above; its `name` becomes the waiter's
-- @tparam table outside the waiter to use where `loop.home()` is nil
-- @treturn table waiter
function driver.waiter(loop, outside)
  local waiter = { name = loop.name }

  function waiter.wait(engine, transfer)
    local home = loop.home()
    if home == nil then return outside.wait(engine, transfer) end
    return wait_in_loop(loop, home, engine, transfer)
  end

  function waiter.sleep(seconds)
    if loop.home() == nil then return outside.sleep(seconds) end
    return loop.sleep(seconds)
  end

  function waiter.gather(count, run)
    return loop.home() ~= nil and gather(loop, count, run)
  end

  function waiter.detach(run, ...)
    return loop.home() ~= nil and loop.spawn(run, ...)
  end

  return task.aware(waiter)
end

return driver
