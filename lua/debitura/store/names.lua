--- By what clients and their cases are recognised: an externalTenantId and a creditorReference.
-- @module debitura.store.names

local contract = require("debitura.store.contract")
local text = require("debitura.base.text")

local names = {}

--- Why no record can have the name of a client or of its case.
-- @tparam string tenant
-- @tparam[opt] string reference the case's
-- @treturn ?string problem
function names.problem(tenant, reference)
  local name = tenant .. (reference or "")
  if name:find("\0", 1, true) then return "must not hold NUL" end
  if #name <= contract.longest_place then return nil end
  return ("too long: externalTenantId and creditorReference may have %d bytes together")
    :format(contract.longest_place)
end

--- Why a name that a person has typed or pasted is not what it looks like.
-- @tparam string name
-- @treturn ?string problem
function names.invisible_problem(name)
  return text.has_invisible(name) and "has an invisible character in it: type it again" or nil
end

return names
