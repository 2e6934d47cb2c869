--- How both APIs show where cases can be collected, by whom and for how much.
-- @module debitura.sandbox.api.coverage

local coverage = require("debitura.sandbox.model.coverage")
local lists = require("debitura.sandbox.api.lists")
local time = require("debitura.base.time")

local views = {}

local DAY = 86400

--- Why a case cannot be collected.
views.NOT_SERVED = "We don't have an exclusive pre-legal partner in the provided jurisdiction"

-- Previews ----------------------------------------------------------------------------------------

--- Points added for age: 8 from 12 months, 15 from 24 months, blended over the buckets where there
-- are some.
local function surcharge(body, now)
  local over_12, over_24 = body.amountToRecoverOver12Months, body.amountToRecoverOver24Months
  if over_12 then return ((over_12 - over_24) * 8 + over_24 * 15) / body.amountToRecover end
  local due = time.parse(body.dueDate)
  local days = due and (now - due) / DAY or 0
  return days >= 730 and 15 or days >= 365 and 8 or 0
end

local function pricing(body, partner, now)
  local points = surcharge(body, now)
  return {
    baseSuccessFeePercentage = partner.fee, ageSurchargePercentage = points,
    totalSuccessFeePercentage = partner.fee + points, currencyCode = body.currencyCode,
    pricingSource = "Standard agreement",
  }
end

local function jurisdiction_view(jurisdiction)
  return jurisdiction and {
    id = jurisdiction.id, name = jurisdiction.name, countryAlpha2 = jurisdiction.alpha2,
    stateAlpha2 = jurisdiction.state,
  }
end

--- What the previews of both APIs say.
-- @tparam table body
-- @tparam number now
-- @treturn table the common fields
-- @treturn ?table jurisdiction
-- @treturn ?table partner who would collect
function views.preview(body, now)
  local debtor = body.debtor
  local jurisdiction = coverage.jurisdiction(debtor.countryAlpha2, debtor.stateAlpha2)
  local partner = coverage.match(jurisdiction, {
    company = debtor.type == "Company", amount = body.amountToRecover,
  })
  return {
    isEligible = partner ~= nil,
    ineligibilityReason = not partner and views.NOT_SERVED or nil,
    jurisdiction = jurisdiction_view(jurisdiction),
    pricingPreview = partner and pricing(body, partner, now),
    requiresKycVerification = partner ~= nil and partner.needs_kyc == true,
  }, jurisdiction, partner
end

-- Coverage ----------------------------------------------------------------------------------------

--- CoverageItemApiDTO.
-- @tparam table jurisdiction
-- @tparam[opt] function poa_of gives what a client sees of its power of attorney for a partner
-- @treturn table
function views.item(jurisdiction, poa_of)
  local partners = {}
  for index, partner in ipairs(jurisdiction.partners) do
    local view = poa_of and poa_of(partner) or {}
    view.partnerId, view.partnerName = partner.id, partner.name
    view.conditions = partner.conditions
    partners[index] = view
  end
  return {
    jurisdictionId = jurisdiction.id, jurisdiction = jurisdiction.name,
    country = jurisdiction.country, countryId = jurisdiction.country_id,
    countryAlpha2 = jurisdiction.alpha2, usStateAlpha2 = jurisdiction.state, partners = partners,
  }
end

--- All jurisdictions.
-- @tparam[opt] function poa_of
-- @treturn table answer
function views.list(poa_of)
  return lists.map(coverage.jurisdictions, function(jurisdiction)
    return views.item(jurisdiction, poa_of)
  end)
end

return views
