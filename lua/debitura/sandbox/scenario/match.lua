--- Compares what came with what was expected of it: the fields that are named, and no others.
-- @module debitura.sandbox.scenario.match

local core = require("debitura.core")

local match = {}

local function shown(value)
  if value == nil then return "nothing" end
  return core.json.encode(value) or tostring(value)
end

--- Words that stand for a kind of value.
local KINDS = {
  ["{any}"] = function(value) return value ~= nil and value ~= core.null end,
  ["{none}"] = function(value) return value == nil or value == core.null end,
  ["{url}"] = function(value)
    return type(value) == "string" and value:find("^https?://") ~= nil
  end,
}

local function is_list(value)
  return getmetatable(value) == core.json.array_mt or #value > 0
end

--- Tells where a value is not as expected.
-- @param expected objects by the fields that are named, lists item by item; `"{any}"`, `"{none}"`
--   and `"{url}"` stand for kinds of values
-- @param value
-- @tparam string path of the value
-- @treturn ?string the problem; nil where there is none
function match.problem(expected, value, path)
  local kind = type(expected) == "string" and KINDS[expected]
  if kind then
    return not kind(value) and ("%s: %s expected, %s came"):format(path, expected, shown(value))
      or nil
  end
  if type(expected) ~= "table" then
    return expected ~= value and ("%s: %s expected, %s came"):format(path, shown(expected),
      shown(value)) or nil
  end
  if type(value) ~= "table" or is_list(expected) and #expected ~= #value then
    return ("%s: %s expected, %s came"):format(path, shown(expected), shown(value))
  end
  for name, inner in pairs(expected) do
    local place = type(name) == "number" and ("%s[%d]"):format(path, name - 1)
      or path .. "." .. name
    local problem = match.problem(inner, value[name], place)
    if problem then return problem end
  end
end

return match
