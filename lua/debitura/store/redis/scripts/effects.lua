--- The effects that links and matters leave behind; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.effects

local pieces = require("debitura.store.redis.scripts.fragments")

local scripts = {}

local SEARCH = [[
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
    indexes = {key(due_by and 'open_of' or 'effects_of', tenant)}
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

scripts.effects = SEARCH .. [[
local tenant, due_by, after_due, after_name, limit, kinds = take(), take(), take(), take(), tonumber(take()), take_rows(1)
return effect_rows(search(tenant, kinds, due_by, after_due, after_name, limit))]]

scripts.effects_claim = pieces.effects .. SEARCH .. [[
local tenant, now, lease_end, limit, kinds = take(), take(), take(), tonumber(take()), take_rows(1)
local names = search(tenant, kinds, now, nil, nil, limit)
for _, name in ipairs(names) do
  local hash = key('effect', name)
  local result = call('HGET', hash, 'result')
  call('HINCRBY', hash, 'attempt', 1)
  end_effect(name, 'open', nil, lease_end, result)
end
return effect_rows(names)]]

scripts.effect_settle = pieces.effects .. [[
local name, attempt, state, ended_at, due_at, result = take(), take(), take(), take(), take(), take()
if not holds(key('effect', name), attempt, state) then return 'lost' end
end_effect(name, state, ended_at, due_at, result)
return 'ok']]

return scripts
