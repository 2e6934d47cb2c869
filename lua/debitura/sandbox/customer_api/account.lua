--- Who one is: GET /me of both APIs, team members, the state of the standard agreement, and what to filter by.
-- @module debitura.sandbox.customer_api.account

local core = require("debitura.core")
local contracts = require("debitura.sandbox.model.contracts")
local coverage = require("debitura.sandbox.model.coverage")
local lists = require("debitura.sandbox.api.lists")
local reply = require("debitura.sandbox.api.reply")

local null = core.null

local account = { partner = {}, customer = {} }

account.partner["me"] = function(call)
  local settings = call.state.settings
  return reply.json(200, {
    id = call.state.partner_id, companyName = settings.partner_name, shortName = settings.partner_name, contactEmail = null,
    externalSystemId = null, referralFeePercentage = settings.fee_percentage, isActive = true, isPublicDemo = false, logoUrl = null,
    backgroundColorCode = null, fontColor = null, fontFamily = null, invoicingTriggerMode = "PayWhenPaid",
  })
end

account.partner["filter_options"] = function(call)
  local state, seen, countries, partners = call.state, {}, {}, {}
  for _, id in ipairs(state.cases.ids) do
    local case = state.cases.by_id[id]
    local jurisdiction = coverage.jurisdictions[case.jurisdiction_id]
    if state.link_of_creditor[case.creditor_id] and not seen[jurisdiction.country_id] then
      seen[jurisdiction.country_id] = true
      countries[#countries + 1] = { id = jurisdiction.country_id, name = jurisdiction.country }
    end
  end
  for _, jurisdiction in ipairs(coverage.jurisdictions) do
    for _, partner in ipairs(jurisdiction.appendix and jurisdiction.partners or {}) do
      partners[#partners + 1] = { id = partner.id, name = partner.name }
    end
  end
  local function by_name(a, b) return a.name < b.name end
  table.sort(countries, by_name)
  table.sort(partners, by_name)
  return reply.json(200, { countries = core.json.array(countries), carveoutPartners = core.json.array(partners) })
end

account.customer["me"] = function(call)
  local creditor = call.creditor
  return reply.json(200, {
    id = creditor.id, companyName = creditor.company_name, companyRegistrationNumber = creditor.registration_number or null,
    address = creditor.address or null, zipCode = creditor.zip_code or null, city = creditor.city or null, state = creditor.state or null,
    country = creditor.country or null, officeEmail = creditor.office_email or null, officePhone = creditor.office_phone or null,
  })
end

account.customer["users.list"] = function(call)
  local page, users = lists.page(call.query, call.creditor.user_ids, 50, function(id)
    local user = call.state.users.by_id[id]
    return { id = user.id, name = user.name, email = user.email }
  end)
  return reply.json(200, { page = page, users = users })
end

account.customer["contracts.status"] = function(call)
  local state, creditor = call.state, call.creditor
  local signed, current = creditor.contracts.sdca ~= nil, contracts.onboarded(state, creditor)
  return reply.json(200, {
    signed = signed, requiresResigning = signed and not current, invalidationReason = signed and not current and "NewVersion" or "None",
    termsUrl = signed and state.settings.base_url .. "/documents/sdca" or null,
    solutionUrl = not current and contracts.url(state, call.link, { kind = "sdca" }) or null,
  })
end

return account
