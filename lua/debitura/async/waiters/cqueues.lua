--- Waiting under cqueues: the driver polls the engine's descriptor, the others wait for a
-- condition.
-- @module debitura.async.waiters.cqueues

local condition = require("cqueues.condition")
local cqueues = require("cqueues")
local block = require("debitura.async.waiters.block")
local driver = require("debitura.async.waiters.driver")

local loop = {
  name = "cqueues", home = cqueues.running, sleep = cqueues.sleep, place = condition.new,
}

function loop.spawn(run, ...)
  cqueues.running():wrap(run, ...)
  return true
end

function loop.bell(descriptor)
  local readable = { pollfd = descriptor, events = "r" }
  return {
    wait = function(busy)
      if busy then cqueues.poll(readable) end
      return busy
    end,
    -- The number may soon belong to another file; the controller would take it for this one.
    close = function() cqueues.cancel(descriptor) end,
  }
end

function loop.park(place)
  place:wait()
  return true
end

function loop.wake(place)
  place:signal()
end

return driver.waiter(loop, block)
