-- Calls made in a worker of nginx, 64 at once to an upstream that answers after 50 ms, against a
-- minimal GET through a cosocket: calls per second (aim: 0.95 of the cosocket's rate or better) and
-- CPU time per call, in turns. And the worst case for a thread that rings: one call after the
-- other, answered at once. And what requests wait for whose neighbours' clients hang up: half of
-- them at most a tenth longer than undisturbed, all with their own answers, and no error logged.
local core = require("debitura.core")
local nginx = require("debitura.nginx_app")
local rounds = require("bench.support.rounds")

local ROUNDS = 5

local upstream = assert(nginx.start { http = [[
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:$PORT;
    location /slow { content_by_lua_block {
      ngx.sleep(0.05)
      ngx.header["Content-Length"] = 15
      ngx.print('{"id":"sample"}')
    } }
    location /now { return 200 '{"id":"sample"}'; }
    location /echo { content_by_lua_block { ngx.sleep(0.3) ngx.print(ngx.var.arg_n) } }
  }
]] })

local application = assert(nginx.start { http = ([[
  keepalive_requests 1000000;
  lua_socket_pool_size 128;
  server {
    listen 127.0.0.1:$PORT;
    lua_check_client_abort on;
    location / { content_by_lua_block {
      local way, path = ngx.var.uri:match("^/(%%w+)(/.*)$")
      path = ngx.var.is_args == "" and path or path .. "?" .. ngx.var.args
      ngx.print(require("bench.support.in_worker")[way](%d, path))
    } }
    location = /pid { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
  }
]]):format(upstream.port) })

local engine = assert(core.engine {})

local function submit(path)
  return assert(engine:submit { method = "GET", url = application.url .. path })
end

local function answer(transfer)
  while not transfer:done() do engine:wait(10) end
  local response = assert(transfer:result())
  assert(response.status == 200, "the worker failed")
  return response.body
end

local worker = answer(submit("/pid"))

--- CPU time of the worker with all its threads, those that have ended included. Linux counts in
-- hundredths of a second.
local function cpu_seconds()
  local file = assert(io.open("/proc/" .. worker .. "/stat"))
  local user, system = file:read("*a"):match("^.*%)" .. (" %S+"):rep(11) .. " (%d+) (%d+)")
  file:close()
  return (user + system) / 100
end

--- Makes `count` calls, `at_once` at any time; returns seconds and the worker's CPU seconds.
local function run(path, count, at_once)
  local before, started, open = cpu_seconds(), core.system.monotonic(), {}
  for n = 1, at_once do open[n] = submit(path) end
  for n = at_once + 1, count + at_once do
    local slot = n % at_once + 1
    assert(answer(open[slot]) == '{"id":"sample"}')
    open[slot] = n <= count and submit(path) or nil
  end
  return core.system.monotonic() - started, cpu_seconds() - before
end

--- Measures both ways in turns and prints rate and CPU time.
local function compare(name, path, count, at_once)
  local rates, ratios, cpu = {}, {}, { engine = 0, cosocket = 0 }
  run("/engine" .. path, at_once * 2, at_once)
  run("/cosocket" .. path, at_once * 2, at_once)
  for round = 1, ROUNDS do
    local rate = {}
    for _, way in ipairs(round % 2 == 0 and { "engine", "cosocket" } or { "cosocket", "engine" }) do
      local seconds, used = run("/" .. way .. path, count, at_once)
      rate[way], cpu[way] = count / seconds, cpu[way] + used
    end
    rates[round], ratios[round] = rate.engine, rate.engine / rate.cosocket
  end
  print(("%s %.0f calls/s %.2f"):format(name, rounds.median(rates), rounds.median(ratios)))
  print(("%s_cpu %.1f us %.2f"):format(name, cpu.engine * 1e6 / ROUNDS / count,
    cpu.engine / cpu.cosocket))
end

--- Twenty requests, in each of so many rounds, and `leaving` clients that hang up meanwhile; the
-- milliseconds that half of the requests took at most.
local function beside(leaving, count)
  local took = {}
  for _ = 1, count do
    local staying, gone = {}, {}
    for n = 1, 20 do staying[n] = submit("/engine/echo?n=" .. n) end
    for n = 1, leaving do gone[n] = submit("/engine/echo?n=gone") end
    local deadline = core.system.monotonic() + 0.1
    while core.system.monotonic() < deadline do engine:wait(0.01) end
    for n = 1, leaving do gone[n]:cancel() end
    for n = 1, 20 do
      assert(answer(staying[n]) == tostring(n), "another request's answer")
      took[#took + 1] = staying[n]:result().timing.total * 1000
    end
  end
  return rounds.median(took)
end

local function compare_neighbours()
  beside(0, 2)
  local undisturbed, disturbed = beside(0, 20), beside(3, 20)
  rounds.report("nginx_beside_hanging_up_p50", disturbed, "ms", disturbed / undisturbed)
  for line in application:log():gmatch("[^\n]+") do
    assert(not line:find("%[error%]") and not line:find("%[crit%]")
      and not line:find("%[alert%]"), line)
  end
end

compare_neighbours()
compare("nginx_64_at_once_50ms", "/slow", 1280, 64)
compare("nginx_one_by_one_0ms", "/now", 1000, 1)

engine:close()
application:stop()
upstream:stop()
