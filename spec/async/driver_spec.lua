-- The driver of an engine in a loop that fails: its waiters go on.

local core = require("debitura.core")
local driver = require("debitura.async.waiters.driver")
local upstream = require("spec.support.upstream")

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

-- A loop of a few lines whose bell fails as often as it is told to.
local function new_loop(failures)
  local ready, parked, said, started = {}, {}, {}, 0
  local loop = { name = "sample" }

  function loop.home() return loop end
  function loop.spawn(run, ...)
    started = started + 1
    local count, arguments = select("#", ...), { ... }
    ready[#ready + 1] = { coroutine.create(function() run(unpack(arguments, 1, count)) end) }
    return true
  end
  function loop.place() return { coroutine = (coroutine.running()) } end
  function loop.park(place)
    parked[place] = true
    coroutine.yield()
    return true
  end
  function loop.wake(place)
    if parked[place] then ready[#ready + 1] = { place.coroutine } end
    parked[place] = nil
  end
  function loop.sleep()
    ready[#ready + 1] = { (coroutine.running()) }
    coroutine.yield()
  end
  function loop.warn(message) said[#said + 1] = message end
  function loop.bell()
    return {
      wait = function(busy)
        if failures > 0 then
          failures = failures - 1
          error("the bell broke")
        end
        if busy then loop.sleep() end
        return busy
      end,
      close = function() end,
    }
  end

  local self = { waiter = driver.waiter(loop), said = said }
  function self.start(run) ready[#ready + 1] = { coroutine.create(run) } end
  function self.run()
    while #ready > 0 do assert(coroutine.resume(table.remove(ready, 1)[1])) end
  end
  function self.started() return started end
  return self
end

describe("the driver of an engine", function()
  local server

  setup(function() server = upstream.start() end)
  teardown(function() server:stop() end)

  --- Lets several coroutines wait; how many were answered.
  local function answered_in(loop)
    local engine, answered = assert(core.engine {}), 0
    for _ = 1, 5 do
      loop.start(function()
        local transfer = assert(engine:submit { method = "GET", url = server.url .. "/" })
        assert(loop.waiter.wait(engine, transfer))
        assert(transfer:result())
        answered = answered + 1
      end)
    end
    loop.run()
    engine:close()
    return answered
  end

  it("is one for all that wait", function()
    local loop = new_loop(0)
    assert.equal(5, answered_in(loop))
    assert.equal(1, loop.started())
  end)

  -- Lua 5.1 itself cannot protect what yields.
  if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then
    it("that fails is started anew, with one line in the log", function()
      local loop = new_loop(1)
      assert.equal(5, answered_in(loop))
      assert.equal(2, loop.started())
      assert.equal(1, #loop.said)
      assert.matches("the driver of an engine failed: .*the bell broke", loop.said[1])
    end)

    it("that always fails is given up, and each steps the engine for itself", function()
      server:answers { { status = 200, delay = 0.05, body = "{}" } }
      local loop = new_loop(math.huge)
      assert.equal(5, answered_in(loop))
      assert.is_true(loop.started() <= 3)
      assert.equal(loop.started(), #loop.said)
    end)
  end
end)
