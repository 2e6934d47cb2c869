--- What Debitura's answers and webhooks mean: events of the link's state machine.
-- @module debitura.recipes.facts

local null = require("debitura.core").null
local timestamp = require("debitura.recipes.timestamp")

local facts = {}

local function given(value)
  if value == null then return nil end
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
