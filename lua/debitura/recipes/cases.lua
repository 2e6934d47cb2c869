--- What several recipes do with submitted cases: put one on the ledger, let parked ones go.
-- @module debitura.recipes.cases

local core = require("debitura.core")

local cases = {}

local PAGE = 100

--- The idempotency key of a case, without its generation: the same for the same tenant, reference and body, whoever derives it.
-- @tparam string tenant
-- @tparam string reference
-- @tparam string body the exact text that is sent
-- @treturn string
function cases.key(tenant, reference, body)
  return "debitura-" .. core.digest.sha256(("%d:%s%d:%s%s"):format(#tenant, tenant, #reference, reference, body))
end

--- Puts a case on the ledger, to be submitted. What is known already stays as it is.
-- @tparam table runner
-- @tparam string tenant
-- @tparam string reference
-- @tparam string body the exact text that is to be sent
-- @tparam[opt="submit"] string event "submit" or "again"
-- @treturn[1] table the case
-- @treturn[1] string "moved" or "recorded" (it was known)
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function cases.record(runner, tenant, reference, body, event)
  return runner:apply_matter({ tenant = tenant, kind = "case", name = reference }, {
    name = event or "submit", at = runner.clock(), payload = body, key = cases.key(tenant, reference, body),
  })
end

--- Lets all cases of a tenant go that are parked for one reason.
-- @tparam table runner
-- @tparam string tenant
-- @tparam string reason "signing", "kyc" or "unlinked"
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function cases.release(runner, tenant, reason)
  local last
  repeat
    local page, err = runner.store:matters { kind = "case", tenant = tenant, state = "parked", after = last, limit = PAGE }
    if not page then return nil, err end
    for _, case in ipairs(page) do
      local released, word = runner:apply_matter(case, { name = "released", reason = reason, at = runner.clock() })
      if released == nil then return nil, word end
      last = case
    end
  until #page < PAGE
  return true
end

return cases
