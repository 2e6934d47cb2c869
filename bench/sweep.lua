-- Sweeps of expired links against the sandbox: links a second, each noticed, asked for and
-- delivered, against plain calls of POST /clients for as many. Commits reach the disk.
-- And the same where each call takes 200 ms, against plain calls one after the other; and where the
-- limits let pass fewer than there are links, against what they let pass. How many SQL statements a
-- link takes, and how often its record is read, against what it may. BENCH_STORES names the stores
-- that are measured.
local backlog = require("spec.support.backlog")
local core = require("debitura.core")
local debitura = require("debitura")
local nginx = require("debitura.nginx_app")
local rounds = require("bench.support.rounds")
local sandbox = require("debitura.sandbox")
local sweeps = require("bench.support.sweeps")

local ROUNDS, LINKS = 3, 1000
local SLOW_LINKS, SLOW_CALLS = 160, 10
-- Twice as many links as a minute lets pass, and the seconds that the second half has to wait.
local A_MINUTE, WINDOW = 100, 61
local STATEMENTS, READS = 14, 3 -- that a link may take
local STORES = os.getenv("BENCH_STORES") or "sqlite postgresql"

local UNLIMITED = { minute = 1e9, hour = 1e9, day = 1e9 }

local SLOW = [[
  server {
    listen 127.0.0.1:$PORT;
    location / {
      access_by_lua_block { ngx.sleep(0.2) }
      proxy_pass $URL;
    }
  }
]]

local service = assert(sandbox.start { seed = 1 })
local slow = assert(nginx.start { http = SLOW:gsub("%$URL", service.url) })
slow.api_key = service.api_key

--- Seconds that as many plain calls take.
local function plain(count, url)
  local opened = assert(debitura.store.open("memory:"))
  backlog.ask(opened, { backlog.tenant(1) })
  local payload = core.json.decode(opened:record("link", backlog.tenant(1), "").payload)
  local partner = debitura.partner {
    api_key = service.api_key, base_url = url, limiter = debitura.limiter(UNLIMITED),
  }
  local began = core.system.monotonic()
  for n = 1, count do
    payload.externalTenantId = backlog.tenant(n)
    local _, err = partner:create_client(payload, { check = false })
    assert(err.type == "ClientExistsNeedsLinking")
  end
  return core.system.monotonic() - began
end

local function count(name)
  local swept = sweeps.run(service, name, SLOW_LINKS, { counted = true, quick = true })
  for what, aim in pairs { statements = STATEMENTS, reads = READS } do
    local each = swept[what] / SLOW_LINKS
    print(("sweep_%s_per_link_%s %.1f %s/link %.2f"):format(what, name, each, what, each / aim))
  end
end

for name in STORES:gmatch("%a+") do
  count(name)
  local rates, ratios = {}, {}
  for round = 1, ROUNDS do
    local expected = plain(LINKS, service.url)
    local seconds = sweeps.run(service, name, LINKS).seconds
    rates[round], ratios[round] = LINKS / seconds, expected / seconds
  end
  rounds.report("sweep_links_per_s_" .. name, rounds.median(rates), "links/s",
    rounds.median(ratios))
  local one = plain(SLOW_CALLS, slow.url) / SLOW_CALLS
  local rate = SLOW_LINKS / sweeps.run(slow, name, SLOW_LINKS).seconds
  rounds.report("sweep_links_per_s_200ms_" .. name, rate, "links/s", rate * one)
  local seconds = sweeps.run(slow, name, 2 * A_MINUTE, { minute = A_MINUTE }).seconds
  rounds.report("sweep_links_per_minute_limited_" .. name, 2 * A_MINUTE / seconds * 60, "links/min",
    WINDOW / seconds)
end
slow:stop()
service:stop()
