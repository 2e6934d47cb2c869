--- How a link is looked after once the customer has approved: cases that never came are found or
-- submitted again, open signatures become a request to the customer.
-- @module debitura.recipes.steps.reconcile

local cases = require("debitura.recipes.cases")
local clients = require("debitura.recipes.steps.clients")
local core = require("debitura.core")
local link_machine = require("debitura.recipes.link")
local look_up = require("debitura.recipes.steps.look_up")
local only = require("debitura.recipes.steps.only")

local steps = {}

--- Cases that exist although no webhook has said so.
local function take_found(work, tenant, found)
  local targets = {}
  for reference, case in pairs(found) do
    targets[#targets + 1] = { name = reference, event = case }
  end
  return cases.tell(work, tenant, "case.found", targets)
end

--- The others, from the stored payload, to be accepted before the contracts are signed.
local function resubmit(work, link, payload, rows, found)
  local left = {}
  for _, case in ipairs(payload.cases or {}) do
    local reference = case.creditorReference
    -- "never auto-retry; coverage can change"
    if rows[reference] and not found[reference]
      and rows[reference].reason ~= "NoPartnerAvailable" then
      case.allowPendingContracts = true
      left[#left + 1] = case
    end
  end
  return cases.submit(work, link, left, "resubmit")
end

local function look_after_cases(work, link, payload)
  local rows, unreadable = cases.outstanding(work, link.tenant)
  if not rows then return nil, unreadable end
  local found, err = look_up.existing_cases(work.context, link.tenant, rows)
  if not found then return nil, err end
  local told
  told, err = take_found(work, link.tenant, found)
  -- A new customer has no token before the agreement is signed; what is heard of that looks again.
  if told and link.state ~= "onboarding" then
    told, err = resubmit(work, link, payload, rows, found)
  end
  if not told then return nil, err end
  return true, unreadable
end

--- What the customer has to sign beside the cases.
local function ask_customer(work, link, event)
  local url, err = look_up.signing_url(work.context, link.tenant)
  if not url then return url == false or nil, err end
  local asked
  asked, err = work:apply_to({ kind = "signing", tenant = link.tenant, name = "" },
    { name = event, url = url, terms = link.terms })
  return asked and true, err
end

steps.reconcile = only(link_machine.had, function(work, job, link)
  work.known[job.key] = nil -- what is found moves the link along with its cases
  local done, err = look_after_cases(work, link, core.json.decode(link.payload or "{}"))
  local unreadable = done and err
  -- A new customer is asked to sign by the onboarding URL.
  if done and link.state ~= "onboarding" then
    done, err = ask_customer(work, link, job.args.quiet and "found" or "needed")
  end
  if done then done, err = cases.release(work, link.tenant, "unlinked") end
  local cause = not done and err or unreadable
  if not done then
    local told
    told, err = clients.doubt(work, link.tenant, cause)
    if not told then return nil, err end
  end
  if cause then return work:retry_later(job, cause) end
  return work:finish(job, "reconciled")
end)

return steps
