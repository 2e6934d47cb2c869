--- The store's verbs as Redis runs them: one Lua script for each, so that a verb is one step. Lua 5.1 as Redis has it.
--
-- Keys, behind the store's prefix (`debitura:`):
--
--     version                                     of this layout
--     link:{tenant}                hash           links, links_in:{state}      zsets of tenants, score 0
--     cases:{tenant}               zset           awaited:{tenant}, failed:{tenant}   sets of references
--     case:{length}:{tenant}:{reference}  hash    history:{tenant} stream      seen:{tenant} set of event ids
--     matter:{length}:{kind}:{member}  hash       matter_history:{length}:{kind}:{member}  stream
--     matters:{kind}, matters_in:{length}:{kind}:{state}   zsets of members "{tenant}\0\0{name}", a NUL in the tenant as "\0\1"; score 0
--     effect:{key}                 hash           effects, effects_of:{tenant}   zsets by due_at
--     open:{kind}, open_of:{tenant}   zsets by due_at of those that are open     kinds  set
--     event:{id}                   hash           seq counter; arrivals, events_of:{tenant}, dead   zsets by seq
--     ready                        zset by due_at of "{seq}:{id}": the events that are open
--     head:{tenant}                the tenant's open event         lane:{tenant}  zset by seq of those that wait for it
--     done                         zset by ended_at
--     token:{key}, lease:{name}    hashes         count:{length}:{key}:{window}   hash of counts by slot
--
-- KEYS[1] is the prefix. An argument is "" for nil or "=" and its text; an array is preceded by its length. A script decides
-- everything before it writes anything: Redis takes nothing back.
-- @module debitura.store.redis.scripts

local COMMON = [[
local prefix, position = KEYS[1], 0
local call = redis.call
local function take()
  position = position + 1
  local text = ARGV[position]
  if not text or text == '' then return nil end
  return string.sub(text, 2)
end
local function take_rows(width)
  local count, rows = take(), {}
  if not count then return nil end
  for i = 1, tonumber(count) do
    local row = {}
    for j = 1, width do row[j] = take() end
    rows[i] = row
  end
  return rows
end
local function key(kind, name, inner)
  if inner then return prefix .. kind .. ':' .. #name .. ':' .. name .. ':' .. inner end
  return prefix .. kind .. ':' .. name
end
-- Sets fields; those without a value are removed.
local function put(hash, fields)
  for i = 1, fields.n, 2 do
    if fields[i + 1] then call('HSET', hash, fields[i], fields[i + 1]) else call('HDEL', hash, fields[i]) end
  end
end
-- By bytes: Lua's own order depends on the server's locale.
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
-- Whether the claim with this attempt still holds, or has ended in the same way already.
local function holds(hash, attempt, state)
  local own = call('HMGET', hash, 'state', 'attempt')
  return own[2] == attempt and (own[1] == 'open' or own[1] == state)
end
]]

local scripts = {}

for _, concern in ipairs {
  "debitura.store.redis.scripts.links",
  "debitura.store.redis.scripts.matters",
  "debitura.store.redis.scripts.effects",
  "debitura.store.redis.scripts.inbox",
  "debitura.store.redis.scripts.shared",
  "debitura.store.redis.scripts.migration",
} do
  for verb, text in pairs(require(concern)) do scripts[verb] = COMMON .. text end
end

return scripts
