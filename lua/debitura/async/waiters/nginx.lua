--- Waiting in a worker of nginx, without ever blocking it. A cosocket cannot adopt the engine's
-- descriptor, so a doorbell (core.doorbell) rings on a unix socket when it is ready. The driver
-- runs in a timer of zero delay, since a coroutine of a request may be killed at any time; it
-- begins with the first call and ends one idle beat after the last, so that no worker is kept from
-- exiting, and nothing is left when `lua_code_cache` is off.
-- @module debitura.async.waiters.nginx

-- luacheck: read globals ngx

local core = require("debitura.core")
local driver = require("debitura.async.waiters.driver")
local failure = require("debitura.base.failure")
local semaphore = require("ngx.semaphore")

--- Seconds without work after which the driver ends; a worker that shuts down waits for it this
-- long at most.
local BEAT = 0.25

--- Seconds after which a waiting coroutine looks whether the engine is driven: nginx drops a timer
-- unheard, but for a line in its log, when `lua_max_running_timers` is exceeded.
local LOOK = 1

local CONNECT_TIMEOUT = 1000 -- milliseconds; a unix socket of this process connects at once
-- milliseconds, the longest there is: silence is the doorbell's business, and no error
local READ_TIMEOUT = 2 ^ 31 - 1

--- The phases in which Lua may yield (lua-nginx-module, NGX_HTTP_LUA_CONTEXT_YIELDABLE).
local YIELDING = {
  rewrite = true, server_rewrite = true, access = true, precontent = true, content = true,
  timer = true,
  ssl_client_hello = true, ssl_cert = true, ssl_session_fetch = true, preread = true,
}

local loop = { name = "nginx", sleep = ngx.sleep, place = semaphore.new }

local function in_timer(_, run, ...)
  run(...)
end

local HOME = {}

function loop.home()
  return HOME
end

--- In a timer, which ends with no request. It also runs when it is premature: a worker that shuts
-- down still answers its requests.
function loop.spawn(run, ...)
  return (ngx.timer.at(0, in_timer, run, ...)) and true or false
end

function loop.warn(message)
  ngx.log(ngx.ERR, message)
end

--- Connects a doorbell with a cosocket.
local function open_bell(descriptor)
  local bell, err = core.doorbell(descriptor, BEAT)
  if not bell then return nil, err.message end
  local socket = ngx.socket.tcp()
  socket:settimeouts(CONNECT_TIMEOUT, CONNECT_TIMEOUT, READ_TIMEOUT)
  local connected, opened
  connected, err = socket:connect("unix:" .. bell:path())
  if connected then
    opened, err = bell:open()
    err = err and err.message
  end
  if opened then return bell, socket end
  bell:close()
  return nil, err
end

local warned = false

function loop.bell(descriptor)
  local bell, socket = open_bell(descriptor)
  if not bell then
    if not warned then
      ngx.log(ngx.WARN, "debitura looks every few milliseconds for what has moved, as there is no ",
        socket)
    end
    warned = true
    return nil
  end
  local rung = "r"
  return {
    wait = function(busy)
      local exiting = ngx.worker.exiting()
      if not busy and (rung == "i" or exiting) then return false end
      -- A worker must not live on for a transfer whose coroutine was killed and waits to be
      -- collected.
      if rung == "i" and exiting then collectgarbage() end
      rung = bell:arm() and socket:receive(1)
      return rung ~= nil
    end,
    close = function()
      bell:close()
      socket:close()
    end,
  }
end

function loop.park(place)
  return (place:wait(LOOK))
end

function loop.wake(place)
  place:post(1)
end

local driven = driver.waiter(loop)

local function refused(message)
  return nil, failure.new { kind = "transport", message = message, retryable = false, sent = false }
end

local nginx = { name = "nginx", sleep = ngx.sleep, detach = driven.detach }

--- Whether a call can be made here and now.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure that names the phase
function nginx.able()
  local phase = ngx.get_phase()
  if not YIELDING[phase] then
    return refused(("a call has to wait, which nginx's phase %s cannot: make it in ngx.timer.at(0, "
      .. "...)"):format(phase))
  end
  if not core.system.yieldable() then
    return refused("a call has to wait, which cannot be done inside of a function that C calls "
      .. "(table.sort, string.gsub, a metamethod)")
  end
  return true
end

--- Whether the running coroutine may be killed amid its work, because a client hangs up.
-- @treturn boolean
function nginx.is_mortal()
  return ngx.get_phase() ~= "timer"
end

function nginx.wait(engine, transfer)
  local able, err = nginx.able()
  if not able then return nil, err end
  return driven.wait(engine, transfer)
end

--- Light threads of the request: they end with it.
function nginx.gather(count, run)
  local threads = {}
  for index = 1, count do threads[index] = ngx.thread.spawn(run) end
  for _, thread in ipairs(threads) do
    local sound, err = ngx.thread.wait(thread)
    if not sound then error(err, 0) end
  end
  return true
end

return nginx
