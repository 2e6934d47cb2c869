-- Recipes in a worker of nginx, where a request may be killed at any time: its customer has closed
-- the browser. What it has begun goes on to its end.

local core = require("debitura.core")
local nginx = require("debitura.nginx_app")
local server = require("spec.support.server")

--- A Debitura that answers POST /clients when the gate is open.
local UPSTREAM = [[
  lua_shared_dict gate 1m;
  server {
    listen 127.0.0.1:$PORT;
    location /close { content_by_lua_block { ngx.shared.gate:flush_all() } }
    location /open { content_by_lua_block { ngx.shared.gate:set("open", true) } }
    location /asked { content_by_lua_block { ngx.print(ngx.shared.gate:get("asked") or 0) } }
    location / {
      content_by_lua_block {
        ngx.req.read_body()
        ngx.shared.gate:incr("asked", 1, 0)
        while not ngx.shared.gate:get("open") do ngx.sleep(0.005) end
        ngx.status = 409
        ngx.header["Content-Type"] = "application/json"
        ngx.print('{"type":"ClientExistsNeedsLinking","message":"m","data":{"onboardingLinks":'
          .. '{"url":"https://testreferral.debitura.com/approve/1"}}}')
      }
    }
  }
]]

local APPLICATION = [[
  $SETTINGS
  server {
    listen 127.0.0.1:$PORT;
    lua_check_client_abort on;
    location /request { content_by_lua_block {
      ngx.print(require("spec.support.onboarding").request("$UPSTREAM", ngx.var.arg_tenant,
        tonumber(ngx.var.arg_count)))
    } }
    location /state { content_by_lua_block {
      ngx.print(require("spec.support.onboarding").state("$UPSTREAM", ngx.var.arg_tenant))
    } }
    location /occupy { content_by_lua_block {
      ngx.timer.at(0, function() ngx.sleep(3600) end)
      ngx.sleep(0)
    } }
  }
]]

describe("Recipes in a worker of nginx", function()
  local upstream, application, engine

  setup(function() upstream = assert(nginx.start { http = UPSTREAM }) end)
  teardown(function() upstream:stop() end)
  before_each(function() engine = assert(core.engine {}) end)
  after_each(function()
    engine:close()
    application:stop()
  end)

  local function submit(url)
    return assert(engine:submit { method = "GET", url = url })
  end

  local function body_of(transfer)
    while not transfer:done() do engine:wait(1) end
    return assert(transfer:result()).body
  end

  local function get(path) return body_of(submit(application.url .. path)) end

  local function start(settings)
    body_of(submit(upstream.url .. "/close"))
    local filled = { UPSTREAM = upstream.url, SETTINGS = settings or "" }
    application = assert(nginx.start {
      log_level = "info", http = APPLICATION:gsub("%$([US]%u+)", filled),
    })
  end

  local function open_gate() body_of(submit(upstream.url .. "/open")) end

  --- Hangs up once Debitura has been asked so often.
  local function hang_up(path, asked)
    local leaving = submit(application.url .. path)
    assert.is_true(server.wait_until(function()
      engine:step()
      return tonumber(body_of(submit(upstream.url .. "/asked"))) >= asked
    end))
    leaving:cancel()
    -- The application notices before the answer comes.
    assert.is_true(server.wait_until(function()
      return application:log():find("client prematurely closed connection", 1, true) ~= nil
    end))
  end

  it("take a request for a client to its end whose customer has closed the browser", function()
    start()
    hang_up("/request?tenant=gone", 1)
    assert.equal("requesting", get("/state?tenant=gone"))
    open_gate()
    assert.is_true(server.wait_until(function()
      return get("/state?tenant=gone") == "pending"
    end))
    assert.equal("pending", get("/request?tenant=gone"))
    assert.equal("1", body_of(submit(upstream.url .. "/asked")))
  end)

  it("take requests to their end that are made side by side", function()
    start()
    hang_up("/request?tenant=gone&count=4", 4)
    open_gate()
    for i = 1, 4 do
      assert.is_true(server.wait_until(function()
        return get("/state?tenant=gone" .. i) == "pending"
      end))
    end
  end)

  it("do what is asked, too, when nginx starts no timer", function()
    start("lua_max_running_timers 1;")
    get("/occupy")
    open_gate()
    assert.equal("pending", get("/request?tenant=waits"))
  end)
end)
