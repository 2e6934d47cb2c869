-- How calls of nginx's requests gather and go together.

local in_nginx = require("spec.support.store_in_nginx")

local MORE = [[
    location = /gathers {
      content_by_lua_block {
        local sizes = {}
        local lane = require("debitura.store.lanes.lane").new { most = 3, room = 99, width = 1,
          patience = 9,
          send = function(calls)
            ngx.sleep(0.05)
            sizes[#sizes + 1] = #calls
            local results = {}
            for i, call in ipairs(calls) do results[i] = call[1] * 2 end
            return results
          end }
        local threads, sum = {}, 0
        for i = 1, 8 do threads[i] = ngx.thread.spawn(lane.call, lane, { i }, 1) end
        for i = 1, 8 do
          local _, result = ngx.thread.wait(threads[i])
          assert(result == i * 2)
        end
        ngx.print(table.concat(sizes, " "))
      }
    }
    location = /large {
      content_by_lua_block {
        local sizes = {}
        local lane = require("debitura.store.lanes.lane").new { most = 9, room = 1000000, width = 1,
          patience = 9,
          send = function(calls) sizes[#sizes + 1] = #calls return calls end }
        local threads, bytes = {}, { 300000, 300000, 300000, 300000, 2000000, 1 }
        for i = 1, 6 do threads[i] = ngx.thread.spawn(lane.call, lane, { i }, bytes[i]) end
        for i = 1, 6 do ngx.thread.wait(threads[i]) end
        ngx.print(table.concat(sizes, " "))
      }
    }
    location = /impatient {
      content_by_lua_block {
        local sent = {}
        local lane = require("debitura.store.lanes.lane").new { most = 1, room = 99, width = 1,
          patience = 0.05, send = function(calls)
            ngx.sleep(0.2)
            sent[#sent + 1] = calls[1][1]
            return calls
          end }
        local one = ngx.thread.spawn(lane.call, lane, { "one" }, 1)
        local two = ngx.thread.spawn(lane.call, lane, { "two" }, 1)
        local _, _, why = ngx.thread.wait(one)
        ngx.thread.wait(two)
        ngx.sleep(0.5)
        ngx.print(why, ": ", table.concat(sent, " "))
      }
    }
    location = /raises {
      content_by_lua_block {
        local lane = require("debitura.store.lanes.lane").new { most = 1, room = 99, width = 1,
          patience = 9,
          send = function(calls) if calls[1].bad then error("oops", 0) end return calls end }
        local _, why = lane:call({ bad = true }, 1)
        ngx.print(why, " ", lane:call({ "fine" }, 1)[1])
      }
    }
    location = /dropped {
      content_by_lua_block {
        ngx.timer.at(0, function() ngx.sleep(0.5) end)
        ngx.sleep(0.01)
        local lane = require("debitura.store.lanes.lane").new { most = 1, room = 99, width = 1,
          patience = 9,
          send = function(calls) return calls end }
        ngx.print(lane:call({ "heard" }, 1)[1])
      }
    }
    location = /full {
      content_by_lua_block {
        local lane = require("debitura.store.lanes.lane").new { most = 1, room = 99, width = 1,
          patience = 9,
          send = function(calls) ngx.sleep(0.2) return calls end }
        local first = ngx.thread.spawn(lane.call, lane, {}, 1)
        local half = 2 ^ 27
        local second = ngx.thread.spawn(lane.call, lane, {}, half)
        local _, why = lane:call({}, half + 1)
        ngx.thread.wait(first)
        ngx.thread.wait(second)
        ngx.print(why, " ", type(lane:call({}, half + 1)))
      }
    }
]]

describe("calls that go together", function()
  local web

  setup(function()
    web = in_nginx.start { http = "lua_max_running_timers 1;", more = MORE }
  end)
  teardown(function() web:stop() end)

  it("gather while a batch is on its way", function()
    assert.are.equal("3 3 2", web:fetch("/gathers"))
  end)

  it("are as many as there is room for, and one at least", function()
    assert.are.equal("3 1 1 1", (web:fetch("/large")))
  end)

  it("are not sent when their caller waits no more", function()
    assert.are.equal("no answer within 0.05 seconds: one", web:fetch("/impatient"))
  end)

  it("are told what was raised, and the next ones go on", function()
    assert.are.equal("oops fine", web:fetch("/raises"))
  end)

  it("are sent although nginx has dropped their timer", function()
    assert.are.equal("heard", web:fetch("/dropped"))
  end)

  it("are refused when too many wait", function()
    assert.are.equal("too many calls wait for it table", web:fetch("/full"))
  end)
end)
