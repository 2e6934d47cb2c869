--- What workers share besides; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.shared

local layouts = require("debitura.store.layouts")

local scripts = {}

scripts.counts = [[return call('HGETALL', prefix .. 'counts')]]

scripts.token = [[
local hash, now = key('token', take()), take()
local own = call('HMGET', hash, 'token', 'expires_at')
if own[1] and tonumber(own[2]) > tonumber(now) then return {own[1]} end
return {}]]

-- The server's clock only tidies up; whether a token has expired is asked of the caller's.
local KEEP = [[
call('HSET', hash, 'token', token, 'expires_at', expires_at)
call('EXPIRE', hash, math.max(1, math.ceil(tonumber(expires_at) - tonumber(now))) + 3600)]]

scripts.token_put = [[
local hash, token, expires_at, now = key('token', take()), take(), take(), take()
]] .. KEEP .. "\nreturn 'ok'"

scripts.token_add = [[
local hash, token, expires_at, now = key('token', take()), take(), take(), take()
local own = call('HMGET', hash, 'token', 'expires_at')
if own[1] and tonumber(own[2]) > tonumber(now) then return {own[1]} end
]] .. KEEP .. "\nreturn {token}"

scripts.counter_add = [[
local name, windows = take(), take_rows(4)
local full = {}
for _, window in ipairs(windows) do
  local sum, row = 0, {window[1]}
  local slots = call('HGETALL', key('count', name, window[1]))
  for i = 1, #slots, 2 do
    if tonumber(slots[i]) >= tonumber(window[3]) then
      sum = sum + tonumber(slots[i + 1])
      row[#row + 1] = slots[i]
      row[#row + 1] = slots[i + 1]
    else
      window.stale = window.stale or {}
      table.insert(window.stale, slots[i])
    end
  end
  if sum >= tonumber(window[4]) then full[#full + 1] = row end
end
if #full > 0 then return full end
for _, window in ipairs(windows) do
  local hash = key('count', name, window[1])
  for _, slot in ipairs(window.stale or {}) do call('HDEL', hash, slot) end
  call('HINCRBY', hash, window[2], 1)
end
return {}]]

scripts.lease = [[
local hash, holder, ends_at, now = key('lease', take()), take(), take(), take()
local own = call('HMGET', hash, 'holder', 'ends_at')
if own[1] and own[1] ~= holder and tonumber(own[2]) > tonumber(now) then return 'no' end
call('HSET', hash, 'holder', holder, 'ends_at', ends_at)
return 'yes']]

scripts.lease_release = [[
local hash, holder = key('lease', take()), take()
if call('HGET', hash, 'holder') ~= holder then return 'no' end
call('DEL', hash)
return 'yes']]

scripts.stamp = [[
local environment = take()
if environment then call('SETNX', prefix .. 'stamp', environment) end
return {call('GET', prefix .. 'stamp') or nil}]]

scripts.restamp = [[
call('SET', prefix .. 'stamp', take())
return 'yes']]

--- The steps of all layouts, in one script.
local function migration()
  local parts = { "local raised = 0\n" }
  for number = 2, layouts.latest() do
    parts[#parts + 1] = ([[
if layout == '%s' then
  do
    %s
  end
  layout, raised = '%s', raised + 1
  call('SET', prefix .. 'version', layout)
end
]]):format(layouts.text(number - 1), layouts.list[number].redis or "", layouts.text(number))
  end
  return table.concat(parts) .. "return raised"
end

scripts.migrate = migration()

return scripts
