--- Reads an OpenAPI document, 3.0 or 3.1, into rows and shapes as `debitura.operations` has them.
--
-- What rows have no place for is left out: examples, descriptions, servers, security.
-- @module debitura.operations.openapi

local core = require("debitura.core")
local null = require("debitura.base.null")

local openapi = {}

--- How deep references and schemas may lie in each other.
local DEEPEST = 20

local METHODS = { "get", "put", "post", "delete", "patch", "head" }

local table_of, text_of, field = null.table, null.text, null.field

-- Schemas -----------------------------------------------------------------------------------------

local FORMATS = { uri = "url", uuid = "uuid", date = "date", ["date-time"] = "date-time",
  email = "email" }
local PLAIN = { string = true, integer = true, number = true, boolean = true }
--- "No bound" as schemas write it.
local UNBOUNDED = 2147483647

local function bound(schema, ...)
  for _, name in ipairs { ... } do
    local value = field(schema, name)
    if type(value) == "number" and value ~= 0 and math.abs(value) < UNBOUNDED then return value end
  end
end

--- The type of a schema without null, and whether null is among its types, as 3.1 has it.
local function type_of(schema)
  local given = field(schema, "type")
  if type(given) ~= "table" then return given, field(schema, "nullable") == true end
  local found, nullable
  for _, name in ipairs(given) do
    if name == "null" then nullable = true else found = found or name end
  end
  return found, nullable or false
end

--- The one schema that is wrapped, such as a reference that may be null; nil where there are more.
local function wrapped(schema)
  for _, name in ipairs { "allOf", "oneOf", "anyOf" } do
    local found, count, nullable = nil, 0, field(schema, "nullable") == true
    for _, each in ipairs(table_of(field(schema, name))) do
      if text_of(each, "type") == "null" then nullable = true
      else found, count = each, count + 1 end
    end
    if count == 1 then return found, nullable end
  end
end

local read_fields

local function read_schema(schema, depth)
  schema = table_of(schema)
  if depth > DEEPEST then return { type = "any" } end
  local reference = text_of(schema, "$ref")
  if reference then return { type = "shape", shape = reference:match("([^/]+)$") or reference } end
  local inner, nullable = wrapped(schema)
  if inner then
    local read = read_schema(inner, depth + 1)
    read.nullable = nullable or read.nullable or nil
    return read
  end
  local kind
  kind, nullable = type_of(schema)
  local read = {
    type = PLAIN[kind] and kind or "any", format = FORMATS[field(schema, "format")],
    nullable = nullable or nil, deprecated = field(schema, "deprecated") == true or nil,
    max = bound(schema, "maxLength", "maximum"),
  }
  local values = table_of(field(schema, "enum"))
  if values[1] ~= nil then
    read.values = {}
    for _, value in ipairs(values) do
      local is_word = type(value) == "string" or type(value) == "number"
      if is_word then read.values[#read.values + 1] = value end
    end
  end
  if kind == "array" then
    read.type, read.items = "array", read_schema(field(schema, "items"), depth + 1)
  elseif type(field(schema, "properties")) == "table" then
    read.type, read.fields = "object", read_fields(schema, depth + 1)
  elseif kind == "object" and type(field(schema, "additionalProperties")) == "table" then
    read.type, read.items = "map", read_schema(schema.additionalProperties, depth + 1)
  elseif kind == "string" and field(schema, "format") == "binary" then
    read.type = "binary"
  end
  return read
end

local function sorted_names(values)
  local names = {}
  for name in pairs(table_of(values)) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

function read_fields(schema, depth)
  local fields, required = {}, {}
  for _, name in ipairs(table_of(field(schema, "required"))) do required[name] = true end
  for _, name in ipairs(sorted_names(field(schema, "properties"))) do
    local read = read_schema(schema.properties[name], depth)
    read.name, read.required = name, required[name]
    fields[#fields + 1] = read
  end
  return fields
end

-- Operations --------------------------------------------------------------------------------------

--- What a reference within the document leads to.
local function resolved(document, value, depth)
  local reference = text_of(value, "$ref")
  if not reference or depth > DEEPEST then return table_of(value) end
  local found = document
  for step in reference:gsub("^#/", ""):gmatch("[^/]+") do
    found = field(found, (step:gsub("~1", "/"):gsub("~0", "~")))
  end
  return resolved(document, found, depth + 1)
end

--- The schema of a content, by its media type; JSON unless there is none.
local function content_schema(content, wanted)
  local names = sorted_names(content)
  for _, name in ipairs(names) do
    if name:find(wanted) then return field(content[name], "schema") or {} end
  end
end

local PLACES = { path = "path_params", query = "query", header = "header" }

--- Adds parameters; one of an operation goes before one of the same name of its path.
local function read_parameters(document, row, parameters)
  for _, each in ipairs(table_of(parameters)) do
    local parameter = resolved(document, each, 0)
    local list = row[PLACES[text_of(parameter, "in")]]
    local read = read_schema(field(parameter, "schema"), 0)
    read.name = text_of(parameter, "name")
    read.required = field(parameter, "required") == true or nil
    if list and read.name then
      for index = #list, 1, -1 do
        if list[index].name == read.name then table.remove(list, index) end
      end
      list[#list + 1] = read
    end
  end
end

local function read_operation(document, method, path, item)
  local given = table_of(item[method])
  local row = { method = method:upper(), path = path, path_params = {}, query = {},
    header = {}, responses = {}, deprecated = field(given, "deprecated") == true or nil }
  read_parameters(document, row, item.parameters)
  read_parameters(document, row, given.parameters)
  local body = table_of(field(resolved(document, given.requestBody, 0), "content"))
  local form = content_schema(body, "^multipart/")
  if form then row.form = read_schema(form, 0).fields or {} end
  local schema = content_schema(body, "json")
  if schema then row.body = read_schema(schema, 0) end
  for status, each in pairs(table_of(given.responses)) do
    local answer = content_schema(field(resolved(document, each, 0), "content"), "json")
    if tonumber(status) then
      row.responses[tonumber(status)] = answer and read_schema(answer, 0) or false
    end
  end
  return row
end

-- Documents ---------------------------------------------------------------------------------------

local YAML = "it is YAML, and JSON is read: `yq -o=json . openapi.yaml >openapi.json`, or "
  .. "`python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, "
  .. "default=str)' <openapi.yaml >openapi.json`, converts it"

--- What is wrong with a text that is not JSON.
local function not_json(text, err)
  local said, start = err.message:gsub("^JSON: ", ""), text:match("^[%s\239\187\191]*(.?)")
  if start == "<" then return "it is a page of HTML; the document itself is needed" end
  local is_yaml = text:find("^['\"]?openapi['\"]?:") or text:find("\n['\"]?openapi['\"]?:")
  if start ~= "{" and is_yaml then return YAML end
  if err.code == "limit" then return "it is larger than what is read: " .. said end
  if err.where == "byte " .. #text + 1 then
    return ("it is cut: the JSON does not end, after %d bytes"):format(#text)
  end
  return "it is not JSON: " .. said
end

local function version_problem(document)
  local version = text_of(document, "openapi")
  if version and version:find("^3%.[01]") then return nil end
  if text_of(document, "swagger") then
    return "it is Swagger 2.0, and OpenAPI 3.0 and 3.1 are read: swagger2openapi converts it"
  end
  return version and ("it is OpenAPI %s, and 3.0 and 3.1 are read"):format(version:sub(1, 20))
    or "it is no OpenAPI document: it has no text 'openapi'"
end

--- Reads a document.
-- @tparam string text JSON
-- @treturn[1] table `rows`: array of `{ method, path, path_params, query, header, form, body,
--   responses }`, body and responses as fields, false for a response without one; `shapes` by name
-- @treturn[2] nil
-- @treturn[2] string what is wrong with it
function openapi.read(text)
  local document, err = core.json.decode(text)
  if err then return nil, not_json(text, err) end
  document = table_of(document)
  local problem = version_problem(document)
  if problem then return nil, problem end
  local read = { rows = {}, shapes = {}, version = document.openapi }
  for _, path in ipairs(sorted_names(document.paths)) do
    local item = resolved(document, document.paths[path], 0)
    for _, method in ipairs(METHODS) do
      if type(item[method]) == "table" then
        read.rows[#read.rows + 1] = read_operation(document, method, path, item)
      end
    end
  end
  local schemas = field(field(document, "components"), "schemas")
  for _, name in ipairs(sorted_names(schemas)) do
    read.shapes[name] = read_schema(schemas[name], 0)
  end
  return read
end

return openapi
