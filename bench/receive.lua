-- Webhooks for each store: received and acknowledged in nginx, many in one commit and off its loop,
-- against a store that blocks the worker and commits each by itself; what that costs another
-- request of the same worker; processed, against the store's verbs alone and by four processes
-- against one.
--
-- Commits reach the disk: SQLite synchronous FULL, PostgreSQL fsync on, Redis appendfsync always.
-- BENCH_STORES names the stores that are measured ("redis sqlite"), BENCH_ROUNDS how often.
local core = require("debitura.core")
local debitura = require("debitura")
local load = require("bench.support.load")
local nginx = require("debitura.nginx_app")
local origin = require("spec.support.origin")
local receiver = require("bench.support.receiver")
local rounds = require("bench.support.rounds")
local server = require("spec.support.server")
local stores = require("bench.support.stores")
local workers = require("bench.support.workers")

local ROUNDS, SECONDS = tonumber(os.getenv("BENCH_ROUNDS") or 2), 1
local CONNECTIONS, NEIGHBOURS = { 1, 16, 64, 256 }, 16
local NOTHING_ROUNDS = 3
local DELIVERIES = 24000 -- for each round, more than are kept in it
local WORKED, TENANTS, WORKERS = 1000, 500, 4
local READY = 0.5 -- seconds in which processes have loaded what they need
local TOGETHER = 256 -- that are put into an inbox at once
local AT_ONCE = 16
local STORES = os.getenv("BENCH_STORES") or table.concat(stores.names, " ")

-- receive_rps -------------------------------------------------------------------------------------

local THREADS = "thread_pool debitura threads=2;"
local CONFIGURATION = [[
  keepalive_requests 10000000;
  server {
    listen 127.0.0.1:$PORT backlog=1024;
    location = /nothing { content_by_lua_block {
      ngx.req.read_body()
      ngx.header["Content-Type"], ngx.header["Content-Length"] = "text/plain", 4
      ngx.print("kept")
    } }
    location = /paced { content_by_lua_block {
      ngx.req.read_body()
      ngx.sleep(tonumber(ngx.var.arg_seconds))
      ngx.print("kept")
    } }
    location = /neighbour { content_by_lua_block { ngx.print("here") } }
    location / {
      content_by_lua_block { require("bench.support.receiver").serve([=====[$PLACE]=====]) }
    }
  }
]]

local SCRIPT = " -s bench/support/deliveries.lua -- %s 1 %d"

local function load_of(url, connections, path)
  return load.put(url, connections, SECONDS, path and SCRIPT:format(path, DELIVERIES))
end

--- The body of an event. They differ in texts and lengths as those of cases do: LuaJIT looks at
-- sixteen bytes of a text and puts into one slot what agrees in them.
local function body_of(n)
  local random = core.digest.sha256("event " .. n)
  local _, body = debitura.webhook.example("case.created", {
    id = random:sub(1, 32), data = {
      externalTenantId = core.digest.sha256("tenant " .. n % TENANTS):sub(1, 8),
      caseId = random:sub(33, 64), amount = n * 1.25, debtorName = random:sub(1, 8 + n % 41),
      creditor = { companyName = random:rep(2):sub(n % 61), country = random:sub(1, n % 17) },
      creditorReference = random:sub(1, 3 + n % 7), reference = random:sub(9, 10 + n % 11),
    },
  })
  return body
end

local bodies = {}

local function write_deliveries(path)
  local file = assert(io.open(path, "wb"))
  for n = 1, DELIVERIES do
    bodies[n] = bodies[n] or body_of(n)
    file:write(debitura.webhook.sign(bodies[n], receiver.SECRET), "\t", bodies[n], "\n")
  end
  file:close()
end

local engine = assert(core.engine {})

--- Runs something with an nginx that keeps what it receives in a place.
local function with_endpoint(place, run)
  local endpoint = assert(nginx.start { main = THREADS, http = CONFIGURATION:gsub("%$PLACE",
    function() return stores.text(place) end) })
  -- The first request opens the store, and so do all that come meanwhile.
  origin.fetch(engine, { method = "GET", url = endpoint.url .. "/" })
  local sound, result = pcall(run, endpoint.url, endpoint.pid)
  endpoint:stop()
  return assert(sound and result, result)
end

--- What one worker could take, from the CPU time that it spends on an event: without a store it
-- waits for nothing else.
local function measure_nothing(path)
  with_endpoint({}, function(url, master)
    local function cost(location)
      return function()
        local before = workers.cpu(master)
        local count = load_of(url .. location, NEIGHBOURS, path).count
        return (workers.cpu(master) - before) / count
      end
    end
    rounds.rate("receive_rps_keeping_nothing", cost("/"), cost("/nothing"), NOTHING_ROUNDS)
    return true
  end)
end

--- What is changed of a place for the baseline: each event is a commit of its own and, where the
-- store is no server that nginx talks to by itself, blocks the worker.
local BASELINES = {
  sqlite = { blocking = true, batch = 1 }, postgresql = { blocking = true, batch = 1 },
  redis = { batch = 1 },
}

--- A new and empty store's place.
local function new_place(running, changes)
  local place = running.place()
  stores.connect(place):close() -- makes the tables
  for name, value in pairs(changes or {}) do place.options[name] = value end
  return place
end

local function measure_receiving(name, running, path, connections)
  local rates, ratios, p50, p99 = {}, {}, {}, {}
  for round = 1, ROUNDS do
    local function load_with(changes)
      return with_endpoint(new_place(running, changes), function(url)
        return load_of(url .. "/", connections, path)
      end)
    end
    local one, many = load_with(BASELINES[name]), load_with()
    rates[round], ratios[round] = many.rate, many.rate / one.rate
    p50[round], p99[round] = { many.p50, many.p50 / one.p50 }, { many.p99, many.p99 / one.p99 }
  end
  local line = ("receive_%%s_%s_%d"):format(name, connections)
  rounds.report(line:format("rps"), rounds.median(rates), "events/s", rounds.median(ratios))
  if connections < CONNECTIONS[#CONNECTIONS] then return end
  for percent, pairs_of in pairs { p50 = p50, p99 = p99 } do
    local values, to_one = {}, {}
    for i, pair in ipairs(pairs_of) do values[i], to_one[i] = pair[1], pair[2] end
    rounds.report(line:format(percent), rounds.median(values), "us", rounds.median(to_one))
  end
end

--- How long another request takes beside deliveries to a location: microseconds, and how many of
-- these there are in a second.
local function beside(url, location, path)
  local pipe = assert(io.popen(load.command(url .. location, NEIGHBOURS, SECONDS + 1,
    SCRIPT:format(path, DELIVERIES))))
  core.system.sleep(0.5) -- wrk reads its deliveries
  local neighbour = load_of(url .. "/neighbour", 1)
  local rate = load.read(pipe:read("*a")).rate
  pipe:close()
  return neighbour.p50, rate
end

--- The same beside a store, and beside a handler that keeps nothing, waits and so answers as many:
-- what the machine makes of so much load. Against the request alone.
local function measure_neighbour(name, running, path)
  local idle
  for _, variant in ipairs { { "", {} }, { "_baseline", BASELINES[name] } } do
    with_endpoint(new_place(running, variant[2]), function(url)
      local line = ("receive_neighbour_%s%s"):format(name, variant[1])
      idle = idle or load_of(url .. "/neighbour", 1).p50
      local kept, rate = beside(url, "/", path)
      rounds.report(line, kept, "us", kept / idle)
      if variant[1] == "" then
        local paced = beside(url, ("/paced?seconds=%.6f"):format(NEIGHBOURS / rate), path)
        rounds.report(line .. "_paced", paced, "us", paced / idle)
      end
      return true
    end)
  end
end

-- work_eps ----------------------------------------------------------------------------------------

local function put_events(opened, prefix)
  local events = {}
  for n = 1, WORKED do
    local event, body = debitura.webhook.example("case.created", { id = prefix .. n })
    events[#events + 1] = {
      id = event.id, tenant = "tenant-" .. n % TENANTS, event = event.event, body = body,
    }
    if #events == TOGETHER or n == WORKED then
      assert(opened:inbox_add_many(events, 1))
      events = {}
    end
  end
end

--- Events a second of the store's verbs alone.
local function work_by_hand(opened)
  local began, count = core.system.monotonic(), 0
  repeat
    local items = assert(opened:inbox_claim { limit = AT_ONCE, now = core.system.now(),
      lease = 300 })
    for _, item in ipairs(items) do assert(opened:inbox_done(item, core.system.now())) end
    count = count + #items
  until #items == 0
  assert(count == WORKED)
  return count / (core.system.monotonic() - began)
end

--- Events a second of so many processes.
local function work_by(place, processes)
  local pipes, began, ended, count = {}, math.huge, 0, 0
  local start = core.system.monotonic() + READY
  for n = 1, processes do
    pipes[n] = assert(io.popen(("%s bench/support/receiver.lua %s %.3f")
      :format(arg[-1], server.quote(stores.text(place)), start)))
  end
  for _, pipe in ipairs(pipes) do
    local from, to, number = pipe:read("*n", "*n", "*n")
    pipe:close()
    began, ended, count = math.min(began, from), math.max(ended, to), count + number
  end
  assert(count == WORKED)
  return count / (ended - began)
end

local function measure_working(name, place)
  local opened = stores.connect(place)
  local one, four, to_hand, to_one = {}, {}, {}, {}
  for round = 1, ROUNDS do
    put_events(opened, "hand-" .. round .. "-")
    local by_hand = work_by_hand(opened)
    put_events(opened, "one-" .. round .. "-")
    one[round] = work_by(place, 1)
    put_events(opened, "four-" .. round .. "-")
    four[round] = work_by(place, WORKERS)
    to_hand[round], to_one[round] = one[round] / by_hand, four[round] / one[round]
  end
  opened:close()
  rounds.report("work_eps_" .. name, rounds.median(one), "events/s", rounds.median(to_hand))
  rounds.report(("work_eps_%s_%d_workers"):format(name, WORKERS), rounds.median(four), "events/s",
    rounds.median(to_one))
end

local path = os.tmpname()
write_deliveries(path)
measure_nothing(path)
for name in STORES:gmatch("%a+") do
  write_deliveries(path) -- a signature is good for five minutes
  local running = stores.start(name)
  for _, connections in ipairs(CONNECTIONS) do
    measure_receiving(name, running, path, connections)
  end
  measure_neighbour(name, running, path)
  measure_working(name, new_place(running))
  running.stop()
end
os.remove(path)
