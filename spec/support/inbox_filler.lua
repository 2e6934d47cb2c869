-- A process of spec/store/sqlite_spec.lua: scripts/lua ENGINE spec/support/inbox_filler.lua ADDRESS
-- Adds events until the ledger has no room for another; prints how many it has, and what the store says.

local store = require("debitura.store")

local ledger = assert(store.open(arg[1]))
local body, kept, added, why = ("x"):rep(10000), 0
repeat
  added, why = ledger:inbox_add({ id = "evt-" .. kept, tenant = nil, event = "client.linked", body = body }, 1767225600)
  if added then kept = kept + 1 end
until not added or kept == 1000
local still_there = #ledger:inbox_list { limit = 2000 }
ledger:close()
print(kept, still_there, added == nil and why.kind, why and why.retryable, tostring(why))
