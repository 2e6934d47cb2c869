--- Records by id, in the order in which they were made: the sandbox's tables as plain data.
-- @module debitura.sandbox.model.records

local records = {}

--- @treturn table an empty table of records
function records.new()
  return { by_id = {}, ids = {} }
end

--- Adds a record.
-- @tparam table self
-- @tparam table record with an `id`
-- @treturn table the record
function records.add(self, record)
  self.by_id[record.id] = record
  self.ids[#self.ids + 1] = record.id
  return record
end

--- Removes a record, if it is there.
-- @tparam table self
-- @tparam string id
function records.remove(self, id)
  if not self.by_id[id] then return end
  self.by_id[id] = nil
  for index, other in ipairs(self.ids) do
    if other == id then return table.remove(self.ids, index) end
  end
end

--- Picks records in order.
-- @tparam table self
-- @tparam[opt] function keep tells whether a record is wanted
-- @treturn table array
function records.select(self, keep)
  local found = {}
  for _, id in ipairs(self.ids) do
    local record = self.by_id[id]
    if not keep or keep(record) then found[#found + 1] = record end
  end
  return found
end

--- Drops the oldest records above a bound.
-- @tparam table self
-- @tparam number bound
function records.trim(self, bound)
  while #self.ids > bound do self.by_id[table.remove(self.ids, 1)] = nil end
end

return records
