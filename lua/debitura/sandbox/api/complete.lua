--- Completes an answer by its shape, as the service does: what has no value is null, times are
-- texts, empty arrays are arrays. Handlers say values only.
-- @module debitura.sandbox.api.complete

local core = require("debitura.core")
local notation = require("debitura.operations.notation")
local time = require("debitura.base.time")

local complete = {}

local function completed(field, value, shapes)
  if value == nil then return core.null end
  if type(value) == "number" then
    return field.format == "date-time" and time.format(value) or value
  end
  if type(value) ~= "table" then return value end
  if field.type == "array" then
    local items = core.json.array {}
    for index, item in ipairs(value) do items[index] = completed(field.items, item, shapes) end
    return items
  end
  local fields = field.type == "shape" and shapes[field.shape].fields
  if not fields then return value end
  local object = {}
  for _, inner in ipairs(fields) do
    object[inner.name] = completed(inner, value[inner.name], shapes)
  end
  for name, inner in pairs(value) do
    if object[name] == nil then object[name] = inner end -- which the shape does not name
  end
  return object
end

-- Where a body is refused, messages by field may stand in its place.
local FAILURE = "ApiErrorResponseDto"

--- By the shape of a body, what it says as a field.
local bodies = setmetatable({}, { __index = function(known, shape)
  known[shape] = notation.field("body " .. shape)
  return known[shape]
end })

--- Completes the body of an answer that has a shape.
-- @tparam table row the operation's
-- @tparam table response changed
-- @treturn table the response
function complete.response(row, response)
  local shape = row.success[response.status] or row.errors[response.status]
  if shape and shape ~= FAILURE and type(response.body) == "table" then
    response.body = completed(bodies[shape], response.body, row.shapes)
  end
  return response
end

return complete
