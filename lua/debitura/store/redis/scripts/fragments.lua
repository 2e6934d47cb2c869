--- What several scripts begin with; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.fragments

local pieces = {}

pieces.history = [[
local function write_history(stream, now, event, event_id, from, to, generation, note)
  local entry = {'XADD', stream, '*', 'at', now, 'event', event}
  for _, pair in ipairs{{'event_id', event_id or false}, {'from_state', from or false}, {'to_state', to or false},
      {'generation', generation or false}, {'note', note or false}} do
    if pair[2] then
      entry[#entry + 1] = pair[1]
      entry[#entry + 1] = pair[2]
    end
  end
  call(unpack(entry))
end
local function history_rows(stream)
  local rows = {}
  for i, entry in ipairs(call('XRANGE', stream, '-', '+')) do rows[i] = entry[2] end
  return rows
end
]]

pieces.effects = [[
-- An effect is in each of these with the time at which it is due; in the last two as long as it is open.
local function indexes_of(tenant, kind)
  return {prefix .. 'effects', key('effects_of', tenant), key('open', kind), key('open_of', tenant)}
end
local function schedule(name, tenant, kind, due_at)
  for _, index in ipairs(indexes_of(tenant, kind)) do call('ZADD', index, due_at, name) end
end
local function add_effects(tenant, now, effects)
  for _, row in ipairs(effects) do
    local name, kind, generation, channel, due_at, matter, matter_name = row[1], row[2], row[3], row[4], row[5], row[6], row[7]
    local hash = key('effect', name)
    if call('EXISTS', hash) == 0 then
      call('HSET', hash, 'key', name, 'tenant', tenant, 'kind', kind, 'generation', generation, 'state', 'open', 'attempt', 0,
        'due_at', due_at, 'created_at', now)
      put(hash, {n = 6, 'channel', channel, 'matter', matter, 'name', matter_name})
      call('SADD', prefix .. 'kinds', kind)
      schedule(name, tenant, kind, due_at)
    end
  end
end
local function end_effect(name, state, ended_at, due_at, result)
  local hash = key('effect', name)
  local own = call('HMGET', hash, 'tenant', 'kind')
  put(hash, {n = 6, 'state', state, 'ended_at', ended_at, 'result', result})
  if state ~= 'open' then
    local indexes = indexes_of(own[1], own[2])
    call('ZREM', indexes[3], name)
    call('ZREM', indexes[4], name)
  elseif due_at then
    call('HSET', hash, 'due_at', due_at)
    schedule(name, own[1], own[2], due_at)
  end
end
]]

-- What a change does to a link and to a matter alike.
pieces.move = pieces.history .. pieces.effects .. [[
local function read_change()
  local change = {version = take(), now = take(), event = take(), event_id = take(), note = take(), done = take(), attempt = take(),
    result = take()}
  change.set, change.effects = take_rows(2), take_rows(7)
  return change
end
local function refused(hash, change)
  if (call('HGET', hash, 'version') or '0') ~= change.version then return 'stale' end
  if change.done and not holds(key('effect', change.done), change.attempt, 'done') then return 'lost' end
end
-- `fresh` are the fields of a new one; `member` is its name in the indexes, which are `all` and `in_state(state)`.
local function move(hash, change, stream, tenant, fresh, all, in_state, member)
  local now, from = change.now, call('HGET', hash, 'state')
  if change.done then end_effect(change.done, 'done', now, nil, change.result) end
  if change.version == '0' then
    for name, value in pairs(fresh) do call('HSET', hash, name, value) end
    call('HSET', hash, 'tenant', tenant, 'generation', 0, 'created_at', now)
    call('ZADD', all, 0, member)
  end
  for _, pair in ipairs(change.set) do put(hash, {n = 2, pair[1], pair[2]}) end
  call('HINCRBY', hash, 'version', 1)
  call('HSET', hash, 'updated_at', now)
  local own = call('HMGET', hash, 'state', 'generation')
  if own[1] ~= from then
    if from then call('ZREM', in_state(from), member) end
    call('ZADD', in_state(own[1]), 0, member)
  end
  write_history(stream, now, change.event, change.event_id, from, own[1], own[2], change.note)
  add_effects(tenant, now, change.effects)
end
]]

return pieces
