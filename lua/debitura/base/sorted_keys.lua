--- The keys of a table in their order, so that what is printed, kept or compared does not change
-- from one run to the next.
-- @module debitura.base.sorted_keys

--- @tparam table values with keys of one type
-- @treturn table array
local function sorted_keys(values)
  local keys = {}
  for key in pairs(values) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

return sorted_keys
