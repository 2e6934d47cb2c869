--- Records as machines and steps read them: `terms` and `data` are tables.
-- @module debitura.workflow.records

local core = require("debitura.core")
local failure = require("debitura.base.failure")

local records = {}

local TABLES = { "terms", "data" }

--- A record as it was read from a store.
-- @tparam table|false row
-- @treturn[1] table|false the same, decoded
-- @treturn[2] nil
-- @treturn[2] table failure of kind "unreadable"
function records.read(row)
  if not row then return false end
  if row.unreadable then return nil, row.unreadable end
  for _, column in ipairs(TABLES) do
    local kept = row[column]
    if type(kept) == "string" then row[column] = core.json.decode(kept) end
    if kept and type(row[column]) ~= "table" then
      return nil, failure.new {
        kind = "unreadable",
        message = ("the %s of the %s of %s is no JSON object"):format(column, row.kind, row.tenant),
      }
    end
  end
  row.data = row.data or {}
  return row
end

--- Reads a record from a store.
-- @tparam table store
-- @tparam string kind
-- @tparam string tenant
-- @tparam string name
-- @treturn[1] table|false
-- @treturn[2] nil
-- @treturn[2] table failure of the store, or of kind "unreadable"
function records.load(store, kind, tenant, name)
  local row, err = store:record(kind, tenant, name)
  if row == nil then return nil, err end
  return records.read(row)
end

--- The state of a record, also of one that does not open.
-- @tparam table store
-- @tparam string kind
-- @tparam string tenant
-- @tparam string name
-- @treturn[1] string|false false when there is none
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function records.state(store, kind, tenant, name)
  local page, err = store:records_named(kind, tenant, { name })
  if not page then return nil, err end
  return page[1] and page[1].state or false
end

--- What there is before a record's first move.
-- @tparam string kind
-- @tparam string tenant
-- @tparam string name
-- @treturn table
function records.blank(kind, tenant, name)
  return { kind = kind, tenant = tenant, name = name, state = "none", version = 0, generation = 0,
    data = {} }
end

--- Since when the record's URL has not reached the customer: from the move on that enqueues its
-- first delivery, until a job has delivered it (see `Work:finish`) or the record goes on.
-- @treturn ?number|false nil when the move changes nothing about it
local function undelivered_since(before, step, now)
  for _, job in ipairs(step.jobs) do
    if job.first_delivery then return before.undelivered_since or now end
  end
  if before.undelivered_since and step.after.state ~= before.state then return false end
end

--- One move of a change, as debitura.store takes it.
-- @tparam table before the record
-- @tparam table step what debitura.workflow.machine gives
-- @tparam table entry the line of history
-- @tparam number now
-- @treturn table
function records.move(before, step, entry, now)
  local set = step.set
  set.undelivered_since = undelivered_since(before, step, now)
  set.terms = type(set.terms) == "table" and core.json.encode(set.terms) or set.terms
  if next(step.after.data) ~= nil or next(before.data) ~= nil then
    set.data = core.json.encode(step.after.data)
  end
  return { kind = before.kind, name = before.name, version = before.version, set = set,
    entry = entry }
end

return records
