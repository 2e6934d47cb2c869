--- JSON null, and how to read decoded JSON that may hold it anywhere.
-- @module debitura.base.null

local core = require("debitura.core")

local null = { value = core.null }

--- A value, or nil for JSON null.
-- @param value
-- @return the value or nil
function null.given(value)
  if value == core.null then return nil end
  return value
end

--- A table, or an empty one for anything else.
-- @param value
-- @treturn table
function null.table(value)
  return type(value) == "table" and value or {}
end

--- A field of an object that may be missing, null or no object at all.
-- @param object
-- @tparam string name
-- @return the field's value, nil for null and for what is not there
function null.field(object, name)
  if type(object) ~= "table" then return nil end
  return null.given(object[name])
end

--- A field that is text.
-- @param object
-- @tparam string name
-- @treturn ?string nil for anything else
function null.text(object, name)
  local value = null.field(object, name)
  return type(value) == "string" and value or nil
end

return null
