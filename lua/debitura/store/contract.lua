--- The contract of the stores: the verbs that every backend has, and what each of them promises.
--
-- One list of verbs, several backends. Each verb is atomic and takes the time as an argument; no verb reads a clock, and none walks
-- more rows than it gives, so that a store of millions answers as a small one does. A verb gives its result, `false` and a word when
-- the world had moved on ("stale", "lost", "duplicate"), or `nil` and a failure of kind "store" when the backend could not do it.
--
-- ## Records
--
-- What is followed for a tenant: a link (one a tenant, its name is ""), each of its cases (the name is the creditorReference), what
-- is to be signed, an identity check. A record is found by (kind, tenant, name).
--
--     record(kind, tenant, name)                    the record, or false
--     records_named(kind, tenant, names)            those of up to 101 names that there are, in any order
--     records { kind=, state=, tenant=, after=, limit= }  of one kind, in the order of tenants, then names; after: the last one seen
--     record_move(change, now)                      compare-and-set: the moved records, or false, "stale"|"lost"|"duplicate"
--     record_note(record, entry, now)               writes to a record's history only: true, or false, "duplicate"
--     record_history { kind=, tenant=, name=, after=, limit= }  what happened, oldest first; after: the last `seq` seen
--
-- A record has the columns of `contract.record`. Version 0 means "there is none yet"; the move that makes one sets its state. A change
-- is `{ tenant, moves, jobs, done, result }`, all in one step: `moves` is an array of up to 101 `{ kind, name, version, set, entry }`
-- of this tenant (`set`: columns of `contract.settable`, false clears one; `entry`: `{ event, event_id, note }`, the line of
-- history); a move whose version is not the record's makes the whole change "stale". `jobs` is what is owed from now on (a key that is
-- known already stays as it is), `done` the claimed job that ends with this change, if the claim still holds (else "lost"),
-- `result` what is kept of it. An entry with an `event_id` enters a record's history once (else "duplicate"). The records that were
-- moved are given in the order of `moves`.
--
-- ## Jobs
--
-- What a record owes, recorded before it is done.
--
--     jobs { after=, limit= , … }                   in the order in which they are due; after: the last one seen. Besides, one of:
--         `tenant =`; `state = "dead"` or `"open"`; `needs =` and perhaps `due_by =`, of the open ones
--     jobs_claim { can=, keys=, limit=, now=, lease= }  those that are due and open, leased until now + lease. Only jobs whose `needs`
--         is "" or in the array `can`; with `keys` only those of these keys
--     job_done(job, now, result)                    true, or false, "lost" when the lease ended and another claim took it
--     job_retry(job, due_at, problem)               to be tried again
--     job_release(job, due_at, problem)             the same, and the claim costs no attempt
--     job_dead(job, now, problem)                   given up
--     job_revive(job, now)                          a dead one is open again: true, or false when it is not dead
--
-- A job has the columns of `contract.job`. `record` and `name` say whose it is, `needs` what a process must have to do it.
-- Claims take the longest due first.
--
-- ## Inbox
--
-- Webhooks kept before they are acknowledged; a tenant's events are claimed one after the other.
--
--     inbox_add(event, received_at)                 "new" or "duplicate"; event: `{ id, tenant, event, body, replay }`
--     inbox_claim { limit=, now=, lease= }
--     inbox_waiting(tenant)                         whether any of a tenant's events is still to be processed
--     inbox_done(item, now)    inbox_retry(item, due_at, problem)    inbox_dead(item, now, problem)
--     inbox_release(item, due_at, problem)          to be tried again, and the claim costs no attempt
--     inbox_list { state=, tenant=, after=, limit= } in the order of arrival, without the bodies; after: the last `seq` seen
--     inbox_item(id)                                with its body, or false
--     inbox_last()                                  the latest that came in, without its body, or false
--     inbox_revive(item, now)                       gives a dead one another attempt: true, or false when it is not dead
--     inbox_forget(before, limit)                   drops what was done before then: how many it dropped
--
-- A claim raises `attempt`, and only the holder of the latest attempt can end it: a worker that outlives its lease changes nothing.
-- An event is "open" (due, claimed or to be retried), "waiting" for the tenant's earlier one, "done" or "dead"; its `replay` is 1 or 0.
--
-- ## Counts
--
--     counts()                                      array of `{ of, kind, state, count }`, those of 0 left out, in any order
--
-- Kept in the step that changes them, spread over `contract.slots` slots by tenant, summed when read. `of` is "record" (kind: the
-- record's), "job" (kind: the job's; state: open, dead), "need" (kind: what open jobs need, "" left out; state: open) or
-- "event" (kind ""; state: open, waiting, dead). Done jobs and done events are not counted.
--
-- ## What workers share besides
--
--     token(key, now)                               a token that has not expired, or false
--     token_put(key, token, expires_at, now)
--     counter_add(key, windows)                     counts one in every window, or false and the full ones, and counts nothing
--     lease(name, holder, seconds, now)             true when no other holder has it; also prolongs one's own
--     lease_release(name, holder)                   true, or false when it was not held
--     stamp(environment)                            the environment this store belongs to: what was stamped first, which is
--                                                   `environment` when nothing was; with nil it only reads: false when nothing was
--     restamp(environment)                          true
--     close()
--
-- A window is `{ name, slot, first, limit }`: what was counted since the slot `first` must stay below `limit`; it counts in `slot`.
-- Of a full one is given, under its name, the `sum` and the `slots` (count by slot).
-- @module debitura.store.contract

local contract = {}

--- The number of the layout of tables and keys. A store of another layout is refused and left untouched.
contract.layout = 3

--- Counters of one kind and state are spread over so many rows, so that writers seldom meet.
contract.slots = 16

--- The columns of a record, and which of them hold what is personal or hosted: those are sealed by debitura.store.encrypted.
contract.record = {
  { "kind" }, { "tenant" }, { "name" }, { "state" },
  { "version", number = true }, { "generation", number = true },
  { "origin" }, -- of a case: "link" or "submitted"
  { "terms" }, -- JSON: what was promised when it was requested
  { "data" }, -- JSON: ids, counts and marks of its kind
  { "key" }, -- of a case: its idempotency key
  { "url", sealed = true }, { "payload", sealed = true }, { "reason", sealed = true }, { "result", sealed = true },
  { "requested_at", number = true }, { "expires_at", number = true },
  { "created_at", number = true }, { "updated_at", number = true },
}

--- What a move may set.
contract.settable = {
  "state", "generation", "origin", "terms", "data", "key", "url", "payload", "reason", "result", "requested_at", "expires_at",
}

contract.history = {
  { "seq", number = true }, { "kind" }, { "tenant" }, { "name" }, { "at", number = true }, { "event" }, { "event_id" },
  { "from_state" }, { "to_state" }, { "generation", number = true }, { "note", sealed = true },
}

contract.job = {
  { "key" }, { "kind" }, { "tenant" }, { "record" }, { "name" }, { "generation", number = true }, { "channel" },
  { "needs" }, -- "" when any process can do it
  { "args" }, -- JSON
  { "state" }, { "attempt", number = true }, { "due_at", number = true }, { "created_at", number = true },
  { "ended_at", number = true },
  { "result", sealed = true }, -- of a done one: what came of it; of the others: the latest problem
}

contract.event = {
  { "seq", number = true }, { "id" }, { "tenant" }, { "event" }, { "body", sealed = true },
  { "received_at", number = true }, { "replay", number = true }, { "state" }, { "attempt", number = true },
  { "due_at", number = true }, { "ended_at", number = true }, { "result", sealed = true },
}

return contract
