-- A process that sweeps: scripts/lua ENGINE spec/support/sweep_worker.lua JSON The JSON has
-- `address` and `options` of the store, `url` of the sandbox, `now`, `journal` (a file to which it
-- appends), and, where they are wanted, `with` (another process's file, whose beginning is
-- awaited), `steps` (after so many it is told to stop), `die_at` (at which line of the journal it
-- kills itself), `quick` (a SQLite file's commits need not reach the disk). Prints what the sweep
-- says.

local core = require("debitura.core")
local debitura = require("debitura")
local expired_link_recovery = require("debitura.recipes.verbs.recovery")

local options = assert(core.json.decode(arg[1]))
local journal = assert(io.open(options.journal, "ab"))
journal:setvbuf("no") -- a line is on its way before what follows is done
local lines = 0

local function note(...)
  journal:write(table.concat({ ... }, " "), "\n")
  lines = lines + 1
  if lines == options.die_at then os.execute("kill -KILL $PPID") end
end

local library = debitura.partner {
  api_key = "sandbox-key", base_url = options.url, limiter = debitura.limiter { minute = 1e9,
    hour = 1e9, day = 1e9 },
}

--- The partner object, with a line for each call that was answered.
local partner = setmetatable({}, { __index = library })

function partner.create_client(_, payload, how)
  local client, err = library:create_client(payload, how)
  note("asked", payload.externalTenantId)
  return client, err
end

local store = assert(debitura.store.open(options.address, options.options))
-- A process that is killed loses nothing of what it has committed; the disk is not what a spec
-- tries.
if options.quick then assert(store.backend.connection:run("pragma synchronous = off")) end
local recovery = expired_link_recovery.new {
  partner = partner, store = store, clock = function() return options.now end,
  channels = { { name = "notes", deliver = function(_, message)
    note("delivered", message.tenant, message.generation, message.key, message.url)
    return true
  end } },
}

note("began")
while options.with and not io.open(options.with) do core.system.sleep(0.01) end
local steps = 0
local counts, err = recovery:sweep { limit = options.limit, on_progress = function()
  steps = steps + 1
  return steps ~= options.steps
end }
store:close()
print(counts and core.json.encode(counts) or tostring(err))
