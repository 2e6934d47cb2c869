--- How to wait for a transfer: the only place that knows of event loops.
--
-- A waiter is a table `{ name =, wait = function(engine, transfer), sleep = function(seconds) }`.
-- `wait` returns true once the transfer is done, or nil and a failure; while it waits, other
-- coroutines of its loop run. `sleep` returns after some seconds in the same manner. Any number of
-- coroutines may share an engine and a waiter. A waiter that can start coroutines of its loop also
-- has `gather(count, run)`: it lets `run` run in so many and returns true when all have ended, or
-- false outside of its loop.
-- @module debitura.async.waiters

local core = require("debitura.core")
local task = require("debitura.async.task")
local driver = require("debitura.async.waiters.driver")
local usage = require("debitura.base.usage")

local waiters = {}

--- Seconds between two looks at an engine where nothing tells when it is ready.
local TICK = 0.002

--- The waiter for plain Lua: the whole process waits.
waiters.block = require("debitura.async.waiters.block")

--- Makes a waiter for any loop that can put a coroutine to sleep. The first coroutine to wake moves
-- the engine for all; the others find their transfers done.
-- @tparam function sleep lets other coroutines run for some seconds
-- @tparam[opt=0.002] number interval seconds between two looks at the engine
-- @treturn table waiter
function waiters.ticks(sleep, interval)
  if type(sleep) ~= "function" then
    usage.error("debitura.waiter.ticks: a function that sleeps expected, got " .. type(sleep))
  end
  interval = interval or TICK
  if type(interval) ~= "number" or interval ~= interval or interval <= 0 then
    usage.error("debitura.waiter.ticks: a number of seconds above 0 expected")
  end
  local due = setmetatable({}, { __mode = "k" }) -- by engine: when it is to be stepped next
  return task.aware {
    name = "ticks",
    wait = function(engine, transfer)
      while not transfer:done() do
        local now = core.system.monotonic()
        if now >= (due[engine] or 0) then
          due[engine] = now + interval
          local err = driver.move(engine)
          if err then return nil, driver.failed(err) end
        end
        if not transfer:done() then sleep(interval) end
      end
      return true
    end,
    sleep = sleep,
  }
end

--- The waiter for cqueues. Outside of a controller it blocks.
-- @treturn table waiter
function waiters.cqueues()
  return require("debitura.async.waiters.cqueues")
end

--- The waiter for luv (libuv). In the main coroutine, which cannot yield, it blocks.
-- @treturn table waiter
function waiters.luv()
  return require("debitura.async.waiters.luv")
end

--- The waiter for Copas. In the main coroutine it blocks.
-- @treturn table waiter
function waiters.copas()
  return require("debitura.async.waiters.copas")
end

--- The waiter for nginx with its Lua module.
-- @treturn table waiter
function waiters.nginx()
  return require("debitura.async.waiters.nginx")
end

--- The waiter for here and now: nginx's in a worker's phase that can yield, else `waiters.block`.
-- To be asked before each call is submitted, since the same object may be used in several phases.
-- @treturn[1] table waiter
-- @treturn[2] nil
-- @treturn[2] table failure, in a phase of nginx that cannot wait: a worker is never blocked
function waiters.auto()
  if not rawget(_G, "ngx") then return waiters.block end
  local nginx = waiters.nginx()
  local able, err = nginx.able()
  if not able then return nil, err end
  return nginx
end

return waiters
