--- What the benchmarks of sweeps run in processes of their own:
-- INTERPRETER bench/support/sweeper.lua JSON
--
-- The JSON has `address` and `options` of the store, `url` of the sandbox, `now`, `quick` where
-- commits need not reach the disk, `minute`, how many calls a minute may have, and `counted` where
-- statements and reads are. Prints seconds, links that were asked for, kilobytes of Lua's heap at
-- most, kilobytes of the process at most, SQL statements, and reads of the links' records.
local backlog = require("spec.support.backlog")
local core = require("debitura.core")
local counting_store = require("spec.support.counting_store")
local debitura = require("debitura")
local expired_link_recovery = require("debitura.recipes.verbs.recovery")

local SAMPLE_EVERY = 300 -- steps

local QUICK = { sqlite = "pragma synchronous = off", postgresql = "set synchronous_commit = off" }

local options = assert(core.json.decode(arg[1]))
local opened = assert(debitura.store.open(options.address, options.options))
if options.quick then
  assert(opened.backend.connection:run(QUICK[options.address:match("^%a+")]))
end

local statements, counting = 0, options.counted and counting_store.new(opened)
if counting then
  local connection = opened.backend.connection
  local execute = connection.execute
  function connection:execute(...)
    statements = statements + 1
    return execute(self, ...)
  end
end

local recovery = expired_link_recovery.new {
  partner = debitura.partner {
    api_key = "sandbox-key", base_url = options.url,
    limiter = debitura.limiter { minute = options.minute or 1e9, hour = 1e9, day = 1e9 },
  },
  store = counting and counting.store or opened, clock = function() return options.now end,
  channels = { { name = "notes", deliver = function() return true end } },
}

local steps, heap = 0, 0

local function sample()
  steps = steps + 1
  if steps % SAMPLE_EVERY ~= 0 then return end
  collectgarbage()
  heap = math.max(heap, collectgarbage("count"))
end

--- The most that this process has had in memory, as Linux counts it.
local function most()
  local file = assert(io.open("/proc/self/status"))
  local text = file:read("*a")
  file:close()
  return tonumber(text:match("VmHWM:%s*(%d+)"))
end

local counts
local function sweep() counts = assert(recovery:sweep { on_progress = sample }) end

local began, reads = core.system.monotonic(), 0
if counting then
  local calls = counting:during(sweep)
  for n = 1, counts["answer.needs_linking"] do
    reads = reads + counting_store.reads(calls, "link", backlog.tenant(n), "")
  end
else
  sweep()
end
print(("%.6f %d %.0f %d %d %d"):format(core.system.monotonic() - began,
  counts["answer.needs_linking"], heap, most(), statements, reads))
opened:close()
