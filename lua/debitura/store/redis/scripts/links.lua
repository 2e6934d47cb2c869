--- Links, their cases and history; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.links

local pieces = require("debitura.store.redis.scripts.fragments")

local scripts = {}

local LINK = [[
local function link_row(tenant)
  local row = call('HGETALL', key('link', tenant))
  if #row == 0 then return nil end
  for name, count in pairs{
    cases = call('ZCARD', key('cases', tenant)), awaited = call('SCARD', key('awaited', tenant)),
    failed = call('SCARD', key('failed', tenant)),
  } do
    row[#row + 1] = name
    row[#row + 1] = count
  end
  return row
end
]]

scripts.link = LINK .. [[return {link_row(take())}]]

scripts.links = LINK .. [[
local state, after, limit = take(), take(), take()
local rows = {}
local index = state and key('links_in', state) or prefix .. 'links'
for i, tenant in ipairs(call('ZRANGEBYLEX', index, '(' .. after, '+', 'LIMIT', 0, limit)) do rows[i] = link_row(tenant) end
return rows]]

scripts.link_case = [[
local row = call('HGETALL', key('case', take(), take()))
return #row > 0 and {row} or {}]]

scripts.link_cases = [[
local tenant, after, limit = take(), take(), take()
local rows = {}
for i, reference in ipairs(call('ZRANGEBYLEX', key('cases', tenant), '(' .. after, '+', 'LIMIT', 0, limit)) do
  rows[i] = call('HGETALL', key('case', tenant, reference))
end
return rows]]

scripts.link_history = pieces.history .. "return history_rows(key('history', take()))"

scripts.link_note = pieces.history .. [[
local tenant, now, event, event_id, note = take(), take(), take(), take(), take()
if event_id and call('SISMEMBER', key('seen', tenant), event_id) == 1 then return 'duplicate' end
local own = call('HMGET', key('link', tenant), 'state', 'generation')
write_history(key('history', tenant), now, event, event_id, own[1], nil, own[2], note)
if event_id then call('SADD', key('seen', tenant), event_id) end
return 'ok']]

scripts.link_move = LINK .. pieces.move .. [[
local tenant, change = take(), read_change()
local awaited, news, event_id = take_rows(1), take_rows(5), change.event_id
local link = key('link', tenant)
local why = refused(link, change)
if why ~= 'stale' and event_id and call('SISMEMBER', key('seen', tenant), event_id) == 1 then return 'duplicate' end
if why then return why end

move(link, change, key('history', tenant), tenant, {base = 0}, prefix .. 'links',
  function(state) return key('links_in', state) end, tenant)
if event_id then call('SADD', key('seen', tenant), event_id) end

if awaited then
  for _, reference in ipairs(call('SMEMBERS', key('awaited', tenant))) do
    call('DEL', key('case', tenant, reference))
    call('ZREM', key('cases', tenant), reference)
  end
  call('DEL', key('awaited', tenant))
  for _, row in ipairs(awaited) do
    local case = key('case', tenant, row[1])
    if call('EXISTS', case) == 0 then
      call('HSET', case, 'tenant', tenant, 'creditor_reference', row[1], 'state', 'awaited', 'updated_at', change.now)
      call('ZADD', key('cases', tenant), 0, row[1])
      call('SADD', key('awaited', tenant), row[1])
    end
  end
end
for _, row in ipairs(news) do
  local reference, state, case_id, name, problem = row[1], row[2], row[3], row[4], row[5]
  local case = key('case', tenant, reference)
  local old = call('HGET', case, 'state')
  if old then
    put(case, {n = 6, 'state', state, 'problem', problem, 'updated_at', change.now})
    if case_id then call('HSET', case, 'case_id', case_id) end
    if name then call('HSET', case, 'reference', name) end
    if old ~= 'created' then call('SREM', key(old, tenant), reference) end
    if state ~= 'created' then call('SADD', key(state, tenant), reference) end
  end
end
return {link_row(tenant)}]]

return scripts
