--- Forgetting; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.forget

local contract = require("debitura.store.contract")
local fragments = require("debitura.store.redis.scripts.fragments")

local function sealed(columns)
  return fragments.list(contract.sealed(columns))
end

local NAMES = ("local FORGOTTEN, OF_RECORD, OF_JOB, OF_EVENT = '%s', %s, %s, %s\n"):format(
  contract.forgotten, sealed(contract.record), sealed(contract.job), sealed(contract.event))

local scripts = {}

scripts.forget = fragments.order .. fragments.places .. fragments.claims
  .. fragments.record_places .. fragments.jobs .. fragments.inbox .. NAMES .. [[
local tenant, now, since = take(), take(), take()
local kinds, owners, tokens, blanked = take_rows(1), take_rows(1), take_rows(1), 0

local function blank(hash, names)
  call('HDEL', hash, unpack(names))
end
local function blank_notes(hash)
  for seq = 1, tonumber(call('HGET', hash, 'last') or 0) do
    local line = {cmsgpack.unpack(call('HGET', hash, seq))}
    line[7] = false
    call('HSET', hash, seq, cmsgpack.pack(unpack(line, 1, 7)))
  end
end
local function blank_record(kind, member)
  local record = read_record(kind, member)
  blank(key('record', kind, member), OF_RECORD)
  change_record(record, {'state', 'version', 'undelivered_since', 'updated_at'},
    {state = FORGOTTEN, version = record.version + 1, updated_at = now})
  blank_notes(key('history', kind, member))
  blanked = blanked + 1
end
-- A claim that holds a row has lost it then.
local function ending(row)
  local claim = row.state == 'open' and row.claim + 1 or row.claim
  return {'state', 'claim', 'ended_at'},
    {state = 'done', claim = claim, ended_at = row.ended_at or now}
end

local first = first_of(tenant)
for _, kind in ipairs(kinds) do
  kind.members = call('ZRANGEBYLEX', key('records', kind[1]), '[' .. first,
    '(' .. successor(first))
  for _, member in ipairs(since and kind.members or {}) do
    local changed = call('HGET', key('record', kind[1], member), 'updated_at')
    if tonumber(changed) > tonumber(since) then return 'changed' end
  end
end
for _, kind in ipairs(kinds) do
  for _, member in ipairs(kind.members) do blank_record(kind[1], member) end
end
for _, member in ipairs(call('ZRANGE', key('jobs_of', tenant), 0, -1)) do
  local job = read_job(string.sub(member, 9))
  job.ended_at = call('HGET', key('job', job.key), 'ended_at') or nil
  change_job(job, ending(job))
  blank(key('job', job.key), OF_JOB)
  call('HDEL', key('job', job.key), 'args')
end
local ids = {}
for _, owner in ipairs(owners) do
  for _, state in ipairs({'open', 'waiting', 'done', 'dead'}) do
    for _, id in ipairs(call('ZRANGE', key('events_of', owner[1], state), 0, -1)) do
      ids[#ids + 1] = id
    end
  end
end
for _, id in ipairs(ids) do
  local event = read_event(id)
  change_event(event, ending(event))
  blank(key('event', id), OF_EVENT)
end
blanked = blanked + #ids
for _, token in ipairs(tokens) do call('DEL', key('token', token[1])) end
return blanked]]

return scripts
