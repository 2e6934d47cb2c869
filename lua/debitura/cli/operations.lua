--- `debitura operations`: what `debitura call` can call.
-- @module debitura.cli.operations

local compare = require("debitura.operations.compare")
local input = require("debitura.cli.input")
local listing = require("debitura.cli.listing")
local openapi = require("debitura.operations.openapi")
local operations = require("debitura.operations")
local status = require("debitura.cli.exit_status")

local command = {
  summary = "Lists the operations of both APIs, for `call`.", json = true, tables = true,
  details = "The name of one operation shows what it takes. --compare shows what a document that "
    .. "Debitura has published changes, and exits with 4 when something of it fails.",
}

function command.describe(parser)
  parser:argument("pattern", "Part of a name, a path or a description; in any case.")
    :argname("PATTERN"):args("?")
  parser:option("--api", "partner or customer."):choices { "partner", "customer" }
  parser:option("--compare", "An OpenAPI document in JSON, - for standard input."):argname("FILE")
end

--- The fields of a list, those that are required with an exclamation mark.
local function field_names(fields)
  local names = {}
  for _, field in ipairs(fields or {}) do
    names[#names + 1] = field.name .. (field.required and "!" or "")
  end
  return table.concat(names, ", ")
end

--- A row as it is printed.
local function entry_of(row)
  local body = row.body and row.shapes[row.body]
  return {
    api = row.api, name = row.name, method = row.method, path = row.path, doc = row.doc,
    retry = row.retry, test_only = row.test_only or false, deprecated = row.deprecated or false,
    idempotency_key = row.idempotency_key or false, pages = row.pages ~= nil,
    query = field_names(row.query), body = field_names(body and body.fields or row.form),
  }
end

--- All that can be called; what differs from another by a part of its body only is called as that
-- one.
local function entries(api)
  local found = {}
  for _, name in ipairs { "partner", "customer" } do
    for _, row in operations.each(name) do
      if (not api or api == name) and not row.variant_of then found[#found + 1] = entry_of(row) end
    end
  end
  return found
end

local function fits(entry, pattern)
  for _, field in ipairs { "name", "path", "doc" } do
    if entry[field]:lower():find(pattern, 1, true) then return true end
  end
  return false
end

local COLUMNS = {
  { "OPERATION", "name" }, { "API", "api", rank = 2 }, { "METHOD", "method", rank = 1 },
  { "PATH", "path" }, { "WHAT IT DOES", "doc", rank = 3 },
}

local FIELDS = {
  { "Operation", "name" }, { "API", "api" }, { "Method", "method" }, { "Path", "path" },
  { "What it does", "doc" }, { "Query", "query" }, { "Body", "body" }, { "Retry", "retry" },
  { "Idempotency-Key", "idempotency_key" }, { "List in pages", "pages" },
  { "Test only", "test_only" }, { "Deprecated", "deprecated" },
}

local CHANGES = { { "SEVERITY", "severity" }, { "CHANGE", "change" }, { "WHERE", "where" },
  { "WHAT", "message" } }

local function said_of(one)
  return { ("%s %s: %s"):format(one.change, one.where, one.message) }
end

local function compare_with(path, api, session)
  local given, err = input.read(path)
  if not given then return nil, err end
  local document
  document, err = openapi.read(given)
  if not document then return nil, ("%s: %s"):format(path, err) end
  api = api or compare.api_of(document)
  if not api then return nil, path .. ": no operation of either API is in this document" end
  local changes = compare.changes(api, document)
  if not changes[1] then session:note(("Nothing of the %s API has changed."):format(api)) end
  return listing.severities(session, CHANGES, changes, said_of)
end

function command.run(arguments, session)
  if arguments.compare then return compare_with(arguments.compare, arguments.api, session) end
  local pattern, is_named, fitting = (arguments.pattern or ""):lower(), false, {}
  for _, entry in ipairs(entries(arguments.api)) do
    if entry.name == arguments.pattern then
      session.out:record(entry, FIELDS)
      is_named = true
    end
    if fits(entry, pattern) then fitting[#fitting + 1] = entry end
  end
  if is_named or session.out:rows(COLUMNS, fitting) > 0 then return status.done end
  return session:refuse(("No operation has '%s' in its name, path or description.")
    :format(arguments.pattern), "not_found")
end

return command
