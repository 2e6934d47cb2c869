--- Links, their cases and history, and the effects they leave behind; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.links

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
local function write_history(tenant, now, event, event_id, from, to, generation, note)
  local entry = {'XADD', key('history', tenant), '*', 'at', now, 'event', event}
  for _, pair in ipairs{{'event_id', event_id or false}, {'from_state', from or false}, {'to_state', to or false},
      {'generation', generation or false}, {'note', note or false}} do
    if pair[2] then
      entry[#entry + 1] = pair[1]
      entry[#entry + 1] = pair[2]
    end
  end
  call(unpack(entry))
  if event_id then call('SADD', key('seen', tenant), event_id) end
end
]]

local EFFECT = [[
local function end_effect(name, state, ended_at, due_at, result)
  local hash = key('effect', name)
  local own = call('HMGET', hash, 'tenant', 'kind')
  put(hash, {n = 6, 'state', state, 'ended_at', ended_at, 'result', result})
  if state ~= 'open' then
    call('ZREM', key('open', own[2]), name)
  elseif due_at then
    call('HSET', hash, 'due_at', due_at)
    for _, index in ipairs{prefix .. 'effects', key('effects_of', own[1]), key('open', own[2])} do call('ZADD', index, due_at, name) end
  end
end
]]

local EFFECT_SEARCH = [[
local function search(tenant, kinds, due_by, after_due, after_name, limit)
  local wanted, indexes, found = nil, {prefix .. 'effects'}, {}
  if kinds then
    wanted = {}
    for _, row in ipairs(kinds) do
      local kind = row[1]
      wanted[kind] = true
    end
  end
  if tenant then
    indexes = {key('effects_of', tenant)}
  elseif due_by then
    indexes = {}
    for _, kind in ipairs(call('SMEMBERS', prefix .. 'kinds')) do
      if not wanted or wanted[kind] then indexes[#indexes + 1] = key('open', kind) end
    end
  end
  local function matches(name, score)
    if after_due and score == tonumber(after_due) and not before(after_name, name) then return false end
    local own = call('HMGET', key('effect', name), 'kind', 'state')
    local kind, state = own[1], own[2]
    return (not wanted or wanted[kind]) and (not due_by or state == 'open')
  end
  for _, index in ipairs(indexes) do
    local offset, taken = 0, 0
    repeat
      local page = call('ZRANGEBYSCORE', index, after_due or '-inf', due_by or '+inf', 'WITHSCORES', 'LIMIT', offset, limit)
      for i = 1, #page, 2 do
        local score = tonumber(page[i + 1])
        if taken < limit and matches(page[i], score) then
          taken = taken + 1
          found[#found + 1] = {name = page[i], score = score}
        end
      end
      offset = offset + limit
    until #page < 2 * limit or taken == limit
  end
  table.sort(found, function(a, b)
    if a.score ~= b.score then return a.score < b.score end
    return before(a.name, b.name)
  end)
  local names = {}
  for i = 1, math.min(limit, #found) do names[i] = found[i].name end
  return names
end
local function effect_rows(names)
  local rows = {}
  for i, name in ipairs(names) do rows[i] = call('HGETALL', key('effect', name)) end
  return rows
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

scripts.link_history = [[
local rows = {}
for i, entry in ipairs(call('XRANGE', key('history', take()), '-', '+')) do rows[i] = entry[2] end
return rows]]

scripts.link_note = LINK .. [[
local tenant, now, event, event_id, note = take(), take(), take(), take(), take()
if event_id and call('SISMEMBER', key('seen', tenant), event_id) == 1 then return 'duplicate' end
local own = call('HMGET', key('link', tenant), 'state', 'generation')
write_history(tenant, now, event, event_id, own[1], nil, own[2], note)
return 'ok']]

scripts.link_move = LINK .. EFFECT .. [[
local tenant, version, now = take(), take(), take()
local event, event_id, note = take(), take(), take()
local done, attempt, result = take(), take(), take()
local set, awaited, news, effects = take_rows(2), take_rows(1), take_rows(5), take_rows(5)
local link = key('link', tenant)
local known = call('HMGET', link, 'version', 'state')
if (known[1] or '0') ~= version then return 'stale' end
if event_id and call('SISMEMBER', key('seen', tenant), event_id) == 1 then return 'duplicate' end
if done and not holds(key('effect', done), attempt, 'done') then return 'lost' end

if done then end_effect(done, 'done', now, nil, result) end
if not known[1] then
  call('HSET', link, 'tenant', tenant, 'generation', 0, 'base', 0, 'version', 0, 'created_at', now)
  call('ZADD', prefix .. 'links', 0, tenant)
end
for _, pair in ipairs(set) do put(link, {n = 2, pair[1], pair[2]}) end
call('HINCRBY', link, 'version', 1)
call('HSET', link, 'updated_at', now)
local own = call('HMGET', link, 'state', 'generation')
if own[1] ~= known[2] then
  if known[2] then call('ZREM', key('links_in', known[2]), tenant) end
  call('ZADD', key('links_in', own[1]), 0, tenant)
end
write_history(tenant, now, event, event_id, known[2], own[1], own[2], note)

if awaited then
  for _, reference in ipairs(call('SMEMBERS', key('awaited', tenant))) do
    call('DEL', key('case', tenant, reference))
    call('ZREM', key('cases', tenant), reference)
  end
  call('DEL', key('awaited', tenant))
  for _, row in ipairs(awaited) do
    local case = key('case', tenant, row[1])
    if call('EXISTS', case) == 0 then
      call('HSET', case, 'tenant', tenant, 'creditor_reference', row[1], 'state', 'awaited', 'updated_at', now)
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
    put(case, {n = 6, 'state', state, 'problem', problem, 'updated_at', now})
    if case_id then call('HSET', case, 'case_id', case_id) end
    if name then call('HSET', case, 'reference', name) end
    if old ~= 'created' then call('SREM', key(old, tenant), reference) end
    if state ~= 'created' then call('SADD', key(state, tenant), reference) end
  end
end
for _, row in ipairs(effects) do
  local name, kind, generation, channel, due_at = row[1], row[2], row[3], row[4], row[5]
  local hash = key('effect', name)
  if call('EXISTS', hash) == 0 then
    call('HSET', hash, 'key', name, 'tenant', tenant, 'kind', kind, 'generation', generation, 'state', 'open', 'attempt', 0,
      'due_at', due_at, 'created_at', now)
    if channel then call('HSET', hash, 'channel', channel) end
    call('SADD', prefix .. 'kinds', kind)
    for _, index in ipairs{prefix .. 'effects', key('effects_of', tenant), key('open', kind)} do call('ZADD', index, due_at, name) end
  end
end
return {link_row(tenant)}]]

scripts.effects = EFFECT_SEARCH .. [[
local tenant, due_by, after_due, after_name, limit, kinds = take(), take(), take(), take(), tonumber(take()), take_rows(1)
return effect_rows(search(tenant, kinds, due_by, after_due, after_name, limit))]]

scripts.effects_claim = EFFECT .. EFFECT_SEARCH .. [[
local tenant, now, lease_end, limit, kinds = take(), take(), take(), tonumber(take()), take_rows(1)
local names = search(tenant, kinds, now, nil, nil, limit)
for _, name in ipairs(names) do
  local hash = key('effect', name)
  local result = call('HGET', hash, 'result')
  call('HINCRBY', hash, 'attempt', 1)
  end_effect(name, 'open', nil, lease_end, result)
end
return effect_rows(names)]]

scripts.effect_settle = EFFECT .. [[
local name, attempt, state, ended_at, due_at, result = take(), take(), take(), take(), take(), take()
if not holds(key('effect', name), attempt, state) then return 'lost' end
end_effect(name, state, ended_at, due_at, result)
return 'ok']]

return scripts
