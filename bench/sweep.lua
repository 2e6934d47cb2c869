-- Sweeps of expired links against the sandbox: links a second, each noticed, asked for and
-- delivered, against plain calls of POST /clients for as many; and the memory of the process and of
-- its Lua for 100,000 links against 1,000 (aim: at most 1.2).
--
-- Links a second are counted with commits that reach the disk, memory with some that need not.
-- BENCH_SWEEP is the larger number.
local backlog = require("spec.support.backlog")
local core = require("debitura.core")
local debitura = require("debitura")
local stores = require("bench.support.stores")
local rounds = require("bench.support.rounds")
local sandbox = require("debitura.sandbox")
local server = require("spec.support.server")

local ROUNDS, LINKS = 3, 1000
local LARGE, SMALL = tonumber(os.getenv("BENCH_SWEEP") or 100000), 1000

local service = assert(sandbox.start { seed = 1 })

local function report(name, value, unit, ratio)
  print(("%s %.0f %s %.2f"):format(name, value, unit, ratio))
  io.stdout:flush()
end

--- Sweeps a ledger of so many links in a process of its own.
-- @treturn table `seconds`, and kilobytes: `heap` of Lua, `memory` of the process
local function sweep(name, count, quick)
  local place, close = stores.open(name)
  local ledger = stores.connect(place)
  backlog.fill(ledger, count)
  ledger:close()
  local pipe = assert(io.popen(("%s bench/support/sweep.lua %s")
    :format(arg[-1], server.quote(core.json.encode {
    address = place.address, options = place.options, url = service.url, now = backlog.NOW,
    quick = quick,
  }))))
  local seconds, done, heap, memory = pipe:read("*n", "*n", "*n", "*n")
  pipe:close()
  close()
  assert(done == count, "not all links were asked for")
  return { seconds = seconds, heap = heap, memory = memory }
end

--- Seconds that as many plain calls take.
local function plain(count)
  local ledger = assert(debitura.store.open("memory:"))
  backlog.ask(ledger, { backlog.tenant(1) })
  local payload = core.json.decode(ledger:record("link", backlog.tenant(1), "").payload)
  local partner = debitura.partner {
    api_key = service.api_key, base_url = service.url, limiter = debitura.limiter { minute = 1e9,
      hour = 1e9, day = 1e9 },
  }
  local began = core.system.monotonic()
  for n = 1, count do
    payload.externalTenantId = backlog.tenant(n)
    local _, err = partner:create_client(payload, { check = false })
    assert(err.type == "ClientExistsNeedsLinking")
  end
  return core.system.monotonic() - began
end

for _, name in ipairs { "sqlite", "postgresql" } do
  local rates, ratios = {}, {}
  for round = 1, ROUNDS do
    local expected = plain(LINKS)
    local seconds = sweep(name, LINKS).seconds
    rates[round], ratios[round] = LINKS / seconds, expected / seconds
  end
  report("sweep_links_per_s_" .. name, rounds.median(rates), "links/s", rounds.median(ratios))
  local small, large = sweep(name, SMALL, true), sweep(name, LARGE, true)
  report("sweep_memory_kb_" .. name, large.memory, "kB", large.memory / small.memory)
  report("sweep_heap_kb_" .. name, large.heap, "kB", large.heap / small.heap)
end
service:stop()
