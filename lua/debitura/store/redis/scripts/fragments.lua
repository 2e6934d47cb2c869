--- What several scripts begin with; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.fragments

local layouts = require("debitura.store.layouts")
local rows = require("debitura.store.redis.rows")

local fragments = {}

--- Lua that refuses keys of a layout that this release does not read: another process may have
-- migrated them.
local function refusal()
  local read = {}
  for number = layouts.oldest, layouts.latest() do
    read[#read + 1] = ("%s = true"):format(layouts.text(number))
  end
  return ([[
local layout = redis.call('GET', KEYS[1] .. 'version')
if layout and not ({%s})[layout] then return redis.error_reply('LAYOUT ' .. layout) end
]]):format(table.concat(read, ", "))
end

--- Lua for an array of names.
-- @tparam table names
-- @treturn string
function fragments.list(names)
  return ("{'%s'}"):format(table.concat(names, "', '"))
end

fragments.common = refusal() .. [[
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
local function create(hash, values)
  local command = {'HSET', hash}
  for name, value in pairs(values) do
    command[#command + 1] = name
    command[#command + 1] = value
  end
  call(unpack(command))
end
-- Sets fields of a hash; those without a value are removed.
local function put(hash, names, values)
  local set, cleared = {'HSET', hash}, {'HDEL', hash}
  for _, name in ipairs(names) do
    if values[name] then
      set[#set + 1] = name
      set[#set + 1] = values[name]
    else
      cleared[#cleared + 1] = name
    end
  end
  if #set > 2 then call(unpack(set)) end
  if #cleared > 2 then call(unpack(cleared)) end
end
]]

-- Texts whose bytes are in the order of what they stand for, so that a page begins after the last
-- key of the page before.
fragments.order = [[
-- Where the members of a tenant begin: no tenant's members begin like those of another.
local function first_of(tenant)
  return string.gsub(tenant, '%z', '\0\1') .. '\0\0'
end
-- The first text after all that begin with this one.
local function successor(text)
  local kept = string.gsub(text, '\255+$', '')
  return string.sub(kept, 1, -2) .. string.char(string.byte(kept, -1) + 1)
end
-- A number as 8 bytes.
local function ordered(number)
  local bytes = struct.pack('>d', number + 0)
  if number + 0 >= 0 then
    return string.char(string.byte(bytes) + 128) .. string.sub(bytes, 2)
  end
  return (string.gsub(bytes, '.', function(c) return string.char(255 - string.byte(c)) end))
end
-- By bytes: Lua's own order depends on the server's locale.
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
-- The first items of lists that are in order.
local function merge(lists, limit, precedes)
  local merged, taken = {}, {}
  for i = 1, #lists do taken[i] = 0 end
  while #merged < limit do
    local first, source
    for i, list in ipairs(lists) do
      local item = list[taken[i] + 1]
      if item and (not first or precedes(item, first)) then first, source = item, i end
    end
    if not first then return merged end
    merged[#merged + 1] = first
    taken[source] = taken[source] + 1
  end
  return merged
end
]]

fragments.places = [[
-- Where a row is found: its score and member by index; and which fields of the counts count it.
local NOWHERE = {indexes = {}, counts = {}}
local function count_of(of, kind, state)
  return of .. ':' .. #kind .. ':' .. kind .. ':' .. state
end
local function relocate(old, new)
  for index, entry in pairs(old.indexes) do
    local now = new.indexes[index]
    if not now or now[2] ~= entry[2] then call('ZREM', index, entry[2]) end
  end
  for index, entry in pairs(new.indexes) do
    local was = old.indexes[index]
    if not was or was[1] ~= entry[1] or was[2] ~= entry[2] then
      call('ZADD', index, entry[1], entry[2])
    end
  end
  for field in pairs(old.counts) do
    if not new.counts[field] and call('HINCRBY', prefix .. 'counts', field, -1) == 0 then
      call('HDEL', prefix .. 'counts', field)
    end
  end
  for field in pairs(new.counts) do
    if not old.counts[field] then call('HINCRBY', prefix .. 'counts', field, 1) end
  end
end
]]

-- Jobs and events are claimed, ended and postponed in the same way.
fragments.claims = [[
local function read_row(hash, names, row)
  local values = call('HMGET', hash, unpack(names))
  if not values[1] then return nil end
  for i, name in ipairs(names) do row[name] = values[i] or nil end
  return row
end
-- Writes fields of a row. What changes its place is among them.
local function change(hash, row, names, values, places_of)
  local now = {}
  for name, value in pairs(row) do now[name] = value end
  for _, name in ipairs(names) do now[name] = values[name] end
  put(hash, names, values)
  relocate(places_of(row), places_of(now))
end
local function claimed(row, lease_end)
  return {'attempt', 'claim', 'due_at'},
    {attempt = row.attempt + 1, claim = row.claim + 1, due_at = lease_end}
end
-- Whether a claim holds, or has ended the row in the same way already.
local function holds(row, claim, state)
  return row and row.claim == claim and (row.state == 'open' or row.state == state)
end
local function take_settlement()
  local claim, state, ended_at, due_at = take(), take(), take(), take()
  return {claim = claim, state = state, ended_at = ended_at, due_at = due_at, result = take(),
    attempt = take()}
end
local function settled(row, settlement)
  settlement.attempt = settlement.attempt or row.attempt
  settlement.due_at = settlement.due_at or row.due_at
  return {'state', 'attempt', 'due_at', 'ended_at', 'result'}, settlement
end
]]

fragments.jobs = "local JOB = " .. fragments.list(rows.columns.job) .. [[

local function read_job(name)
  return read_row(key('job', name),
    {'state', 'tenant', 'kind', 'needs', 'attempt', 'claim', 'due_at'}, {key = name})
end
local function job_rows(names)
  local rows = {}
  for i, name in ipairs(names) do rows[i] = call('HMGET', key('job', name), unpack(JOB)) end
  return rows
end
local function job_places(job)
  local member = ordered(job.due_at) .. job.key
  local indexes, counts = {}, {}
  indexes[key('jobs_of', job.tenant)] = {0, member}
  if job.state ~= 'done' then
    indexes[key('jobs_in', job.state)] = {0, member}
    counts[count_of('job', job.kind, job.state)] = true
  end
  if job.state == 'open' then
    indexes[key('jobs_due', job.needs)] = {0, member}
    indexes[key('jobs_kind', job.kind)] = {0, member}
    if job.needs ~= '' then counts[count_of('need', job.needs, 'open')] = true end
  end
  return {indexes = indexes, counts = counts}
end
local function change_job(job, names, values)
  change(key('job', job.key), job, names, values, job_places)
end
]]

fragments.records = "local RECORD = " .. fragments.list(rows.columns.record) .. [[

local function record_row(hash)
  local row = call('HMGET', hash, unpack(RECORD))
  return row[1] and row or nil
end
local function write_line(kind, member, now, entry, from, to, generation)
  local hash = key('history', kind, member)
  local line = cmsgpack.pack(now, entry.event, entry.event_id or false, from or false, to or false,
    generation or false, entry.note or false)
  local command = {'HSET', hash, call('HINCRBY', hash, 'last', 1), line}
  if entry.event_id then
    command[5], command[6] = '=' .. entry.event_id, ''
  end
  call(unpack(command))
end
local function was_seen(kind, member, event_id)
  return event_id and call('HEXISTS', key('history', kind, member), '=' .. event_id) == 1
end
]]

-- The order in which jobs are due.
fragments.due = [[
local function page(index, from, to, limit)
  return call('ZRANGEBYLEX', index, from, to, 'LIMIT', 0, limit)
end
local function due_by(time)
  return '(' .. successor(ordered(time))
end
local function names_of(members)
  local names = {}
  for i, member in ipairs(members) do names[i] = string.sub(member, 9) end
  return names
end
]]

-- What counts and finds a record by its columns, behind the fragments `places` and `claims`.
fragments.record_places = [[
local function read_record(kind, member)
  return read_row(key('record', kind, member),
    {'state', 'version', 'generation', 'expires_at', 'undelivered_since'},
    {kind = kind, member = member})
end
local function record_places(row)
  if not row.state then return NOWHERE end -- there is none yet
  local kind, member, state, indexes, counts = row.kind, row.member, row.state, {}, {}
  local whole = #kind .. ':' .. kind .. ':' .. member
  indexes[key('records', kind)] = {0, member}
  indexes[key('records_in', kind, state)] = {0, member}
  counts[count_of('record', kind, state)] = true
  if state == 'pending' and row.expires_at then
    indexes[prefix .. 'expiring'] = {row.expires_at, whole}
  end
  if row.undelivered_since then
    indexes[key('undelivered', kind)] = {0, member}
    indexes[prefix .. 'undelivered_since'] = {row.undelivered_since, whole}
    counts[count_of('undelivered', kind, state)] = true
  end
  return {indexes = indexes, counts = counts}
end
local function change_record(record, names, values)
  change(key('record', record.kind, record.member), record, names, values, record_places)
end
]]

fragments.inbox = "local EVENT = " .. fragments.list(rows.columns.event)
  .. "\nlocal LISTED = " .. fragments.list(rows.columns.listed_event) .. [[

local function read_event(id)
  return read_row(key('event', id),
    {'state', 'tenant', 'seq', 'attempt', 'claim', 'due_at', 'ended_at'}, {id = id})
end
local function event_row(id, names)
  return call('HMGET', key('event', id), unpack(names))
end
local function event_places(event)
  local id, state, indexes, counts = event.id, event.state, {}, {}
  indexes[key('events', state)] = {event.seq, id}
  if event.tenant then indexes[key('events_of', event.tenant, state)] = {event.seq, id} end
  if state == 'open' then
    local member = string.rep('0', 16 - #event.seq) .. event.seq .. ':' .. id
    indexes[prefix .. 'ready'] = {event.due_at, member}
  end
  if state == 'done' then
    indexes[prefix .. 'done'] = {event.ended_at, id}
  else
    counts[count_of('event', '', state)] = true
  end
  return {indexes = indexes, counts = counts}
end
local function change_event(event, names, values)
  change(key('event', event.id), event, names, values, event_places)
end
-- Of a tenant's events only one is open; the others wait for it.
local function has_open(tenant)
  return tenant and call('EXISTS', key('events_of', tenant, 'open')) == 1
end
]]

return fragments
