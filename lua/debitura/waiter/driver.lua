--- Makes a waiter out of an event loop. However many coroutines wait on an engine, one more coroutine, the driver,
-- steps it as long as it has work, and wakes each of them when its own transfer is done. A waiting coroutine may
-- vanish: nothing here keeps it or its transfer alive.
--
-- A loop is a table of functions:
--
-- * `home()`: what the running coroutine belongs to (any value), or nil outside of the loop;
-- * `spawn(run)`: lets `run` run in a coroutine of its own; true, or false if that cannot be;
-- * `bell(descriptor)`: made in the driver: a table with `wait(busy)`, which yields until the descriptor may be
--   readable and returns false to end the driver, and `close()`; or nil where the loop cannot wait for descriptors;
-- * `place()`: something the running coroutine can be woken by; `park(place)` yields until `wake(place)`, and returns
--   false when it gave up waiting. `wake` must not run the woken coroutine at once;
-- * `sleep(seconds)`.
-- @module debitura.waiter.driver

local failure = require("debitura.failure")

local driver = {}

--- Seconds between two looks at an engine that has no descriptor, or no driver.
local TICK = 0.002

--- What became of a broken engine.
-- @tparam table problem `{code, message}` of the engine
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

local function move(engine)
  local finished, problem = engine:step()
  if problem then return nil, nil, problem end
  return engine:pending() > 0, finished
end

--- Moves an engine; it may have been closed meanwhile.
-- @return whether it has work, the transfers that finished, and `{message}` if it can be used no more
local function step(engine)
  local sound, busy, finished, problem = pcall(move, engine)
  if not sound then problem = { message = tostring(busy) } end
  return not problem and busy, finished or {}, problem
end

--- Makes a waiter.
-- @tparam table loop see above; its `name` becomes the waiter's
-- @tparam table outside the waiter to use where `loop.home()` is nil
-- @treturn table waiter
function driver.waiter(loop, outside)
  -- Of each engine: who waits for which transfer, which homes have a driver, how often it was stepped, and why the
  -- last driver gave up.
  local crews = setmetatable({}, { __mode = "k" })

  local function crew_of(engine)
    local crew = crews[engine]
    if not crew then
      crew = { places = setmetatable({}, { __mode = "k" }), driven = setmetatable({}, { __mode = "k" }), turns = 0 }
      crews[engine] = crew
    end
    return crew
  end

  local function wake(crew, transfer)
    local place = crew.places[transfer]
    crew.places[transfer] = nil
    if place then loop.wake(place) end
  end

  local function wake_everyone(crew)
    local waiting = {}
    for transfer in pairs(crew.places) do waiting[#waiting + 1] = transfer end
    for _, transfer in ipairs(waiting) do wake(crew, transfer) end
  end

  local function turn(engine, crew)
    local busy, finished, problem = step(engine)
    crew.turns = crew.turns + 1
    for _, transfer in ipairs(finished) do wake(crew, transfer) end
    return busy, problem
  end

  local function drive(engine, crew, home)
    local descriptor = engine:fd()
    local bell = descriptor and loop.bell(descriptor) or ticking(loop.sleep)
    local busy, problem
    repeat
      busy, problem = turn(engine, crew)
    until problem or not bell.wait(busy)
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

  --- Yields until the transfer may be done; false when nothing drove the engine meanwhile.
  local function park(crew, transfer)
    local place, turns = loop.place(), crew.turns
    crew.places[transfer] = place
    return loop.park(place) or crew.turns > turns
  end

  --- For a coroutine that got no driver: it looks for itself, and moves the engine for everybody.
  local function tick(engine, crew, transfer)
    while not transfer:done() do
      local _, problem = turn(engine, crew)
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
      if not ensure_driver(engine, crew, home) then return tick(engine, crew, transfer) end
      -- A loop may have run the driver before spawn returned: it may be done, or have failed, already.
      if not transfer:done() and not crew.problem and not park(crew, transfer) then
        crew.driven[home] = nil
        return tick(engine, crew, transfer)
      end
      if crew.problem and not transfer:done() then return nil, driver.failed(crew.problem) end
    end
    return true
  end

  local function sleep(seconds)
    if loop.home() == nil then return outside.sleep(seconds) end
    return loop.sleep(seconds)
  end

  return { name = loop.name, wait = wait, sleep = sleep }
end

return driver
