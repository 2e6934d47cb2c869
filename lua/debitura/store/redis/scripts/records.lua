--- Records and their history; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.records

local fragments = require("debitura.store.redis.scripts.fragments")

local scripts = {}

local RECORDS = fragments.order .. fragments.records

scripts.record = RECORDS .. [[
local kind, tenant, name = take(), take(), take()
return {record_row(key('record', kind, first_of(tenant) .. name))}]]

scripts.records_named = RECORDS .. [[
local kind, tenant, rows = take(), take(), {}
for _, name in ipairs(take_rows(1)) do
  rows[#rows + 1] = record_row(key('record', kind, first_of(tenant) .. name[1]))
end
return rows]]

scripts.records = RECORDS .. [[
local kind, state, tenant, after_tenant, after_name, limit, undelivered =
  take(), take(), take(), take(), take(), take(), take()
local index = state and key('records_in', kind, state) or key('records', kind)
if undelivered then index = key('undelivered', kind) end
local from, to = '-', '+'
if tenant then from, to = '[' .. first_of(tenant), '(' .. successor(first_of(tenant)) end
if after_tenant then
  local after = first_of(after_tenant) .. after_name
  if not tenant or not before(after, first_of(tenant)) then from = '(' .. after end
end
local rows = {}
for i, member in ipairs(call('ZRANGEBYLEX', index, from, to, 'LIMIT', 0, limit)) do
  rows[i] = record_row(key('record', kind, member))
end
return rows]]

scripts.record_history = RECORDS .. [[
local kind, tenant, name, after, limit = take(), take(), take(), take(), take()
local hash, lines = key('history', kind, first_of(tenant) .. name), {}
local last = tonumber(call('HGET', hash, 'last') or 0)
for seq = after + 1, math.min(after + limit, last) do
  lines[#lines + 1] = {string.format('%.0f', seq), cmsgpack.unpack(call('HGET', hash, seq))}
end
return lines]]

scripts.record_note = RECORDS .. [[
local kind, tenant, name, now = take(), take(), take(), take()
local entry = {event = take(), event_id = take(), note = take()}
local member = first_of(tenant) .. name
if was_seen(kind, member, entry.event_id) then return 'duplicate' end
local own = call('HMGET', key('record', kind, member), 'state', 'generation')
write_line(kind, member, now, entry, own[1], nil, own[2])
return 'ok']]

scripts.record_move = RECORDS .. fragments.places .. fragments.claims .. fragments.record_places
  .. fragments.jobs .. [[
local tenant, now, done, claim, result = take(), take(), take(), take(), take()
local moves, taken = {}, {}
for i = 1, tonumber(take()) do
  local kind, name, version = take(), take(), take()
  local entry = {event = take(), event_id = take(), note = take()}
  moves[i] = {kind = kind, name = name, version = version, entry = entry, set = take_rows(2),
    member = first_of(tenant) .. name}
end
local jobs = take_rows(9)

for _, move in ipairs(moves) do
  local record = read_record(move.kind, move.member)
    or {kind = move.kind, member = move.member, version = '0', generation = '0'}
  local place = key('record', move.kind, move.member)
  if record.version ~= move.version or taken[place] then return 'stale' end
  taken[place], move.record = true, record
  if was_seen(move.kind, move.member, move.entry.event_id) then return 'duplicate' end
end
local ending = done and read_job(done)
if done and not holds(ending, claim, 'done') then return 'lost' end

local function write(move)
  local names, values = {'version', 'updated_at'}, {version = move.version + 1, updated_at = now}
  local function set(name, value)
    names[#names + 1], values[name] = name, value
  end
  for _, pair in ipairs(move.set) do set(pair[1], pair[2]) end
  local record = move.record
  if not record.state then
    set('kind', move.kind)
    set('tenant', tenant)
    set('name', move.name)
    set('created_at', now)
    if not values.generation then set('generation', '0') end
  end
  change_record(record, names, values)
  if move.entry.event then
    write_line(move.kind, move.member, now, move.entry, record.state,
      values.state or record.state, values.generation or record.generation)
  end
end
local function add_job(name, values)
  if call('EXISTS', key('job', name)) == 1 then return end
  values.key, values.tenant, values.state, values.created_at = name, tenant, 'open', now
  values.attempt, values.claim = '0', '0'
  create(key('job', name), values)
  relocate(NOWHERE, job_places(values))
end

for _, move in ipairs(moves) do write(move) end
if ending and ending.state == 'open' then
  change_job(ending, {'state', 'ended_at', 'result'},
    {state = 'done', ended_at = now, result = result})
end
for _, row in ipairs(jobs) do
  add_job(row[1], {kind = row[2], record = row[3], name = row[4], generation = row[5],
    channel = row[6], needs = row[7] or '', args = row[8], due_at = row[9]})
end
return 'ok']]

return scripts
