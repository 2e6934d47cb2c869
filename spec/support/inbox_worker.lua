-- A process of spec/store/race_spec.lua: scripts/lua ENGINE spec/support/inbox_worker.lua ADDRESS PLACE JOURNAL NAME JOB COUNT
-- JOB "add" adds COUNT events for each of the tenants; "work" works until all of the COUNT events there are to be are done.
-- What happens is noted in the journal, which all processes append to.

local core = require("debitura.core")
local store = require("debitura.store")

local address, place, journal_path, name, job, count = arg[1], arg[2], arg[3], arg[4], arg[5], tonumber(arg[6])
local TENANTS, NOW, LEASE = 5, 1767225600, 3600 -- nobody's lease ends while the spec runs
local PATIENCE = 120 -- seconds

local journal = assert(io.open(journal_path, "ab"))
journal:setvbuf("no") -- a line is one write, which no other process's can divide

local ledger = assert(store.open(address, { schema = place, prefix = place .. ":" }))
local jobs = {}

function jobs.add()
  for i = 1, count do
    for tenant = 1, TENANTS do
      local id = ("%s-%d-%d"):format(name, tenant, i)
      assert(ledger:inbox_add({ id = id, tenant = "tenant-" .. tenant, event = "case.created", body = "{}" }, NOW) == "new")
    end
  end
end

function jobs.work()
  local deadline = core.system.monotonic() + PATIENCE
  while #ledger:inbox_list { state = "done", limit = count } < count do
    assert(core.system.monotonic() < deadline, "the events were not all done in time")
    for _, item in ipairs(assert(ledger:inbox_claim { now = NOW, lease = LEASE, limit = 3 })) do
      journal:write(("begin %s %s %d\n"):format(item.tenant, item.id, item.seq))
      assert(ledger:counter_add("worked", { { name = "all", slot = 1, first = 1, limit = 1e6 } }))
      journal:write(("end %s %s %d\n"):format(item.tenant, item.id, item.seq))
      assert(ledger:inbox_done(item, NOW) == true)
    end
  end
end

jobs[job]()
ledger:close()
print("ready")
