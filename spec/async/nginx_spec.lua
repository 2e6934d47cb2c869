local core = require("debitura.core")
local nginx = require("debitura.nginx_app")

--- What is called: /held answers only when /release was asked for.
local UPSTREAM = [[
  lua_shared_dict gate 1m;
  server {
    listen 127.0.0.1:$PORT;
    keepalive_requests 100000;
    location /echo { content_by_lua_block { ngx.sleep(0.05) ngx.print(ngx.var.arg_n) } }
    location /now { content_by_lua_block { ngx.print(ngx.var.arg_n) } }
    location /close { content_by_lua_block { ngx.shared.gate:flush_all() } }
    location /release { content_by_lua_block { ngx.shared.gate:set("open", true) } }
    location /minted { content_by_lua_block { ngx.print(ngx.shared.gate:get("minted") or 0) } }
    location /oauth/token {
      content_by_lua_block {
        local number = ngx.shared.gate:incr("minted", 1, 0)
        while not ngx.shared.gate:get("open") do ngx.sleep(0.005) end
        ngx.header["Content-Type"] = "application/json"
        ngx.print('{"accessToken":"token-' .. number .. '","expiresIn":1800}')
      }
    }
    location /customer/ {
      content_by_lua_block {
        ngx.header["Content-Type"] = "application/json"
        ngx.print('{"id":"' .. ngx.var.http_authorization .. '"}')
      }
    }
    location /holding { content_by_lua_block { ngx.print(ngx.shared.gate:get("holding") or 0) } }
    location / {
      lua_check_client_abort on;
      content_by_lua_block {
        ngx.shared.gate:incr("holding", 1, 0)
        while not ngx.shared.gate:get("open") do ngx.sleep(0.005) end
        ngx.header["Content-Type"] = "application/json"
        ngx.print('{"externalTenantId":"t"}')
      }
    }
  }
]]

--- What calls.
local APPLICATION = [[
  lua_shared_dict notes 1m;
  $SETTINGS
  init_by_lua_block {
    in_worker = require("spec.support.in_worker")
    in_worker.note("init", "$UPSTREAM/now?n=1")
  }
  init_worker_by_lua_block {
    local url = "$UPSTREAM/now?n=1"
    in_worker.note("init_worker", url)
    ngx.timer.at(0, function() in_worker.note("timer", url) end)
  }
  server {
    listen 127.0.0.1:$PORT reuseport;
    location /free { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
    location /occupy {
      content_by_lua_block {
        ngx.timer.at(0, function() ngx.sleep(3600) end)
        ngx.sleep(0)
      }
    }
    location /pending { content_by_lua_block { ngx.print(in_worker.pending()) } }
    location /note { content_by_lua_block { ngx.print(ngx.shared.notes:get(ngx.var.arg_phase)) } }
    location /call {
      lua_check_client_abort on;
      content_by_lua_block {
        ngx.print(in_worker.call("$UPSTREAM" .. ngx.unescape_uri(ngx.var.arg_path)))
      }
    }
    location /pid_and_call {
      content_by_lua_block {
        ngx.print(ngx.worker.pid(), " ", in_worker.call("$UPSTREAM/echo?n=7"))
      }
    }
    location /client {
      content_by_lua_block {
        local debitura = require("debitura")
        local partner = debitura.partner { api_key = "sample-key", base_url = "$UPSTREAM" }
        local client, err = partner:get_client("t")
        ngx.print(err and tostring(err) or client.externalTenantId)
      }
    }
    location /client_in_set {
      set_by_lua_block $said {
        local debitura = require("debitura")
        local partner = debitura.partner { api_key = "sample-key", base_url = "$UPSTREAM" }
        local client, err = partner:get_client("t")
        return tostring(client) .. " " .. tostring(err)
      }
      return 200 $said;
    }
    location /waiting { content_by_lua_block { ngx.print(in_worker.waiting()) } }
    location /me {
      lua_check_client_abort on;
      content_by_lua_block { ngx.print(in_worker.me("$UPSTREAM")) }
    }
    location /parallel {
      content_by_lua_block {
        local debitura = require("debitura")
        local partner = debitura.partner { api_key = "sample-key", base_url = "$UPSTREAM" }
        local jobs = {}
        for n = 1, 8 do jobs[n] = function() return partner:get_client("t") end end
        for _, outcome in ipairs(debitura.parallel({ limit = 8 }, jobs)) do
          local err = debitura.is_failure(outcome)
          ngx.print(err and tostring(outcome) or outcome[1].externalTenantId)
        end
      }
    }
    location /killed {
      content_by_lua_block {
        ngx.thread.spawn(in_worker.call, "$UPSTREAM/held")
        ngx.print("gone")
        ngx.exit(200)
      }
    }
    location /unyielding {
      content_by_lua_block {
        local said
        table.sort({ 1, 2 }, function(a, b)
          said = in_worker.call("$UPSTREAM/now?n=1")
          return a < b
        end)
        ngx.print(said)
      }
    }
    location /rewrite { rewrite_by_lua_block { ngx.ctx.body = in_worker.call("$UPSTREAM/now?n=2") }
      content_by_lua_block { ngx.print(ngx.ctx.body) } }
    location /access { access_by_lua_block { ngx.ctx.body = in_worker.call("$UPSTREAM/now?n=3") }
      content_by_lua_block { ngx.print(ngx.ctx.body) } }
    location /phases {
      set_by_lua_block $unused { in_worker.note("set", "$UPSTREAM/now?n=1") return "" }
      content_by_lua_block { ngx.print("ok") }
      header_filter_by_lua_block { in_worker.note("header_filter", "$UPSTREAM/now?n=1") }
      body_filter_by_lua_block { in_worker.note("body_filter", "$UPSTREAM/now?n=1") }
      log_by_lua_block { in_worker.note("log", "$UPSTREAM/now?n=1") }
    }
  }
]]

local LONGEST = 20 -- seconds after which something that must come is taken for lost

local upstream, application, engine, expected

--- @tparam[opt] table options `settings` and `main` (nginx's own text), `workers`, `expected` (what
--   nginx may complain about)
local function start(options)
  options = options or {}
  expected = options.expected
  application = assert(nginx.start {
    http = APPLICATION:gsub("%$UPSTREAM", upstream.url):gsub("%$SETTINGS", options.settings or ""),
    main = options.main, workers = options.workers,
  })
end

local function submit(url)
  return assert(engine:submit { method = "GET", url = url })
end

local function body_of(transfer)
  while not transfer:done() do engine:wait(LONGEST) end
  return assert(transfer:result()).body
end

local function get(path)
  return body_of(submit(application.url .. path))
end

local function upstream_get(path)
  return body_of(submit(upstream.url .. path))
end

--- Asks again and again until the answer is the wanted one.
local function eventually(wanted, ask)
  local deadline, answer = core.system.monotonic() + LONGEST
  repeat
    answer = ask()
    if answer == wanted then return end
    core.system.sleep(0.002)
  until core.system.monotonic() > deadline
  assert.equal(wanted, answer)
end

local function count(pattern)
  local listing = io.popen("ls -d " .. pattern .. " 2>/dev/null | wc -l")
  local number = listing:read("*n")
  listing:close()
  return number
end

local function threads(pid) return count("/proc/" .. pid .. "/task/*") end
local function descriptors(pid) return count("/proc/" .. pid .. "/fd/*") end

--- Returns when so many calls are held.
local function until_holding(number)
  eventually(tostring(number), function()
    engine:step()
    return upstream_get("/holding")
  end)
end

--- Starts `number` calls that are held, and returns when all of them are.
local function hold(path, number)
  local transfers = {}
  for n = 1, number do transfers[n] = submit(application.url .. path) end
  until_holding(number)
  return transfers
end

setup(function() upstream = assert(nginx.start { http = UPSTREAM }) end)
teardown(function() upstream:stop() end)
before_each(function()
  engine = assert(core.engine {})
  upstream_get("/close")
end)
after_each(function()
  engine:close()
  if application then
    local log = application:log()
    application:stop()
    application = nil
    for line in log:gmatch("[^\n]+") do
      -- alert: a worker died, or a socket was left open; error: Lua code failed
      local complaint = line:find("%[error%]") or line:find("%[crit%]") or line:find("%[alert%]")
        or line:find("%[emerg%]")
      assert.is_true(not complaint or (expected and line:find(expected, 1, true)) ~= nil, line)
    end
  end
end)

describe("a call made in a worker of nginx", function()
  it("lets the worker answer others, even those that its own answer depends on", function()
    start()
    local called = hold("/call?path=/held", 1)[1]
    assert.is_truthy(get("/free"):match("^%d+$"))
    assert.is_false(called:done())
    assert.equal("1", get("/call?path=/now%3Fn=1"))
    assert.is_false(called:done())
    upstream_get("/release")
    assert.equal('{"externalTenantId":"t"}', body_of(called))
  end)

  it("does so through the partner object, too", function()
    start()
    local called = hold("/client", 1)[1]
    assert.is_truthy(get("/free"):match("^%d+$"))
    assert.is_false(called:done())
    upstream_get("/release")
    assert.equal("t", body_of(called))
  end)

  it("is one of eight that a single request makes side by side", function()
    start()
    local called = submit(application.url .. "/parallel")
    until_holding(8)
    upstream_get("/release")
    assert.equal("tttttttt", body_of(called))
  end)

  it("is one of sixty-four at once", function()
    start()
    local transfers = {}
    for n = 1, 64 do transfers[n] = submit(application.url .. "/call?path=/echo%3Fn=" .. n) end
    for n = 1, 64 do assert.equal(tostring(n), body_of(transfers[n])) end
  end)

  it("works in the phases that can wait", function()
    start()
    assert.equal("2", get("/rewrite"))
    assert.equal("3", get("/access"))
    eventually("1", function() return get("/note?phase=timer") end)
  end)

  it("of the partner object fails as any other call does in a phase that cannot wait", function()
    start()
    assert.equal("nil clients.get: transport: a call has to wait, which nginx's phase set cannot: "
      .. "make it in ngx.timer.at(0, ...)",
      get("/client_in_set"))
  end)

  it("fails clearly in a phase that cannot wait, and the worker goes on", function()
    start()
    assert.equal("ok", get("/phases"))
    eventually(true, function() return get("/note?phase=log") ~= "nil" end)
    for _, phase in ipairs { "init", "init_worker", "set", "header_filter", "body_filter",
      "log" } do
      assert.equal("transport: a call has to wait, which nginx's phase " .. phase
        .. " cannot: make it in ngx.timer.at(0, ...)",
        get("/note?phase=" .. phase))
    end
    assert.equal("1", get("/call?path=/now%3Fn=1"))
  end)

  it("fails clearly inside of a function that C calls", function()
    start()
    assert.equal("transport: a call has to wait, which cannot be done inside of a function that C "
      .. "calls"
      .. " (table.sort, string.gsub, a metamethod)", get("/unyielding"))
    assert.equal("1", get("/call?path=/now%3Fn=1"))
  end)

  it("leaves nothing when its client goes away", function()
    start()
    get("/call?path=/now%3Fn=1")
    local pid = get("/free")
    eventually(1, function() return threads(pid) end)
    local before = descriptors(pid)
    for _, transfer in ipairs(hold("/call?path=/held", 20)) do transfer:cancel() end
    eventually("0", function() return get("/pending") end)
    assert.equal("1", get("/call?path=/now%3Fn=1"))
    eventually(1, function() return threads(pid) end)
    eventually(true, function() return descriptors(pid) <= before end)
  end)

  it("leaves nothing when its coroutine is killed", function()
    start()
    for _ = 1, 20 do assert.equal("gone", get("/killed")) end
    eventually("0", function() return get("/pending") end)
    assert.equal("1", get("/call?path=/now%3Fn=1"))
    eventually(1, function() return threads(get("/free")) end)
  end)

  it("is not disturbed by clients that hang up while it waits", function()
    start()
    for _ = 1, 5 do
      upstream_get("/close")
      local leaving, staying = {}, {}
      for n = 1, 20 do
        leaving[n] = submit(application.url .. "/call?path=/held")
        staying[n] = submit(application.url .. "/call?path=/held%3Fn=" .. n)
      end
      until_holding(40)
      local meanwhile = {}
      for n = 1, 20 do
        meanwhile[n] = submit(application.url .. "/call?path=/echo%3Fn=" .. n)
        leaving[n]:cancel()
      end
      for n = 1, 20 do assert.equal(tostring(n), body_of(meanwhile[n])) end
      upstream_get("/release")
      for n = 1, 20 do assert.equal('{"externalTenantId":"t"}', body_of(staying[n])) end
    end
  end)

  it("gets the token that a call began to mint whose client has hung up", function()
    start()
    local leaving = submit(application.url .. "/me")
    eventually("1", function() engine:step() return upstream_get("/minted") end)
    local staying = {}
    for n = 1, 5 do staying[n] = submit(application.url .. "/me") end
    leaving:cancel()
    eventually("5", function() engine:step() return get("/waiting") end)
    upstream_get("/release")
    for n = 1, 5 do assert.equal("Bearer token-1", body_of(staying[n])) end
    assert.equal("1", upstream_get("/minted"))
  end)

  it("gets a token, too, when nginx starts no timer", function()
    start { settings = "lua_max_running_timers 1;",
      expected = "lua_max_running_timers are not enough" }
    get("/occupy")
    upstream_get("/release")
    assert.equal("Bearer token-1", get("/me"))
  end)

  it("is made in each of two workers", function()
    start { workers = 2 }
    local transfers, workers, number = {}, {}, 0
    for n = 1, 64 do transfers[n] = submit(application.url .. "/pid_and_call") end
    for n = 1, 64 do
      local pid, answer = body_of(transfers[n]):match("^(%d+) (%d+)$")
      assert.equal("7", answer)
      if not workers[pid] then workers[pid], number = true, number + 1 end
    end
    assert.equal(2, number)
  end)

  it("works with lua_code_cache off, and leaves no thread", function()
    start { settings = "lua_code_cache off;", expected = "lua_code_cache is off" }
    local pid = get("/free")
    for _ = 1, 5 do
      local transfers = {}
      for n = 1, 10 do transfers[n] = submit(application.url .. "/call?path=/echo%3Fn=" .. n) end
      for n = 1, 10 do assert.equal(tostring(n), body_of(transfers[n])) end
    end
    assert.equal(pid, get("/free"))
    eventually(1, function() return threads(pid) end)
  end)
end)

describe("nginx with calls under way", function()
  it("reloads: the old worker answers them and ends, the new one serves", function()
    start()
    local old = get("/free")
    local called = hold("/call?path=/held", 3)
    application:signal("HUP")
    eventually(true, function()
      return body_of(submit(application.url .. "/free?" .. math.random())) ~= old
    end)
    assert.equal("1", get("/call?path=/now%3Fn=1"))
    upstream_get("/release")
    for _, transfer in ipairs(called) do
      assert.equal('{"externalTenantId":"t"}', body_of(transfer))
    end
    eventually(0, function() return count("/proc/" .. old) end)
  end)

  it("quits when they are answered", function()
    start()
    local called = hold("/call?path=/held", 3)
    application:signal("QUIT")
    upstream_get("/release")
    for _, transfer in ipairs(called) do
      assert.equal('{"externalTenantId":"t"}', body_of(transfer))
    end
    eventually(false, function() return application:running() end)
  end)

  it("quits though a killed coroutine left one behind", function()
    start()
    assert.equal("gone", get("/killed"))
    application:signal("QUIT")
    eventually(false, function() return application:running() end)
  end)

  it("stops at once", function()
    start()
    hold("/call?path=/held", 3)
    application:signal("TERM")
    eventually(false, function() return application:running() end)
  end)
end)

describe("nginx without a doorbell", function()
  it("looks every few milliseconds and says so once", function()
    start { main = "env TMPDIR=/nonexistent;" }
    for n = 1, 3 do assert.equal(tostring(n), get("/call?path=/echo%3Fn=" .. n)) end
    local _, said = application:log():gsub("debitura looks every few milliseconds", "")
    assert.equal(1, said)
  end)

  it("does the same without a free timer", function()
    start { settings = "lua_max_running_timers 1;",
      expected = "lua_max_running_timers are not enough" }
    get("/occupy")
    assert.equal("1", get("/call?path=/echo%3Fn=1"))
  end)
end)
