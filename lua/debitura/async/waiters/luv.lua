--- Waiting under luv: the driver waits for a poll handle on the engine's descriptor; a coroutine
-- that waits is resumed from a callback of its own, where its errors belong.
-- @module debitura.async.waiters.luv

local uv = require("luv")
local block = require("debitura.async.waiters.block")
local driver = require("debitura.async.waiters.driver")

local loop = { name = "luv" }

--- Coroutines that wait: nothing else need hold them.
local parked = {} -- luacheck: ignore 241

local function resume(suspended, ...)
  local sound, err = coroutine.resume(suspended, ...)
  if not sound then error(debug.traceback(suspended, tostring(err)), 0) end
end

--- Resumes the running coroutine after some milliseconds, from the loop.
local function resume_after(milliseconds, waiting)
  local timer = uv.new_timer()
  timer:start(milliseconds, 0, function()
    timer:close()
    resume(waiting)
  end)
end

function loop.home()
  local running, is_main = coroutine.running()
  if running and not is_main then return uv end
end

function loop.spawn(run, ...)
  resume(coroutine.create(run), ...)
  return true
end

function loop.bell(descriptor)
  local waiting = coroutine.running()
  local poll = assert(uv.new_poll(descriptor))
  assert(poll:start("r", function() resume(waiting) end))
  return {
    wait = function(busy)
      if busy then coroutine.yield() end
      return busy
    end,
    close = function() poll:close() end,
  }
end

function loop.place()
  return (coroutine.running())
end

function loop.park(place)
  parked[place] = true
  coroutine.yield()
  return true
end

function loop.wake(place)
  parked[place] = nil
  resume_after(0, place)
end

function loop.sleep(seconds)
  resume_after(math.ceil(seconds * 1000), coroutine.running())
  coroutine.yield()
end

return driver.waiter(loop, block)
