-- What does not grow with what is stored: claims, adds and lists of an inbox of 1,000,000 events
-- against one of 1,000 (aim: at most 1.3 times the time), the memory of a sweep of 100,000 links
-- against one of 1,000 (aim: at most 1.2), and of a store with 1,000,000 records, jobs and events
-- the summary for operators and the forgetting of a client (aims: below 50 ms). Not part of the
-- everyday benchmarks: BENCH=scale runs it.
--
-- BENCH_INBOX, BENCH_SWEEP and BENCH_SUMMARY are the larger numbers, BENCH_STORES names the stores
-- that are measured.
local core = require("debitura.core")
local debitura = require("debitura")
local rounds = require("bench.support.rounds")
local sandbox = require("debitura.sandbox")
local stores = require("bench.support.stores")
local sweeps = require("bench.support.sweeps")

local STORES = os.getenv("BENCH_STORES") or table.concat(stores.names, " ")
local INBOX = tonumber(os.getenv("BENCH_INBOX") or 1000000)
local LINKS = tonumber(os.getenv("BENCH_SWEEP") or 100000)
local SUMMARY = tonumber(os.getenv("BENCH_SUMMARY") or 1000000)
local SMALL, TIMES, AT_ONCE = 1000, 200, 16

-- The inbox -------------------------------------------------------------------------------------

local function open_filled(name, count)
  local place, close = stores.open(name)
  local opened = stores.connect(place)
  stores.fill(opened, count, (select(2, debitura.webhook.example("case.created"))))
  return opened, function()
    opened:close()
    close()
  end
end

--- What is measured of an inbox, and how it is done the n-th time. A second after it was claimed an
-- event is due again.
local INBOX_VERBS = {
  { "inbox_scale", function(opened, n)
    return #opened:inbox_claim { limit = AT_ONCE, now = INBOX + n * 2, lease = 1 } == AT_ONCE
  end },
  { "inbox_add_scale", function(opened, n)
    local event = { id = "new-" .. n, tenant = "new-" .. n, event = "case.created", body = "{}" }
    return opened:inbox_add(event, INBOX * 3) == "new"
  end },
  { "inbox_list_scale", function(opened)
    return #opened:inbox_list { after = SMALL / 2, limit = AT_ONCE } == AT_ONCE
  end },
  { "inbox_list_empty_scale", function(opened)
    return #opened:inbox_list { state = "dead" } == 0
  end },
}

local function time_of(run, opened, n, count)
  local began = core.system.monotonic()
  assert(run(opened, n, count))
  return core.system.monotonic() - began
end

local function measure_inbox(name)
  local large, close_large = open_filled(name, INBOX)
  local small, close_small = open_filled(name, SMALL)
  for _, verb in ipairs(INBOX_VERBS) do
    local of_large, of_small = {}, {}
    for n = 1, TIMES do
      of_large[n], of_small[n] = time_of(verb[2], large, n), time_of(verb[2], small, n)
    end
    rounds.report(verb[1] .. "_" .. name, rounds.median(of_large) * 1e6, "us",
      rounds.median(of_large) / rounds.median(of_small))
  end
  close_large()
  close_small()
end

-- Sweeps ------------------------------------------------------------------------------------------

local function measure_memory(service, name)
  local small = sweeps.run(service, name, SMALL, { quick = true })
  local large = sweeps.run(service, name, LINKS, { quick = true })
  rounds.report("sweep_memory_kb_" .. name, large.memory, "kB", large.memory / small.memory)
  rounds.report("sweep_heap_kb_" .. name, large.heap, "kB", large.heap / small.heap)
end

-- Summaries, and forgetting -----------------------------------------------------------------------

local OF_FULL = {
  { "summary_us", function(opened) return opened:summary(2000000000) end },
  { "forget_us", function(opened, n, count)
    return opened:forget { tenant = ("t%d"):format(count / 2 + n * 2 + 1), now = 2000000000,
      kinds = { "case", "kyc", "link", "signing" }, owners = { "case-" .. n },
      tokens = { "token-" .. n } } > 0
  end },
}

--- How long each of these takes in a full store.
local function full_times(name, count)
  local place, close = stores.open(name)
  local opened = stores.connect(place)
  stores.fill_records(opened, count)
  local found = {}
  for i, verb in ipairs(OF_FULL) do
    local times = {}
    for n = 1, 21 do times[n] = time_of(verb[2], opened, n, count) end
    found[i] = rounds.median(times)
  end
  opened:close()
  close()
  return found
end

local function measure_full(name)
  local small, large = full_times(name, SMALL), full_times(name, SUMMARY)
  for i, verb in ipairs(OF_FULL) do
    rounds.report(verb[1] .. "_" .. name, large[i] * 1e6, "us", large[i] / small[i])
  end
end

local service = assert(sandbox.start { seed = 1 })
for name in STORES:gmatch("%a+") do
  measure_full(name)
  measure_inbox(name)
  if name ~= "redis" then measure_memory(service, name) end -- its links are filled in by SQL
end
service:stop()
