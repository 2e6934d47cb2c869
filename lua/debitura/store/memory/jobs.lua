--- Jobs in plain tables.
-- @module debitura.store.memory.jobs

local contract = require("debitura.store.contract")
local index = require("debitura.store.memory.index")
local rows = require("debitura.store.memory.rows")
local settling = require("debitura.store.settling")

local verbs = {}

local before = rows.by("due_at", "key")

function verbs:jobs(filter)
  local by = contract.jobs_by(filter)
  return rows.select(self.jobs_by_key, filter.limit, function(job)
    return job[by] == filter[by]
      and (by ~= "needs" or job.state == "open")
      and (not filter.due_by or job.due_at <= filter.due_by)
      and (not filter.after or before(filter.after, job))
  end, before)
end

function verbs:jobs_named(keys)
  local found = {}
  for _, key in ipairs(keys) do
    if self.jobs_by_key[key] then found[#found + 1] = rows.copy(self.jobs_by_key[key]) end
  end
  return found
end

function verbs:jobs_claim(options)
  local can = rows.set(options.can or {})
  local keys = options.keys and rows.set(options.keys)
  local due = rows.select(self.jobs_by_key, options.limit, function(job)
    return job.state == "open" and job.due_at <= options.now
      and (job.needs == "" or can[job.needs])
      and (not keys or keys[job.key])
  end, before)
  return index.claim(self, "job", self.jobs_by_key, due, options)
end

local function settle(self, job, values)
  return index.settle(self, "job", self.jobs_by_key, job, values)
end

function verbs:job_done(job, now, result, delivered)
  local record = delivered and self.by_place[rows.place(job.record, job.tenant, job.name)]
  if record and record.generation == job.generation
    and rows.held(self.jobs_by_key[job.key], job, "done") then
    record.undelivered_since = nil
    index.follow(self, "record", record)
  end
  return settle(self, job, { state = "done", ended_at = now, result = result })
end

settling.add(verbs, "job", settle)

function verbs:job_revive(job, now)
  local own = self.jobs_by_key[job.key]
  if not own or own.state ~= "dead" then return false end
  own.state, own.due_at, own.ended_at = "open", now, nil
  index.follow(self, "job", own)
  return true
end

return verbs
