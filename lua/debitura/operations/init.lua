--- Every operation of both APIs as data: lookup by name, by method and path, and iteration in the
-- documents' order.
--
-- A row in `debitura.operations.partner` and `.customer` is written with
--
-- * its name; its request line, whose `{parameter}` is a UUID unless a type follows in the braces;
--   its answers: statuses, each with the shape of its body after a colon, `[Shape]` for an array;
--   without one a success has no body, and a failure `ApiErrorResponseDto` unless it is `none`;
--   what it does (of a variant `doc`);
-- * `query`, `form`: fields in the notation of `debitura.operations.notation`;
-- * `body`: the shape of the JSON body; `idempotency_key`: it takes that header;
-- * `pages`: the field of a page that holds its rows;
-- * `retry`, where it does not follow from the method: `safe` changes nothing, `idempotent` may be
--   repeated, `keyed` may be repeated with the same Idempotency-Key, `never` may not be repeated
--   once it may have arrived;
-- * `destroys`: what is lost by it and cannot be taken back, in words to ask with;
-- * `test_only`: refused in production; `deprecated`; `alias_of`: another path of an operation,
--   which has the rest of it; `variant_of` and `preset`: an operation with part of its body set,
--   which is no operation of the document.
--
-- and read with everything present: see `get`.
-- @module debitura.operations

local encoding = require("debitura.base.encoding")
local merged = require("debitura.base.merged")
local notation = require("debitura.operations.notation")
local shapes = require("debitura.operations.shapes")
local usage = require("debitura.base.usage")

local operations = {}

local ROWS = { partner = "debitura.operations.partner", customer = "debitura.operations.customer" }
local CREDENTIALS = { partner = "api_key", customer = "bearer" }

-- RFC 9110: GET is safe, PUT and DELETE are idempotent, POST and PATCH promise nothing.
local RETRY_OF_METHOD = { GET = "safe", HEAD = "safe", PUT = "idempotent", DELETE = "idempotent" }

--- The shapes of the successes and of the failures by status, false for no body.
local function parse_answers(text)
  local success, errors = {}, {}
  for status, shape in text:gmatch("(%d+):?(%S*)") do
    status = tonumber(status)
    if status < 300 then
      success[status] = shape ~= "" and shape
    else
      errors[status] = shape == "" and "ApiErrorResponseDto" or shape ~= "none" and shape
    end
  end
  return success, errors
end

--- The path and its parameters as fields.
local function parse_path(text)
  local params = {}
  local path = text:gsub("{([^ }]+) ?(.-)}", function(name, kind)
    params[#params + 1] = notation.field(("%s! %s"):format(name, kind == "" and "uuid" or kind))
    return "{" .. name .. "}"
  end)
  return path, params
end

--- The query parameter that has this name in whatever case: the documents write Page and page.
local function parameter_named(fields, name)
  for _, field in ipairs(fields) do
    if field.name:lower() == name then return field.name end
  end
end

--- Copies what is written, after what it is a variant or an alias of, and fills in what follows.
local function read_row(api, written, listed)
  local row = merged({ api = api, shapes = listed.shapes, credential = CREDENTIALS[api] },
    listed.by_name[written.variant_of or written.alias_of], written)
  row.name = written[1]
  if written.variant_of then return row end
  local method, path = written[2]:match("^(%u+) (.+)$")
  row.method = method
  row.path, row.path_params = parse_path(path)
  if written.alias_of then
    row.doc = ("The same as %s."):format(written.alias_of)
    return row
  end
  row.query = notation.fields(written.query)
  row.form = written.form and notation.fields(written.form)
  row.success, row.errors = parse_answers(written[3])
  row.doc = written[4]
  row.retry = written.retry or written.idempotency_key and "keyed" or RETRY_OF_METHOD[method]
    or "never"
  row.page_param = row.pages and parameter_named(row.query, "page")
  row.page_size_param = row.pages and parameter_named(row.query, "pagesize")
  return row
end

--- A Lua pattern that finds the paths of a template, and how many of its characters are its own.
local function path_pattern(template)
  local literal = template:gsub("{.-}", "")
  local pattern = template:gsub("[%-.+*?^$%%()%[%]]", "%%%0"):gsub("{.-}", "([^/]+)")
  return "^" .. pattern .. "$", #literal
end

--- What the paths are told apart by before any pattern is tried: no template has a parameter there.
local function first_segment(path)
  return path:match("^/([^/]*)")
end

--- The routes that a path may belong to.
local function candidates(routes, method, path)
  local of_method = routes[method]
  return of_method and of_method[first_segment(path)] or {}
end

local function add_route(routes, row)
  local pattern, literal = path_pattern(row.path)
  routes[row.method] = routes[row.method] or {}
  local of_method, segment = routes[row.method], first_segment(row.path)
  of_method[segment] = of_method[segment] or {}
  table.insert(of_method[segment], { row = row, pattern = pattern, literal = literal })
end

local function read_api(api)
  local listed = { rows = {}, by_name = {}, routes = {}, shapes = shapes.of(api) }
  for _, written in ipairs(require(ROWS[api])) do
    local row = read_row(api, written, listed)
    listed.by_name[row.name] = row
    listed.rows[#listed.rows + 1] = row
    if not row.variant_of then add_route(listed.routes, row) end
  end
  return listed
end

local apis = {}

local function api_of(name)
  if not CREDENTIALS[name] then usage.error("unknown API: " .. tostring(name)) end
  apis[name] = apis[name] or read_api(name)
  return apis[name]
end

--- The operation with a name.
-- @tparam string api "partner" or "customer"
-- @tparam string name such as "clients.create"
-- @treturn ?table the row: what is written, with `api`, `shapes`, `credential` ("api_key" or
--   "bearer"), `path_params`, `query` and `form` as arrays of fields, `errors` as status to shape
--   or false, `retry`, `page_param` and `page_size_param`
function operations.get(api, name)
  return api_of(api).by_name[name]
end

--- The operation that a method and a path belong to.
-- @tparam string api "partner" or "customer"
-- @tparam string method such as "GET"
-- @tparam string path a template (`/clients/{externalTenantId}`) or a path as it is sent
--   (`/clients/a%2Fb`), without query
-- @treturn ?table the row
-- @treturn ?table the path's parameters by name, decoded; those of a template are its placeholders
function operations.find(api, method, path)
  local best, values
  for _, route in ipairs(candidates(api_of(api).routes, method, path)) do
    if not best or route.literal > best.literal then
      local found = { path:match(route.pattern) }
      if found[1] then best, values = route, found end
    end
  end
  if not best then return nil end
  local parameters = {}
  for index, field in ipairs(best.row.path_params) do
    parameters[field.name] = encoding.from_percent(values[index])
  end
  return best.row, parameters
end

--- Iterates over the operations in the documents' order, variants last.
-- @tparam string api "partner" or "customer"
-- @treturn function an iterator of index, row
function operations.each(api)
  return ipairs(api_of(api).rows)
end

--- The shapes of an API.
-- @tparam string api "partner" or "customer"
-- @treturn table see `debitura.operations.shapes.of`
function operations.shapes(api)
  return api_of(api).shapes
end

--- A row for an operation that the documents of this version do not have: nothing is checked but
-- the path.
-- @tparam string api "partner" or "customer"
-- @tparam string method such as "POST"
-- @tparam string path with `{name}` for parameters
-- @treturn table the row, with `unlisted = true`
function operations.unlisted(api, method, path)
  local request_line = method .. " " .. path
  local typed = request_line:gsub("{(.-)}", "{%1 string}")
  local row = read_row(api, { request_line, typed, "" }, api_of(api))
  row.unlisted = true
  return row
end

return operations
