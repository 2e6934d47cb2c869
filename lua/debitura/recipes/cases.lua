--- What several recipes do with cases: the idempotency key, and letting parked ones go.
-- @module debitura.recipes.cases

local contract = require("debitura.store.contract")
local core = require("debitura.core")

local cases = {}

local PAGE = 100

--- Why no record can have the name of a client or of its case.
-- @tparam string tenant
-- @tparam ?string reference
-- @treturn ?string nil when one can
function cases.name_problem(tenant, reference)
  local name = tenant .. (reference or "")
  if name:find("\0", 1, true) then return "must not hold NUL" end
  if #name <= contract.longest_place then return nil end
  return ("too long: externalTenantId and creditorReference may have %d bytes together")
    :format(contract.longest_place)
end

--- The idempotency key of a case, without its generation: the same for the same tenant, reference
-- and body, whichever process derives it.
-- @tparam string tenant
-- @tparam string reference
-- @tparam string body the exact text that is sent
-- @treturn string
function cases.key(tenant, reference, body)
  return "debitura-" .. core.digest.sha256(("%d:%s%d:%s%s"):format(#tenant, tenant, #reference,
    reference, body))
end

--- Lets all cases of a tenant go that are parked for one reason.
-- @tparam table work see debitura.workflow.runner
-- @tparam string tenant
-- @tparam string reason "signing", "kyc" or "unlinked"
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function cases.release(work, tenant, reason)
  local last
  repeat
    local page, err = work.store:records { kind = "case", tenant = tenant, state = "parked",
      after = last, limit = PAGE }
    if not page then return nil, err end
    local targets = {}
    for _, case in ipairs(page) do
      last = case
      if not case.unreadable then
        local event = { name = "released", reason = reason, at = work:clock() }
        targets[#targets + 1] = { kind = "case", name = case.name, event = event }
      end
    end
    if targets[1] then
      local released, failed = work:apply { tenant = tenant, name = "released", targets = targets }
      if not released then return nil, failed end
    end
  until #page < PAGE
  return true
end

return cases
