--- docs/operations.md: every operation of both APIs, made from the rows of `debitura.operations`.

local operations = require("debitura.operations")
local request = require("debitura.client.request")

local INTRODUCTION = [[
# Operations

What each method sends, and what comes back. Made by `scripts/generate.lua` from
`lua/debitura/operations`; not to be edited.

A method takes the parameters of its path in their order, then the body, the query or the file, then
options of the call, which may always be left out. Bodies and answers carry the API's own field
names; the files in `types/` tell them to an editor.

The column *retry* says what happens when an attempt fails in a way that may pass (no connection,
429, 5xx):

- `safe`: changes nothing, so it is repeated;
- `idempotent`: changes the same thing however often it comes, so it is repeated;
- `keyed`: carries an `Idempotency-Key`, made by the library unless you give one, and is repeated
  with the same key;
- `never`: is repeated only when the request certainly never left this machine.

*success* is the status and the shape of the answer; `[Shape]` is an array, and a status alone has
no body (the method returns `true`). A *listing* sends nothing yet: go through it with
`for row in listing:each() do`, or ask it for `:next()`, `:all(limit)`, `:page(number)` or
`:totals()`. What is marked **test only** exists in the test environment and is refused for
production before it is sent.
]]

local APIS = {
  { name = "partner", heading = "Referral Partner API", made_by = "`debitura.partner { ... }`" },
  {
    name = "customer", heading = "Customer API",
    made_by = "`partner:customer(external_tenant_id)` or `debitura.customer { ... }`",
  },
}

local HEAD = "| call | request | retry | success | what it does |\n|---|---|---|---|---|"

local function call_of(api, row)
  local names = {}
  for _, position in ipairs(request.signature(row)) do
    if position.name ~= "options" then names[#names + 1] = position.name end
  end
  local group, method = row.name:match("^(.-)([^.]+)$")
  local owner = group == "" and api.name or api.name .. "." .. group:sub(1, -2)
  return ("`%s:%s(%s)`"):format(owner, method, table.concat(names, ", "))
end

local function success_of(row)
  if row.pages then
    for _, field in ipairs(row.shapes[row.success[200]].fields) do
      if field.name == row.pages then return "200, a listing of `" .. field.items.shape .. "`" end
    end
  end
  local statuses = {}
  for status in pairs(row.success) do statuses[#statuses + 1] = status end
  table.sort(statuses)
  local shape = row.success[statuses[1]]
  return table.concat(statuses, ", ") .. (shape and " `" .. shape .. "`" or "")
end

local function line_of(api, row)
  local marks = (row.test_only and "**test only** " or "") .. (row.deprecated and "**deprecated** "
    or "")
  return ("| %s | `%s %s` | %s | %s | %s%s |"):format(
    call_of(api, row), row.method, row.path, row.retry, success_of(row), marks, row.doc)
end

--- The tables of an API, one for each group in the order of the rows; what has no group comes
-- first.
local function tables_of(api)
  local groups, order = {}, { "" }
  groups[""] = { "" , HEAD }
  for _, row in operations.each(api.name) do
    local group = row.name:match("^(.-)%.") or ""
    if not groups[group] then
      groups[group] = { "\n### " .. group .. "\n", HEAD }
      order[#order + 1] = group
    end
    table.insert(groups[group], line_of(api, row))
  end
  for index, group in ipairs(order) do order[index] = table.concat(groups[group], "\n") end
  return table.concat(order, "\n")
end

--- The page.
-- @treturn table path to text
local function files()
  local parts = { INTRODUCTION }
  for _, api in ipairs(APIS) do
    local introduction = ("## %s\n\nMethods of what %s makes.\n")
      :format(api.heading, api.made_by)
    parts[#parts + 1] = introduction .. tables_of(api) .. "\n"
  end
  return { ["docs/operations.md"] = table.concat(parts, "\n") }
end

return { files = files }
