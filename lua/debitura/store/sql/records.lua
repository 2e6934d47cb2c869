--- Records and their history in SQL.
-- @module debitura.store.sql.records

local columns = require("debitura.store.sql.columns")
local contract = require("debitura.store.contract")
local jobs = require("debitura.store.sql.jobs")
local rows = require("debitura.store.sql.rows")

local verbs = {}

local RECORD = "select " .. columns.list.record .. " from records where "
local PLACE = "kind = :kind and tenant = :tenant and name = :name"

-- Reading ---------------------------------------------------------------------------------------

function verbs:record(kind, tenant, name)
  return rows.first(self.connection:run(RECORD .. PLACE, {
    kind = kind, tenant = tenant, name = name,
  }))
end

-- A few records are looked up one by one: PostgreSQL, when it does not know yet how many a tenant
-- has, would look through all of them for several names. With many that takes longer to plan.
local FEW = 10

--- Records of a tenant by their places, those that there are.
-- @tparam table connection
-- @tparam string tenant
-- @tparam table kinds
-- @tparam table places array of `{ kind, name }`
local function find(connection, tenant, kinds, places)
  if #places == 0 then return {} end
  local values, arms = { tenant = tenant, kinds = kinds, names = {} }, {}
  for i, place in ipairs(places) do
    values["kind_" .. i], values["name_" .. i] = place.kind, place.name
    arms[i] = ("%skind = :kind_%d and tenant = :tenant and name = :name_%d"):format(RECORD, i, i)
    values.names[i] = place.name
  end
  return connection:run(#arms <= FEW and table.concat(arms, " union all ")
    or RECORD .. "kind in :kinds and tenant = :tenant and name in :names", values)
end

function verbs:records_named(kind, tenant, names)
  local places = {}
  for i, name in ipairs(names) do places[i] = { kind = kind, name = name } end
  return find(self.connection, tenant, { kind }, places)
end

function verbs:records(filter)
  local where, after = "kind = :kind", filter.after
  if filter.state then where = "kind || '/' || state = :kind_and_state" end
  if filter.undelivered then
    where = "kind || '/undelivered' = :undelivered and undelivered_since is not null"
  end
  if filter.tenant then where = where .. " and tenant = :tenant" end
  if after and after.tenant == filter.tenant then
    -- SQLite does not see that the first column of the pair below is fixed.
    where = where .. " and name > :after_name"
  elseif after then
    where = where .. " and (tenant, name) > (:after_tenant, :after_name)"
  end
  return self.connection:run(RECORD .. where .. " order by tenant, name limit :limit", {
    kind = filter.kind, undelivered = filter.kind .. "/undelivered",
    kind_and_state = filter.kind .. "/" .. (filter.state or ""),
    tenant = filter.tenant, limit = filter.limit or contract.page,
    after_tenant = after and after.tenant, after_name = after and after.name,
  })
end

function verbs:record_history(filter)
  return self.connection:run("select " .. columns.list.history .. " from history where " .. PLACE
    .. " and seq > :after order by seq limit :limit", {
    kind = filter.kind, tenant = filter.tenant, name = filter.name, after = filter.after or 0,
    limit = filter.limit or contract.page,
  })
end

-- Moving ----------------------------------------------------------------------------------------

--- A change that is being made, within a transaction that holds its tenant's lock: `before` and
-- `after` are its records, in the order of the moves, `counts` what is to be counted.
local Change = {}
Change.__index = Change

--- Reads the records that are to be moved.
function Change:read()
  local kinds, found = {}, {}
  for _, move in ipairs(self.moves) do
    if not found[move.kind] then found[move.kind], kinds[#kinds + 1] = {}, move.kind end
  end
  local records, err = find(self.connection, self.tenant, kinds, self.moves)
  if not records then return nil, err end
  for _, record in ipairs(records) do found[record.kind][record.name] = record end
  for i, move in ipairs(self.moves) do
    local record = found[move.kind][move.name] or false
    if (record and record.version or 0) ~= move.version then return false, "stale" end
    self.before[i] = record
  end
  return true
end

--- What a move makes of a record.
local function moved(record, tenant, move, now)
  local after = {
    kind = move.kind, tenant = tenant, name = move.name, generation = 0, created_at = now,
  }
  for column, value in pairs(record or {}) do after[column] = value end
  for column, value in pairs(move.set or {}) do after[column] = value or nil end
  after.version, after.updated_at = move.version + 1, now
  return after
end

local COLUMNS = {}
for i, column in ipairs(contract.record) do COLUMNS[i] = column[1] end

local function update(connection, move, after)
  local set = { "version = :version", "updated_at = :updated_at" }
  for _, column in ipairs(contract.settable) do
    if move.set and move.set[column] ~= nil then set[#set + 1] = column .. " = :" .. column end
  end
  return connection:run("update records set " .. table.concat(set, ", ") .. " where " .. PLACE,
    after)
end

--- Writes the records as they are after the moves: the new ones in one statement.
function Change:write_records()
  local new = {}
  for i, move in ipairs(self.moves) do
    local before, after = self.before[i], moved(self.before[i], self.tenant, move, self.now)
    self.after[i] = after
    if not before then
      new[#new + 1] = after
    else
      local done, err = update(self.connection, move, after)
      if not done then return nil, err end
    end
    if before then self:count_record(before, -1) end
    self:count_record(after, 1)
  end
  if #new == 0 then return true end
  local added, err = self.connection:insert("records", COLUMNS, new)
  if not added then return nil, err end
  if added < #new then return false, "stale" end
  return true
end

function Change:count_record(record, number)
  local kind, state, tenant = record.kind, record.state, self.tenant
  self.counts[#self.counts + 1] = { "record", kind, state, tenant, number }
  if record.undelivered_since then
    self.counts[#self.counts + 1] = { "undelivered", kind, state, tenant, number }
  end
end

local LINE = {
  "kind", "tenant", "name", "at", "event", "event_id", "from_state", "to_state", "generation",
  "note",
}

function Change:write_history()
  if #self.moves == 0 then return true end
  local lines = {}
  for i, move in ipairs(self.moves) do
    local after, entry = self.after[i], move.entry
    lines[i] = {
      kind = move.kind, tenant = self.tenant, name = move.name, at = self.now, event = entry.event,
      event_id = entry.event_id, from_state = (self.before[i] or {}).state,
      to_state = after.state, generation = after.generation, note = entry.note,
    }
  end
  local added, err = self.connection:insert("history", LINE, lines)
  if not added then return nil, err end
  if added < #lines then return false, "duplicate" end
  return true
end

function Change:finish_job()
  if not self.done then return true end
  return jobs.finish(self.connection, self.done, {
    state = "done", ended_at = self.now, result = self.result,
  }, self.counts)
end

function Change:enqueue_jobs()
  return jobs.enqueue(self.connection, self, self.now, self.counts)
end

function Change:write_counts()
  return rows.count(self.connection, self.counts)
end

--- The steps of a change, in an order in which the first that fails says what is wrong.
local STEPS = {
  Change.read, Change.write_records, Change.write_history, Change.finish_job, Change.enqueue_jobs,
  Change.write_counts,
}

function verbs:record_move(change, now)
  local connection = self.connection
  return connection:atomically(function()
    local steps = setmetatable({
      connection = connection, now = now, tenant = change.tenant, moves = change.moves,
      jobs = change.jobs, done = change.done, result = change.result,
      before = {}, after = {}, counts = {},
    }, Change)
    for _, step in ipairs(STEPS) do
      local done, err = step(steps)
      if not done then return done, err end
    end
    return steps.after
  end, change.tenant)
end

local NOTED = ([[insert into history (kind, tenant, name, at, event, event_id, from_state, to_state,
  generation, note) values (:kind, :tenant, :name, :at, :event, :event_id,
  (select state from records where $place), null, (select generation from records where $place),
  :note) on conflict do nothing]]):gsub("%$place", PLACE)

function verbs:record_note(record, entry, now)
  local added, err = self.connection:run(NOTED, {
    kind = record.kind, tenant = record.tenant, name = record.name, at = now, event = entry.event,
    event_id = entry.event_id, note = entry.note,
  })
  if not added then return nil, err end
  if added == 0 then return false, "duplicate" end
  return true
end

return verbs
