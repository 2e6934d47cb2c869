--- What the sandbox itself is told (settings, accounts, faults), in the notation of the operations.
-- @module debitura.sandbox.model.schema

local notation = require("debitura.operations.notation")
local validate = require("debitura.operations.validate")

local Schema = {}
Schema.__index = Schema

--- What is wrong with a value.
-- @tparam string name of the shape that it is to have
-- @param value
-- @treturn table|nil problems by path
function Schema:problems(name, value)
  local problems = {}
  validate.value({ type = "shape", shape = name, required = true }, value, "", {
    shapes = self.shapes,
    report = function(path, message) problems[path] = { message } end,
    unknown = function(path) problems[path] = { "is not known" } end,
  })
  return next(problems) and problems or nil
end

--- What a shape's fields are when nothing is said.
-- @tparam string name
-- @treturn table
function Schema:defaults(name)
  local values = {}
  for _, field in ipairs(self.shapes[name].fields) do
    values[field.name] = field.shape and self:defaults(field.shape)
    if not field.shape then values[field.name] = field.default end
  end
  return values
end

local schema = {}

--- @tparam table texts shapes by name, see `debitura.operations.notation`
-- @treturn table with `shapes`, `problems` and `defaults`
function schema.new(texts)
  local shapes = {}
  for name, text in pairs(texts) do shapes[name] = notation.shape(name, text) end
  return setmetatable({ shapes = shapes }, Schema)
end

return schema
