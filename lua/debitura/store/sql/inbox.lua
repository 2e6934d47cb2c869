--- The inbox in SQL.
-- @module debitura.store.sql.inbox

local columns = require("debitura.store.sql.columns")
local contract = require("debitura.store.contract")
local rows = require("debitura.store.sql.rows")

local verbs = {}

local QUEUE = { name = "inbox", key = "id" }
local EVENT = columns.list.event
local LISTED = EVENT:gsub(" body,", "")
local STATES = { "open", "waiting", "done", "dead" }

-- Of a tenant's events only one is open: its successors wait, so that a claim need not look for the
-- first of each.
local NEXT_IN_LINE = [[case when :tenant is not null and exists
  (select 1 from inbox where tenant = :tenant and state = 'open') then 'waiting' else 'open' end]]

--- Counts an event under the state that it has now.
local COUNTED = [[insert into counts (of, kind, state, slot, count)
  select 'event', '', state, :slot, 1 from inbox where id = :id
  on conflict (of, kind, state, slot) do update set count = counts.count + 1]]

function verbs:inbox_add(event, received_at)
  local connection = self.connection
  return connection:atomically(function()
    local added, err = connection:run([[insert into inbox
      (id, tenant, event, body, received_at, replay, state, attempt, claim, due_at)
      values (:id, :tenant, :event, :body, :received_at, :replay, ]] .. NEXT_IN_LINE .. [[, 0, 0,
      :received_at) on conflict (id) do nothing]], {
      id = event.id, tenant = event.tenant, event = event.event, body = event.body,
      received_at = received_at, replay = event.replay and 1 or 0,
    })
    if not added then return nil, err end
    if added == 0 then return "duplicate" end
    added, err = connection:run(COUNTED, { id = event.id, slot = contract.slot(event.tenant) })
    return added and "new", err
  end, event.tenant)
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
  local connection, ids, tenants, seen = self.connection, {}, {}, {}
  for i, event in ipairs(events) do
    ids[i] = event.id
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
    -- Events without a tenant are under no lock.
    if added < #new then
      return nil, connection.failure("another worker added one of the events at the same time")
    end
    local counts = {}
    for i, row in ipairs(new) do counts[i] = { "event", "", row.state, row.tenant, 1 } end
    local counted
    counted, err = rows.count(connection, counts)
    return counted and words, err
  end, tenants)
end

function verbs:inbox_claim(options)
  local connection = self.connection
  return rows.claim(connection, QUEUE, "select " .. EVENT .. [[ from inbox
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

--- Ends an event and opens the tenant's next one.
local function finish(connection, item, values)
  return connection:atomically(function()
    local settled, ended = rows.settle(connection, QUEUE, item, values)
    if not settled then return settled, ended end
    if not ended then return true end
    local counts = { { "event", "", "open", item.tenant, -1 } }
    if values.state == "dead" then counts[2] = { "event", "", "dead", item.tenant, 1 } end
    local opened, err = connection:run([[update inbox set state = 'open' where id = (
      select id from inbox where tenant = :tenant and state = 'waiting' order by seq limit 1)
      and not exists (select 1 from inbox where tenant = :tenant and state = 'open')]], {
      tenant = item.tenant,
    })
    if not opened then return nil, err end
    if opened == 1 then
      counts[#counts + 1] = { "event", "", "waiting", item.tenant, -1 }
      counts[#counts + 1] = { "event", "", "open", item.tenant, 1 }
    end
    return rows.count(connection, counts)
  end, item.tenant)
end

function verbs:inbox_done(item, now)
  return finish(self.connection, item, { state = "done", ended_at = now })
end

function verbs:inbox_dead(item, now, problem)
  return finish(self.connection, item, { state = "dead", ended_at = now, result = problem })
end

function verbs:inbox_retry(item, due_at, problem)
  return rows.postpone(self.connection, QUEUE, item, due_at, problem)
end

function verbs:inbox_release(item, due_at, problem)
  return rows.postpone(self.connection, QUEUE, item, due_at, problem, item.attempt - 1)
end

--- Gives the first events under a condition, in an order. Those of each state are looked up by
-- themselves.
local function list(connection, states, condition, order, values)
  local selections = {}
  for i, state in ipairs(states) do
    values["state_" .. i] = state
    selections[i] = ("select %s from inbox where state = :state_%d %s order by %s limit :limit")
      :format(LISTED, i, condition, order)
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
  return rows.first(self.connection:run("select " .. EVENT .. " from inbox where id = :id", {
    id = id,
  }))
end

function verbs:inbox_last()
  return rows.first(list(self.connection, STATES, "", "seq desc", { limit = 1 }))
end

function verbs:inbox_revive(item, now)
  local connection = self.connection
  return connection:atomically(function()
    local changed, err = connection:run("update inbox set state = " .. NEXT_IN_LINE
      .. ", due_at = :now, ended_at = null where id = :id and state = 'dead'",
      { id = item.id, tenant = item.tenant, now = now })
    if not changed then return nil, err end
    if changed == 0 then return false end
    local revived
    revived, err = rows.first(connection:run("select state from inbox where id = :id", {
      id = item.id,
    }))
    if not revived then return nil, err end
    return rows.count(connection, {
      { "event", "", "dead", item.tenant, -1 }, { "event", "", revived.state, item.tenant, 1 },
    })
  end, item.tenant)
end

function verbs:inbox_forget(before, limit)
  return self.connection:atomically(function()
    return rows.drop(self.connection, "inbox", "id",
      "state = 'done' and ended_at < :before order by ended_at limit :limit",
      { before = before, limit = limit or contract.page })
  end)
end

return verbs
