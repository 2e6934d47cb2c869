--- The store's verbs in SQL. Knows tables and transactions, not which database it talks to: that one hands in a
-- connection with `run(statement, values)`, `atomically(body, lock)`, `close()`, and in `for_claim` what it appends to the
-- selection of rows that are claimed. Transactions that name the same lock never overlap.
-- @module debitura.store.sql

local room = require("debitura.store.rate_window")
local rows = require("debitura.store.sql.rows")

local sql = {}

local PAGE = rows.PAGE

local Store = {}
Store.__index = Store

for verb, run in pairs(require("debitura.store.sql.inbox")) do Store[verb] = run end

local LINK = [[select l.tenant, l.state, l.generation, l.base, l.version, l.variant, l.url, l.payload, l.reason, l.requested_at,
  l.expires_at, l.created_at, l.updated_at,
  (select count(*) from cases c where c.tenant = l.tenant) as cases,
  (select count(*) from cases c where c.tenant = l.tenant and c.state = 'awaited') as awaited,
  (select count(*) from cases c where c.tenant = l.tenant and c.state = 'failed') as failed
  from links l ]]
local CASE = "select tenant, creditor_reference, state, case_id, reference, problem, updated_at from cases "
local MATTER = [[select tenant, kind, name, state, generation, version, url, payload, key, reason, result, created_at, updated_at
  from matters ]]
local EFFECT = [[select key, tenant, kind, matter, name, generation, channel, state, attempt, due_at, created_at, ended_at, result
  from effects ]]

-- What moves: where it and its history are, by what it is found, and the columns that a change may set; `fresh` are those that a new
-- one has besides.
local LINKS = {
  name = "links", history = "history", where = " where tenant = :tenant", fresh = { generation = 0, base = 0 },
  settable = { "state", "generation", "base", "variant", "url", "payload", "reason", "requested_at", "expires_at" },
}
local MATTERS = {
  name = "matters", history = "matter_history", where = " where tenant = :tenant and kind = :kind and name = :name",
  fresh = { generation = 0 },
  settable = { "state", "generation", "url", "payload", "key", "reason", "result" },
}

function Store:link(tenant)
  return rows.first(self.connection:run(LINK .. "where l.tenant = :tenant", { tenant = tenant }))
end

function Store:links(filter)
  local where = "where l.tenant > :after "
  if filter.state then where = where .. "and l.state = :state " end
  return self.connection:run(LINK .. where .. "order by l.tenant limit :limit", {
    after = filter.after or "", state = filter.state, limit = filter.limit or PAGE,
  })
end

function Store:link_case(tenant, creditor_reference)
  return rows.first(self.connection:run(CASE .. "where tenant = :tenant and creditor_reference = :creditor_reference", {
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

--- A line of history; `id` are the columns by which its subject is found.
local function write_history(connection, subject, id, entry, from, to, generation, now)
  local added, reason = rows.add(connection, subject.history, rows.merged(id, {
    at = now, event = entry.event, event_id = entry.event_id, from_state = from, to_state = to, generation = generation, note = entry.note,
  }))
  if not added then return nil, reason end
  if added == 0 then return false, "duplicate" end
  return true
end

function Store:link_note(tenant, entry, now)
  return self.connection:atomically(function()
    local link, reason = rows.first(self.connection:run("select state, generation from links where tenant = :tenant", { tenant = tenant }))
    if link == nil then return nil, reason end
    link = link or {}
    return write_history(self.connection, LINKS, { tenant = tenant }, entry, link.state, nil, link.generation, now)
  end, tenant)
end

local function write_subject(connection, subject, id, version, set, now)
  local values = rows.merged(id, { version = version + 1, updated_at = now })
  if version == 0 then
    for column, value in pairs(subject.fresh) do values[column] = value end
    values.created_at = now
  end
  local columns = { "version = :version", "updated_at = :updated_at" }
  for _, column in ipairs(subject.settable) do
    local value = set[column]
    if value ~= nil then
      columns[#columns + 1] = column .. " = :" .. column
      values[column] = value or nil
    end
  end
  if version == 0 then return rows.add(connection, subject.name, values) end
  return connection:run("update " .. subject.name .. " set " .. table.concat(columns, ", ") .. subject.where, values)
end

local function write_cases(connection, tenant, change, now)
  if change.awaited then
    local done, reason = connection:run("delete from cases where tenant = :tenant and state = 'awaited'", { tenant = tenant })
    if not done then return nil, reason end
    for _, creditor_reference in ipairs(change.awaited) do
      done, reason = rows.add(connection, "cases", {
        tenant = tenant, creditor_reference = creditor_reference, state = "awaited", updated_at = now,
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

local QUEUE = { name = "effects", key = "key" }

local function write_effects(connection, tenant, effects, now)
  for _, effect in ipairs(effects or {}) do
    local done, reason = rows.add(connection, QUEUE.name, {
      key = effect.key, tenant = tenant, kind = effect.kind, matter = effect.matter, name = effect.name, generation = effect.generation,
      channel = effect.channel, state = "open", attempt = 0, due_at = effect.due_at, created_at = now,
    })
    if not done then return nil, reason end
  end
  return true
end

--- What a change does to a link and to a matter alike, within a transaction.
-- @treturn[1] boolean true
-- @treturn[2] boolean false
-- @treturn[2] string "stale", "duplicate" or "lost"
-- @treturn[3] nil
-- @treturn[3] table failure
local function move(connection, subject, id, version, change, now)
  local set = change.set or {}
  local before, reason = rows.first(connection:run("select state, generation, version from " .. subject.name .. subject.where, id))
  if before == nil then return nil, reason end
  before = before or { version = 0 }
  if before.version ~= version then return false, "stale" end

  local done
  done, reason = write_history(connection, subject, id, change.entry, before.state, set.state or before.state,
    set.generation or before.generation or 0, now)
  if not done then return done, reason end
  if change.done then
    done, reason = rows.settle(connection, QUEUE, change.done, { state = "done", ended_at = now, result = change.result })
    if not done then return done, reason end
  end
  done, reason = write_subject(connection, subject, id, version, set, now)
  if done then done, reason = write_effects(connection, id.tenant, change.effects, now) end
  if not done then return nil, reason end
  return true
end

function Store:link_move(tenant, version, change, now)
  local connection = self.connection
  return connection:atomically(function()
    local moved, reason = move(connection, LINKS, { tenant = tenant }, version, change, now)
    if not moved then return moved, reason end
    moved, reason = write_cases(connection, tenant, change, now)
    if not moved then return nil, reason end
    return self:link(tenant)
  end, tenant)
end

function Store:matter(tenant, kind, name)
  return rows.first(self.connection:run(MATTER .. MATTERS.where, { tenant = tenant, kind = kind, name = name }))
end

function Store:matters(filter)
  local where, after = "where kind = :kind", filter.after or {}
  if filter.state then where = where .. " and state = :state" end
  if filter.tenant then where = where .. " and tenant = :tenant" end
  if after.tenant and after.tenant == filter.tenant then
    where = where .. " and name > :after_name" -- what SQLite can look up: it does not see that the row's first column is fixed
  elseif after.tenant then
    where = where .. " and (tenant, name) > (:after_tenant, :after_name)"
  end
  return self.connection:run(MATTER .. where .. " order by tenant, name limit :limit", {
    kind = filter.kind, state = filter.state, tenant = filter.tenant, after_tenant = after.tenant, after_name = after.name,
    limit = filter.limit or PAGE,
  })
end

function Store:matter_move(tenant, kind, name, version, change, now)
  local connection, id = self.connection, { tenant = tenant, kind = kind, name = name }
  return connection:atomically(function()
    local moved, reason = move(connection, MATTERS, id, version, change, now)
    if not moved then return moved, reason end
    return self:matter(tenant, kind, name)
  end, ("%s/%s/%s"):format(tenant, kind, name))
end

function Store:matter_history(tenant, kind, name)
  return self.connection:run("select at, event, from_state, to_state, generation, note from matter_history" .. MATTERS.where
    .. " order by seq", { tenant = tenant, kind = kind, name = name })
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
    also("(due_at, key) > (:after, :after_key)", "after", filter.after.due_at)
    values.after_key = filter.after.key
  end
  return "where " .. table.concat(where, " and "), values
end

function Store:effects(filter)
  local where, values = effect_filter(filter)
  return self.connection:run(EFFECT .. where .. " order by due_at, key limit :limit", values)
end

function Store:effects_claim(options)
  local where, values = effect_filter { tenant = options.tenant, kinds = options.kinds, limit = options.limit, due_by = options.now }
  return rows.claim(self.connection, QUEUE, EFFECT .. where .. " order by due_at, key limit :limit", values, options)
end

function Store:effect_done(effect, now, result)
  return rows.settle(self.connection, QUEUE, effect, { state = "done", ended_at = now, result = result })
end

function Store:effect_retry(effect, due_at, problem)
  return rows.settle(self.connection, QUEUE, effect, { state = "open", due_at = due_at, result = problem })
end

function Store:effect_dead(effect, now, problem)
  return rows.settle(self.connection, QUEUE, effect, { state = "dead", ended_at = now, result = problem })
end

function Store:token(key, now)
  local row, reason = rows.first(self.connection:run("select token from tokens where key = :key and expires_at > :now",
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
    local counts, reason = connection:run("select span, slot, count from counters where key = :key", { key = key })
    if not counts then return nil, reason end
    local full, stale = room.judge(windows, counts)
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
