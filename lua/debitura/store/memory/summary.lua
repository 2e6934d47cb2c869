--- What operators are shown, in plain tables.
-- @module debitura.store.memory.summary

local contract = require("debitura.store.contract")
local index = require("debitura.store.memory.index")
local rows = require("debitura.store.memory.rows")

local verbs = {}

local DAY = 86400
local OLDEST = { "dead_job", "open_event", "waiting_event", "dead_event", "undelivered" }

--- How many end within a day: spans are counted, but for the first and the last of them.
local function expiring(self, now)
  local count, ends, later = 0, now + DAY, 0
  repeat
    local name = index.span(now, later)
    local span, is_last = index.of(self, "expiring", name), name == index.span(ends)
    count, later = count + #span, later + 1
    for _, entry in ipairs((later == 1 or is_last) and span or {}) do
      if entry.at <= now or entry.at > ends then count = count - 1 end
    end
  until is_last
  return count
end

local function latest_first(a, b)
  if a.beat_at ~= b.beat_at then return a.beat_at > b.beat_at end
  return a.id < b.id
end

local function everything() return true end

verbs.counts = index.counts

function verbs:summary(now)
  local counts, last, jobs, needs, oldest = self:counts(), self:inbox_last(), {}, {}, {}
  local function first(...)
    local entry = index.of(self, ...)[1]
    return entry and entry.at
  end
  local function due(found, column, name)
    local at = first(column, name)
    if at and at <= now then found[#found + 1] = { [column] = name, due_at = at } end
  end
  due(needs, "needs", "")
  for _, row in ipairs(counts) do
    if row.of == "job" and row.state == "open" then due(jobs, "kind", row.kind) end
    if row.of == "need" then due(needs, "needs", row.kind) end
  end
  for _, name in ipairs(OLDEST) do oldest[name] = first(name) end
  if oldest.open_event and oldest.open_event > now then oldest.open_event = nil end
  return {
    counts = counts, jobs = jobs, needs = needs, oldest = oldest,
    expiring = math.min(expiring(self, now), contract.expiring_counted),
    last_event = last and last.received_at or nil,
    processes = rows.select(self.processes, nil, everything, latest_first),
    marks = rows.copy(self.marks),
  }
end

function verbs:beat(process, now)
  for id, row in pairs(self.processes) do
    if row.beat_at < now - contract.process_kept then self.processes[id] = nil end
  end
  local row = { beat_at = now }
  for _, column in ipairs(contract.process) do
    row[column[1]] = row[column[1]] or process[column[1]]
  end
  self.processes[row.id] = row
  for _, name in ipairs(process.marks or {}) do
    self.marks[name] = math.max(self.marks[name] or now, now)
  end
  for _, total in ipairs(process.totals or {}) do
    local place = rows.place(total.of, total.kind, total.state)
    local kept = self.added_up[place]
      or { of = total.of, kind = total.kind, state = total.state, count = 0 }
    kept.count, self.added_up[place] = kept.count + total.count, kept
  end
  return true
end

function verbs:totals()
  local found = {}
  for _, total in pairs(self.added_up) do found[#found + 1] = rows.copy(total) end
  return found
end

return verbs
