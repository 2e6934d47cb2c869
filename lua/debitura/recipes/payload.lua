--- What a request for a client is made of: by what its link and cases are recognised, and the text
-- that is sent.
-- @module debitura.recipes.payload

local failure = require("debitura.base.failure")
local names = require("debitura.store.names")
local operations = require("debitura.operations")
local request = require("debitura.client.request")

local payload = {}

local CREATE = operations.get("partner", "clients.create")

--- Why no link can be a tenant's.
-- @param tenant
-- @treturn ?string
function payload.tenant_problem(tenant)
  if type(tenant) ~= "string" or tenant == "" then return "required" end
  -- No path can carry these: the client could be created and never be read.
  if tenant == "." or tenant == ".." then return "must not be . or .." end
  return names.problem(tenant)
end

local function reference_problem(tenant, reference, seen)
  if type(reference) ~= "string" or reference == "" then
    return "required, to recognise the case when it has been carried through"
  end
  if seen[reference] then return ("the same as that of cases[%d]"):format(seen[reference]) end
  return type(tenant) == "string" and names.problem(tenant, reference) or nil
end

--- By what a link and its cases are recognised later, whatever Debitura checks: the tenant, and
-- each case's reference.
-- @tparam table given CreateClientRequest
-- @tparam[opt] boolean is_new true: Debitura does not have them yet, so that what a person cannot
--   see in them is refused as an import refuses it
-- @treturn[1] string tenant
-- @treturn[1] table references
-- @treturn[2] nil
-- @treturn[2] table failure
function payload.identify(given, is_new)
  local tenant, references, fields, seen = given.externalTenantId, {}, {}, {}
  local function invisible(name) return is_new and names.invisible_problem(name) or nil end
  fields.externalTenantId = payload.tenant_problem(tenant) or invisible(tenant)
  for i, case in ipairs(type(given.cases) == "table" and given.cases or {}) do
    local reference = type(case) == "table" and case.creditorReference
    local problem = reference_problem(tenant, reference, seen) or invisible(reference)
    fields[("cases[%d].creditorReference"):format(i)] = problem
    if not problem then references[i], seen[reference] = reference, i end
  end
  if next(fields) == nil then return tenant, references end
  for field, problem in pairs(fields) do fields[field] = { problem } end
  return nil, failure.new {
    kind = "validation", operation = "approval.request",
    message = "the payload cannot be followed, nothing was sent", fields = fields,
  }
end

--- The payload, checked, as the exact text that is sent whenever it is sent.
-- @tparam table given CreateClientRequest
-- @tparam boolean check whether its shape is checked
-- @tparam number now
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] table failure
function payload.encode(given, check, now)
  local built, err = request.build(CREATE, { body = given }, { check = check, now = now })
  if not built then return nil, err end
  return built.body
end

return payload
