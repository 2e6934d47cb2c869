local core = require("debitura.core")
local failure = require("debitura.base.failure")
local nginx = require("debitura.nginx_app")
local waiter = require("debitura.async.waiters")
local loops = require("spec.support.loops")

--- /echo answers after 50 ms; /held answers only when /release has been asked for.
local UPSTREAM = [[
  lua_shared_dict gate 1m;
  server {
    listen 127.0.0.1:$PORT;
    location /echo { content_by_lua_block { ngx.sleep(0.05) ngx.print(ngx.var.arg_n) } }
    location /now { content_by_lua_block { ngx.print(ngx.var.arg_n) } }
    location /close { content_by_lua_block { ngx.shared.gate:delete("open") } }
    location /release { content_by_lua_block { ngx.shared.gate:set("open", true) } }
    location /held {
      lua_check_client_abort on;
      content_by_lua_block {
        while not ngx.shared.gate:get("open") do ngx.sleep(0.005) end
        ngx.print(ngx.var.arg_n)
      }
    }
  }
]]

local server, engine

local function submit(path)
  return assert(engine:submit { method = "GET", url = server.url .. path })
end

local function call(with, path)
  local transfer = submit(path)
  assert(with.wait(engine, transfer))
  return assert(transfer:result()).body
end

--- Collects what is not held. Twice, as a finalizer's own leavings are collected only then.
local function collect()
  collectgarbage()
  collectgarbage()
end

setup(function() server = assert(nginx.start { http = UPSTREAM }) end)
teardown(function() server:stop() end)
before_each(function()
  engine = assert(core.engine {})
  call(waiter.block, "/close")
end)
after_each(function() engine:close() end)

for _, name in ipairs(loops.names()) do
  describe("the waiter for " .. name, function()
    local loop

    before_each(function() loop = loops[name]() end)

    it("has a name", function()
      assert.equal(name, loop.waiter.name)
    end)

    it("serves fifty coroutines at once while another goes on running", function()
      local bodies, open, turns = {}, 50, 0
      for n = 1, 50 do
        loop.start(function()
          bodies[n] = call(loop.waiter, "/held?n=" .. n)
          open = open - 1
        end)
      end
      loop.start(function()
        for _ = 1, 5 do
          loop.waiter.sleep(0.001)
          if open == 50 then turns = turns + 1 end
        end
        call(loop.waiter, "/release")
      end)
      loop.run()
      for n = 1, 50 do assert.equal(tostring(n), bodies[n]) end
      assert.equal(5, turns)
    end)

    it("lets go on whose transfer is done, while others must wait for what that one does "
      .. "next", function()
      local bodies = {}
      for n = 1, 10 do
        loop.start(function() bodies[n] = call(loop.waiter, "/held?n=" .. n) end)
      end
      loop.start(function()
        for n = 11, 20 do bodies[n] = call(loop.waiter, "/now?n=" .. n) end
        call(loop.waiter, "/release")
      end)
      loop.run()
      for n = 1, 20 do assert.equal(tostring(n), bodies[n]) end
    end)

    it("serves one call after the other", function()
      local bodies = {}
      loop.start(function()
        for n = 1, 20 do
          bodies[n] = call(loop.waiter, "/now?n=" .. n)
          if n % 5 == 0 then loop.waiter.sleep(0.001) end
        end
      end)
      loop.run()
      for n = 1, 20 do assert.equal(tostring(n), bodies[n]) end
    end)

    it("wakes whose transfer is finished by a call that blocks", function()
      local bodies = {}
      loop.start(function() bodies[1] = call(loop.waiter, "/held?n=1") end)
      loop.start(function()
        call(waiter.block, "/release")
        bodies[2] = call(waiter.block, "/echo?n=2")
      end)
      loop.run()
      assert.same({ "1", "2" }, bodies)
    end)

    it("returns at once for a transfer that is done", function()
      local answered
      loop.start(function()
        local transfer = submit("/now?n=1")
        while not transfer:done() do engine:wait(1) end
        answered = loop.waiter.wait(engine, transfer)
      end)
      loop.run()
      assert.is_true(answered)
    end)

    it("serves an engine without a descriptor", function()
      engine:close()
      engine = assert(core.engine { portable = true })
      local bodies = {}
      for n = 1, 10 do
        loop.start(function() bodies[n] = call(loop.waiter, "/echo?n=" .. n) end)
      end
      loop.run()
      for n = 1, 10 do assert.equal(tostring(n), bodies[n]) end
    end)

    it("wakes the coroutine whose transfer another one cancels", function()
      local problem
      local transfer = submit("/held")
      loop.start(function()
        assert(loop.waiter.wait(engine, transfer))
        local _
        _, problem = transfer:result()
      end)
      loop.start(function()
        loop.waiter.sleep(0.001)
        transfer:cancel()
      end)
      loop.run()
      assert.equal("cancelled", problem.code)
    end)

    it("tells why an engine cannot go on, and serves the next call", function()
      local real, broken = engine, true
      local ailing = setmetatable({
        step = function()
          if broken then return nil, { code = "system", message = "sample breakdown" } end
          return real:step()
        end,
      }, { __index = function(_, method) return function(_, ...) return real[method](real,
        ...) end end })
      local waited, err, body
      loop.start(function()
        local transfer = submit("/held")
        waited, err = loop.waiter.wait(ailing, transfer)
        broken = false
        transfer = submit("/now?n=2")
        assert(loop.waiter.wait(ailing, transfer))
        body = assert(transfer:result()).body
      end)
      loop.run()
      assert.is_nil(waited)
      assert.is_true(failure.is(err))
      assert.equal("sample breakdown", err.message)
      assert.equal("2", body)
    end)

    it("leaves an engine that can be collected", function()
      local held = setmetatable({ engine }, { __mode = "v" })
      loop.start(function() call(loop.waiter, "/now?n=1") end)
      loop.run()
      engine = nil
      collect()
      assert.is_nil(held[1])
      engine = assert(core.engine {})
    end)
  end)
end

describe("a coroutine that is dropped while it waits", function()
  it("cancels its transfer, and its controller keeps no other from using the engine", function()
    local loop = loops.cqueues()
    loop.start(function() call(loop.waiter, "/held") end)
    loop.start(function()
      loop.waiter.sleep(0.001)
      error("sample")
    end)
    assert.has_error(loop.run)
    assert.equal(1, engine:pending())
    loop = nil
    collect()
    assert.equal(0, engine:pending())

    local body
    loop = loops.cqueues()
    loop.start(function() body = call(loop.waiter, "/now?n=1") end)
    loop.run()
    assert.equal("1", body)
  end)
end)

for _, name in ipairs(loops.names()) do
  if name ~= "ticks" then
    describe("outside of its loop the waiter for " .. name, function()
      it("blocks", function()
        assert.equal("1", call(loops[name]().waiter, "/now?n=1"))
      end)

      it("sleeps", function()
        local before = core.system.monotonic()
        loops[name]().waiter.sleep(0.01)
        assert.is_true(core.system.monotonic() - before >= 0.01)
      end)
    end)
  end
end

describe("the waiter for plain Lua", function()
  it("is what auto gives", function()
    assert.equal(waiter.block, waiter.auto())
  end)

  it("waits", function()
    assert.equal("1", call(waiter.auto(), "/echo?n=1"))
  end)

  it("tells why an engine cannot go on", function()
    local broken = { wait = function() return nil,
      { code = "system", message = "sample breakdown" } end }
    local waited, err = waiter.block.wait(broken, submit("/held"))
    assert.is_nil(waited)
    assert.equal("transport", err.kind)
    assert.equal("sample breakdown", err.message)
    assert.is_false(err.retryable)
  end)
end)
