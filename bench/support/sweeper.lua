--- What the benchmarks of sweeps run in processes of their own:
-- INTERPRETER bench/support/sweeper.lua JSON
--
-- The JSON has `address` and `options` of the store, `url` of the sandbox, `now`, `quick` where
-- commits need not reach the disk, and `minute`, how many calls a minute may have. Prints seconds,
-- links that were asked for, kilobytes of Lua's heap at most, and kilobytes of the process at most.
local core = require("debitura.core")
local debitura = require("debitura")
local expired_link_recovery = require("debitura.recipes.verbs.recovery")

local SAMPLE_EVERY = 300 -- steps

local QUICK = { sqlite = "pragma synchronous = off", postgresql = "set synchronous_commit = off" }

local options = assert(core.json.decode(arg[1]))
local opened = assert(debitura.store.open(options.address, options.options))
if options.quick then
  assert(opened.backend.connection:run(QUICK[options.address:match("^%a+")]))
end

local recovery = expired_link_recovery.new {
  partner = debitura.partner {
    api_key = "sandbox-key", base_url = options.url,
    limiter = debitura.limiter { minute = options.minute or 1e9, hour = 1e9, day = 1e9 },
  },
  store = opened, clock = function() return options.now end,
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

local began = core.system.monotonic()
local counts = assert(recovery:sweep { on_progress = sample })
print(("%.6f %d %.0f %d"):format(core.system.monotonic() - began, counts["answer.needs_linking"],
  heap, most()))
opened:close()
