--- The contract of the stores: the verbs that every backend has, and what each of them promises.
--
-- One list of verbs, several backends. Each verb is atomic and takes the time as an argument; no
-- verb reads a clock, and none walks more rows than it gives, so that a store of millions answers
-- as a small one does. A verb gives its result, `false` and a word when the world had moved on
-- ("stale", "lost", "duplicate"), or `nil` and a failure: of kind "store" when the backend could
-- not do it, of kind "unreadable" when what is kept cannot be opened.
--
-- Times are Unix seconds. A listing gives at most `limit` rows, 100 unless told otherwise.
--
-- ## Records
--
-- What is followed for a tenant: a link (one a tenant, its name is ""), each of its cases (the name
-- is the creditorReference), what is to be signed, an identity check. A record is found by
-- (kind, tenant, name); tenant and name may have 2,000 bytes together, else a move of it is a
-- failure of kind "limit".
--
--     record(kind, tenant, name)            the record, or false
--     records_named(kind, tenant, names)    those of up to 101 names that there are, in any order
--     records { kind=, state= | undelivered=, tenant=, after=, limit= }
--         those of one kind in the order of tenants, then names, byte by byte; `undelivered`
--         (true): those whose URL has not reached the customer; after: the last seen
--     record_move(change, now)              compare-and-set: true, or false,
--         "stale"|"duplicate"|"lost"
--     record_note(record, entry, now)       writes to a record's history only: true, or false,
--         "duplicate"; the record need not exist
--     record_history { kind=, tenant=, name=, after=, limit= }
--         what happened to a record, oldest first; after: the last `seq` seen
--
-- A record has the columns of `contract.record`. Version 0 means "there is none yet"; the move that
-- makes one sets its state. A change is `{ tenant, moves, jobs, done, result }`, all in one step:
--
-- - `moves`: an array of up to 101 `{ kind, name, version, set, entry }` of this tenant, a record
--   at most once. `set` holds columns of `contract.settable`, false clears one. `entry` is the
--   line of history, `{ event, event_id, note }`. A move whose version is not the record's makes
--   the whole change "stale". An entry with an `event_id` enters a record's history once: the
--   second makes the change a "duplicate".
-- - `jobs`: what the tenant's records enqueue, `{ key, kind, record, name, generation,
--   channel, needs, args, due_at }`. A key that is known already stays as it is.
-- - `done`: the claimed job that ends with this change, if the claim still holds, else "lost";
--   `result`: what is kept of it.
--
-- What is wrong first is told: each move in its order, of one whether it is "stale" before whether
-- it is a "duplicate", then "lost". There may be no moves: then jobs are enqueued or ended.
--
-- ## Jobs
--
-- What is to be done about a record, enqueued before it is done.
--
--     jobs { tenant= | state="open" | state="dead" | needs=, due_by=, after=, limit= }
--         in the order in which they are due. One of `tenant`, `state` and `needs` is given;
--         `needs` means open ones. `due_by`: only what is due then. after: the last seen, or its
--         `due_at` and `key`
--     jobs_named(keys)                      those of up to 101 keys that there are, in any order
--     jobs_claim { can=, keys=, limit=, now=, lease= }
--         those that are due and open, the longest due first, leased until now + lease. Only jobs
--         whose `needs` is "" or in the array `can`; with `keys` only those of these keys
--     job_done(job, now, result, delivered) true, or false, "lost" when the lease ended and another
--         claim took it; `delivered` (true): it has brought the URL of its record's generation to
--         the customer, so that the record is undelivered no more
--     job_retry(job, due_at, problem)       to be tried again
--     job_release(job, due_at, problem)     the same, and the claim costs no attempt
--     job_dead(job, now, problem)           given up
--     job_revive(job, now)                  a dead one is open again: true, or false when it is not
--         dead; of the job only `key` is looked at
--
-- A job has the columns of `contract.job`. `record` and `name` say whose it is, `needs` what a
-- process must have to do it. Jobs that are due at the same time stand in an order that each
-- backend keeps.
--
-- A claim raises `attempt` and `claim`, and only the holder of the latest claim can end it: a
-- worker that outlives its lease changes nothing. What a claim has ended stays ended when it is
-- ended so again: a worker that lost the answer may ask twice.
--
-- ## Inbox
--
-- Webhooks kept before they are acknowledged; a tenant's events are claimed one after the other.
--
--     inbox_add(event, received_at)         "new" or "duplicate"; event: `{ id, tenant, event,
--         body, replay }`, of which `tenant` may be nil
--     inbox_add_many(events, received_at)   the same of 1 to 256 events, all or none: an array of
--         "new" and "duplicate"; an event's own `received_at` goes before the common one
--     inbox_claim { limit=, now=, lease= }  with their bodies
--     inbox_waiting(tenant)                 whether any of a tenant's events is to be processed
--     inbox_done(item, now, blank)          true, or false, "lost"; as for jobs. `blank` (true):
--         its body is kept no more
--     inbox_done_many(items, now)           the same of 1 to 256 events in one step, however many
--         of them are lost: an array of true and false
--     inbox_retry(item, due_at, problem)
--     inbox_release(item, due_at, problem)
--     inbox_dead(item, now, problem)
--     inbox_list { state=, tenant=, after=, limit= }
--         in the order of arrival, without the bodies; after: the last `seq` seen
--     inbox_item(id)                        with its body, or false
--     inbox_last()                          the latest that came in, without its body, or false
--     inbox_revive(item, now)               a dead one is to be tried again: true, or false when it
--         is not dead; of the item `id` and `tenant` are looked at
--     inbox_forget(before, limit)           drops what was done before then: how many it dropped
--
-- An event is "open" (due, claimed or to be retried), "waiting" for the tenant's earlier one,
-- "done" or "dead"; its `replay` is 1 or 0.
--
-- ## Forgetting
--
--     forget { tenant=, kinds=, owners=, tokens=, now=, unchanged_since= }
--         blanks in one step what is personal of a tenant: the number of records and events that
--         it blanked. Its records of these kinds are in the state `contract.forgotten` afterwards,
--         without what is sealed; their history has lost its notes; its jobs are done, its events
--         and those of the `owners` (names under which further events of it came) too, without
--         results and bodies; the tokens of these keys are gone. Ids, states and times stay, so
--         that what comes late is known still. What was claimed meanwhile is "lost", what was read
--         is "stale". May be asked again at any time. With `unchanged_since` only where none of
--         these records was changed after then, else false
--
-- ## Counts
--
--     counts()                              array of `{ of, kind, state, count }`, those of 0 left
--         out, in any order
--
-- Kept in the step that changes them. `of` is "record" (kind: the record's), "undelivered" (the
-- same of those with a URL that has not reached the customer), "job" (kind: the job's; state: open,
-- dead), "need" (kind: what open jobs need, "" left out; state: open) or "event" (kind ""; state:
-- open, waiting, dead). Done jobs and done events are not counted.
--
-- ## What operators are shown
--
--     summary(now)                          how the store stands; a table, see below
--     beat(process, now)                    a process is alive: true. Keeps its row (the columns of
--         `contract.process`, `beat_at` is now), marks each of the array `marks` as of now, and
--         adds the array `totals` of `{ of, kind, state, count }` to the totals, all in one step;
--         drops rows that are older than `contract.process_kept`
--     totals()                              what beats have added up, as an array of the same
--
-- The summary costs the same whatever the store holds. Nothing is decided by it, so that it need
-- not be one step. It has
--
-- - `counts`, see above;
-- - `jobs`, an array of `{ kind, due_at }`, and `needs`, an array of `{ needs, due_at }`: of open
--   jobs that are due the one that is due longest, by their kind and by what they need;
-- - `oldest`: since when the first has been `dead_job`, `open_event` (due), `waiting_event`,
--   `dead_event`, `undelivered`; nil where there is none;
-- - `expiring`: how many records in the state `contract.expiring` end within a day, up to
--   `contract.expiring_counted`;
-- - `last_event`: when the latest came in;
-- - `processes`: those that beat last, 100 at most;
-- - `marks`: when what was marked happened last, by its name.
--
-- ## What workers share besides
--
--     token(key, now)                       a token that has not expired, or false
--     token_put(key, token, expires_at, now)
--     token_add(key, token, expires_at, now)
--         the token that has not expired, which is this one when there was none
--     counter_add(key, windows)             counts one in every window, or false and the full ones,
--         and counts nothing
--     lease(name, holder, seconds, now)     true when no other holder has it; also prolongs
--         one's own
--     lease_release(name, holder)           true, or false when it was not held
--     stamp(environment)                    the environment this store belongs to: what was stamped
--         first, which is `environment` when nothing was; with nil it only reads: false when
--         nothing was
--     restamp(environment)                  true
--     layout()                              the number of its layout, see debitura.store.layouts
--     migrate()                             brings it to the release's own layout, all in one step:
--         by how many it went up, 0 when it was there
--     close()
--
-- A window is `{ name, slot, first, limit }`: what was counted since the slot `first` must stay
-- below `limit`; it counts in `slot`. Of a full one is given, under its name, the `sum` and the
-- `slots` (count by slot).
-- @module debitura.store.contract

local usage = require("debitura.base.usage")

local contract = {}

--- The verbs that only read.
contract.reading = {
  "record", "records_named", "records", "record_history", "jobs", "jobs_named", "inbox_waiting",
  "inbox_list", "inbox_item", "inbox_last", "counts", "summary", "totals", "token", "layout",
}

--- Those that look at the names and the claim of a row, not at what is in it.
contract.naming = {
  "job_done", "job_retry", "job_release", "job_dead", "job_revive", "inbox_done",
  "inbox_done_many", "inbox_retry", "inbox_release", "inbox_dead", "inbox_revive",
}

--- All verbs, which each backend has.
contract.verbs = {
  "record_move", "record_note", "jobs_claim", "inbox_add", "inbox_add_many", "inbox_claim",
  "inbox_forget", "forget", "beat", "token_put", "token_add", "counter_add", "lease",
  "lease_release", "stamp", "restamp", "migrate", "close",
}
for _, verbs in ipairs { contract.reading, contract.naming } do
  for _, verb in ipairs(verbs) do table.insert(contract.verbs, verb) end
end

--- The state of a record of which nothing personal is kept.
contract.forgotten = "forgotten"

--- Rows that a listing or a claim gives unless told otherwise.
contract.page = 100

--- How many bytes the tenant and the name of a record may have together: PostgreSQL takes no index
-- entry of more than 2,704.
contract.longest_place = 2000

--- The state in which a record ends at its `expires_at`.
contract.expiring = "pending"

--- How many of those that end soon are counted.
contract.expiring_counted = 10000

--- Seconds for which the row of a process is kept that beats no more.
contract.process_kept = 2 * 86400

-- Columns are ids (short text without NUL), numbers, or `bytes`: text that may hold any byte. Those
-- that are `sealed` hold what is personal or hosted, which debitura.store.encrypted seals. `since`
-- is the layout that a column came with, where that is not the first.

contract.record = {
  { "kind" }, { "tenant" }, { "name" }, { "state" },
  { "version", number = true }, { "generation", number = true },
  { "origin" }, -- of a case: "link" or "submitted"
  { "terms", bytes = true }, -- JSON: what was promised when it was requested
  { "data", bytes = true }, -- JSON: ids, counts and marks of its kind
  { "key" }, -- of a case: its idempotency key
  { "url", sealed = true }, { "payload", sealed = true }, { "reason", sealed = true },
  { "result", sealed = true },
  { "requested_at", number = true }, { "expires_at", number = true },
  { "undelivered_since", number = true }, -- while its URL has not reached the customer
  { "created_at", number = true }, { "updated_at", number = true },
}

--- What a move may set.
contract.settable = {
  "state", "generation", "origin", "terms", "data", "key", "url", "payload", "reason", "result",
  "requested_at", "expires_at", "undelivered_since",
}

contract.history = {
  { "seq", number = true }, { "kind" }, { "tenant" }, { "name" }, { "at", number = true },
  { "event" }, { "event_id" }, { "from_state" }, { "to_state" }, { "generation", number = true },
  { "note", sealed = true },
}

contract.job = {
  { "key" }, { "kind" }, { "tenant" }, { "record" }, { "name" }, { "generation", number = true },
  { "channel" },
  { "needs" }, -- "" when any process can do it
  { "args", bytes = true }, -- JSON
  { "state" }, -- open, done or dead
  { "attempt", number = true }, { "claim", number = true }, { "due_at", number = true },
  { "created_at", number = true }, { "ended_at", number = true },
  { "result", sealed = true }, -- of a done one: what came of it; of the others: the latest problem
}

contract.event = {
  { "seq", number = true }, { "id" }, { "tenant" }, { "event" }, { "body", sealed = true },
  { "received_at", number = true }, { "replay", number = true }, { "state" },
  { "attempt", number = true }, { "claim", number = true }, { "due_at", number = true },
  { "ended_at", number = true }, { "result", sealed = true },
}

contract.process = {
  { "id" }, { "role" }, { "host" }, { "pid", number = true }, { "release" },
  { "about", bytes = true }, -- JSON: what it can and does, and what came of it
  { "started_at", number = true }, { "beat_at", number = true }, { "ended_at", number = true },
}

--- The names of those of a row's columns that are sealed.
-- @tparam table columns such as `contract.record`
-- @treturn table array
function contract.sealed(columns)
  local names = {}
  for _, column in ipairs(columns) do
    if column.sealed then names[#names + 1] = column[1] end
  end
  return names
end

--- By which of its columns `jobs` is asked to list.
-- @tparam table filter
-- @treturn string "tenant", "state" or "needs"
-- @raise when not one of them is given
function contract.jobs_by(filter)
  local by
  for _, name in ipairs { "tenant", "state", "needs" } do
    if filter[name] ~= nil then
      usage.check(not by, "jobs: give one of tenant, state and needs")
      by = name
    end
  end
  usage.check(by, "jobs: give one of tenant, state and needs")
  usage.check(by ~= "state" or filter.state == "open" or filter.state == "dead",
    'jobs: state is "open" or "dead"')
  return by
end

return contract
