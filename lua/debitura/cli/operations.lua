--- `debitura operations`: what `debitura call` can call.
-- @module debitura.cli.operations

local operations = require("debitura.operations")
local status = require("debitura.cli.exit_status")

local command = {
  summary = "Lists the operations of both APIs, for `call`.", json = true, tables = true,
  details = "The name of one operation shows what it takes.",
}

function command.describe(parser)
  parser:argument("pattern", "Part of a name, a path or a description; in any case.")
    :argname("PATTERN"):args("?")
  parser:option("--api", "partner or customer."):choices { "partner", "customer" }
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

function command.run(arguments, session)
  local pattern, named, fitting = (arguments.pattern or ""):lower(), {}, {}
  for _, entry in ipairs(entries(arguments.api)) do
    if entry.name == arguments.pattern then named[#named + 1] = entry end
    if fits(entry, pattern) then fitting[#fitting + 1] = entry end
  end
  for _, entry in ipairs(named) do session.out:record(entry, FIELDS) end
  if named[1] then return status.done end
  local listed = session.out:table(COLUMNS)
  for _, entry in ipairs(fitting) do listed:row(entry) end
  if listed:close() > 0 then return status.done end
  return session:refuse(("No operation has '%s' in its name, path or description.")
    :format(arguments.pattern), "not_found")
end

return command
