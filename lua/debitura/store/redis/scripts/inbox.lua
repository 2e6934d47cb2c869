--- The inbox; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.inbox

local fragments = require("debitura.store.redis.scripts.fragments")

local scripts = {}

local INBOX = fragments.order .. fragments.places .. fragments.claims .. fragments.inbox

local ADD = INBOX .. [[
local function add()
  local event = {id = take(), tenant = take(), event = take(), body = take(), replay = take(),
    received_at = take(), attempt = '0', claim = '0'}
  local hash = key('event', event.id)
  if call('EXISTS', hash) == 1 then return 'duplicate' end
  event.seq = string.format('%.0f', call('INCR', prefix .. 'seq'))
  event.state = has_open(event.tenant) and 'waiting' or 'open'
  event.due_at = event.received_at
  create(hash, event)
  relocate(NOWHERE, event_places(event))
  return 'new'
end
]]

scripts.inbox_add = ADD .. "return add()"

scripts.inbox_add_many = ADD .. [[
local words = {}
for i = 1, take() do words[i] = add() end
return words]]

scripts.inbox_claim = INBOX .. [[
local now, lease_end, limit = take(), take(), take()
local rows = {}
for i, member in ipairs(call('ZRANGEBYSCORE', prefix .. 'ready', '-inf', now, 'LIMIT', 0, limit)) do
  local event = read_event(string.sub(member, 18))
  change_event(event, claimed(event, lease_end))
  rows[i] = event_row(event.id, EVENT)
end
return rows]]

scripts.inbox_waiting = INBOX .. "return has_open(take()) and 'yes' or 'no'"

local SETTLE = INBOX .. [[
local function settle()
  local event, settlement = read_event(take()), take_settlement()
  if not holds(event, settlement.claim, settlement.state) then return 'lost' end
  if event.state ~= 'open' then return 'ok' end
  change_event(event, settled(event, settlement))
  if event.tenant and settlement.state ~= 'open' then
    local following = call('ZRANGE', key('events_of', event.tenant, 'waiting'), 0, 0)[1]
    if following then change_event(read_event(following), {'state'}, {state = 'open'}) end
  end
  return 'ok'
end
]]

scripts.inbox_settle = SETTLE .. [[
local word, blank = settle(), take()
if blank and word == 'ok' then call('HDEL', key('event', string.sub(ARGV[1], 2)), 'body') end
return word]]

scripts.inbox_done_many = SETTLE .. [[
local words = {}
for i = 1, take() do words[i] = settle() end
return words]]

local STATES = [[
local STATES = {'open', 'waiting', 'done', 'dead'}
local function index_of(tenant, state)
  return tenant and key('events_of', tenant, state) or key('events', state)
end
]]

scripts.inbox_list = INBOX .. STATES .. [[
local state, tenant, after, limit = take(), take(), take(), take()
local lists, rows = {}, {}
for i, name in ipairs(state and {state} or STATES) do
  lists[i] = {}
  local page = call('ZRANGEBYSCORE', index_of(tenant, name), '(' .. after, '+inf', 'WITHSCORES',
    'LIMIT', 0, limit)
  for j = 1, #page, 2 do
    lists[i][#lists[i] + 1] = {id = page[j], seq = tonumber(page[j + 1])}
  end
end
local function precedes(a, b) return a.seq < b.seq end
for i, item in ipairs(merge(lists, tonumber(limit), precedes)) do
  rows[i] = event_row(item.id, LISTED)
end
return rows]]

scripts.inbox_last = INBOX .. STATES .. [[
local last, last_seq = nil, 0
for _, state in ipairs(STATES) do
  local latest = call('ZREVRANGE', index_of(nil, state), 0, 0, 'WITHSCORES')
  local seq = tonumber(latest[2] or 0)
  if seq > last_seq then last, last_seq = latest[1], seq end
end
return last and {event_row(last, LISTED)} or {}]]

scripts.inbox_item = INBOX .. [[
local row = event_row(take(), EVENT)
return row[1] and {row} or {}]]

scripts.inbox_revive = INBOX .. [[
local event, now = read_event(take()), take()
if not event or event.state ~= 'dead' then return 'no' end
change_event(event, {'state', 'due_at', 'ended_at'},
  {state = has_open(event.tenant) and 'waiting' or 'open', due_at = now})
return 'yes']]

scripts.inbox_forget = INBOX .. [[
local ids = call('ZRANGEBYSCORE', prefix .. 'done', '-inf', '(' .. take(), 'LIMIT', 0, take())
for _, id in ipairs(ids) do
  relocate(event_places(read_event(id)), NOWHERE)
  call('DEL', key('event', id))
end
return #ids]]

return scripts
