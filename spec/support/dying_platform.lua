-- A process of spec/recipes/crash_spec.lua: scripts/lua ENGINE spec/support/dying_platform.lua JSON
-- Receives two events of a tenant and works them off; before its step number `dies_before`, a
-- statement that it sends to its store or an effect of its own, it kills itself. Prints what it
-- acknowledged, and "alive" at its end.

local core = require("debitura.core")
local debitura = require("debitura")
local platform = require("spec.support.platform")

local options = assert(core.json.decode(arg[1]))
local store = assert(debitura.store.open(options.address, options.options))
local effects = platform.effects(options.effects)

local count = 0

local function step()
  count = count + 1
  if count == options.dies_before then os.execute("kill -KILL $PPID") end
end

-- Each statement of SQL, commits and their like included, and each script of Redis passes here.
local backend = store.backend
local place, name = backend.connection or backend.transport, backend.connection and "execute"
  or "call"
local call = place[name]
place[name] = function(...)
  step()
  return call(...)
end

local receiver = debitura.webhook.receiver {
  secret = platform.SECRET, store = store, clock = function() return options.now end,
  on = { ["*"] = function(event)
    step()
    platform.note(effects, event)
  end },
}
io.stdout:setvbuf("no")
for _, delivery in ipairs(options.deliveries) do
  print(receiver:handle { method = "POST", headers = delivery.headers, body = delivery.body })
end
assert(receiver:work { once = true, lease = options.lease })
print("alive")
