--- The partner itself: GET /me, and what its lists can be filtered by.
-- @module debitura.sandbox.partner_api.account

local coverage = require("debitura.sandbox.model.coverage")

local handle = {}

handle["me"] = function(call)
  local settings = call.state.settings
  return {
    id = call.state.partner_id, companyName = settings.partner_name,
    shortName = settings.partner_name, referralFeePercentage = settings.fee_percentage,
    isActive = true, isPublicDemo = false, invoicingTriggerMode = "PayWhenPaid",
  }
end

local function by_name(a, b)
  return a.name < b.name
end

handle["filter_options"] = function(call)
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
  table.sort(countries, by_name)
  table.sort(partners, by_name)
  return { countries = countries, carveoutPartners = partners }
end

return { operations = handle }
