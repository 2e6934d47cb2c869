--- What several recipes do with cases: the idempotency key, and letting parked ones go.
-- @module debitura.recipes.cases

local core = require("debitura.core")

local cases = {}

local PAGE = 100

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
    for i, case in ipairs(page) do
      targets[i] = { kind = "case", name = case.name, event = { name = "released", reason = reason,
        at = work:clock() } }
      last = case
    end
    if targets[1] then
      local released, failed = work:apply { tenant = tenant, name = "released", targets = targets }
      if not released then return nil, failed end
    end
  until #page < PAGE
  return true
end

return cases
