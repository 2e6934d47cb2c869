--- The inbox; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.inbox

local scripts = {}

local EVENT = [[
local function ready_name(seq, id)
  return string.rep('0', 16 - #seq) .. seq .. ':' .. id
end
-- An event becomes its tenant's open one.
local function open_event(id, seq, tenant, due_at)
  call('HSET', key('event', id), 'state', 'open')
  call('ZADD', prefix .. 'ready', due_at, ready_name(seq, id))
  if tenant then call('SET', key('head', tenant), id) end
end
-- ... or one of those that wait.
local function line_up(id, seq, tenant, due_at)
  if tenant and call('EXISTS', key('head', tenant)) == 1 then
    call('HSET', key('event', id), 'state', 'waiting')
    call('ZADD', key('lane', tenant), seq, id)
  else
    open_event(id, seq, tenant, due_at)
  end
end
local function event_row(id, with_body)
  local row = call('HGETALL', key('event', id))
  if with_body then return row end
  local shown = {}
  for i = 1, #row, 2 do
    if row[i] ~= 'body' then
      shown[#shown + 1] = row[i]
      shown[#shown + 1] = row[i + 1]
    end
  end
  return shown
end
]]

scripts.inbox_add = EVENT .. [[
local id, tenant, event, body, received_at, replay = take(), take(), take(), take(), take(), take()
local hash = key('event', id)
if call('EXISTS', hash) == 1 then return 'duplicate' end
local seq = string.format('%.0f', call('INCR', prefix .. 'seq'))
put(hash, {n = 18, 'id', id, 'tenant', tenant, 'event', event, 'body', body, 'received_at', received_at, 'replay', replay, 'seq', seq,
  'attempt', 0, 'due_at', received_at})
call('ZADD', prefix .. 'arrivals', seq, id)
if tenant then call('ZADD', key('events_of', tenant), seq, id) end
line_up(id, seq, tenant, received_at)
return 'new']]

scripts.inbox_claim = EVENT .. [[
local now, lease_end, limit = take(), take(), take()
local rows = {}
for i, name in ipairs(call('ZRANGEBYSCORE', prefix .. 'ready', '-inf', now, 'LIMIT', 0, limit)) do
  local id = string.sub(name, 18)
  call('HINCRBY', key('event', id), 'attempt', 1)
  call('HSET', key('event', id), 'due_at', lease_end)
  call('ZADD', prefix .. 'ready', lease_end, name)
  rows[i] = event_row(id, true)
end
return rows]]

scripts.inbox_waiting = [[return call('EXISTS', key('head', take())) == 1 and 'yes' or 'no']]

scripts.inbox_settle = EVENT .. [[
local id, attempt, state, ended_at, due_at, result = take(), take(), take(), take(), take(), take()
local hash = key('event', id)
if not holds(hash, attempt, state) then return 'lost' end
put(hash, {n = 6, 'state', state, 'ended_at', ended_at, 'result', result})
local own = call('HMGET', hash, 'seq', 'tenant')
local seq, tenant = own[1], own[2]
if state == 'open' then
  call('HSET', hash, 'due_at', due_at)
  call('ZADD', prefix .. 'ready', due_at, ready_name(seq, id))
  return 'ok'
end
call('ZREM', prefix .. 'ready', ready_name(seq, id))
if state == 'done' then call('ZADD', prefix .. 'done', ended_at, id) else call('ZADD', prefix .. 'dead', seq, id) end
if tenant and call('GET', key('head', tenant)) == id then
  local following = call('ZRANGE', key('lane', tenant), 0, 0)[1]
  if following then
    call('ZREM', key('lane', tenant), following)
    local row = call('HMGET', key('event', following), 'seq', 'due_at')
    open_event(following, row[1], tenant, row[2])
  else
    call('DEL', key('head', tenant))
  end
end
return 'ok']]

scripts.inbox_list = EVENT .. [[
local state, tenant, after, limit = take(), take(), take(), tonumber(take())
local index = state == 'dead' and prefix .. 'dead' or tenant and key('events_of', tenant) or prefix .. 'arrivals'
local rows, offset = {}, 0
repeat
  local page = call('ZRANGEBYSCORE', index, '(' .. after, '+inf', 'LIMIT', offset, limit)
  for _, id in ipairs(page) do
    local own = call('HMGET', key('event', id), 'state', 'tenant')
    if #rows < limit and (not state or own[1] == state) and (not tenant or own[2] == tenant) then rows[#rows + 1] = event_row(id) end
  end
  offset = offset + limit
until #page < limit or #rows == limit
return rows]]

scripts.inbox_item = EVENT .. [[
local row = event_row(take(), true)
return #row > 0 and {row} or {}]]

scripts.inbox_revive = EVENT .. [[
local id, now = take(), take()
local own = call('HMGET', key('event', id), 'state', 'seq', 'tenant')
if own[1] ~= 'dead' then return 'no' end
put(key('event', id), {n = 4, 'due_at', now, 'ended_at', nil})
call('ZREM', prefix .. 'dead', id)
line_up(id, own[2], own[3], now)
return 'yes']]

scripts.inbox_forget = [[
local ids = call('ZRANGEBYSCORE', prefix .. 'done', '-inf', '(' .. take(), 'LIMIT', 0, take())
for _, id in ipairs(ids) do
  local tenant = call('HGET', key('event', id), 'tenant')
  if tenant then call('ZREM', key('events_of', tenant), id) end
  call('ZREM', prefix .. 'arrivals', id)
  call('ZREM', prefix .. 'done', id)
  call('DEL', key('event', id))
end
return #ids]]

return scripts
