--- What a client's case would cost and ask for, without creating it; where its cases can be
-- collected, and how its powers of attorney stand there.
-- @module debitura.sandbox.customer_api.coverage

local contracts = require("debitura.sandbox.model.contracts")
local coverage = require("debitura.sandbox.model.coverage")
local lists = require("debitura.sandbox.api.lists")
local reply = require("debitura.sandbox.api.reply")
local views = require("debitura.sandbox.api.coverage")

local handle = {}

--- What has to be done before the case, each with the page where it is done.
local function required_actions(call, open)
  return lists.map(open, function(item)
    local step = contracts.steps[item.kind]
    return {
      type = step.error, message = step.title .. " is to be completed first.",
      solutionUrl = contracts.url(call.state, call.link, item, call.body.returnUrl),
      isBlocking = true,
    }
  end)
end

handle["cases.preview"] = function(call)
  local state, creditor = call.state, call.creditor
  local view, jurisdiction, partner = views.preview(call.body, call.now)
  local needed = partner and contracts.needed(jurisdiction, partner) or {}
  local open = contracts.open(state, creditor, needed)
  contracts.ask(creditor, open)
  view.partnerAssignment = partner and {
    collectionPartnerId = partner.id, partnerName = partner.name,
    partnerCountry = jurisdiction.country,
  }
  view.requiredActions = required_actions(call, open)
  view.hasKycOnFile = creditor.contracts.kyc ~= nil
  view.signingHandoff = #open > 0 and {
    combinedSigningUrl = contracts.url(state, call.link, nil, call.body.returnUrl),
  } or nil
  return { result = view }
end

-- Coverage ----------------------------------------------------------------------------------------

--- Gives a function that tells how the client's power of attorney for a partner stands, and where
-- to sign it.
local function poa_of(call)
  return function(partner)
    local signed = call.creditor.contracts.poa[partner.id]
    local item = { kind = "poa", key = partner.id }
    local terms = call.state.settings.base_url .. "/documents/poa/" .. partner.id
    return {
      signed = signed ~= nil, requiresResigning = false, invalidationReason = "None",
      termsUrl = signed and terms,
      solutionUrl = not signed and contracts.url(call.state, call.link, item) or nil,
    }
  end
end

handle["coverage.list"] = function(call) return views.list(poa_of(call)) end

handle["coverage.get"] = function(call)
  local jurisdiction = coverage.jurisdictions[tonumber(call.params.id)]
  if not jurisdiction then return reply.not_found("The jurisdiction") end
  return views.item(jurisdiction, poa_of(call))
end

handle["coverage.search"] = function(call)
  local text = call.query.q
  if not text then return reply.failure(400, "ValidationError", "q is required.") end
  for _, jurisdiction in ipairs(coverage.jurisdictions) do
    if lists.contains(jurisdiction.name, text) or jurisdiction.alpha2 == text:upper() then
      return views.item(jurisdiction, poa_of(call))
    end
  end
  return reply.not_found("A jurisdiction")
end

handle["coverage.check_eligibility"] = function(call)
  local body = call.body
  local jurisdiction = coverage.jurisdiction(body.countryAlpha2, body.stateAlpha2)
  local partner = coverage.match(jurisdiction, {
    company = body.debtorType == "Company", amount = body.amount,
  })
  return {
    isEligible = partner ~= nil, errorMessage = not partner and views.NOT_SERVED or nil,
    jurisdiction = jurisdiction and {
      id = jurisdiction.id, name = jurisdiction.name, country = jurisdiction.country,
      countryAlpha2 = jurisdiction.alpha2, usStateAlpha2 = jurisdiction.state,
    },
    partner = partner and { id = partner.id, name = partner.name },
    powerOfAttorneyStatus = partner and poa_of(call)(partner),
  }
end

return { operations = handle }
