--- The inbox in SQL.
-- @module debitura.store.sql.inbox

local contract = require("debitura.store.contract")
local rows = require("debitura.store.sql.rows")
local settling = require("debitura.store.settling")

local verbs = {}

local QUEUE = { name = "inbox", key = "id" }
local BLANKING = { name = "inbox", key = "id", also = ", body = null" }
local STATES = { "open", "waiting", "done", "dead" }

-- Of a tenant's events only one is open: its successors wait, so that a claim need not look for the
-- first of each.
local NEXT_IN_LINE = [[case when :tenant is not null and exists
  (select 1 from inbox where tenant = :tenant and state = 'open') then 'waiting' else 'open' end]]

function verbs:inbox_add(event, received_at)
  local added = self.connection:alone({ event.tenant or "" }, [[insert into inbox
    (id, tenant, event, body, received_at, replay, state, attempt, claim, due_at)
    values (:id, :tenant, :event, :body, :received_at, :replay, ]] .. NEXT_IN_LINE .. [[, 0, 0,
    :received_at) on conflict (id) do nothing]], {
    id = event.id, tenant = event.tenant, event = event.event, body = event.body,
    received_at = received_at, replay = event.replay and 1 or 0,
  })
  return added == 0 and "duplicate" or "new"
end

local GIVEN = { "place", "id", "tenant", "event", "body", "received_at", "replay" }

-- What is looked up one by one, as scalars are: PostgreSQL would look through the whole table for
-- many. Events that another worker adds meanwhile under the same ids break the key.
local ADD_MANY = [[with given (%s) as (values %s),
  fresh as (select * from given
    where (select inbox.id from inbox where inbox.id = given.id) is null)
  insert into inbox (id, tenant, event, body, received_at, replay, state, attempt, claim, due_at)
  select id, tenant, event, body, received_at, replay, case when tenant is not null
    and (row_number() over (partition by tenant order by place) > 1 or (select 1 from inbox
      where inbox.tenant = fresh.tenant and state = 'open') is not null)
    then 'waiting' else 'open' end, 0, 0, received_at from fresh order by place returning id]]

local ADDED = {
  "id", "tenant", "event", "body", "received_at", "replay", "state", "attempt", "claim", "due_at",
}

local KNOWN_OR_BUSY = [[select id, null as tenant from inbox where id in :ids
  union all select null, tenant from inbox where state = 'open' and tenant in :tenants]]

--- The first of the events of each id as rows of `given`, and the tenants whose locks they take.
local function given_of(events, received_at)
  local given, locks, seen = {}, {}, {}
  for i, event in ipairs(events) do
    locks[i] = event.tenant or ""
    if not seen[event.id] then
      seen[event.id], given[#given + 1] = true, {
        place = i, id = event.id, tenant = event.tenant, event = event.event, body = event.body,
        received_at = event.received_at or received_at, replay = event.replay and 1 or 0,
      }
    end
  end
  return given, locks
end

--- Adds what is new in two statements, which SQLite prepares sooner than the one.
local function add_in_turn(connection, given)
  local ids, tenants = {}, {}
  for i, event in ipairs(given) do ids[i], tenants[i] = event.id, event.tenant or "" end
  local known, busy, new = {}, {}, {}
  for _, row in ipairs(connection:run(KNOWN_OR_BUSY, { ids = ids, tenants = tenants })) do
    if row.id then known[row.id] = true else busy[row.tenant] = true end
  end
  for _, event in ipairs(given) do
    if not known[event.id] then
      event.state = event.tenant and busy[event.tenant] and "waiting" or "open"
      event.attempt, event.claim, event.due_at = 0, 0, event.received_at
      if event.tenant then busy[event.tenant] = true end
      new[#new + 1] = event
    end
  end
  if #new > 0 then connection:insert("inbox", ADDED, new) end
  return new
end

function verbs:inbox_add_many(events, received_at)
  local connection = self.connection
  local given, locks = given_of(events, received_at)
  local added
  if connection.returns then
    added = connection:alone(locks, ADD_MANY:format(table.concat(GIVEN, ", "),
      connection:tuples(GIVEN, given)))
  else
    added = connection:atomically(function() return add_in_turn(connection, given) end)
  end
  -- An id is new once.
  local is_new, words = {}, {}
  for _, row in ipairs(added) do is_new[row.id] = true end
  for i, event in ipairs(events) do
    words[i] = is_new[event.id] and "new" or "duplicate"
    is_new[event.id] = nil
  end
  return words
end

function verbs:inbox_claim(options)
  local connection = self.connection
  return rows.claim(connection, QUEUE, [[select $event from inbox
    where state = 'open' and due_at <= :now order by due_at, seq limit :limit]]
    .. connection.for_claim,
    { now = options.now, limit = options.limit or contract.page }, options)
end

function verbs:inbox_waiting(tenant)
  return #self.connection:run(
    "select id from inbox where tenant = :tenant and state = 'open'", { tenant = tenant }) > 0
end

function verbs:inbox_done(item, now, blank)
  return rows.settle(self.connection, blank and BLANKING or QUEUE, item, {
    state = "done", ended_at = now,
  })
end

--- Those of some events that their claims have ended.
local function ended(connection, values)
  local found = connection:run([[select id from inbox
    where id in :ids and coalesce(state, '') = 'done' and id || '/' || claim in :held]], values)
  local ids = {}
  for _, row in ipairs(found) do ids[row.id] = true end
  return ids
end

function verbs:inbox_done_many(items, now)
  local connection, values, tenants, words = self.connection, { ids = {}, held = {}, now = now },
    {}, {}
  for i, item in ipairs(items) do
    values.ids[i], values.held[i] = item.id, ("%s/%d"):format(item.id, item.claim)
    tenants[i], words[i] = item.tenant or "", true
  end
  -- A state that is compared as it is would be looked up before the ids.
  local changed = connection:alone(tenants, [[update inbox set state = 'done',
    ended_at = :now, result = null
    where id in :ids and coalesce(state, '') = 'open' and id || '/' || claim in :held]], values)
  if changed == #items then return words end
  local ids = ended(connection, values)
  for i, item in ipairs(items) do words[i] = ids[item.id] or false end
  return words
end

settling.add(verbs, "inbox", function(self, item, values)
  return rows.settle(self.connection, QUEUE, item, values)
end)

--- Gives the first events under a condition, in an order. Those of each state are looked up by
-- themselves.
local function list(connection, states, condition, order, values)
  local selections = {}
  for i, state in ipairs(states) do
    values["state_" .. i] = state
    selections[i] = ("select $listed from inbox where state = :state_%d %s order by %s "
      .. "limit :limit"):format(i, condition, order)
  end
  return connection:run(rows.merged(selections, order), values)
end

function verbs:inbox_list(filter)
  local condition = "and seq > :after" .. (filter.tenant and " and tenant = :tenant" or "")
  local states = filter.state and { filter.state } or STATES
  return list(self.connection, states, condition, "seq", {
    after = filter.after or 0, tenant = filter.tenant, limit = filter.limit or contract.page,
  })
end

function verbs:inbox_item(id)
  return rows.first(self.connection:run("select $event from inbox where id = :id", {
    id = id,
  }))
end

function verbs:inbox_last()
  return rows.first(list(self.connection, STATES, "", "seq desc", { limit = 1 }))
end

function verbs:inbox_revive(item, now)
  return self.connection:alone({ item.tenant or "" },
    "update inbox set state = " .. NEXT_IN_LINE
      .. ", due_at = :now, ended_at = null where id = :id and state = 'dead'",
    { id = item.id, tenant = item.tenant, now = now }) == 1
end

function verbs:inbox_forget(before, limit)
  return self.connection:run(rows.dropping(self.connection, "inbox", "id",
    "state = 'done' and ended_at < :before order by ended_at limit :limit"),
    { before = before, limit = limit or contract.page })
end

return verbs
