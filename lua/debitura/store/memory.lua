--- The store in plain tables, for specs and trials: the same verbs, gone with the process.
-- @module debitura.store.memory

local room = require("debitura.store.room")

local memory = {}

local PAGE = 100

local Store = {}
Store.__index = Store

local function copy(row)
  local twin = {}
  for key, value in pairs(row) do twin[key] = value end
  return twin
end

--- Copies of the rows a filter lets through, in order, at most `limit` of them.
local function select_rows(rows, limit, matches, before)
  local found = {}
  for _, row in pairs(rows) do
    if matches(row) then found[#found + 1] = row end
  end
  table.sort(found, before)
  local page = {}
  for i = 1, math.min(#found, limit or PAGE) do page[i] = copy(found[i]) end
  return page
end

local function by(field)
  return function(a, b) return a[field] < b[field] end
end

function Store:link(tenant)
  local row = self.by_tenant[tenant]
  if not row then return false end
  local link = copy(row)
  link.cases, link.awaited, link.failed = 0, 0, 0
  for _, case in pairs(self.cases[tenant]) do
    link.cases = link.cases + 1
    if case.state ~= "created" then link[case.state] = link[case.state] + 1 end
  end
  return link
end

function Store:links(filter)
  local after = filter.after or ""
  local page = select_rows(self.by_tenant, filter.limit, function(link)
    return link.tenant > after and (not filter.state or link.state == filter.state)
  end, by("tenant"))
  for i, link in ipairs(page) do page[i] = self:link(link.tenant) end
  return page
end

function Store:link_case(tenant, creditor_reference)
  local case = self.cases[tenant] and self.cases[tenant][creditor_reference]
  return case and copy(case) or false
end

function Store:link_cases(filter)
  local after = filter.after or ""
  return select_rows(self.cases[filter.tenant] or {}, filter.limit, function(case)
    return case.creditor_reference > after
  end, by("creditor_reference"))
end

function Store:link_history(tenant)
  local lines = {}
  for _, line in ipairs(self.history) do
    if line.tenant == tenant then
      local shown = copy(line)
      shown.tenant = nil
      lines[#lines + 1] = shown
    end
  end
  return lines
end

function Store:seen(tenant, event_id)
  return event_id and self.events_seen[#tenant .. ":" .. tenant .. event_id]
end

function Store:write_history(tenant, entry, from, to, generation, now)
  if entry.event_id then self.events_seen[#tenant .. ":" .. tenant .. entry.event_id] = true end
  table.insert(self.history, {
    tenant = tenant, at = now, event = entry.event, event_id = entry.event_id, from_state = from, to_state = to,
    generation = generation, note = entry.note,
  })
end

function Store:link_note(tenant, entry, now)
  if self:seen(tenant, entry.event_id) then return false, "duplicate" end
  local link = self.by_tenant[tenant] or {}
  self:write_history(tenant, entry, link.state, nil, link.generation, now)
  return true
end

local function write_cases(cases, tenant, change, now)
  if change.awaited then
    for creditor_reference, case in pairs(cases) do
      if case.state == "awaited" then cases[creditor_reference] = nil end
    end
    for _, creditor_reference in ipairs(change.awaited) do
      cases[creditor_reference] = cases[creditor_reference]
        or { tenant = tenant, creditor_reference = creditor_reference, state = "awaited", updated_at = now }
    end
  end
  for _, news in ipairs(change.cases or {}) do
    local case = cases[news.creditor_reference]
    if case then
      case.state, case.problem, case.updated_at = news.state, news.problem, now
      case.case_id, case.reference = news.case_id or case.case_id, news.reference or case.reference
    end
  end
end

--- Ends or postpones a claimed row, if the claim still holds. What this claim has ended already stays ended.
local function settle(rows, key, row, state, values)
  local own = rows[key]
  if not own or own.attempt ~= row.attempt or own.state ~= "open" and own.state ~= state then return false, "lost" end
  own.state, own.result = state, values.result
  own.due_at, own.ended_at = values.due_at or own.due_at, values.ended_at
  return true
end

function Store:link_move(tenant, version, change, now)
  local link, set = self.by_tenant[tenant], change.set or {}
  if (link and link.version or 0) ~= version then return false, "stale" end
  if self:seen(tenant, change.entry.event_id) then return false, "duplicate" end
  if change.done and not settle(self.owed, change.done.key, change.done, "done", { ended_at = now, result = change.result }) then
    return false, "lost"
  end
  local from = link and link.state
  if not link then
    link = { tenant = tenant, generation = 0, base = 0, version = 0, created_at = now }
    self.by_tenant[tenant], self.cases[tenant] = link, {}
  end
  for column, value in pairs(set) do link[column] = value or nil end
  link.version, link.updated_at = link.version + 1, now
  self:write_history(tenant, change.entry, from, link.state, link.generation, now)
  write_cases(self.cases[tenant], tenant, change, now)
  for _, effect in ipairs(change.effects or {}) do
    self.owed[effect.key] = self.owed[effect.key] or {
      key = effect.key, tenant = tenant, kind = effect.kind, generation = effect.generation, channel = effect.channel,
      state = "open", attempt = 0, due_at = effect.due_at, created_at = now,
    }
  end
  return self:link(tenant)
end

local function effect_before(a, b)
  if a.due_at ~= b.due_at then return a.due_at < b.due_at end
  return a.key < b.key
end

function Store:effects(filter)
  local kinds = {}
  for _, kind in ipairs(filter.kinds or {}) do kinds[kind] = true end
  return select_rows(self.owed, filter.limit, function(effect)
    return (not filter.tenant or effect.tenant == filter.tenant)
      and (not filter.kinds or kinds[effect.kind])
      and (not filter.due_by or effect.state == "open" and effect.due_at <= filter.due_by)
      and (not filter.after or effect_before(filter.after, effect))
  end, effect_before)
end

local function claim(rows, page, key, options)
  for _, row in ipairs(page) do
    local own = rows[row[key]]
    own.attempt, own.due_at = own.attempt + 1, options.now + options.lease
    row.attempt, row.due_at = own.attempt, own.due_at
  end
  return page
end

function Store:effects_claim(options)
  local due = self:effects { tenant = options.tenant, kinds = options.kinds, limit = options.limit, due_by = options.now }
  return claim(self.owed, due, "key", options)
end

function Store:effect_done(effect, now, result)
  return settle(self.owed, effect.key, effect, "done", { ended_at = now, result = result })
end

function Store:effect_retry(effect, due_at, problem)
  return settle(self.owed, effect.key, effect, "open", { due_at = due_at, result = problem })
end

function Store:effect_dead(effect, now, problem)
  return settle(self.owed, effect.key, effect, "dead", { ended_at = now, result = problem })
end

function Store:inbox_waiting(tenant)
  for _, item in pairs(self.events) do
    if item.tenant == tenant and item.state == "open" then return true end
  end
  return false
end

-- Of a tenant's events only one is open; its successors wait.
function Store:next_in_line(tenant)
  return tenant and self:inbox_waiting(tenant) and "waiting" or "open"
end

function Store:inbox_add(id, tenant, event, body, received_at, replay)
  if self.events[id] then return "duplicate" end
  self.arrivals = self.arrivals + 1
  self.events[id] = {
    id = id, tenant = tenant, event = event, body = body, received_at = received_at, replay = replay and 1 or 0,
    seq = self.arrivals, state = self:next_in_line(tenant), attempt = 0, due_at = received_at,
  }
  return "new"
end

local function event_before(a, b)
  if a.due_at ~= b.due_at then return a.due_at < b.due_at end
  return a.seq < b.seq
end

function Store:inbox_claim(options)
  local due = select_rows(self.events, options.limit, function(item)
    return item.state == "open" and item.due_at <= options.now
  end, event_before)
  return claim(self.events, due, "id", options)
end

--- Ends an event and opens the tenant's next one.
function Store:end_event(item, state, values)
  local settled, reason = settle(self.events, item.id, item, state, values)
  if not settled then return false, reason end
  if item.tenant and not self:inbox_waiting(item.tenant) then
    local following
    for _, other in pairs(self.events) do
      if other.tenant == item.tenant and other.state == "waiting" and (not following or other.seq < following.seq) then
        following = other
      end
    end
    if following then following.state = "open" end
  end
  return true
end

function Store:inbox_done(item, now)
  return self:end_event(item, "done", { ended_at = now })
end

function Store:inbox_retry(item, due_at, problem)
  return settle(self.events, item.id, item, "open", { due_at = due_at, result = problem })
end

function Store:inbox_dead(item, now, problem)
  return self:end_event(item, "dead", { ended_at = now, result = problem })
end

function Store:inbox_list(filter)
  local after = filter.after or 0
  local page = select_rows(self.events, filter.limit, function(item)
    return item.seq > after and (not filter.state or item.state == filter.state)
      and (not filter.tenant or item.tenant == filter.tenant)
  end, by("seq"))
  for _, item in ipairs(page) do item.body = nil end
  return page
end

function Store:inbox_item(id)
  return self.events[id] and copy(self.events[id]) or false
end

function Store:inbox_revive(item, now)
  local own = self.events[item.id]
  if not own or own.state ~= "dead" then return false end
  own.state, own.due_at, own.ended_at = self:next_in_line(own.tenant), now, nil
  return true
end

function Store:inbox_forget(before, limit)
  local done = select_rows(self.events, limit, function(item)
    return item.state == "done" and item.ended_at < before
  end, by("ended_at"))
  for _, item in ipairs(done) do self.events[item.id] = nil end
  return #done
end

function Store:token(key, now)
  local kept = self.tokens[key]
  return kept and kept.expires_at > now and kept.token or false
end

function Store:token_put(key, token, expires_at, now)
  for other, kept in pairs(self.tokens) do
    if kept.expires_at <= now then self.tokens[other] = nil end
  end
  self.tokens[key] = { token = token, expires_at = expires_at }
  return true
end

function Store:counter_add(key, windows)
  local rows = self.counters[key] or {}
  local full = room.judge(windows, rows)
  if full then return false, full end
  local counted = {}
  for _, window in ipairs(windows) do
    local now = { span = window.name, slot = window.slot, count = 1 }
    for _, row in ipairs(rows) do
      if row.span == window.name and row.slot == window.slot then
        now.count = row.count + 1
      elseif row.span == window.name and row.slot >= window.first then
        counted[#counted + 1] = row
      end
    end
    counted[#counted + 1] = now
  end
  self.counters[key] = counted
  return true
end

function Store:lease(name, holder, seconds, now)
  local held = self.leases[name]
  if held and held.holder ~= holder and held.ends_at > now then return false end
  self.leases[name] = { holder = holder, ends_at = now + seconds }
  return true
end

function Store:lease_release(name, holder)
  local held = self.leases[name]
  if not held or held.holder ~= holder then return false end
  self.leases[name] = nil
  return true
end

function Store.close() end

--- Opens an empty store; `store.open("memory:")` calls it.
-- @treturn table the store
function memory.open()
  return setmetatable({
    by_tenant = {}, cases = {}, history = {}, events_seen = {}, owed = {}, events = {}, arrivals = 0,
    tokens = {}, counters = {}, leases = {},
  }, Store)
end

return memory
