--- How a case is submitted, tried again, and handed to the platform's functions when it cannot be
-- taken.
-- @module debitura.recipes.steps.submit_case

local clients = require("debitura.recipes.steps.clients")
local core = require("debitura.core")
local field = require("debitura.base.null").field
local interpret = require("debitura.recipes.interpret")
local look_up = require("debitura.recipes.steps.look_up")
local only = require("debitura.recipes.steps.only")

local steps = {}

local DUPLICATE = { DuplicateReference = true, DuplicateCreditorReference = true }

--- Whether a case was refused because its reference is in use, in whatever spelling.
local function is_duplicate(err)
  local refused = DUPLICATE[err.type]
  for _, problem in ipairs(err.business_errors or {}) do
    refused = refused or DUPLICATE[problem.type]
  end
  for name in pairs(err.kind == "validation" and err.fields or {}) do
    refused = refused or name:lower() == "creditorreference"
  end
  return refused
end

--- The case that has the reference already, when it is this one: Debitura may have created it on
-- the way from a link request after it had been asked for and not been found.
local function existing(customer, body, refusal)
  if not is_duplicate(refusal) then return nil, refusal end
  local known, err = customer.cases:by_creditor_reference(body.creditorReference)
  if err then return nil, err.kind == "not_found" and refusal or err end
  local amount = field(known, "grossAmount")
  if type(amount) ~= "number" then
    return nil, look_up.odd_answer("cases.by_creditor_reference")
  end
  if amount == body.amountToRecover and field(known, "currency") == body.currencyCode then
    return known
  end
  return nil, refusal
end

--- POST /cases, under a key that is the same whenever this generation is sent.
steps.submit_case = only({ submitting = true }, function(work, job, case)
  local customer, body = work.context.partner:customer(job.tenant), core.json.decode(case.payload)
  -- Checked when it was recorded.
  local answer, err = customer.cases:create(body, {
    check = false, idempotency_key = ("%s-%d"):format(case.key, case.generation),
  })
  if err then answer, err = existing(customer, body, err) end
  local event = interpret.case_answer(answer, err)
  if not event then return work:retry_later(job, err or look_up.odd_answer("cases.create")) end
  local details = { case = answer, failure = err }
  local word
  word, err = work:decide(job, event)
  if not word then return nil, err end
  if event.reason == "unlinked" then
    word, err = clients.doubt(work, job.tenant)
    if not word then return nil, err end
  end
  return event.name, details
end)

steps.retry = only({ parked = true }, function(work, job) return work:decide(job, "retry") end)

--- Calls a function of the platform: at least once, with the same key whenever it is called again.
local function call(name)
  return function(work, job, case)
    if not case or job.generation ~= case.generation then return work:skip(job) end
    return work:call(job, name, function()
      return work.context[name] {
        key = job.key, tenant = case.tenant, creditor_reference = case.name, reason = case.reason,
        detail = case.result,
        payload = core.json.decode(case.payload),
      }
    end)
  end
end

steps.fallback, steps.escalate = call("fallback"), call("escalate")

return steps
