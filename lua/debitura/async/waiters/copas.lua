--- Waiting under Copas, which has waited for LuaSocket's sockets, and for nothing else, since its
-- first release. So what is waited for here looks like one of them: `socket.select` asks it for a
-- descriptor and for whether it is "dirty", having something to read already; Copas yields as long
-- as its `receive` says "timeout".
-- @module debitura.async.waiters.copas

local copas = require("copas")
local socket = require("socket")
local core = require("debitura.core")
local block = require("debitura.async.waiters.block")
local driver = require("debitura.async.waiters.driver")

local loop = { name = "copas" }

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

--- Seconds that a Copas without timers (before its release 2) spends asleep between two turns for
-- others.
local NAP = 0.005

--- Never readable: it lends its descriptor to what only gets dirty, as LuaSocket overlooks what has
-- none.
local silent = assert((socket.udp4 or socket.udp)())

local function always() return true end

--- What Copas takes for a socket: silent until `ready` is set.
local PseudoSocket = { ready = false, settimeout = always }
PseudoSocket.__index = PseudoSocket

function PseudoSocket:getfd() return silent:getfd() end -- luacheck: no self

function PseudoSocket:dirty() return self.ready end

function PseudoSocket:receive()
  if self.ready then return "." end
  return nil, "timeout"
end

--- Copas closes what a coroutine waited for last when that ends.
PseudoSocket.close = always

local function pseudo_socket(methods)
  return setmetatable(methods, PseudoSocket)
end

--- Copas may give up after its own timeouts, hence the loop.
local function wait_for(waited_for)
  repeat local heard = copas.receive(waited_for, 1) until heard
end

function loop.home()
  local running, is_main = coroutine.running()
  if running and not is_main then return copas end
end

--- Releases of Copas differ in what they give a thread as its first argument.
function loop.spawn(run, ...)
  local count, arguments = select("#", ...), { ... }
  copas.addthread(function() run(unpack(arguments, 1, count)) end)
  return true
end

function loop.bell(descriptor)
  local asked = false
  local bell = pseudo_socket {
    getfd = function() return descriptor end,
    receive = function()
      asked = not asked
      if asked then return nil, "timeout" end
      return "."
    end,
  }
  return {
    wait = function(busy)
      if busy then wait_for(bell) end
      return busy
    end,
    close = always,
  }
end

function loop.place()
  return pseudo_socket {}
end

function loop.park(place)
  wait_for(place)
  return true
end

function loop.wake(place)
  place.ready = true
end

local function nap(seconds)
  local deadline = core.system.monotonic() + seconds
  wait_for(pseudo_socket {
    dirty = always,
    receive = function()
      if core.system.monotonic() >= deadline then return "." end
      core.system.sleep(NAP)
      return nil, "timeout"
    end,
  })
end

loop.sleep = copas.pause or copas.sleep or nap

return driver.waiter(loop, block)
