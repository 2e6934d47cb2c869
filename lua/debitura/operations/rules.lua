--- What a body must obey that types and lengths cannot say, by the name of its shape.
--
-- A rule is called with the body, `report(path, message)` and the context of the check; it looks
-- only at values that have the right type, the checker complains about the others. Sources: the
-- texts of both OpenAPI documents.
-- @module debitura.operations.rules

local is_loopback = require("debitura.base.is_loopback")
local time = require("debitura.base.time")
local validate = require("debitura.operations.validate")

local present = validate.present

-- Parts ------------------------------------------------------------------------------------------

local function amount(body, name)
  local value = body[name]
  return type(value) == "number" and value or nil
end

local BUCKETS = {
  "amountToRecoverOver6Months", "amountToRecoverOver12Months", "amountToRecoverOver24Months",
}

--- The principal is positive and the age buckets are cumulative: 12 and 24 months both or neither,
-- 6 only beside them.
local function amounts(body, report)
  local over_12, over_24 = present(body.amountToRecoverOver12Months),
    present(body.amountToRecoverOver24Months)
  if over_12 ~= over_24 then
    report(over_12 and "amountToRecoverOver24Months" or "amountToRecoverOver12Months",
      "required, as 12 and 24 months are given both or neither")
  end
  if present(body.amountToRecoverOver6Months) and not (over_12 and over_24) then
    report("amountToRecoverOver6Months", "is taken only beside those over 12 and 24 months")
  end
  local larger, larger_name = amount(body, "amountToRecover"), "amountToRecover"
  if larger and larger <= 0 then report("amountToRecover", "must be more than 0") end
  for _, name in ipairs(BUCKETS) do
    local value = amount(body, name)
    if value then
      if value < 0 then report(name, "must not be negative") end
      if larger and value > larger then report(name, "must not be more than " .. larger_name) end
      larger, larger_name = value, name
    end
  end
end

local function has_buckets(body)
  return present(body.amountToRecoverOver6Months) or present(body.amountToRecoverOver12Months)
    or present(body.amountToRecoverOver24Months)
end

local function needs_us_state(debtor, report)
  if type(debtor.countryAlpha2) == "string" and debtor.countryAlpha2:upper() == "US"
    and (not present(debtor.stateAlpha2) or debtor.stateAlpha2 == "") then
    report("stateAlpha2", "required for US")
  end
end

-- Shapes of both APIs ----------------------------------------------------------------------------

local shared = {}

shared.CreateCollectionCaseRequestApiViewModel = amounts

-- Sources differ about contactPerson of companies, and a tag without isTest is said to mean
-- nothing: the service decides.
shared.DebtorDto = needs_us_state

local DAY = 24 * 60 * 60

function shared.PreviewCaseRequestApiViewModel(preview, report, context)
  amounts(preview, report)
  if type(preview.dueDate) ~= "string" then return end
  if has_buckets(preview) then report("dueDate", "is not taken beside age buckets") end
  -- Somewhere it is already tomorrow: only what is in the future everywhere is refused.
  if context.now and preview.dueDate:sub(1, 10) > time.format(context.now + DAY):sub(1, 10) then
    report("dueDate", "must not be in the future")
  end
end

shared.PreviewDebtorDto = needs_us_state

--- The service refuses http; a listener on this machine is let through for a stand-in of the
-- service.
local function webhook_url(body, report)
  local url = type(body.url) == "string" and body.url:lower() or ""
  local host = url:match("^http://(%b[])") or url:match("^http://([^/:?#]*)")
  if host and not is_loopback(host) then report("url", "must be https") end
end

shared.CreateWebhookRequest = webhook_url
shared.UpdateWebhookRequest = webhook_url

-- Referral Partner API ---------------------------------------------------------------------------

local partner = {}

--- With several users exactly one is the onboarding user; a single user is it without saying so.
local function onboarding_user(users, report)
  if type(users) ~= "table" or #users < 2 then return end
  local count = 0
  for _, user in ipairs(users) do
    if type(user) == "table" and user.isOnboardingUser == true then count = count + 1 end
  end
  if count ~= 1 then
    report("users", ("exactly one must have isOnboardingUser = true, %d have"):format(count))
  end
end

local function distinct_references(cases, report)
  local first = {}
  for index, case in ipairs(type(cases) == "table" and cases or {}) do
    local reference = type(case) == "table" and case.creditorReference
    if type(reference) == "string" and reference ~= "" then
      if first[reference] then
        report(("cases[%d].creditorReference"):format(index),
          ("is the one of cases[%d] again"):format(first[reference]))
      else
        first[reference] = index
      end
    end
  end
end

function partner.CreateClientRequest(body, report)
  onboarding_user(body.users, report)
  distinct_references(body.cases, report)
end

function partner.TriggerTestWebhookRequest(body, report)
  local event = type(body.eventType) == "string" and body.eventType or ""
  if event:find("^case%.") and not present(body.caseId) then
    report("caseId", "required for case events")
  end
  if event:find("^client%.") and not present(body.externalTenantId) then
    report("externalTenantId", "required for client events")
  end
end

-- Customer API -----------------------------------------------------------------------------------

local customer = {}

function customer.UpdateWebhookRequest(body, report)
  webhook_url(body, report)
  if present(body.events) then
    report("events", "are fixed at creation; delete the subscription and create another")
  end
end

customer.CaseEligibilityRequestApiDTO = needs_us_state

function customer.SendChatRequest(body, report)
  if not present(body.userEmail) and not present(body.userId) then
    report("userEmail", "required")
  end
end

function customer.AdvanceTestCaseRequest(body, report)
  if body.to ~= "Closed:Paid" then return end
  if not present(body.amount) then
    report("amount", "required for Closed:Paid")
  elseif type(body.amount) == "number" and body.amount <= 0 then
    report("amount", "must be more than 0")
  end
end

return { shared = shared, partner = partner, customer = customer }
