--- The store in plain tables, for specs and trials: the same verbs, gone with the process.
-- @module debitura.store.memory

local room = require("debitura.store.rate_window")
local rows = require("debitura.store.memory.rows")

local memory = {}

local Store = {}
Store.__index = Store

for verb, run in pairs(require("debitura.store.memory.inbox")) do Store[verb] = run end

function Store:link(tenant)
  local row = self.by_tenant[tenant]
  if not row then return false end
  local link = rows.copy(row)
  link.cases, link.awaited, link.failed = 0, 0, 0
  for _, case in pairs(self.cases[tenant]) do
    link.cases = link.cases + 1
    if case.state ~= "created" then link[case.state] = link[case.state] + 1 end
  end
  return link
end

function Store:links(filter)
  local after = filter.after or ""
  local page = rows.select(self.by_tenant, filter.limit, function(link)
    return link.tenant > after and (not filter.state or link.state == filter.state)
  end, rows.by("tenant"))
  for i, link in ipairs(page) do page[i] = self:link(link.tenant) end
  return page
end

function Store:link_case(tenant, creditor_reference)
  local case = self.cases[tenant] and self.cases[tenant][creditor_reference]
  return case and rows.copy(case) or false
end

function Store:link_cases(filter)
  local after = filter.after or ""
  return rows.select(self.cases[filter.tenant] or {}, filter.limit, function(case)
    return case.creditor_reference > after
  end, rows.by("creditor_reference"))
end

local function copies(lines)
  local shown = {}
  for i, line in ipairs(lines or {}) do shown[i] = rows.copy(line) end
  return shown
end

function Store:link_history(tenant)
  return copies(self.history[tenant])
end

-- A text for a pair or a triple, that no other has.
local function place_of(first, second, third)
  if third then second = place_of(second, third) end
  return #first .. ":" .. first .. second
end

function Store:seen(tenant, event_id)
  return event_id and self.events_seen[place_of(tenant, event_id)]
end

local function write_history(histories, place, entry, from, to, generation, now)
  histories[place] = histories[place] or {}
  table.insert(histories[place], {
    at = now, event = entry.event, event_id = entry.event_id, from_state = from, to_state = to, generation = generation, note = entry.note,
  })
end

function Store:link_note(tenant, entry, now)
  if self:seen(tenant, entry.event_id) then return false, "duplicate" end
  local link = self.by_tenant[tenant] or {}
  write_history(self.history, tenant, entry, link.state, nil, link.generation, now)
  if entry.event_id then self.events_seen[place_of(tenant, entry.event_id)] = true end
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

--- What a change does to a link and to a matter alike; nothing unless it was given the latest version.
-- @tparam table record
-- @tparam table histories
-- @tparam string place of its history
function Store:move(record, histories, place, version, change, now)
  if record.version ~= version then return false, "stale" end
  if change.done and not rows.settle(self.owed, change.done.key, change.done, "done", { ended_at = now, result = change.result }) then
    return false, "lost"
  end
  local from = record.state
  for column, value in pairs(change.set or {}) do record[column] = value or nil end
  record.version, record.created_at, record.updated_at = version + 1, record.created_at or now, now
  write_history(histories, place, change.entry, from, record.state, record.generation, now)
  for _, effect in ipairs(change.effects or {}) do
    self.owed[effect.key] = self.owed[effect.key] or {
      key = effect.key, tenant = record.tenant, kind = effect.kind, matter = effect.matter, name = effect.name,
      generation = effect.generation, channel = effect.channel, state = "open", attempt = 0, due_at = effect.due_at, created_at = now,
    }
  end
  return true
end

function Store:link_move(tenant, version, change, now)
  local link = self.by_tenant[tenant] or { tenant = tenant, generation = 0, base = 0, version = 0 }
  local event_id = change.entry.event_id
  if link.version == version and self:seen(tenant, event_id) then return false, "duplicate" end
  local moved, reason = self:move(link, self.history, tenant, version, change, now)
  if not moved then return false, reason end
  self.by_tenant[tenant], self.cases[tenant] = link, self.cases[tenant] or {}
  if event_id then self.events_seen[place_of(tenant, event_id)] = true end
  write_cases(self.cases[tenant], tenant, change, now)
  return self:link(tenant)
end

function Store:matter(tenant, kind, name)
  local matter = self.by_name[place_of(tenant, kind, name)]
  return matter and rows.copy(matter) or false
end

function Store:matters(filter)
  local before = rows.by("tenant", "name")
  return rows.select(self.by_name, filter.limit, function(matter)
    return matter.kind == filter.kind
      and (not filter.state or matter.state == filter.state)
      and (not filter.tenant or matter.tenant == filter.tenant)
      and (not filter.after or before(filter.after, matter))
  end, before)
end

function Store:matter_move(tenant, kind, name, version, change, now)
  local place = place_of(tenant, kind, name)
  local matter = self.by_name[place] or { tenant = tenant, kind = kind, name = name, generation = 0, version = 0 }
  local moved, reason = self:move(matter, self.matter_histories, place, version, change, now)
  if not moved then return false, reason end
  self.by_name[place] = matter
  return rows.copy(matter)
end

function Store:matter_history(tenant, kind, name)
  return copies(self.matter_histories[place_of(tenant, kind, name)])
end

local effect_before = rows.by("due_at", "key")

function Store:effects(filter)
  local kinds = {}
  for _, kind in ipairs(filter.kinds or {}) do kinds[kind] = true end
  return rows.select(self.owed, filter.limit, function(effect)
    return (not filter.due_by or effect.state == "open" and effect.due_at <= filter.due_by)
      and (not filter.tenant or effect.tenant == filter.tenant)
      and (not filter.kinds or kinds[effect.kind])
      and (not filter.after or effect_before(filter.after, effect))
  end, effect_before)
end

function Store:effects_claim(options)
  local due = self:effects { tenant = options.tenant, kinds = options.kinds, limit = options.limit, due_by = options.now }
  return rows.claim(self.owed, due, "key", options)
end

function Store:effect_done(effect, now, result)
  return rows.settle(self.owed, effect.key, effect, "done", { ended_at = now, result = result })
end

function Store:effect_retry(effect, due_at, problem)
  return rows.settle(self.owed, effect.key, effect, "open", { due_at = due_at, result = problem })
end

function Store:effect_dead(effect, now, problem)
  return rows.settle(self.owed, effect.key, effect, "dead", { ended_at = now, result = problem })
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
  local counts = self.counters[key] or {}
  local full = room.judge(windows, counts)
  if full then return false, full end
  local counted = {}
  for _, window in ipairs(windows) do
    local now = { span = window.name, slot = window.slot, count = 1 }
    for _, row in ipairs(counts) do
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
    by_tenant = {}, cases = {}, history = {}, events_seen = {}, by_name = {}, matter_histories = {}, owed = {}, events = {}, arrivals = 0,
    tokens = {}, counters = {}, leases = {},
  }, Store)
end

return memory
