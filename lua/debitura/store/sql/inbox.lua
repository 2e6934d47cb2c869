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
  local added, err = self.connection:alone({ event.tenant or "" }, [[insert into inbox
    (id, tenant, event, body, received_at, replay, state, attempt, claim, due_at)
    values (:id, :tenant, :event, :body, :received_at, :replay, ]] .. NEXT_IN_LINE .. [[, 0, 0,
    :received_at) on conflict (id) do nothing]], {
    id = event.id, tenant = event.tenant, event = event.event, body = event.body,
    received_at = received_at, replay = event.replay and 1 or 0,
  })
  if not added then return nil, err end
  return added == 0 and "duplicate" or "new"
end

local ADDED = {
  "id", "tenant", "event", "body", "received_at", "replay", "state", "attempt", "claim", "due_at",
}

--- The ids of events that are known, and the tenants that have an open event.
local function known_of(connection, ids, tenants)
  local statement = "select id, null as tenant from inbox where id in :ids"
  if #tenants > 0 then
    statement = statement
      .. " union all select null, tenant from inbox where state = 'open' and tenant in :tenants"
  end
  local found, err = connection:run(statement, { ids = ids, tenants = tenants })
  if not found then return nil, err end
  local known, busy = {}, {}
  for _, row in ipairs(found) do
    if row.id then known[row.id] = true else busy[row.tenant] = true end
  end
  return known, busy
end

--- The rows of the events that are new, and what is said of each event.
local function new_rows(events, received_at, known, busy)
  local new, words = {}, {}
  for i, event in ipairs(events) do
    words[i] = known[event.id] and "duplicate" or "new"
    if not known[event.id] then
      local tenant, at = event.tenant, event.received_at or received_at
      new[#new + 1] = {
        id = event.id, tenant = tenant, event = event.event, body = event.body, received_at = at,
        replay = event.replay and 1 or 0, state = tenant and busy[tenant] and "waiting" or "open",
        attempt = 0, claim = 0, due_at = at,
      }
      known[event.id] = true
      if tenant then busy[tenant] = true end
    end
  end
  return new, words
end

function verbs:inbox_add_many(events, received_at)
  local connection, ids, tenants, locks, seen = self.connection, {}, {}, {}, {}
  for i, event in ipairs(events) do
    ids[i], locks[i] = event.id, event.tenant or ""
    if event.tenant and not seen[event.tenant] then
      seen[event.tenant], tenants[#tenants + 1] = true, event.tenant
    end
  end
  return connection:atomically(function()
    local known, busy = known_of(connection, ids, tenants)
    if not known then return nil, busy end
    local new, words = new_rows(events, received_at, known, busy)
    if #new == 0 then return words end
    local added, err = connection:insert("inbox", ADDED, new)
    if not added then return nil, err end
    -- Under one id there may be an event of another tenant.
    if added < #new then
      return nil, connection.failure("another worker added one of the events at the same time",
        { retryable = true })
    end
    return words
  end, locks)
end

function verbs:inbox_claim(options)
  local connection = self.connection
  return rows.claim(connection, QUEUE, [[select $event from inbox
    where state = 'open' and due_at <= :now order by due_at, seq limit :limit]]
    .. connection.for_claim,
    { now = options.now, limit = options.limit or contract.page }, options)
end

function verbs:inbox_waiting(tenant)
  local found, err = self.connection:run(
    "select id from inbox where tenant = :tenant and state = 'open'", { tenant = tenant })
  if not found then return nil, err end
  return #found > 0
end

function verbs:inbox_done(item, now, blank)
  return rows.settle(self.connection, blank and BLANKING or QUEUE, item, {
    state = "done", ended_at = now,
  })
end

--- Those of some events that their claims have ended.
local function ended(connection, values)
  local found, err = connection:run([[select id from inbox
    where id in :ids and coalesce(state, '') = 'done' and id || '/' || claim in :held]], values)
  if not found then return nil, err end
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
  local changed, err = connection:alone(tenants, [[update inbox set state = 'done',
    ended_at = :now, result = null
    where id in :ids and coalesce(state, '') = 'open' and id || '/' || claim in :held]], values)
  if not changed then return nil, err end
  if changed == #items then return words end
  local ids
  ids, err = ended(connection, values)
  if not ids then return nil, err end
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
  local changed, err = self.connection:alone({ item.tenant or "" },
    "update inbox set state = " .. NEXT_IN_LINE
      .. ", due_at = :now, ended_at = null where id = :id and state = 'dead'",
    { id = item.id, tenant = item.tenant, now = now })
  if not changed then return nil, err end
  return changed == 1
end

function verbs:inbox_forget(before, limit)
  return self.connection:atomically(function()
    return rows.drop(self.connection, "inbox", "id",
      "state = 'done' and ended_at < :before order by ended_at limit :limit",
      { before = before, limit = limit or contract.page })
  end)
end

return verbs
