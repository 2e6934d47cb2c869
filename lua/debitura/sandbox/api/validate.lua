--- Reads what a request carries and checks it against its operation's row; refuses it in the
-- envelopes the API uses.
-- @module debitura.sandbox.api.validate

local core = require("debitura.core")
local check = require("debitura.operations.validate")
local cases = require("debitura.sandbox.model.cases")
local encoding = require("debitura.base.encoding")
local reply = require("debitura.sandbox.api.reply")

local validate = {}

-- Where a field problem is answered with a map of field to messages instead of ApiErrorResponseDto.
local FIELD_MAPS = { ["clients.create"] = true, ["cases.create"] = true }

local JSON_TYPES = { "^application/json$", "^text/json$", "^application/json%-patch%+json$",
  "^application/[^;]-%+json$" }

--- A path as the API writes it: its arrays count from 0.
local function wire_path(path)
  return (path:gsub("%[(%d+)%]", function(index) return ("[%d]"):format(tonumber(index) - 1) end))
end

local function new_context(row, now)
  local fields = {}
  return {
    shapes = row.shapes, now = now, fields = fields,
    report = function(path, message)
      local name = wire_path(path == "" and "body" or path)
      fields[name] = fields[name] or {}
      table.insert(fields[name], message)
    end,
  }
end

local function describe(fields)
  local lines = {}
  for path, messages in pairs(fields) do
    lines[#lines + 1] = path .. " " .. table.concat(messages, ", ")
  end
  table.sort(lines)
  return table.concat(lines, "; ")
end

--- 400 for wrong fields, in the envelope of the operation.
-- @tparam table row
-- @tparam table fields path to array of messages
-- @treturn table
function validate.refuse(row, fields)
  local envelope = row.errors[400]
  if envelope == false then return reply.empty(400) end
  if envelope == "ProblemDetails" then return reply.invalid(describe(fields)) end
  if FIELD_MAPS[row.name] then return reply.fields(fields) end
  return reply.failure(400, "ValidationError", describe(fields))
end

-- What the shapes cannot say of a body, by operation.
local EXTRA = {
  ["clients.create"] = function(body, report)
    for index, case in ipairs(body.cases or {}) do
      cases.check(case, function(path, message)
        report(("cases[%d].%s"):format(index, path), message)
      end)
    end
  end,
  ["cases.create"] = function(body, report, call) cases.check(body, report, call) end,
}

local function is_json(content_type)
  local media = (content_type or ""):lower():match("^%s*([^;%s]*)")
  for _, pattern in ipairs(JSON_TYPES) do
    if media:find(pattern) then return true end
  end
  return false
end

-- A text from a query as the type that its field has; what cannot be one stays text, for the
-- checker to complain of.
local function convert(field, text, shapes)
  if field.type == "shape" then field = shapes[field.shape] end -- an enumeration
  if field.type == "boolean" then
    local lower = text:lower()
    if lower == "true" then return true elseif lower == "false" then return false end
  elseif field.type == "integer" or field.type == "number" then
    return tonumber(text) or text
  end
  return text
end

--- An array's values: the key repeated, or separated by commas, as the documents say both.
local function convert_array(field, values, shapes)
  local items = core.json.array {}
  for _, value in ipairs(values) do
    for part in value:gmatch("[^,]+") do items[#items + 1] = convert(field.items, part, shapes) end
  end
  return items
end

--- Reads a query by the names of the row, whatever case they came in.
-- @tparam table row
-- @tparam ?string text the raw query string
-- @tparam number now
-- @treturn[1] table by lower-case name
-- @treturn[2] nil
-- @treturn[2] table the refusal
function validate.query(row, text, now)
  if #row.query == 0 then return {} end
  local given, query, context = {}, {}, new_context(row, now)
  for name, values in pairs(encoding.form_values(text)) do given[name:lower()] = values end
  for _, field in ipairs(row.query) do
    local name, value = field.name:lower(), nil
    local values = given[name]
    if values and field.type == "array" then
      value = convert_array(field, values, row.shapes)
    elseif values and values[1] ~= "" then
      value = convert(field, values[1], row.shapes)
    end
    check.value(field, value, field.name, context)
    query[name] = value
  end
  if next(context.fields) then return nil, validate.refuse(row, context.fields) end
  return query
end

--- A field of an object that is null counts as one that is not there.
local function without_nulls(value)
  local is_list = getmetatable(value) == core.json.array_mt
  for key, inner in pairs(value) do
    if type(inner) == "table" then
      without_nulls(inner)
    elseif inner == core.null and not is_list then
      value[key] = nil
    end
  end
end

--- Reads a JSON body.
-- @tparam table call with `row`, `request`, `now`
-- @treturn[1] table the body, without what is null in it
-- @treturn[2] nil
-- @treturn[2] table the refusal
function validate.body(call)
  local row, request = call.row, call.request
  if not is_json(request.headers["content-type"]) then
    return nil, reply.problem(415, "Unsupported Media Type",
      "The body must be sent as application/json.")
  end
  local body, err = core.json.decode(request.body)
  if not body then
    return nil, reply.invalid("The body is not JSON: " .. err.message)
  end
  local context = new_context(row, call.now)
  check.value({ type = "shape", shape = row.body, required = true }, body, "", context)
  if not next(context.fields) then
    without_nulls(body)
    if EXTRA[row.name] then EXTRA[row.name](body, context.report, call) end
  end
  if next(context.fields) then return nil, validate.refuse(row, context.fields) end
  return body
end

--- Whether a parameter of the path has the form that its field asks for.
local function fits(field, text, shapes)
  if field.type == "string" and not field.format then return true end
  local right = true
  check.value(field, convert(field, text), field.name, { shapes = shapes, report = function()
    right = false
  end })
  return right
end

--- Checks the parameters of the path: an id of the wrong form is an id that does not exist.
-- @tparam table row
-- @tparam table params
-- @treturn boolean
function validate.path(row, params)
  for _, field in ipairs(row.path_params) do
    if not fits(field, params[field.name], row.shapes) then return false end
    if field.format == "uuid" then params[field.name] = params[field.name]:lower() end
  end
  return true
end

return validate
