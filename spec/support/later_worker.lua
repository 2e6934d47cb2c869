-- A process of spec/store/migration_spec.lua, of a later release:
-- scripts/lua ENGINE spec/support/later_worker.lua use|migrate ADDRESS PLACE
-- Uses verbs of every kind and says what came of them, or migrates the store.

require("spec.support.later_release")

local lua_text = require("spec.support.lua_text")
local open_place = require("spec.support.store_place")
local rows = require("spec.support.store_rows")

local T0 = rows.T0
local store = open_place(arg[2], arg[3])

local function use()
  local link = assert(store:record("link", "acme-1", ""))
  local found = { layout = assert(store:layout()), before = link.colour or false }
  assert(store:record_move(rows.change("acme-1", {
    rows.move("link", "", link.version, { colour = "blue" }),
  }, { rows.job("job-" .. link.version) }), T0))
  found.after = store:record("link", "acme-1", "").colour or false
  found.listed = #assert(store:records { kind = "link" })
  found.lines = #assert(store:record_history { kind = "link", tenant = "acme-1", name = "" })
  assert(store:beat({ id = "later", role = "worker", host = "h", pid = 2, release = "1.1.0",
    about = "{}", started_at = T0 }, T0))
  local job = assert(store:jobs_claim { now = T0, lease = 60 })[1]
  found.done = assert(store:job_done(job, T0, "sent"))
  found.added = assert(rows.add(store, "evt-" .. link.version, "acme-1"))
  local item = assert(store:inbox_claim { now = T0, lease = 60 })[1]
  found.ended = assert(store:inbox_done(item, T0))
  found.forgotten = assert(store:forget { tenant = "acme-2", kinds = { "link" }, now = T0 })
  found.processes = #assert(store:summary(T0)).processes
  return found
end

print(lua_text.of(arg[1] == "use" and use() or assert(store:migrate())))
store:close()
