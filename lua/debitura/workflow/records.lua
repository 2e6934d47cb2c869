--- Records as machines and steps read them: `terms` and `data` are tables.
-- @module debitura.workflow.records

local core = require("debitura.core")

local records = {}

local TABLES = { "terms", "data" }

--- A record as it was read from a store.
-- @tparam ?table row
-- @treturn ?table the same, decoded
function records.read(row)
  if not row then return row end
  for _, column in ipairs(TABLES) do row[column] = row[column] and core.json.decode(row[column]) end
  row.data = row.data or {}
  return row
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

--- One move of a change, as debitura.store takes it.
-- @tparam table before the record
-- @tparam table step what debitura.workflow.machine gives
-- @tparam table entry the line of history
-- @treturn table
function records.move(before, step, entry)
  local set = step.set
  set.terms = type(set.terms) == "table" and core.json.encode(set.terms) or set.terms
  if next(step.after.data) ~= nil or next(before.data) ~= nil then
    set.data = core.json.encode(step.after.data)
  end
  return { kind = before.kind, name = before.name, version = before.version, set = set,
    entry = entry }
end

return records
