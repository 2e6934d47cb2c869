--- Values as Lua source, to hand them to another process and to have them byte for byte.

local lua_text = {}

local load_text = loadstring or load -- luacheck: ignore

--- @param value nil, a boolean, a finite number, a text, or a table of them
-- @treturn string
function lua_text.of(value)
  local kind = type(value)
  if kind == "string" then
    return '"' .. value:gsub("[^%w ]", function(c) return ("\\%03d"):format(c:byte()) end) .. '"'
  elseif kind == "number" then
    return value ~= value and "(0/0)" or value % 1 == 0 and math.abs(value) < 2 ^ 53
      and ("%d"):format(value) or ("%.17g"):format(value)
  elseif kind ~= "table" then
    return tostring(value)
  end
  local parts = {}
  for name, inner in pairs(value) do
    parts[#parts + 1] = ("[%s]=%s"):format(lua_text.of(name), lua_text.of(inner))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- @tparam string text
-- @return the value
function lua_text.read(text)
  return assert(load_text("return " .. text))()
end

return lua_text
