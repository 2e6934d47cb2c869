--- What operators are shown, in plain tables.
-- @module debitura.store.memory.summary

local contract = require("debitura.store.contract")
local rows = require("debitura.store.memory.rows")

local verbs = {}

local DAY = 86400

local function earlier(one, other)
  return one and other and math.min(one, other) or one or other
end

--- Keeps the least time under a name.
local function note(times, name, at)
  times[name] = earlier(times[name], at)
end

--- What is due longest, by a column of jobs.
local function due_by(times, column)
  local found = {}
  for name, due_at in pairs(times) do found[#found + 1] = { [column] = name, due_at = due_at } end
  return found
end

local function look_at_jobs(self, now, oldest)
  local kinds, needs = {}, {}
  for _, job in pairs(self.jobs_by_key) do
    if job.state == "dead" then note(oldest, "dead_job", job.ended_at) end
    if job.state == "open" and job.due_at <= now then
      note(kinds, job.kind, job.due_at)
      note(needs, job.needs, job.due_at)
    end
  end
  return due_by(kinds, "kind"), due_by(needs, "needs")
end

local function look_at_events(self, now, oldest)
  for _, item in pairs(self.events) do
    if item.state == "open" and item.due_at <= now then note(oldest, "open_event", item.due_at) end
    if item.state == "waiting" or item.state == "dead" then
      note(oldest, item.state .. "_event", item.received_at)
    end
  end
end

local function look_at_records(self, now, oldest)
  local expiring = 0
  for _, record in pairs(self.by_place) do
    note(oldest, "undelivered", record.undelivered_since)
    local ends = record.state == contract.expiring and record.expires_at
    if ends and ends > now and ends <= now + DAY then expiring = expiring + 1 end
  end
  return math.min(expiring, contract.expiring_counted)
end

local function latest_first(a, b)
  if a.beat_at ~= b.beat_at then return a.beat_at > b.beat_at end
  return a.id < b.id
end

local function everything() return true end

function verbs:summary(now)
  local oldest, last = {}, self:inbox_last()
  local jobs, needs = look_at_jobs(self, now, oldest)
  look_at_events(self, now, oldest)
  return {
    counts = self:counts(), jobs = jobs, needs = needs,
    expiring = look_at_records(self, now, oldest), oldest = oldest,
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
