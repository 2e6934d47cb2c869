-- A process of spec/store/sqlite_spec.lua: scripts/lua ENGINE spec/support/inbox_filler.lua ADDRESS
-- Adds events until the store has no room for another; prints how many it has, and what the store
-- says.

local rows = require("spec.support.store_rows")
local store = require("debitura.store")

local opened = assert(store.open(arg[1]))
local body, kept, added, err = ("x"):rep(10000), 0
repeat
  added, err = rows.add(opened, "evt-" .. kept, nil, rows.T0, { body = body })
  if added then kept = kept + 1 end
until not added or kept == 1000
local still_there = #opened:inbox_list { limit = 2000 }
opened:close()
print(kept, still_there, added == nil and err.kind, err and err.retryable, tostring(err))
