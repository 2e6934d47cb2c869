--- The event loops that waiters are made for, each as
-- `{ name =, waiter =, start = function(run), run = function() }`: `start` lets a function run in a
-- coroutine of the loop, `run` returns when all of them have ended.

local core = require("debitura.core")
local waiter = require("debitura.async.waiters")

local loops = {}

function loops.cqueues()
  local controller = require("cqueues").new()
  return {
    waiter = waiter.cqueues(),
    start = function(run) controller:wrap(run) end,
    run = function() assert(controller:loop()) end,
  }
end

function loops.luv()
  local uv = require("luv")
  return {
    waiter = waiter.luv(),
    start = function(run) assert(coroutine.resume(coroutine.create(run))) end,
    run = function() uv.run() end,
  }
end

function loops.copas()
  local copas = require("copas")
  local open = 0
  return {
    waiter = waiter.copas(),
    start = function(run)
      open = open + 1
      copas.addthread(function()
        run()
        open = open - 1
      end)
    end,
    run = function()
      while open > 0 do copas.step() end
    end,
  }
end

--- A loop of a few lines, standing for those that this library does not know.
function loops.ticks()
  local sleepers = {}
  local function resume(coroutine_)
    local _, due = assert(coroutine.resume(coroutine_))
    if coroutine.status(coroutine_) ~= "dead" then
      sleepers[#sleepers + 1] = { due = due, coroutine = coroutine_ }
    end
  end
  return {
    waiter = waiter.ticks(function(seconds) coroutine.yield(core.system.monotonic() + seconds) end),
    start = function(run) resume(coroutine.create(run)) end,
    run = function()
      while #sleepers > 0 do
        table.sort(sleepers, function(a, b) return a.due < b.due end)
        local first = table.remove(sleepers, 1)
        core.system.sleep(math.max(0, first.due - core.system.monotonic()))
        resume(first.coroutine)
      end
    end,
  }
end

--- The names of those that this interpreter has: Debian ships Copas for Lua 5.1 and LuaJIT.
-- @treturn table array
function loops.names()
  local names = { "cqueues", "luv", "ticks" }
  if _VERSION == "Lua 5.1" then names[#names + 1] = "copas" end
  return names
end

return loops
