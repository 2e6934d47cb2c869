-- A process of spec/store/race_spec.lua:
-- scripts/lua ENGINE spec/support/inbox_worker.lua ADDRESS PLACE JOURNAL NAME ROLE COUNT
-- ROLE "add" adds COUNT events for each of the tenants; "work" works until all of the COUNT events
-- there are to be are done. What happens is noted in the journal, which all processes append to.

local core = require("debitura.core")
local open_place = require("spec.support.store_place")
local rows = require("spec.support.store_rows")

local address, place, journal_path, name, role, count =
  arg[1], arg[2], arg[3], arg[4], arg[5], tonumber(arg[6])
local TENANTS, NOW, LEASE = 5, rows.T0, 3600 -- no lease ends while the spec runs
local PATIENCE = 120 -- seconds

local journal = assert(io.open(journal_path, "ab"))
journal:setvbuf("no") -- a line is one write, which no other process's can divide

local store = open_place(address, place)
local roles = {}

function roles.add()
  for i = 1, count do
    for tenant = 1, TENANTS do
      local id = ("%s-%d-%d"):format(name, tenant, i)
      assert(rows.add(store, id, "tenant-" .. tenant, NOW) == "new")
    end
  end
end

function roles.work()
  local deadline = core.system.monotonic() + PATIENCE
  while #store:inbox_list { state = "done", limit = count } < count do
    assert(core.system.monotonic() < deadline, "the events were not all done in time")
    for _, item in ipairs(assert(store:inbox_claim { now = NOW, lease = LEASE, limit = 3 })) do
      journal:write(("begin %s %s %d\n"):format(item.tenant, item.id, item.seq))
      local window = { name = "all", slot = 1, first = 1, limit = 1e6 }
      assert(store:counter_add("worked", { window }))
      journal:write(("end %s %s %d\n"):format(item.tenant, item.id, item.seq))
      assert(store:inbox_done(item, NOW) == true)
    end
  end
end

roles[role]()
store:close()
print("ready")
