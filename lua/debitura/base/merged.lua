--- A new table of what others hold: a copy of one, or several put together. The tables themselves
-- stay as they are.
-- @module debitura.base.merged

--- @tparam ?table ... the later of two that have a name in common wins; nil is as good as an empty
--   one
-- @treturn table without a metatable
local function merged(...)
  local all = {}
  for i = 1, select("#", ...) do
    for name, value in pairs((select(i, ...)) or {}) do all[name] = value end
  end
  return all
end

return merged
