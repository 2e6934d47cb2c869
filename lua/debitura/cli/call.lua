--- `debitura call`: any operation of both APIs, by method and path.
-- @module debitura.cli.call

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local input = require("debitura.cli.input")
local must = require("debitura.cli.must")
local operations = require("debitura.operations")
local pages = require("debitura.client.pagination")
local rows = require("debitura.cli.rows")
local send = require("debitura.cli.send")
local status = require("debitura.cli.exit_status")

local command = {
  summary = "Calls any operation of both APIs.", json = true, changes = true, destroys = true,
  details = "Credential, checks, repetition and Idempotency-Key follow from the operation that has "
    .. "this method and path, see `debitura operations`. The body of the answer is printed, its "
    .. "status on standard error; with --json both together.",
}

local METHODS = { "GET", "POST", "PUT", "PATCH", "DELETE" }

--- "a=b" -> { "a", "b" }
local function pair(given)
  local name, value = given:match("^([^=]+)=(.*)$")
  if name then return { name, value } end
  return nil, ("NAME=VALUE is expected instead of '%s'"):format(given)
end

function command.describe(parser)
  parser:argument("method", "GET, POST, PUT, PATCH or DELETE."):argname("METHOD"):choices(METHODS)
  parser:argument("path", "Such as /clients/tenant-1, its parameters percent-encoded.")
    :argname("PATH")
  parser:option("--as", "Call the Customer API for this client."):argname("TENANT"):target("tenant")
  parser:option("--data", "The body as JSON; - for standard input."):argname("FILE")
  parser:option("--upload", "The file of an operation that takes one."):argname("FILE")
  parser:option("--query", "A parameter; may be repeated."):argname("NAME=VALUE"):count("*")
    :convert(pair)
  parser:option("--idempotency-key", "Instead of one made for this call."):argname("KEY")
  parser:flag("--all", "All pages of a list, one row in each line.")
  parser:flag("--no-check", "Send it unchecked."):action("store_false"):target("check")
end

-- Understanding -----------------------------------------------------------------------------------

--- The parameters that stand in the path and those that were given as options, in their order.
local function pairs_of(arguments)
  local path, tail = arguments.path:match("^([^?]*)%??(.*)$")
  local found = encoding.form_pairs(tail)
  for _, given in ipairs(arguments.query) do found[#found + 1] = given end
  return path, found
end

local READ = {
  integer = tonumber, number = tonumber,
  boolean = function(value)
    if value == "true" then return true elseif value == "false" then return false end
  end,
}

--- A parameter as its field has it; what does not fit stays a text, for the check to refuse by its
-- name.
local function value_of(field, value)
  local inner = field and field.items or field
  local read = inner and READ[inner.type]
  local result = read and read(value)
  if result == nil then return value end
  return result
end

local function query_of(row, found)
  local fields, query = {}, {}
  for _, field in ipairs(row.query) do fields[field.name] = field end
  for _, item in ipairs(found) do
    local name, field = item[1], fields[item[1]]
    local value = value_of(field, item[2])
    if field and field.type == "array" or query[name] ~= nil then
      if type(query[name]) ~= "table" then query[name] = { query[name] } end
      table.insert(query[name], value)
    else
      query[name] = value
    end
  end
  return query
end

--- The operation that is meant.
-- @treturn[1] table row
-- @treturn[1] table the parameters of its path
-- @treturn[2] nil
-- @treturn[2] string what is wrong
local function find(session, api, method, path)
  if path:sub(1, 1) ~= "/" then
    return nil, "the path begins with /, and the host comes from the configuration"
  end
  local placeholder = path:match("{.-}")
  if placeholder then return nil, ("fill in %s"):format(placeholder) end
  local row, values = operations.find(api, method, path)
  if row then return row, values end
  if api == "partner" and operations.find("customer", method, path) then
    return nil, ("%s %s belongs to the Customer API: add --as TENANT"):format(method, path)
  end
  session:note(
    "No operation that this version knows; it is sent unchecked and not repeated unless that is "
      .. "harmless.")
  return operations.unlisted(api, method, path), {}
end

--- The name under which an operation takes its file: the two APIs differ.
local function file_part(row)
  for _, field in ipairs(row.form) do
    if field.type == "binary" then return field.name end
  end
end

--- What is to be sent.
local function read(arguments, session)
  local api_name = arguments.tenant and "customer" or "partner"
  local path, found = pairs_of(arguments)
  local row, values = find(session, api_name, arguments.method, path)
  if not row then return nil, values end
  local api = must(session:partner())
  if arguments.tenant == "" then return nil, "the client's externalTenantId is empty" end
  if arguments.tenant then api = api:customer(arguments.tenant) end
  local call = {
    api = api, row = row, path = values, query = query_of(row, found), check = arguments.check,
    idempotency_key = arguments.idempotency_key,
  }
  local data = arguments.data and must(input.json(arguments.data))
  if arguments.upload and not row.form then
    return nil, ("%s %s takes no file"):format(row.method, row.path)
  end
  if row.form then
    call.form = data or {}
    if arguments.upload then call.form[file_part(row)] = { path = arguments.upload } end
  else
    call.body = data
  end
  return call
end

-- Answering ---------------------------------------------------------------------------------------

--- Prints an answer, or the body of a refusal.
local function print_answer(session, call, answer, data)
  if session.out.json then
    if data == nil then data = core.json.decode(answer.body) end
    if answer.body == "" then data = core.null end
    session.out:object {
      operation = call.row.name, status = answer.status, request_id = answer.request_id,
      body = data == nil and answer.body or data,
    }
  elseif answer.body and answer.body ~= "" then
    session.out:document(answer.body)
  end
end

local function print_rows(session, call)
  if not call.row.pages then return nil, call.row.name .. " is no list in pages" end
  local listing = pages.new(call.api.session, call.row, { path = call.path, query = call.query },
    { check = call.check })
  local printed, err = rows.each(session, listing, "rows", function(row)
    session.out:object(row)
  end)
  return printed and status.done, err
end

function command.run(arguments, session)
  local call = must(read(arguments, session))
  if arguments.all then return print_rows(session, call) end
  local code, err = send(session, call, function(data, answer)
    print_answer(session, call, answer, data)
    if not session.out.json then
      session:note(("%d %s, %.3f s%s"):format(
        answer.status, call.row.name, answer.timing.total, answer.request_id and ", request "
          .. answer.request_id or ""))
    end
    return status.done
  end)
  if not code and type(err) == "table" and err.status and err.body then
    print_answer(session, call, err)
  end
  return code, err
end

return command
