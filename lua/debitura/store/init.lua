--- The ledger: every fact about links, their cases, the matters beside them, what is owed to all of these, and the webhooks that
-- came in.
--
-- One interface, several backends. Each verb is atomic and takes the time as an argument; no verb reads a clock.
-- A verb gives its result, `false` and a word when the world had moved on ("stale", "lost", "duplicate"), or
-- `nil` and a failure of kind "store" when the backend could not do it.
--
-- Links, one for each `externalTenantId`:
--
--     link(tenant)                                  the link, or false
--     links { state=, after=, limit= }              links in the order of their tenants; after: the last tenant seen
--     link_move(tenant, version, change, now)       compare-and-set: the moved link, or false, "stale"|"lost"|"duplicate"
--     link_note(tenant, entry, now)                 writes to the history only: true, or false, "duplicate"
--     link_history(tenant)                          what happened, oldest first
--     link_case(tenant, creditor_reference)         one case that came with the link, or false
--     link_cases { tenant=, after=, limit= }        its cases in the order of their references
--
-- A link has `tenant, state, generation, base, version, variant, url, payload, reason, requested_at, expires_at, created_at,
-- updated_at`, and counted: `cases`, and of them `awaited` and `failed` (the others are "created"). Version 0 means "there is
-- none yet". A change is `{ set, awaited, cases, effects, done, result, entry }`, all in one step: `set` columns (false clears
-- one), `awaited` the references that replace those still awaited, `cases` news about single cases, `effects` what is owed
-- from now on (a key that is known already stays as it is), `done` the claimed effect that this change completes, `entry` the
-- line of history. An entry with an `event_id` enters a link's history once.
--
-- Matters, what is followed for a tenant beside its link, such as a case that is submitted; a kind has names of its own:
--
--     matter(tenant, kind, name)                    the matter, or false
--     matters { kind=, state=, tenant=, after=, limit= }     of one kind, in the order of tenants, then names; after: the last one seen
--     matter_move(tenant, kind, name, version, change, now)  compare-and-set: the moved matter, or false, "stale"|"lost"
--     matter_history(tenant, kind, name)            what happened to it, oldest first; the link's history has none of it
--
-- A matter has `tenant, kind, name, state, generation, version, url, payload, key, reason, result, created_at, updated_at`. Version 0
-- means "there is none yet"; the change that makes one sets its state. A change is `{ set, effects, done, result, entry }` as for a
-- link; its entry has no `event_id`.
--
-- Effects, the things to be done for a link or a matter, each recorded before it is done:
--
--     effects { tenant=, kinds=, due_by=, after=, limit= }   in the order in which they are due; after: the last one seen
--     effects_claim { tenant=, kinds=, limit=, now=, lease= } those that are due, for `lease` seconds nobody else's
--     effect_done(effect, now, result)              true, or false, "lost" when the lease ended and another took it
--     effect_retry(effect, due_at, problem)
--     effect_dead(effect, now, problem)             given up
--
-- An effect has `key, tenant, kind, matter, name, generation, channel, state, attempt, due_at, created_at, ended_at, result`; `matter`
-- and `name` say which matter owes it, and are nil for the link's own.
--
-- The inbox, webhooks kept before they are acknowledged; a tenant's events are claimed one after the other:
--
--     inbox_add(id, tenant, event, body, received_at, replay) "new" or "duplicate"; replay: whether it was sent as one
--     inbox_claim { limit=, now=, lease= }
--     inbox_waiting(tenant)                         whether any of a tenant's events is still to be worked off
--     inbox_done(item, now)    inbox_retry(item, due_at, problem)    inbox_dead(item, now, problem)
--     inbox_list { state=, tenant=, after=, limit= } in the order of arrival, without the bodies; after: the last `seq` seen
--     inbox_item(id)                                with its body, or false
--     inbox_revive(item, now)                       gives a dead one another attempt: true, or false when it is not dead
--     inbox_forget(before, limit)                   drops what was done before then: how many it dropped
--
-- A claim raises `attempt`, and only the holder of the latest attempt can end it: whoever outlives a lease changes nothing.
-- An event is "open" (due, claimed or to be retried), "waiting" for the tenant's earlier one, "done" or "dead"; its `replay`
-- is 1 or 0.
--
-- What workers share besides:
--
--     token(key, now)                               a token that has not expired, or false
--     token_put(key, token, expires_at, now)
--     counter_add(key, windows)                     counts one in every window, or false and the full ones, and counts nothing
--     lease(name, holder, seconds, now)             true when nobody else holds it; also prolongs one's own
--     lease_release(name, holder)                   true, or false when it was not held
--
-- A window is `{ name, slot, first, limit }`: what was counted since the slot `first` must stay below `limit`; it counts in
-- `slot`. Of a full one is given, under its name, the `sum` and the `slots` (count by slot).
-- @module debitura.store

local failure = require("debitura.base.failure")
local sealed = require("debitura.store.encrypted")

local store = {}

local BACKENDS = {
  memory = "debitura.store.memory",
  postgresql = "debitura.store.sql.postgresql",
  redis = "debitura.store.redis",
  rediss = "debitura.store.redis",
  sqlite = "debitura.store.sql.sqlite",
}

--- Opens a store.
-- @tparam string address `"memory:"` (gone with the process), `"sqlite:///absolute/path"`,
--   `"postgresql://user:password@host/database"` or `"redis://:password@host/0"` (`rediss:` over TLS, in nginx)
-- @tparam[opt] table options
--   `encryption_key` 32 bytes in Base64 (text or `debitura.secret`): payloads, URLs, webhook bodies and tokens are sealed;
--   `encryption_keys` (array) keys that were replaced and still open what they sealed;
--   `accept_unsealed` (boolean) also reads what was kept before there was a key;
--   `busy_timeout` seconds to wait for another worker's write, default 10 (SQLite, PostgreSQL);
--   `schema` of the tables, default "debitura" (PostgreSQL);
--   `prefix` of the keys, default "debitura:"; `timeout` seconds to wait for the server, default 10; `volatile` (boolean) takes
--   a server that would forget what was acknowledged (Redis)
-- @treturn[1] table the store
-- @treturn[2] nil
-- @treturn[2] table failure: what is missing, cannot be opened, or was written by a newer release
function store.open(address, options)
  if type(address) ~= "string" then error("store.open needs an address such as sqlite:///var/lib/app/ledger.db", 2) end
  options = options or {}
  local scheme, rest = address:match("^(%a+):(.*)$")
  local backend = BACKENDS[scheme]
  if not backend then
    return nil, failure.new {
      kind = "store", retryable = false,
      message = ("unknown kind of store %q; use memory:, sqlite:///path, postgresql://… or redis://…"):format(scheme or address),
    }
  end
  local seal, reason = sealed.prepare(options)
  if not seal then return nil, reason end
  local opened
  opened, reason = require(backend).open(rest, options, scheme)
  if not opened then return nil, reason end
  return seal(opened)
end

return store
