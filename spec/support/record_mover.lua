-- A process of spec/store/race_spec.lua:
-- scripts/lua ENGINE spec/support/record_mover.lua ADDRESS PLACE GO NAME COUNT
-- Waits for the file GO, opens the store, and moves the links of several tenants with a case each
-- COUNT times, as often as it takes; claims and ends the jobs that came of it as deliveries, and
-- says that it is alive.

local core = require("debitura.core")
local open_place = require("spec.support.store_place")
local rows = require("spec.support.store_rows")

local address, place, go, name, count = arg[1], arg[2], arg[3], arg[4], tonumber(arg[5])
local TENANTS = { "tenant-1", "tenant-2", "tenant-3" }
local PATIENCE = 60 -- seconds

local deadline = core.system.monotonic() + PATIENCE
while not core.system.permissions(go) do
  assert(core.system.monotonic() < deadline, "nothing began")
  core.system.sleep(0.001)
end
local store = open_place(address, place)

local function version_of(kind, tenant, record_name)
  local record, err = store:record(kind, tenant, record_name)
  assert(record ~= nil, err)
  return record and record.version or 0
end

--- Moves a tenant's link and one case of its own, until it is not too late.
local function move(tenant, i)
  repeat
    local case = name .. "-" .. i
    local moved, word = store:record_move(rows.change(tenant, {
      rows.move("case", case, version_of("case", tenant, case), { state = "created" }),
      rows.move("link", "", version_of("link", tenant, ""),
        { state = name, generation = 1, undelivered_since = rows.T0 }),
    }, { rows.job(("look/%s/%s"):format(tenant, case)), rows.job("shared/" .. tenant) }), rows.T0)
    assert(moved or word == "stale", word)
  until moved
end

local ended = 0
for i = 1, count do
  for _, tenant in ipairs(TENANTS) do move(tenant, i) end
  for _, job in ipairs(assert(store:jobs_claim { now = rows.T0, lease = 3600, limit = 2 })) do
    assert(store:job_done(job, rows.T0, nil, true) == true)
    ended = ended + 1
  end
  assert(store:beat({
    id = name, role = "mover", host = "h", pid = 1, release = "1", about = "{}",
    started_at = rows.T0, marks = { "b", "a" }, totals = {
      { of = "performed", kind = "z", state = "done", count = 1 },
      { of = "performed", kind = "a", state = "done", count = 1 },
    },
  }, rows.T0))
end
store:close()
print(ended)
