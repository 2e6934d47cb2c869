--- The store in plain tables, for specs and trials: the same verbs, gone with the process. Listings
-- and claims walk all that it holds; what operators are shown, and the counts, do not.
-- @module debitura.store.memory

local forget = require("debitura.store.memory.forget")
local inbox = require("debitura.store.memory.inbox")
local index = require("debitura.store.memory.index")
local jobs = require("debitura.store.memory.jobs")
local layouts = require("debitura.store.layouts")
local rows = require("debitura.store.memory.rows")
local summary = require("debitura.store.memory.summary")
local window = require("debitura.base.window")

local memory = {}

--- It takes no options of its own.
memory.options = {}

local Store = {}
Store.__index = Store

for _, verbs in ipairs { jobs, inbox, summary, forget } do
  for verb, run in pairs(verbs) do Store[verb] = run end
end

-- Records ---------------------------------------------------------------------------------------

function Store:record(kind, tenant, name)
  local record = self.by_place[rows.place(kind, tenant, name)]
  return record and rows.copy(record) or false
end

function Store:records_named(kind, tenant, names)
  local found = {}
  for _, name in ipairs(names) do
    found[#found + 1] = self:record(kind, tenant, name) or nil
  end
  return found
end

function Store:records(filter)
  local before = rows.by("tenant", "name")
  return rows.select(self.by_place, filter.limit, function(record)
    return record.kind == filter.kind
      and (not filter.state or record.state == filter.state)
      and (not filter.undelivered or record.undelivered_since)
      and (not filter.tenant or record.tenant == filter.tenant)
      and (not filter.after or before(filter.after, record))
  end, before)
end

function Store:knows_event(place, event_id)
  return event_id ~= nil and self.event_ids[place] ~= nil and self.event_ids[place][event_id]
end

function Store:write_history(record, entry, from, to, generation, now)
  local place = rows.place(record.kind, record.tenant, record.name)
  self.lines = self.lines + 1
  self.histories[place] = self.histories[place] or {}
  table.insert(self.histories[place], {
    seq = self.lines, kind = record.kind, tenant = record.tenant, name = record.name, at = now,
    event = entry.event, event_id = entry.event_id, from_state = from, to_state = to,
    generation = generation, note = entry.note,
  })
  if entry.event_id then
    self.event_ids[place] = self.event_ids[place] or {}
    self.event_ids[place][entry.event_id] = true
  end
end

--- Whether a change can be made: nil, or what is in its way.
local function obstacle(self, change)
  for _, move in ipairs(change.moves) do
    local place = rows.place(move.kind, change.tenant, move.name)
    local record = self.by_place[place]
    if (record and record.version or 0) ~= move.version then return "stale" end
    if self:knows_event(place, move.entry.event_id) then return "duplicate" end
  end
  if change.done and not rows.held(self.jobs_by_key[change.done.key], change.done, "done") then
    return "lost"
  end
end

function Store:move(tenant, move, now)
  local place = rows.place(move.kind, tenant, move.name)
  local record = self.by_place[place] or {
    kind = move.kind, tenant = tenant, name = move.name, version = 0, generation = 0,
    created_at = now,
  }
  local from = record.state
  for column, value in pairs(move.set or {}) do record[column] = value or nil end
  record.version, record.updated_at = move.version + 1, now
  self.by_place[place] = record
  index.follow(self, "record", record)
  self:write_history(record, move.entry, from, record.state, record.generation, now)
end

function Store:record_move(change, now)
  local in_the_way = obstacle(self, change)
  if in_the_way then return false, in_the_way end
  if change.done then self:job_done(change.done, now, change.result) end
  for _, move in ipairs(change.moves) do self:move(change.tenant, move, now) end
  for _, job in ipairs(change.jobs or {}) do
    if not self.jobs_by_key[job.key] then
      self.jobs_by_key[job.key] = {
        key = job.key, kind = job.kind, tenant = change.tenant, record = job.record,
        name = job.name, generation = job.generation, channel = job.channel,
        needs = job.needs or "", args = job.args, state = "open", attempt = 0, claim = 0,
        due_at = job.due_at, created_at = now,
      }
      index.follow(self, "job", self.jobs_by_key[job.key])
    end
  end
  return true
end

function Store:record_note(record, entry, now)
  local place = rows.place(record.kind, record.tenant, record.name)
  if self:knows_event(place, entry.event_id) then return false, "duplicate" end
  local known = self.by_place[place] or {}
  self:write_history(record, entry, known.state, nil, known.generation, now)
  return true
end

function Store:record_history(filter)
  local place, after = rows.place(filter.kind, filter.tenant, filter.name), filter.after or 0
  return rows.select(self.histories[place] or {}, filter.limit, function(line)
    return line.seq > after
  end, rows.by("seq"))
end

-- What workers share besides --------------------------------------------------------------------

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

function Store:token_add(key, token, expires_at, now)
  local kept = self:token(key, now)
  if not kept then self:token_put(key, token, expires_at, now) end
  return kept or token
end

function Store:counter_add(key, windows)
  self.counters[key] = self.counters[key] or {}
  return window.add(self.counters[key], windows)
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

function Store:stamp(environment)
  self.environment = self.environment or environment
  return self.environment or false
end

function Store:restamp(environment)
  self.environment = environment
  return true
end

function Store.layout() return layouts.latest() end

function Store.migrate() return 0 end

function Store.close() end

--- Opens an empty store; `store.open("memory:")` calls it.
-- @treturn table the store
function memory.open()
  return setmetatable({
    by_place = {}, histories = {}, event_ids = {}, lines = 0, jobs_by_key = {}, events = {},
    arrivals = 0, tokens = {}, counters = {}, leases = {}, processes = {}, marks = {},
    added_up = {}, index = index.new(),
  }, Store)
end

return memory
