--- OpenAPI documents as Debitura publishes them, made of what spec/contract holds of them.

local core = require "debitura.core"
local null = require("debitura.core").null

local openapi = {}

local COPIED = { "type", "format", "nullable", "deprecated", "readOnly", "default", "minLength",
  "maxLength", "minItems", "minimum", "maximum" }

local function schema_of(field)
  if field.ref then return { ["$ref"] = "#/components/schemas/" .. field.ref } end
  local schema = {}
  for _, name in ipairs(COPIED) do schema[name] = field[name] end
  if field.items then schema.items = schema_of(field.items) end
  if field.map_of then
    schema.type, schema.additionalProperties = "object", schema_of(field.map_of)
  end
  return schema
end

local function object_of(fields, required)
  local schema = { type = "object", properties = {}, required = required }
  for name, field in pairs(fields) do schema.properties[name] = schema_of(field) end
  return schema
end

local function content(kind, schema)
  return { [kind] = { schema = schema } }
end

local function response_of(name)
  if name == null then return { description = "" } end
  local item = name:match("^(.*)%[%]$")
  local schema = schema_of { ref = item or name }
  if item then schema = { type = "array", items = schema } end
  return { description = "", content = content("application/json", schema) }
end

local function operation_of(given)
  local operation = { parameters = {}, responses = {}, deprecated = given.deprecated }
  for i, parameter in ipairs(given.params or {}) do
    operation.parameters[i] = { name = parameter.name, ["in"] = parameter["in"],
      required = parameter.required, schema = schema_of(parameter) }
  end
  for status, name in pairs(given.responses) do
    operation.responses[status] = response_of(name)
  end
  local body = given.body
  if body then
    operation.requestBody = { content = content(body.content_type, body.fields
      and object_of(body.fields, body.required) or schema_of { ref = body.schema }) }
  end
  return operation
end

--- The document of an API, to be changed by a spec.
-- @tparam string name of the file under spec/contract, without its ending
-- @treturn table
function openapi.document(name)
  local file = assert(io.open("spec/contract/" .. name .. ".json", "rb"))
  local contract = assert(core.json.decode(file:read("*a")))
  file:close()
  local document = { openapi = "3.0.1", info = { title = name, version = "v1" }, paths = {},
    components = { schemas = {} } }
  for _, given in ipairs(contract.operations) do
    document.paths[given.path] = document.paths[given.path] or {}
    document.paths[given.path][given.method:lower()] = operation_of(given)
  end
  for schema, given in pairs(contract.schemas) do
    document.components.schemas[schema] = given.fields and object_of(given.fields, given.required)
      or { type = given.type, enum = given.enum }
  end
  return document
end

return openapi
