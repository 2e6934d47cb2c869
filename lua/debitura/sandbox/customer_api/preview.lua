--- What a case would cost and ask for, without creating it: POST /cases/preview of both APIs, coverage, eligibility.
-- @module debitura.sandbox.customer_api.preview

local core = require("debitura.core")
local clock = require("debitura.sandbox.model.clock")
local contracts = require("debitura.sandbox.model.contracts")
local coverage = require("debitura.sandbox.model.coverage")
local lists = require("debitura.sandbox.api.lists")
local reply = require("debitura.sandbox.api.reply")

local null = core.null

local preview = { partner = {}, customer = {} }

local NOT_SERVED = "We don't have an exclusive pre-legal partner in the provided jurisdiction"
local DAY = 86400

local function given(value)
  if value == null then return nil end
  return value
end

-- Pricing ----------------------------------------------------------------------------------------------------------

--- Points added for age: 8 from 12 months, 15 from 24 months, blended over the buckets where there are some.
local function surcharge(body, now)
  local over_12, over_24 = given(body.amountToRecoverOver12Months), given(body.amountToRecoverOver24Months)
  if over_12 then return ((over_12 - over_24) * 8 + over_24 * 15) / body.amountToRecover end
  local due = clock.parse(given(body.dueDate))
  local days = due and (now - due) / DAY or 0
  return days >= 730 and 15 or days >= 365 and 8 or 0
end

local function pricing(body, partner, now)
  local points = surcharge(body, now)
  return {
    baseSuccessFeePercentage = partner.fee, ageSurchargePercentage = points, totalSuccessFeePercentage = partner.fee + points,
    currencyCode = body.currencyCode, pricingSource = "Standard agreement", pricingSourceDescription = null,
  }
end

local function find(body)
  local jurisdiction = coverage.jurisdiction(body.debtor.countryAlpha2, given(body.debtor.stateAlpha2))
  return jurisdiction, coverage.match(jurisdiction, { company = body.debtor.type == "Company", amount = body.amountToRecover })
end

local function jurisdiction_view(jurisdiction)
  if not jurisdiction then return null end
  return {
    id = jurisdiction.id, name = jurisdiction.name, countryAlpha2 = jurisdiction.alpha2, stateAlpha2 = jurisdiction.state or null,
  }
end

--- The partner needs no client for it: what is pending is what a new client would have to sign.
preview.partner["cases.preview"] = function(call)
  local jurisdiction, partner = find(call.body)
  local actions = {}
  for index, item in ipairs(partner and contracts.needed(jurisdiction, partner) or {}) do
    local of_partner = item.kind == "poa" or item.kind == "kyc"
    actions[index] = {
      type = contracts.steps[item.kind].action, collectionPartnerId = of_partner and item.key or null, dueDate = null,
    }
  end
  return reply.json(200, {
    isEligible = partner ~= nil, ineligibilityReason = partner and null or NOT_SERVED, jurisdiction = jurisdiction_view(jurisdiction),
    pricingPreview = partner and pricing(call.body, partner, call.now) or null, combinedSigningUrl = null,
    requiresKycVerification = partner ~= nil and partner.needs_kyc == true, pendingActions = core.json.array(actions),
  })
end

preview.customer["cases.preview"] = function(call)
  local state, link, creditor = call.state, call.link, call.creditor
  local jurisdiction, partner = find(call.body)
  local back, actions = call.body.returnUrl, {}
  local open = partner and contracts.open(state, creditor, contracts.needed(jurisdiction, partner)) or {}
  contracts.ask(creditor, open)
  for index, item in ipairs(open) do
    local step = contracts.steps[item.kind]
    actions[index] = {
      type = step.error, message = step.title .. " is to be completed first.", solutionUrl = contracts.url(state, link, item, back),
      isBlocking = true,
    }
  end
  local country = jurisdiction and jurisdiction.country
  return reply.json(200, { result = {
    isEligible = partner ~= nil, ineligibilityReason = partner and null or NOT_SERVED, jurisdiction = jurisdiction_view(jurisdiction),
    partnerAssignment = partner and { collectionPartnerId = partner.id, partnerName = partner.name, partnerCountry = country } or null,
    requiredActions = core.json.array(actions), pricingPreview = partner and pricing(call.body, partner, call.now) or null,
    requiresKycVerification = partner ~= nil and partner.needs_kyc == true, hasKycOnFile = creditor.contracts.kyc ~= nil,
    signingHandoff = #open > 0 and { combinedSigningUrl = contracts.url(state, link, nil, back) } or null,
  } })
end

-- Coverage ---------------------------------------------------------------------------------------------------------

--- How a power of attorney stands, and where to sign it.
local function poa_view(call, partner)
  local signed = call.creditor.contracts.poa[partner.id]
  local item = { kind = "poa", key = partner.id }
  return {
    signed = signed ~= nil, requiresResigning = false, invalidationReason = "None",
    termsUrl = signed and call.state.settings.base_url .. "/documents/poa/" .. partner.id or null,
    solutionUrl = not signed and contracts.url(call.state, call.link, item) or null,
  }
end

--- CoverageItemApiDTO; a client sees its powers of attorney in it, the partner does not.
local function coverage_view(call, jurisdiction)
  local partners = {}
  for index, partner in ipairs(jurisdiction.partners) do
    local view = call.creditor and poa_view(call, partner) or {}
    view.partnerId, view.partnerName, view.conditions = partner.id, partner.name, partner.conditions
    partners[index] = view
  end
  return {
    jurisdictionId = jurisdiction.id, jurisdiction = jurisdiction.name, country = jurisdiction.country, countryId = jurisdiction.country_id,
    countryAlpha2 = jurisdiction.alpha2, usStateAlpha2 = jurisdiction.state or null, partners = core.json.array(partners),
  }
end

local function list(call)
  local views = {}
  for index, jurisdiction in ipairs(coverage.jurisdictions) do views[index] = coverage_view(call, jurisdiction) end
  return reply.array(views)
end

preview.partner["coverage.list"] = list
preview.customer["coverage.list"] = list

preview.customer["coverage.get"] = function(call)
  local jurisdiction = coverage.jurisdictions[tonumber(call.params.id)]
  return jurisdiction and reply.json(200, coverage_view(call, jurisdiction)) or reply.not_found("The jurisdiction")
end

preview.customer["coverage.search"] = function(call)
  local text = call.query.q
  if not text then return reply.failure(400, "ValidationError", "q is required.") end
  for _, jurisdiction in ipairs(coverage.jurisdictions) do
    if lists.contains(jurisdiction.name, text) or jurisdiction.alpha2 == text:upper() then
      return reply.json(200, coverage_view(call, jurisdiction))
    end
  end
  return reply.not_found("A jurisdiction")
end

preview.customer["coverage.check_eligibility"] = function(call)
  local body = call.body
  local jurisdiction = coverage.jurisdiction(body.countryAlpha2, given(body.stateAlpha2))
  local partner = coverage.match(jurisdiction, { company = body.debtorType == "Company", amount = body.amount })
  return reply.json(200, {
    isEligible = partner ~= nil, errorMessage = partner and null or NOT_SERVED,
    jurisdiction = jurisdiction and {
      id = jurisdiction.id, name = jurisdiction.name, country = jurisdiction.country, countryAlpha2 = jurisdiction.alpha2,
      usStateAlpha2 = jurisdiction.state or null,
    } or null,
    partner = partner and { id = partner.id, name = partner.name } or null,
    powerOfAttorneyStatus = partner and poa_view(call, partner) or null,
  })
end

return preview
