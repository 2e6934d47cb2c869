--- The store's verbs in SQL. Knows tables and transactions, not which database it talks to: that one hands in a
-- connection with `run(statement, values)`, `atomically(body, lock)`, `close()`, and in `for_claim` what it appends to the
-- selection of rows that are claimed. Transactions that name the same lock never overlap.
-- @module debitura.store.sql

local room = require("debitura.store.room")

local sql = {}

local PAGE = 100 -- rows a listing or a claim gives unless told otherwise

local Store = {}
Store.__index = Store

local LINK = [[select l.tenant, l.state, l.generation, l.base, l.version, l.variant, l.url, l.payload, l.reason, l.requested_at,
  l.expires_at, l.created_at, l.updated_at,
  (select count(*) from cases c where c.tenant = l.tenant) as cases,
  (select count(*) from cases c where c.tenant = l.tenant and c.state = 'awaited') as awaited,
  (select count(*) from cases c where c.tenant = l.tenant and c.state = 'failed') as failed
  from links l ]]
local EFFECT = "select key, tenant, kind, generation, channel, state, attempt, due_at, created_at, ended_at, result from effects "
local CASE = "select tenant, creditor_reference, state, case_id, reference, problem, updated_at from cases "

-- The columns of a link that a change may set; the rest are the store's own.
local SETTABLE = { "state", "generation", "base", "variant", "url", "payload", "reason", "requested_at", "expires_at" }

--- The first row, false when there is none.
local function first(rows, reason)
  if not rows then return nil, reason end
  return rows[1] or false
end

function Store:link(tenant)
  return first(self.connection:run(LINK .. "where l.tenant = :tenant", { tenant = tenant }))
end

function Store:links(filter)
  local where = "where l.tenant > :after "
  if filter.state then where = where .. "and l.state = :state " end
  return self.connection:run(LINK .. where .. "order by l.tenant limit :limit", {
    after = filter.after or "", state = filter.state, limit = filter.limit or PAGE,
  })
end

function Store:link_case(tenant, creditor_reference)
  return first(self.connection:run(CASE .. "where tenant = :tenant and creditor_reference = :creditor_reference", {
    tenant = tenant, creditor_reference = creditor_reference,
  }))
end

function Store:link_cases(filter)
  return self.connection:run(CASE .. "where tenant = :tenant and creditor_reference > :after order by creditor_reference limit :limit", {
    tenant = filter.tenant, after = filter.after or "", limit = filter.limit or PAGE,
  })
end

function Store:link_history(tenant)
  return self.connection:run("select at, event, event_id, from_state, to_state, generation, note from history "
    .. "where tenant = :tenant order by seq", { tenant = tenant })
end

local function write_history(connection, tenant, entry, from, to, generation, now)
  local added, reason = connection:run([[insert into history (tenant, at, event, event_id, from_state, to_state, generation, note)
    values (:tenant, :at, :event, :event_id, :from, :to, :generation, :note) on conflict do nothing]], {
    tenant = tenant, at = now, event = entry.event, event_id = entry.event_id, from = from, to = to,
    generation = generation, note = entry.note,
  })
  if not added then return nil, reason end
  if added == 0 then return false, "duplicate" end
  return true
end

function Store:link_note(tenant, entry, now)
  return self.connection:atomically(function()
    local link, reason = first(self.connection:run("select state, generation from links where tenant = :tenant", { tenant = tenant }))
    if link == nil then return nil, reason end
    link = link or {}
    return write_history(self.connection, tenant, entry, link.state, nil, link.generation, now)
  end, tenant)
end

local function write_link(connection, tenant, version, set, now)
  if version == 0 then
    local added, reason = connection:run([[insert into links (tenant, state, generation, base, version, payload, created_at, updated_at)
      values (:tenant, :state, 0, 0, 0, :payload, :now, :now)]], { tenant = tenant, state = set.state, payload = set.payload, now = now })
    if not added then return nil, reason end
  end
  local values = { tenant = tenant, now = now }
  local columns = { "version = version + 1", "updated_at = :now" }
  for _, column in ipairs(SETTABLE) do
    local value = set[column]
    if value ~= nil then
      columns[#columns + 1] = column .. " = :" .. column
      if value ~= false then values[column] = value end
    end
  end
  return connection:run("update links set " .. table.concat(columns, ", ") .. " where tenant = :tenant", values)
end

local function write_cases(connection, tenant, change, now)
  if change.awaited then
    local done, reason = connection:run("delete from cases where tenant = :tenant and state = 'awaited'", { tenant = tenant })
    if not done then return nil, reason end
    for _, creditor_reference in ipairs(change.awaited) do
      done, reason = connection:run([[insert into cases (tenant, creditor_reference, state, updated_at)
        values (:tenant, :creditor_reference, 'awaited', :now) on conflict do nothing]], {
        tenant = tenant, creditor_reference = creditor_reference, now = now,
      })
      if not done then return nil, reason end
    end
  end
  for _, case in ipairs(change.cases or {}) do
    local done, reason = connection:run([[update cases set state = :state, case_id = coalesce(:case_id, case_id),
      reference = coalesce(:reference, reference), problem = :problem, updated_at = :now
      where tenant = :tenant and creditor_reference = :creditor_reference]], {
      tenant = tenant, creditor_reference = case.creditor_reference, state = case.state, case_id = case.case_id,
      reference = case.reference, problem = case.problem, now = now,
    })
    if not done then return nil, reason end
  end
  return true
end

local function write_effects(connection, tenant, effects, now)
  for _, effect in ipairs(effects or {}) do
    local done, reason = connection:run([[insert into effects
      (key, tenant, kind, generation, channel, state, attempt, due_at, created_at)
      values (:key, :tenant, :kind, :generation, :channel, 'open', 0, :due_at, :now) on conflict do nothing]], {
      key = effect.key, tenant = tenant, kind = effect.kind, generation = effect.generation, channel = effect.channel,
      due_at = effect.due_at, now = now,
    })
    if not done then return nil, reason end
  end
  return true
end

--- Ends or postpones a claimed row of a queue, if the claim still holds. What this claim has ended already stays ended,
-- so that whoever lost the answer can ask again.
local function settle(connection, queue, row, values)
  values.key, values.attempt = row[queue.key], row.attempt
  local changed, reason = connection:run(("update %s set state = :state, due_at = coalesce(:due_at, due_at), ended_at = :ended_at, "
    .. "result = :result where %s = :key and attempt = :attempt and state in ('open', :state)"):format(queue.name, queue.key), values)
  if not changed then return nil, reason end
  if changed == 0 then return false, "lost" end
  return true
end

local EFFECTS, INBOX = { name = "effects", key = "key" }, { name = "inbox", key = "id" }

function Store:link_move(tenant, version, change, now)
  local connection, set = self.connection, change.set or {}
  return connection:atomically(function()
    local before, reason = first(connection:run("select state, generation, version from links where tenant = :tenant", { tenant = tenant }))
    if before == nil then return nil, reason end
    if (before and before.version or 0) ~= version then return false, "stale" end

    local done
    before = before or {}
    done, reason = write_history(connection, tenant, change.entry, before.state, set.state or before.state,
      set.generation or before.generation or 0, now)
    if not done then return done, reason end
    if change.done then
      done, reason = settle(connection, EFFECTS, change.done, { state = "done", ended_at = now, result = change.result })
      if not done then return done, reason end
    end
    done, reason = write_link(connection, tenant, version, set, now)
    if done then done, reason = write_cases(connection, tenant, change, now) end
    if done then done, reason = write_effects(connection, tenant, change.effects, now) end
    if not done then return nil, reason end
    return self:link(tenant)
  end, tenant)
end

--- The condition and its values for the effects a filter means.
local function effect_filter(filter)
  local where, values = { "1 = 1" }, { limit = filter.limit or PAGE }
  local function also(condition, name, value)
    where[#where + 1] = condition
    values[name] = value
  end
  if filter.tenant then also("tenant = :tenant", "tenant", filter.tenant) end
  if filter.kinds then also("kind in :kinds", "kinds", filter.kinds) end
  if filter.due_by then also("state = 'open' and due_at <= :due_by", "due_by", filter.due_by) end
  if filter.after then
    also("(due_at > :after or due_at = :after and key > :after_key)", "after", filter.after.due_at)
    values.after_key = filter.after.key
  end
  return "where " .. table.concat(where, " and "), values
end

function Store:effects(filter)
  local where, values = effect_filter(filter)
  return self.connection:run(EFFECT .. where .. " order by due_at, key limit :limit", values)
end

--- Lends out rows that are due: whoever holds them is alone with them until the lease ends.
local function claim(connection, queue, due, values, options)
  return connection:atomically(function()
    local rows, reason = connection:run(due .. connection.for_claim, values)
    if not rows or #rows == 0 then return rows, reason end
    local keys, until_when = {}, options.now + options.lease
    for i, row in ipairs(rows) do
      keys[i], row.attempt, row.due_at = row[queue.key], row.attempt + 1, until_when
    end
    local done
    done, reason = connection:run(("update %s set attempt = attempt + 1, due_at = :until_when where %s in :keys")
      :format(queue.name, queue.key), { until_when = until_when, keys = keys })
    return done and rows, reason
  end)
end

function Store:effects_claim(options)
  local where, values = effect_filter { tenant = options.tenant, kinds = options.kinds, limit = options.limit, due_by = options.now }
  return claim(self.connection, EFFECTS, EFFECT .. where .. " order by due_at, key limit :limit", values, options)
end

function Store:effect_done(effect, now, result)
  return settle(self.connection, EFFECTS, effect, { state = "done", ended_at = now, result = result })
end

function Store:effect_retry(effect, due_at, problem)
  return settle(self.connection, EFFECTS, effect, { state = "open", due_at = due_at, result = problem })
end

function Store:effect_dead(effect, now, problem)
  return settle(self.connection, EFFECTS, effect, { state = "dead", ended_at = now, result = problem })
end

-- Of a tenant's events only one is open: its successors wait, so that a claim need not look for the first of each.
local NEXT_IN_LINE = "case when :tenant is not null and exists (select 1 from inbox where tenant = :tenant and state = 'open') "
  .. "then 'waiting' else 'open' end"

function Store:inbox_add(id, tenant, event, body, received_at, replay)
  return self.connection:atomically(function()
    local added, reason = self.connection:run([[insert into inbox (id, tenant, event, body, received_at, replay, state, attempt, due_at)
      values (:id, :tenant, :event, :body, :received_at, :replay, ]] .. NEXT_IN_LINE .. [[, 0, :received_at) on conflict do nothing]], {
      id = id, tenant = tenant, event = event, body = body, received_at = received_at, replay = replay and 1 or 0,
    })
    if not added then return nil, reason end
    return added == 1 and "new" or "duplicate"
  end, tenant)
end

function Store:inbox_claim(options)
  return claim(self.connection, INBOX, [[select seq, id, tenant, event, body, received_at, replay, attempt, result from inbox
    where state = 'open' and due_at <= :now order by due_at, seq limit :limit]],
    { now = options.now, limit = options.limit or PAGE }, options)
end

function Store:inbox_waiting(tenant)
  local rows, reason = self.connection:run(
    "select count(*) as waiting from inbox where tenant = :tenant and state = 'open'", { tenant = tenant })
  if not rows then return nil, reason end
  return rows[1].waiting > 0
end

--- Ends an event and opens the tenant's next one.
local function end_event(connection, item, values)
  return connection:atomically(function()
    local settled, reason = settle(connection, INBOX, item, values)
    if not settled then return settled, reason end
    local opened
    opened, reason = connection:run([[update inbox set state = 'open' where seq = (
      select min(seq) from inbox where tenant = :tenant and state = 'waiting') and not exists (
      select 1 from inbox where tenant = :tenant and state = 'open')]], { tenant = item.tenant })
    return opened and true, reason
  end, item.tenant)
end

function Store:inbox_done(item, now)
  return end_event(self.connection, item, { state = "done", ended_at = now })
end

function Store:inbox_retry(item, due_at, problem)
  return settle(self.connection, INBOX, item, { state = "open", due_at = due_at, result = problem })
end

function Store:inbox_dead(item, now, problem)
  return end_event(self.connection, item, { state = "dead", ended_at = now, result = problem })
end

local EVENT = "select seq, id, tenant, event, received_at, replay, state, attempt, due_at, ended_at, result"

function Store:inbox_list(filter)
  local where = "where seq > :after "
  if filter.state then where = where .. "and state = :state " end
  if filter.tenant then where = where .. "and tenant = :tenant " end
  return self.connection:run(EVENT .. " from inbox " .. where .. "order by seq limit :limit", {
    after = filter.after or 0, state = filter.state, tenant = filter.tenant, limit = filter.limit or PAGE,
  })
end

function Store:inbox_item(id)
  return first(self.connection:run(EVENT .. ", body from inbox where id = :id", { id = id }))
end

function Store:inbox_revive(item, now)
  return self.connection:atomically(function()
    local changed, reason = self.connection:run("update inbox set state = " .. NEXT_IN_LINE
      .. ", due_at = :now, ended_at = null where id = :id and state = 'dead'", { id = item.id, tenant = item.tenant, now = now })
    if not changed then return nil, reason end
    return changed == 1
  end, item.tenant)
end

function Store:inbox_forget(before, limit)
  return self.connection:run([[delete from inbox where seq in (
    select seq from inbox where state = 'done' and ended_at < :before order by ended_at limit :limit)]],
    { before = before, limit = limit or PAGE })
end

function Store:token(key, now)
  local row, reason = first(self.connection:run("select token from tokens where key = :key and expires_at > :now",
    { key = key, now = now }))
  if not row then return row, reason end
  return row.token
end

function Store:token_put(key, token, expires_at, now)
  local connection = self.connection
  return connection:atomically(function()
    local done, reason = connection:run("delete from tokens where key in (select key from tokens where expires_at <= :now limit :limit"
      .. connection.for_claim .. ")", { now = now, limit = PAGE })
    if done then
      done, reason = connection:run([[insert into tokens (key, token, expires_at) values (:key, :token, :expires_at)
        on conflict (key) do update set token = :token, expires_at = :expires_at]],
        { key = key, token = token, expires_at = expires_at })
    end
    return done and true, reason
  end)
end

function Store:counter_add(key, windows)
  local connection = self.connection
  return connection:atomically(function()
    local rows, reason = connection:run("select span, slot, count from counters where key = :key", { key = key })
    if not rows then return nil, reason end
    local full, stale = room.judge(windows, rows)
    if full then return false, full end
    for _, window in ipairs(windows) do
      local values, done = { key = key, span = window.name, slot = window.slot, first = window.first }
      if stale[window.name] then
        done, reason = connection:run("delete from counters where key = :key and span = :span and slot < :first", values)
        if not done then return nil, reason end
      end
      done, reason = connection:run([[insert into counters (key, span, slot, count) values (:key, :span, :slot, 1)
        on conflict (key, span, slot) do update set count = counters.count + 1]], values)
      if not done then return nil, reason end
    end
    return true
  end, key)
end

function Store:lease(name, holder, seconds, now)
  local changed, reason = self.connection:run([[insert into leases (name, holder, ends_at) values (:name, :holder, :ends_at)
    on conflict (name) do update set holder = :holder, ends_at = :ends_at where leases.holder = :holder or leases.ends_at <= :now]],
    { name = name, holder = holder, ends_at = now + seconds, now = now })
  if not changed then return nil, reason end
  return changed == 1
end

function Store:lease_release(name, holder)
  local changed, reason = self.connection:run("delete from leases where name = :name and holder = :holder",
    { name = name, holder = holder })
  if not changed then return nil, reason end
  return changed == 1
end

--- Ends the connection; harmless when it has ended.
function Store:close()
  self.connection:close()
end

--- The verbs over a connection.
-- @tparam table connection
-- @treturn table the store
function sql.new(connection)
  return setmetatable({ connection = connection }, Store)
end

return sql
