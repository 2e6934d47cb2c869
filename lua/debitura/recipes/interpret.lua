--- What Debitura's answers and webhooks mean: events of the link's state machine.
-- @module debitura.recipes.interpret

local core = require("debitura.core")
local timestamp = require("debitura.base.time")

local facts = {}

local function given(value)
  if value == core.null then return nil end
  return value
end

local function list(value)
  value = given(value)
  return type(value) == "table" and value or {}
end

-- Cases ----------------------------------------------------------------------------------------------------------------

local function add_created(news, reference, case_id, case_reference)
  if type(reference) ~= "string" then return end
  news[#news + 1] = { creditor_reference = reference, state = "created", case_id = given(case_id), reference = given(case_reference) }
end

local function add_failed(news, failures)
  for _, case in ipairs(list(failures)) do
    -- A repeated request reports its cases as IdempotencyViolation, which says nothing about them.
    if type(case.creditorReference) == "string" and case.errorType ~= "IdempotencyViolation" then
      news[#news + 1] = { creditor_reference = case.creditorReference, state = "failed", problem = given(case.errorType) }
    end
  end
end

-- Answers to POST /clients -----------------------------------------------------------------------------------------------

--- Kinds of failure that say no to the payload: sending it again is pointless.
local REJECTED = { validation = true, business = true, too_large = true }

local function linked_answer(client)
  local news, results = {}, list(client.caseResults)
  for _, case in ipairs(list(results.successfulCases)) do add_created(news, case.creditorReference, case.id, case.reference) end
  add_failed(news, results.failedCases)
  if client.onboardingDone == true then return { name = "answer.onboarded", cases = news } end
  return { name = "answer.onboarding", url = given(list(client.onboardingLinks).url), cases = news }
end

local function failed_answer(err)
  if err.kind == "conflict" and err.type == "ClientExistsNeedsLinking" then
    -- Without its URL the answer is of no use; asking again is the documented way to get one.
    return err.approval_url and { name = "answer.needs_linking", url = err.approval_url, variant = err.variant }
  end
  if err.kind == "conflict" then return { name = "answer.refused", reason = err.type or "conflict" } end
  if REJECTED[err.kind] then return { name = "answer.rejected", reason = tostring(err) } end
end

--- The event that an answer to POST /clients means.
-- @tparam ?table client the answer of 201 and 202
-- @tparam ?table err the failure
-- @treturn table|nil nil when the call is to be repeated later
function facts.answer(client, err)
  return (client and linked_answer(client) or err and failed_answer(err)) or nil
end

-- Answers to POST /cases -------------------------------------------------------------------------------------------------

--- What a business error of POST /cases means; of several, the first of this list counts.
local CASE_ERRORS = {
  { type = "CreditorBlocked", name = "answer.blocked" },
  { type = "NoPartnerAvailable", name = "answer.unsupported" },
  { type = "MissingDebtCollectionContract", name = "answer.parked", reason = "signing" },
  { type = "MissingPowerOfAttorney", name = "answer.parked", reason = "signing" },
  { type = "MissingKycVerification", name = "answer.parked", reason = "kyc" },
}

--- What another failure of POST /cases means, or of getting the token for it.
local CASE_FAILURES = {
  onboarding_incomplete = { name = "answer.parked", reason = "signing" },
  link_invalid = { name = "answer.parked", reason = "unlinked" },
  not_found = { name = "answer.parked", reason = "unlinked" },
  validation = { name = "answer.rejected" }, business = { name = "answer.rejected" }, conflict = { name = "answer.rejected" },
  too_large = { name = "answer.rejected" },
}

--- The combined URL walks through all that is open; the identity check has a form of its own.
local function open_url(err, problem, reason)
  local own = problem and problem.solution_url
  if reason == "kyc" then return own or err.signing_url end
  return err.signing_url or own
end

local function refused_case(err)
  for _, row in ipairs(CASE_ERRORS) do
    for _, problem in ipairs(err.business_errors or {}) do
      if problem.type == row.type then
        local reason = row.reason or row.type
        return { name = row.name, reason = reason, url = row.reason and open_url(err, problem, reason) }
      end
    end
  end
  local row = CASE_FAILURES[err.kind]
  return row and { name = row.name, reason = row.reason or tostring(err), url = row.reason == "signing" and err.signing_url or nil }
end

--- The event that an answer to POST /cases means.
-- @tparam ?table case the answer of 200
-- @tparam ?table err the failure
-- @treturn table|nil nil when the call is to be repeated later
function facts.case_answer(case, err)
  if not case then return refused_case(err) or nil end
  return {
    name = "answer.created", url = given(list(case.signingHandoff).combinedSigningUrl),
    result = core.json.encode { case_id = given(case.id), reference = given(case.reference), lifecycle = given(case.lifecycle) },
  }
end

-- Webhooks ---------------------------------------------------------------------------------------------------------------

--- The event that a webhook means, and whose it is.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @tparam number now for an event that does not say when it happened
-- @treturn ?string the tenant
-- @treturn table the machine's event
function facts.webhook(event, now)
  local data, news = list(event.data), {}
  if event.event == "case.created" then
    add_created(news, data.creditorReference, data.caseId, data.reference)
  elseif event.event == "cases.replay_failed" then
    add_failed(news, data.failedCases)
  end
  local tenant = data.externalTenantId
  return type(tenant) == "string" and tenant or nil,
    { name = event.event, id = event.id, at = timestamp.parse(event.timestamp) or now, cases = news }
end

return facts
