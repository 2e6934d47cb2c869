-- Webhooks for each store: received and acknowledged in nginx against a handler that reads the body
-- and answers 204; processed, against the store's verbs alone and by four processes against one.
--
-- Commits reach the disk: SQLite synchronous FULL, PostgreSQL fsync on, Redis appendfsync always.
-- BENCH_STORES names the stores that are measured ("redis sqlite").
local core = require("debitura.core")
local debitura = require("debitura")
local nginx = require("debitura.nginx_app")
local receiver = require("bench.support.receiver")
local rounds = require("bench.support.rounds")
local server = require("spec.support.server")
local stores = require("bench.support.stores")

local ROUNDS, SECONDS, CONNECTIONS = 3, 2, 32
local DELIVERIES = 15000 -- for each round, more than are kept in it
local WORKED, TENANTS, WORKERS = 1000, 500, 4
local AT_ONCE = 16
local STORES = os.getenv("BENCH_STORES") or table.concat(stores.names, " ")

-- receive_rps -------------------------------------------------------------------------------------

local CONFIGURATION = [[
  keepalive_requests 10000000;
  server {
    listen 127.0.0.1:$PORT;
    location = /nothing { content_by_lua_block { ngx.req.read_body() ngx.exit(204) } }
    location / {
      content_by_lua_block { require("bench.support.receiver").serve([=====[$PLACE]=====]) }
    }
  }
]]

--- Requests a second that were answered with success.
local function load_of(url, path, first)
  local said = server.run(("wrk -t 1 -c %d -d %d -s bench/support/deliveries.lua %s -- %s %d %d")
    :format(
    CONNECTIONS, SECONDS, url, path, first, DELIVERIES))
  assert(not said:find("Non-2xx", 1, true) and not said:find("Socket errors", 1, true), said)
  return assert(tonumber(said:match("Requests/sec:%s+([%d.]+)")), said)
end

local function write_deliveries(path)
  local file = assert(io.open(path, "wb"))
  for n = 1, DELIVERIES * ROUNDS do
    local _, body = debitura.webhook.example("case.created", {
      id = "evt-" .. n, data = { externalTenantId = "tenant-" .. n % TENANTS },
    })
    file:write(debitura.webhook.sign(body, receiver.SECRET), "\t", body, "\n")
  end
  file:close()
end

local function measure_receiving(name, place, path)
  local endpoint = assert(nginx.start { http = CONFIGURATION:gsub("%$PLACE", function()
    return place.text
  end) })
  local rates, ratios = {}, {}
  for round = 1, ROUNDS do
    local first = (round - 1) * DELIVERIES + 1
    local plain = load_of(endpoint.url .. "/nothing", path, first)
    rates[round] = load_of(endpoint.url .. "/", path, first)
    ratios[round] = rates[round] / plain
  end
  endpoint:stop()
  rounds.report("receive_rps_" .. name, rounds.median(rates), "events/s", rounds.median(ratios))
end

-- work_eps ----------------------------------------------------------------------------------------

local function put_events(opened, prefix)
  for n = 1, WORKED do
    local event, body = debitura.webhook.example("case.created", { id = prefix .. n })
    assert(opened:inbox_add({
      id = event.id, tenant = "tenant-" .. n % TENANTS, event = event.event, body = body,
    }, 1) == "new")
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
local function work_by(place, workers)
  local pipes, began, ended, count = {}, math.huge, 0, 0
  for n = 1, workers do
    pipes[n] = assert(io.popen(("%s bench/support/receiver.lua %s")
      :format(arg[-1], server.quote(place.text))))
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
measure_receiving("keeping_nothing", { text = "{}" }, path)
for name in STORES:gmatch("%a+") do
  local place, close = stores.open(name)
  stores.connect(place):close() -- makes the tables
  measure_receiving(name, place, path)
  close()
  place, close = stores.open(name)
  measure_working(name, place)
  close()
end
os.remove(path)
