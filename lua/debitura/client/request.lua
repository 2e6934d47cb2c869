--- From an operation's row and its arguments to a checked request, ready to send.
--
-- Everything comes from the row (see `debitura.operations`): how arguments map to path, query and
-- body, what is checked, how it is encoded. Nothing is sent from here, and no credential or host is
-- known here.
-- @module debitura.client.request

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local merged = require("debitura.base.merged")
local spelling = require("debitura.base.spelling")
local upload = require("debitura.client.upload")
local usage = require("debitura.base.usage")
local validate = require("debitura.operations.validate")

local request = {}

-- Arguments --------------------------------------------------------------------------------------

-- What each kind of argument may be in Lua.
local PATH_ARGUMENT = { string = { string = true }, integer = { number = true } }
local TABLE = { table = true }
local OPTIONAL_TABLE = { table = true, ["nil"] = true }
local FILE = { string = true, table = true }

-- Rows do not change, so what their methods take is worked out once.
local signatures = setmetatable({}, { __mode = "k" })

--- What the method of an operation takes, in the order in which it takes it: the parameters of the
-- path, then the file, the body or the query, then options.
-- @tparam table row the operation
-- @treturn table array of `{name, types}`; `types` holds the Lua types that are taken, and `path`
--   marks parameters of the path
function request.signature(row)
  if signatures[row] then return signatures[row] end
  local positions = {}
  for _, field in ipairs(row.path_params) do
    positions[#positions + 1] = { name = field.name, types = PATH_ARGUMENT[field.type],
      path = true }
  end
  if row.form then
    positions[#positions + 1] = { name = "form", types = FILE }
  elseif row.body and not row.preset then
    positions[#positions + 1] = { name = "body", types = TABLE }
  elseif #row.query > 0 then
    positions[#positions + 1] = { name = "query", types = OPTIONAL_TABLE }
  end
  positions[#positions + 1] = { name = "options", types = OPTIONAL_TABLE }
  signatures[row] = positions
  return positions
end

local function alternatives(types)
  local names = {}
  for name in pairs(types) do
    if name ~= "nil" then names[#names + 1] = name end
  end
  table.sort(names)
  return table.concat(names, " or ")
end

--- Maps the positional arguments of a method to what `build` takes.
--
-- A wrong type or a surplus argument raises an error that names operation and argument, at the
-- caller's line.
-- @tparam table row the operation
-- @param ... path parameters in the order of the path, then the body (or the file, or the query
--   table), then options
-- @treturn table `{path, query, body, form}`
-- @treturn ?table the options, as they were given
function request.arguments(row, ...)
  local positions, count = request.signature(row), select("#", ...)
  if count > #positions then
    usage.error(("%s: takes %d arguments at most, got %d"):format(row.name, #positions, count))
  end
  local arguments = { path = {} }
  for index = 1, #positions do
    local position, value = positions[index], (select(index, ...))
    if not position.types[type(value)] then
      usage.error(("%s: argument %d (%s) must be a %s, got %s"):format(
        row.name, index, position.name, alternatives(position.types), type(value)))
    end
    if value ~= nil then (position.path and arguments.path or arguments)[position.name] = value end
  end
  local options = arguments.options
  if options then
    arguments.options, arguments.query = nil, arguments.query or options.query
  end
  return arguments, options
end

local NONE = {} -- of what was not given; never written to

-- Path and query ---------------------------------------------------------------------------------

--- A value as a URL shows it; %d because an integral float would print as 1.0 or 1e+15.
local function url_text(value)
  if type(value) ~= "number" then return tostring(value) end
  local integral = value % 1 == 0 and value > -2 ^ 53 and value < 2 ^ 53
  return (integral and "%d" or "%.17g"):format(value)
end

--- Says why a text cannot be one segment of a path; even percent-encoded, dots would be taken for a
-- way up.
local function segment_problem(text)
  if text == "" then return "must not be empty" end
  if text == "." or text == ".." then return "must not be . or .." end
  if text:find("\0", 1, true) then return "must not contain NUL" end
end

-- What stands around the parameters of an operation's path, by row.
local literals = setmetatable({}, { __mode = "k" })

local function literals_of(row)
  local pieces = literals[row]
  if not pieces then
    pieces = {}
    for piece in (row.path .. "{}"):gmatch("([^{]*){[^}]*}") do pieces[#pieces + 1] = piece end
    literals[row] = pieces
  end
  return pieces
end

local function build_path(row, values, checked, context)
  local pieces = literals_of(row)
  local path = pieces[1]
  for index = 1, #row.path_params do
    local field = row.path_params[index]
    local value = values[field.name]
    local text = url_text(value)
    local problem = validate.present(value) and segment_problem(text)
    if problem then
      context.report(field.name, problem)
    elseif checked or not validate.present(value) then
      validate.value(field, value, field.name, context)
    end
    path = path .. encoding.percent(text) .. pieces[index + 1]
  end
  return path
end

local function append_query(encoded, name, value)
  -- Arrays repeat their key: the OpenAPI default, since the documents give no other style.
  for _, item in ipairs(type(value) == "table" and value or { value }) do
    encoded[#encoded + 1] = encoding.percent(name) .. "=" .. encoding.percent(url_text(item))
  end
end

--- The names that no field has, in a stable order.
local function unknown_names(fields, values)
  if next(values) == nil then return NONE end
  local known, unknown = {}, {}
  for _, field in ipairs(fields) do known[field.name] = true end
  for name in pairs(values) do
    if not known[name] then unknown[#unknown + 1] = name end
  end
  table.sort(unknown, function(a, b) return tostring(a) < tostring(b) end)
  return unknown
end

local function build_query(row, values, checked, context)
  if #row.query == 0 and next(values) == nil then return "" end
  local encoded = {}
  for _, field in ipairs(row.query) do
    local value = values[field.name]
    if checked then validate.value(field, value, field.name, context) end
    if validate.present(value) then append_query(encoded, field.name, value) end
  end
  for _, name in ipairs(unknown_names(row.query, values)) do
    if checked and not row.unlisted then context.report(tostring(name), "unknown parameter") end
    append_query(encoded, tostring(name), values[name])
  end
  return #encoded > 0 and "?" .. table.concat(encoded, "&") or ""
end

-- Body -------------------------------------------------------------------------------------------

--- The value itself, or a copy with one key changed: the caller's tables are never written to.
local function changed(copy, original, key, value)
  if value == original[key] then return copy end
  if copy == original then
    copy = setmetatable({}, getmetatable(original))
    for name, item in pairs(original) do copy[name] = item end
  end
  copy[key] = value
  return copy
end

--- Marks the empty tables that the shape knows to be arrays, so that they become [] and not {}.
local function mark_arrays(field, value, shapes)
  if type(value) ~= "table" then return value end
  local copy = value
  if field.type == "array" then
    if next(value) == nil then return core.json.array({}) end
    for index, item in ipairs(value) do
      copy = changed(copy, value, index, mark_arrays(field.items, item, shapes))
    end
  elseif field.type == "shape" then
    for _, inner in ipairs(shapes[field.shape].fields or {}) do
      copy = changed(copy, value, inner.name, mark_arrays(inner, value[inner.name], shapes))
    end
  end
  return copy
end

--- Checks and encodes a JSON body.
local function build_body(row, given, checked, context)
  local body = row.preset and merged(given, row.preset) or given
  if row.body then
    local field = { type = "shape", shape = row.body, required = true }
    if checked then validate.value(field, body, "", context) end
    if context.fields then return nil end
    body = mark_arrays(field, body, row.shapes)
  elseif body ~= nil and checked and not row.unlisted then
    context.report("", "is not taken by this operation")
  end
  if body == nil then return nil end
  local text, err = core.json.encode(body)
  if not text then context.report(err.where or "", err.message) end
  return text
end

--- The row's part that is a file.
local function file_part(form)
  for _, field in ipairs(form) do
    if field.type == "binary" then return field.name end
  end
end

--- A form's argument by the API's own part names; a path or `{path=}`/`{data=}` alone is the file.
local function form_argument(form, given)
  if type(given) == "string" or given.path or given.data then
    return { [file_part(form)] = given }
  end
  return given
end

--- Checks and describes a multipart form.
local function build_form(row, given, checked, context)
  local parts = {}
  given = form_argument(row.form, given)
  for _, name in ipairs(unknown_names(row.form, given)) do
    context.report(tostring(name), "unknown part")
  end
  for _, field in ipairs(row.form) do
    local value = given[field.name]
    if field.type == "binary" then
      parts[#parts + 1] = upload.part(field.name, value, context.report, checked)
    else
      if checked then validate.value(field, value, field.name, context) end
      if validate.present(value) then
        parts[#parts + 1] = { name = field.name, data = url_text(value) }
      end
    end
  end
  return parts
end

--- The key, checked.
local function checked_key(row, key, context)
  if key == nil then return nil end
  if not row.idempotency_key then
    context.report("Idempotency-Key", "is not taken by this operation")
  elseif type(key) ~= "string" or #key < 1 or #key > 255 or key:find("[^\33-\126]") then
    context.report("Idempotency-Key", "must be 1 to 255 visible ASCII characters")
  end
  return key
end

-- Building ---------------------------------------------------------------------------------------

-- A field that no description names may be newer than this library; one that was certainly meant to
-- be another is refused, as the service would overlook it in silence.
local function on_unknown(context, path, name, known)
  local meant = spelling.meant(name, known)
  if meant then
    context.report(path, ("unknown, did you mean '%s'?"):format(meant))
  else
    table.insert(context.unknown_fields, (path:gsub("%[%d+%]", "[]")))
  end
end

--- Collects problems by path.
local function new_context(row, options)
  local context
  context = {
    shapes = row.shapes, now = options.now, unknown_fields = {},
    unknown = function(...) on_unknown(context, ...) end,
    report = function(path, message)
      if path == "" then path = "body" end
      local fields = context.fields or {}
      fields[path] = fields[path] or {}
      table.insert(fields[path], message)
      context.fields = fields
    end,
  }
  return context
end

--- Builds the request of an operation.
--
-- Fails with kind `validation` when arguments are wrong, every problem at once in `fields` by its
-- path, and with kind `forbidden` for an operation of the test environment in production. Nothing
-- was sent then.
-- @tparam table row the operation
-- @tparam table arguments
--   `{path = {name = value}, query = {}, body = payload, form = {part = value}}`; `form` may also
--   be the file alone, as `debitura.upload` takes it
-- @tparam[opt] table options
-- @tparam[opt=true] boolean options.check false leaves out every check but the path's safety
-- @tparam[opt] string options.environment "test" or "production"
-- @tparam[opt] string options.idempotency_key sent as `Idempotency-Key`, for operations that take
--   one
-- @tparam[opt] number options.now Unix seconds; without it no date is refused for lying in the
--   future
-- @treturn[1] table
--   `{operation = row, method, path_and_query, headers, body = text | form = parts}`, and
--   `unknown_fields`: the paths of those that no description names
-- @treturn[2] nil
-- @treturn[2] table the failure
function request.build(row, arguments, options)
  options = options or NONE
  if row.test_only and options.environment == "production" then
    return nil, failure.new {
      kind = "forbidden", operation = row.name,
      message = "exists in the test environment only, and was not sent",
    }
  end
  local checked = options.check ~= false
  local context = new_context(row, options)
  local path_and_query = build_path(row, arguments.path or NONE, checked, context)
    .. build_query(row, arguments.query or NONE, checked, context)
  local form = row.form and build_form(row, arguments.form or {}, checked, context) or nil
  local body = not form and build_body(row, arguments.body, checked, context) or nil
  local key = checked_key(row, options.idempotency_key, context)
  if context.fields then
    return nil, failure.new {
      kind = "validation", operation = row.name,
      message = "the arguments are wrong, nothing was sent",
      fields = context.fields,
    }
  end
  return {
    operation = row, method = row.method, path_and_query = path_and_query, form = form, body = body,
    unknown_fields = context.unknown_fields,
    headers = {
      Accept = "application/json", ["Content-Type"] = body and "application/json" or nil,
      ["Idempotency-Key"] = key,
    },
  }
end

local function is_free_text(field)
  return field.type == "string"
    and not (field.min or field.max or field.format or field.values)
end

--- The short way to the path of an operation that takes one text there, and nothing else.
-- @tparam table row the operation
-- @treturn ?function of the arguments of its method; gives the path, or nil where they have to be
--   checked as all others are
function request.short(row)
  if #row.path_params ~= 1 or not is_free_text(row.path_params[1]) or row.method ~= "GET"
    or #row.query > 0 or row.pages or row.test_only then return nil end
  local pieces, percent = literals_of(row), core.percent
  local before, behind = pieces[1], pieces[2]
  return function(text, options, surplus)
    if options == nil and surplus == nil and type(text) == "string" and text ~= ""
      and text ~= "." and text ~= ".." and percent(text) == text then
      return before .. text .. behind
    end
  end
end

return request
