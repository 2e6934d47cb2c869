--- Records and their history in SQL.
-- @module debitura.store.sql.records

local contract = require("debitura.store.contract")
local merged = require("debitura.base.merged")
local rows = require("debitura.store.sql.rows")
local steps = require("debitura.store.sql.steps")

local verbs = {}

local RECORD = "select $record from records where "
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

function verbs:records_named(kind, tenant, names)
  if #names == 0 then return {} end
  local values, arms = { kind = kind, tenant = tenant, names = names }, {}
  for i, name in ipairs(names) do
    values["name_" .. i] = name
    arms[i] = ("%skind = :kind and tenant = :tenant and name = :name_%d"):format(RECORD, i)
  end
  return self.connection:run(#arms <= FEW and table.concat(arms, " union all ")
    or RECORD .. "kind = :kind and tenant = :tenant and name in :names", values)
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
  return self.connection:run("select $history from history where " .. PLACE
    .. " and seq > :after order by seq limit :limit", {
    kind = filter.kind, tenant = filter.tenant, name = filter.name, after = filter.after or 0,
    limit = filter.limit or contract.page,
  })
end

-- Moving ----------------------------------------------------------------------------------------

--- A move as a row of `steps`.
local function step_of(move, tenant, now)
  local step = {
    op = "move", tenant = tenant, kind = move.kind, name = move.name, version = move.version,
    event = move.entry.event, event_id = move.entry.event_id, note = move.entry.note, at = now,
  }
  local given = { "|" }
  for column, value in pairs(move.set or {}) do
    step[column], given[#given + 1] = value or nil, column .. "|"
  end
  step.given = table.concat(given)
  return step
end

--- The rows of `steps` that are a change.
local function steps_of(change, now)
  local list, done = {}, change.done
  for i, move in ipairs(change.moves) do list[i] = step_of(move, change.tenant, now) end
  if done then
    list[#list + 1] = { op = "done", key = done.key, claim = done.claim, at = now,
      result = change.result }
  end
  for _, job in ipairs(change.jobs or {}) do
    list[#list + 1] = merged({ op = "job", tenant = change.tenant, at = now, needs = "" }, job)
  end
  return list
end

function verbs:record_move(change, now)
  local list = steps_of(change, now)
  if #list == 0 then return true end
  return steps.take(self.connection, change.tenant, list)
end

local NOTED = ([[insert into history (kind, tenant, name, at, event, event_id, from_state, to_state,
  generation, note) values (:kind, :tenant, :name, :at, :event, :event_id,
  (select state from records where $place), null, (select generation from records where $place),
  :note) on conflict do nothing]]):gsub("%$place", PLACE)

function verbs:record_note(record, entry, now)
  local added = self.connection:run(NOTED, {
    kind = record.kind, tenant = record.tenant, name = record.name, at = now, event = entry.event,
    event_id = entry.event_id, note = entry.note,
  })
  if added == 0 then return false, "duplicate" end
  return true
end

return verbs
