--- The store's verbs as Redis runs them: one Lua script for each, so that a verb is one step. Lua
-- 5.1 as Redis has it.
--
-- Keys, behind the store's prefix (`debitura:`); {n} is the length of the text that follows it:
--
--     version                              of this layout
--     stamp                                the environment that the store belongs to
--     record:{n}:{kind}:{member}           hash; {member} is the tenant, in which a NUL is "\0\1",
--                                          then "\0\0", then the name
--     records:{kind}                       zset of members, score 0
--     records_in:{n}:{kind}:{state}        zset of members, score 0
--     undelivered:{kind}                   zset of members, score 0
--     undelivered_since, expiring          zsets by that time of "{n}:{kind}:{member}", the latter
--                                          of records in the state "pending" alone
--     history:{n}:{kind}:{member}          hash of lines by seq, the `last` seq, and the lines'
--                                          event ids behind "="
--     job:{key}                            hash
--     jobs_of:{tenant}                     zset of the due time as 8 bytes and the key, score 0
--     jobs_in:open, jobs_in:dead           the same
--     jobs_due:{needs}, jobs_kind:{kind}   the same of those that are open
--     event:{id}                           hash, its `seq` from the counter `seq`
--     events:{state}                       zset of ids by seq
--     events_of:{n}:{tenant}:{state}       zset of ids by seq
--     ready                                zset by due_at of "{seq}:{id}": the events that are open
--     done                                 zset of ids by ended_at: the events that are done
--     counts                               hash of counts by "{of}:{n}:{kind}:{state}"
--     process:{id}                         hash
--     processes                            zset of ids by the time of their last beat
--     marks                                hash of times by name
--     totals                               hash of what was added up, as the counts
--     token:{key}, lease:{name}            hashes
--     count:{n}:{key}:{window}             hash of counts by slot
--
-- Redis runs one script at a time, so that writers never meet in the counts: they need no slots.
--
-- KEYS[1] is the prefix. An argument is "" for nil or "=" and its text; an array is preceded by its
-- length. A script decides everything before it writes anything: Redis takes nothing back. None
-- takes more steps than the rows it gives or changes ask for, however large the store is.
-- @module debitura.store.redis.scripts

local forget = require("debitura.store.redis.scripts.forget")
local fragments = require("debitura.store.redis.scripts.fragments")
local inbox = require("debitura.store.redis.scripts.inbox")
local jobs = require("debitura.store.redis.scripts.jobs")
local records = require("debitura.store.redis.scripts.records")
local shared = require("debitura.store.redis.scripts.shared")
local summary = require("debitura.store.redis.scripts.summary")

local scripts = {}

for _, concern in ipairs { records, jobs, inbox, shared, summary, forget } do
  for verb, text in pairs(concern) do scripts[verb] = fragments.common .. text end
end

return scripts
