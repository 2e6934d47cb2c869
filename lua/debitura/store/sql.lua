--- The store's verbs in SQL. Knows tables and transactions, not which database it talks to: that one hands in a
-- connection with `run(statement, values)`, `atomically(body)` and `close()`.
-- @module debitura.store.sql

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
  end)
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

--- Ends or postpones a claimed row of a queue, if the claim still holds.
local function settle(connection, queue, row, values)
  values.key, values.attempt = row[queue.key], row.attempt
  local changed, reason = connection:run(("update %s set state = :state, due_at = coalesce(:due_at, due_at), ended_at = :ended_at, "
    .. "result = :result where %s = :key and attempt = :attempt and state = 'open'"):format(queue.name, queue.key), values)
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
  end)
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
local function claim(connection, queue, rows, reason, options)
  if not rows then return nil, reason end
  for _, row in ipairs(rows) do
    row.attempt, row.due_at = row.attempt + 1, options.now + options.lease
    local done
    done, reason = connection:run(("update %s set attempt = :attempt, due_at = :due_at where %s = :key")
      :format(queue.name, queue.key), { attempt = row.attempt, due_at = row.due_at, key = row[queue.key] })
    if not done then return nil, reason end
  end
  return rows
end

function Store:effects_claim(options)
  return self.connection:atomically(function()
    local due = { tenant = options.tenant, kinds = options.kinds, limit = options.limit, due_by = options.now }
    local rows, reason = self:effects(due)
    return claim(self.connection, EFFECTS, rows, reason, options)
  end)
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

function Store:inbox_add(id, tenant, event, body, received_at)
  local added, reason = self.connection:run([[insert into inbox (id, tenant, event, body, received_at, state, attempt, due_at)
    values (:id, :tenant, :event, :body, :received_at, 'open', 0, :received_at) on conflict do nothing]], {
    id = id, tenant = tenant, event = event, body = body, received_at = received_at,
  })
  if not added then return nil, reason end
  return added == 1 and "new" or "duplicate"
end

function Store:inbox_claim(options)
  return self.connection:atomically(function()
    -- Only the oldest open event of a tenant: while it is being worked on or waits for a retry, its successors wait.
    local rows, reason = self.connection:run([[select id, tenant, event, body, received_at, attempt from inbox i
      where state = 'open' and due_at <= :now and (tenant is null or not exists (
        select 1 from inbox earlier where earlier.tenant = i.tenant and earlier.state = 'open' and earlier.seq < i.seq))
      order by due_at, seq limit :limit]], { now = options.now, limit = options.limit or PAGE })
    return claim(self.connection, INBOX, rows, reason, options)
  end)
end

function Store:inbox_waiting(tenant)
  local rows, reason = self.connection:run("select exists (select 1 from inbox where tenant = :tenant and state = 'open') as waiting",
    { tenant = tenant })
  if not rows then return nil, reason end
  return rows[1].waiting == 1
end

function Store:inbox_done(item, now)
  return settle(self.connection, INBOX, item, { state = "done", ended_at = now })
end

function Store:inbox_retry(item, due_at, problem)
  return settle(self.connection, INBOX, item, { state = "open", due_at = due_at, result = problem })
end

function Store:inbox_dead(item, now, problem)
  return settle(self.connection, INBOX, item, { state = "dead", ended_at = now, result = problem })
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
