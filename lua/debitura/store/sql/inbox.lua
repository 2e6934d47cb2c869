--- The inbox in SQL.
-- @module debitura.store.sql.inbox

local rows = require("debitura.store.sql.rows")

local verbs = {}

local QUEUE = { name = "inbox", key = "id" }

-- Of a tenant's events only one is open: its successors wait, so that a claim need not look for the first of each.
local NEXT_IN_LINE = "case when :tenant is not null and exists (select 1 from inbox where tenant = :tenant and state = 'open') "
  .. "then 'waiting' else 'open' end"

function verbs:inbox_add(id, tenant, event, body, received_at, replay)
  return self.connection:atomically(function()
    local added, reason = self.connection:run([[insert into inbox (id, tenant, event, body, received_at, replay, state, attempt, due_at)
      values (:id, :tenant, :event, :body, :received_at, :replay, ]] .. NEXT_IN_LINE .. [[, 0, :received_at) on conflict do nothing]], {
      id = id, tenant = tenant, event = event, body = body, received_at = received_at, replay = replay and 1 or 0,
    })
    if not added then return nil, reason end
    return added == 1 and "new" or "duplicate"
  end, tenant)
end

function verbs:inbox_claim(options)
  return rows.claim(self.connection, QUEUE, [[select seq, id, tenant, event, body, received_at, replay, attempt, result from inbox
    where state = 'open' and due_at <= :now order by due_at, seq limit :limit]],
    { now = options.now, limit = options.limit or rows.PAGE }, options)
end

function verbs:inbox_waiting(tenant)
  local found, reason = self.connection:run(
    "select count(*) as waiting from inbox where tenant = :tenant and state = 'open'", { tenant = tenant })
  if not found then return nil, reason end
  return found[1].waiting > 0
end

--- Ends an event and opens the tenant's next one.
local function end_event(connection, item, values)
  return connection:atomically(function()
    local settled, reason = rows.settle(connection, QUEUE, item, values)
    if not settled then return settled, reason end
    local opened
    opened, reason = connection:run([[update inbox set state = 'open' where seq = (
      select min(seq) from inbox where tenant = :tenant and state = 'waiting') and not exists (
      select 1 from inbox where tenant = :tenant and state = 'open')]], { tenant = item.tenant })
    return opened and true, reason
  end, item.tenant)
end

function verbs:inbox_done(item, now)
  return end_event(self.connection, item, { state = "done", ended_at = now })
end

function verbs:inbox_retry(item, due_at, problem)
  return rows.settle(self.connection, QUEUE, item, { state = "open", due_at = due_at, result = problem })
end

function verbs:inbox_dead(item, now, problem)
  return end_event(self.connection, item, { state = "dead", ended_at = now, result = problem })
end

local EVENT = "select seq, id, tenant, event, received_at, replay, state, attempt, due_at, ended_at, result"

function verbs:inbox_list(filter)
  local where = "where seq > :after "
  if filter.state then where = where .. "and state = :state " end
  if filter.tenant then where = where .. "and tenant = :tenant " end
  return self.connection:run(EVENT .. " from inbox " .. where .. "order by seq limit :limit", {
    after = filter.after or 0, state = filter.state, tenant = filter.tenant, limit = filter.limit or rows.PAGE,
  })
end

function verbs:inbox_item(id)
  return rows.first(self.connection:run(EVENT .. ", body from inbox where id = :id", { id = id }))
end

function verbs:inbox_revive(item, now)
  return self.connection:atomically(function()
    local changed, reason = self.connection:run("update inbox set state = " .. NEXT_IN_LINE
      .. ", due_at = :now, ended_at = null where id = :id and state = 'dead'", { id = item.id, tenant = item.tenant, now = now })
    if not changed then return nil, reason end
    return changed == 1
  end, item.tenant)
end

function verbs:inbox_forget(before, limit)
  return self.connection:run([[delete from inbox where seq in (
    select seq from inbox where state = 'done' and ended_at < :before order by ended_at limit :limit)]],
    { before = before, limit = limit or rows.PAGE })
end

return verbs
