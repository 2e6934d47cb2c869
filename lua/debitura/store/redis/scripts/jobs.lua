--- Jobs; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.jobs

local fragments = require("debitura.store.redis.scripts.fragments")

local scripts = {}

local JOBS = fragments.order .. fragments.places .. fragments.claims .. fragments.jobs

scripts.jobs = JOBS .. fragments.due .. [[
local by, value, latest = take(), take(), take()
local after_due, after_key, limit = take(), take(), take()
local index = key(({tenant = 'jobs_of', state = 'jobs_in', needs = 'jobs_due'})[by], value)
local from = after_due and '(' .. ordered(after_due) .. after_key or '-'
return job_rows(names_of(page(index, from, latest and due_by(latest) or '+', limit)))]]

scripts.jobs_named = JOBS .. [[
local names = {}
for _, row in ipairs(take_rows(1) or {}) do
  if call('EXISTS', key('job', row[1])) == 1 then names[#names + 1] = row[1] end
end
return job_rows(names)]]

scripts.jobs_claim = JOBS .. fragments.due .. [[
local now, lease_end, limit, can, keys = take(), take(), take(), take_rows(1), take_rows(1)
local able, lists = {[''] = true}, {}
for _, row in ipairs(can or {}) do
  local needs = row[1]
  able[needs] = true
end
if keys then
  local list = {}
  for _, row in ipairs(keys) do
    local job = read_job(row[1])
    local is_open = job and job.state == 'open' and able[job.needs]
    if is_open and tonumber(job.due_at) <= tonumber(now) then
      list[#list + 1] = ordered(job.due_at) .. job.key
    end
  end
  table.sort(list, before)
  lists[1] = list
else
  for needs in pairs(able) do
    lists[#lists + 1] = page(key('jobs_due', needs), '-', due_by(now), limit)
  end
end
local names = names_of(merge(lists, tonumber(limit), before))
for _, name in ipairs(names) do
  local job = read_job(name)
  change_job(job, claimed(job, lease_end))
end
return job_rows(names)]]

-- What has brought its record's URL to the customer says so of the record.
scripts.job_settle = JOBS .. fragments.record_places .. [[
local job, settlement, delivered = read_job(take()), take_settlement(), take()
if not holds(job, settlement.claim, settlement.state) then return 'lost' end
if job.state == 'open' then change_job(job, settled(job, settlement)) end
if not delivered then return 'ok' end
local whose = call('HMGET', key('job', job.key), 'record', 'name', 'generation')
local record = read_record(whose[1], first_of(job.tenant) .. whose[2])
if record and record.generation == whose[3] and record.undelivered_since then
  change_record(record, {'undelivered_since'}, {})
end
return 'ok']]

scripts.job_revive = JOBS .. [[
local job, now = read_job(take()), take()
if not job or job.state ~= 'dead' then return 'no' end
change_job(job, {'state', 'due_at', 'ended_at'}, {state = 'open', due_at = now})
return 'yes']]

return scripts
