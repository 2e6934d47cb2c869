--- What operators are shown; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.summary

local contract = require("debitura.store.contract")
local fragments = require("debitura.store.redis.scripts.fragments")
local rows = require("debitura.store.redis.rows")

local scripts = {}

local PROCESS = "local PROCESS = " .. fragments.list(rows.columns.process) .. "\n"

scripts.summary = fragments.order .. fragments.due .. PROCESS .. [[
local now = take()
local counts = call('HGETALL', prefix .. 'counts')

local function oldest_due(found, index, name)
  local member = page(index, '-', due_by(now), 1)[1]
  if not member then return end
  found[#found + 1] = name
  found[#found + 1] = call('HGET', key('job', string.sub(member, 9)), 'due_at')
end
local jobs, needs = {}, {}
oldest_due(needs, key('jobs_due', ''), '')
for i = 1, #counts, 2 do
  local of, length, rest = string.match(counts[i], '^(%a+):(%d+):(.*)$')
  local kind, state = string.sub(rest, 1, length), string.sub(rest, length + 2)
  if of == 'job' and state == 'open' then oldest_due(jobs, key('jobs_kind', kind), kind) end
  if of == 'need' then oldest_due(needs, key('jobs_due', kind), kind) end
end

local times = {}
local function note(name, time)
  if time then
    times[#times + 1] = name
    times[#times + 1] = time
  end
end
local dead = page(key('jobs_in', 'dead'), '-', '+', 1)[1]
note('dead_job', dead and call('HGET', key('job', string.sub(dead, 9)), 'ended_at'))
local due = call('ZRANGEBYSCORE', prefix .. 'ready', '-inf', now, 'WITHSCORES', 'LIMIT', 0, 1)
note('open_event', due[2])
local last, last_seq = nil, 0
for _, state in ipairs({'open', 'waiting', 'done', 'dead'}) do
  local index = key('events', state)
  local first = (state == 'waiting' or state == 'dead') and call('ZRANGE', index, 0, 0)[1]
  note(state .. '_event', first and call('HGET', key('event', first), 'received_at'))
  local latest = call('ZREVRANGE', index, 0, 0, 'WITHSCORES')
  if tonumber(latest[2] or 0) > last_seq then last, last_seq = latest[1], tonumber(latest[2]) end
end
note('last_event', last and call('HGET', key('event', last), 'received_at'))
note('undelivered', call('ZRANGE', prefix .. 'undelivered_since', 0, 0, 'WITHSCORES')[2])

local expiring = call('ZCOUNT', prefix .. 'expiring', '(' .. now,
  string.format('%.17g', now + 86400))
local processes = {}
for i, id in ipairs(call('ZREVRANGE', prefix .. 'processes', 0, PAGE - 1)) do
  processes[i] = call('HMGET', key('process', id), unpack(PROCESS))
end
return {counts, jobs, needs, times, math.min(expiring, MOST), processes,
  call('HGETALL', prefix .. 'marks')}]]

scripts.summary = scripts.summary:gsub("%f[%a]PAGE%f[%A]", tostring(contract.page))
  :gsub("%f[%a]MOST%f[%A]", tostring(contract.expiring_counted))

scripts.beat = fragments.places .. PROCESS .. [[
local now, before, row = take(), take(), {}
for _, name in ipairs(PROCESS) do row[name] = take() end
local names, totals, processes = take_rows(1), take_rows(4), prefix .. 'processes'
for _, id in ipairs(call('ZRANGEBYSCORE', processes, '-inf', '(' .. before, 'LIMIT', 0, 100)) do
  call('DEL', key('process', id))
  call('ZREM', processes, id)
end
call('DEL', key('process', row.id))
create(key('process', row.id), row)
call('ZADD', processes, now, row.id)
for _, name in ipairs(names) do
  local at = call('HGET', prefix .. 'marks', name[1])
  if not at or tonumber(at) < tonumber(now) then call('HSET', prefix .. 'marks', name[1], now) end
end
for _, total in ipairs(totals) do
  call('HINCRBY', prefix .. 'totals', count_of(total[1], total[2], total[3]), total[4])
end
return 'yes']]

scripts.totals = [[return call('HGETALL', prefix .. 'totals')]]

return scripts
