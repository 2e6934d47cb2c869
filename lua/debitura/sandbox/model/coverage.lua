--- Where cases can be collected and by whom: the sandbox's jurisdictions and collection partners,
-- all samples but for Oriel Collections, the one partner that asks for a director identity check
-- (KYC) today.
-- @module debitura.sandbox.model.coverage

local codes = require("debitura.base.codes")

local coverage = {}

local function partner(last, name, traits)
  traits.id = ("00000000-0000-4000-8000-%012d"):format(last)
  traits.name = name
  return traits
end

-- `conditions` is the documented prose; `companies_only` and `minimum` are what it means. `fee` is
-- the success fee in percent. `appendix`: the jurisdiction has its own pricing, so that the client
-- signs a JPA beside the PoA.
local nordic = partner(101, "Sample Collections Nordic", { conditions = "All cases", fee = 9.5 })
local central = partner(102, "Sample Collections Central", { conditions = "All cases", fee = 12.5 })
local iberia = partner(103, "Sample Collections Iberia",
  { conditions = "B2B cases only", companies_only = true, fee = 15 })
local oriel = partner(104, "Oriel Collections",
  { conditions = "All cases", fee = 11, needs_kyc = true })
local america = partner(105, "Sample Collections America",
  { conditions = "Amount ≥ €1,000", minimum = 1000, fee = 18 })

--- All collection partners by id.
coverage.partners = {}
for _, one in ipairs { nordic, central, iberia, oriel, america } do
  coverage.partners[one.id] = one
end

--- Countries by ISO 3166 alpha-2 code; ids are the ISO numeric codes.
coverage.countries = {
  AT = 40, AU = 36, BE = 56, BR = 76, CA = 124, CH = 756, DE = 276, DK = 208, ES = 724, FI = 246,
  FR = 250, GB = 826, IE = 372, IT = 380, JP = 392, NL = 528, NO = 578, PL = 616, PT = 620,
  SE = 752, US = 840,
}
for code, id in pairs(coverage.countries) do
  coverage.countries[code] = { id = id, name = codes.country_name(code) }
end

--- Served jurisdictions, in the order of their ids. The United States are served by state.
coverage.jurisdictions = {
  { id = 1, alpha2 = "DK", partners = { nordic } },
  { id = 2, alpha2 = "SE", partners = { nordic } },
  { id = 3, alpha2 = "DE", partners = { central }, appendix = true },
  { id = 4, alpha2 = "NL", partners = { central } },
  { id = 5, alpha2 = "FR", partners = { iberia, central } },
  { id = 6, alpha2 = "ES", partners = { iberia } },
  { id = 7, alpha2 = "PT", partners = { iberia } },
  { id = 8, alpha2 = "GB", partners = { oriel } },
  { id = 9, alpha2 = "US", state = "CA", state_name = "California", partners = { america } },
  { id = 10, alpha2 = "US", state = "NY", state_name = "New York", partners = { america } },
}
for _, jurisdiction in ipairs(coverage.jurisdictions) do
  local country = coverage.countries[jurisdiction.alpha2]
  jurisdiction.country = country.name
  jurisdiction.country_id = country.id
  jurisdiction.name = jurisdiction.state_name and country.name .. " - " .. jurisdiction.state_name
    or country.name
end

--- The country that a text names by its code or its name, in any case.
-- @param text
-- @treturn table|nil `{id, name}`
function coverage.country(text)
  return coverage.countries[codes.find_country(text)]
end

--- A state as two letters: the API takes `CA`, `US-CA` and `California`.
local function state_code(text)
  if type(text) ~= "string" then return nil end
  local code = text:upper():gsub("^US%-", "")
  for _, jurisdiction in ipairs(coverage.jurisdictions) do
    if jurisdiction.state_name and jurisdiction.state_name:upper() == code then
      return jurisdiction.state
    end
  end
  return code
end

--- The jurisdiction of a debtor.
-- @tparam string alpha2 country code
-- @tparam ?string state for the United States
-- @treturn table|nil
function coverage.jurisdiction(alpha2, state)
  if type(alpha2) ~= "string" then return nil end
  for _, jurisdiction in ipairs(coverage.jurisdictions) do
    if jurisdiction.alpha2 == alpha2:upper()
      and (not jurisdiction.state or jurisdiction.state == state_code(state)) then
      return jurisdiction
    end
  end
  return nil
end

--- The partner who would collect.
-- @tparam ?table jurisdiction
-- @tparam table claim `{company (boolean), amount, partner_id (optional, asks for this one)}`
-- @treturn table|nil the first that takes the claim
function coverage.match(jurisdiction, claim)
  for _, one in ipairs(jurisdiction and jurisdiction.partners or {}) do
    local takes = (claim.company or not one.companies_only) and (claim.amount or 0) >= (one.minimum
      or 0)
    if takes and (not claim.partner_id or claim.partner_id == one.id) then return one end
  end
  return nil
end

return coverage
