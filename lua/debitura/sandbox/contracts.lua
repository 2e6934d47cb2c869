--- What a client has to sign before a case can go on: the standard agreement (SDCA), a power of attorney (PoA) for each
-- collection partner, a pricing appendix (JPA) where the jurisdiction has its own prices, and the director identity
-- check (KYC) where the partner asks for it. Signatures live on the creditor.
-- @module debitura.sandbox.contracts

local coverage = require("debitura.sandbox.coverage")

local contracts = {}

--- The order of the signing chain.
contracts.steps = {
  { kind = "sdca", title = "Standard debt collection agreement", error = "MissingDebtCollectionContract", action = "SdcaUpgrade" },
  { kind = "poa", title = "Power of attorney", error = "MissingPowerOfAttorney", action = "PoA" },
  { kind = "jpa", title = "Jurisdiction pricing appendix", error = "MissingPowerOfAttorney", action = "Jpa" },
  { kind = "kyc", title = "Director identity check", error = "MissingKycVerification", action = "Kyc" },
}
for _, step in ipairs(contracts.steps) do contracts.steps[step.kind] = step end

--- @treturn table what a creditor has signed before the first signature
function contracts.none()
  return { poa = {}, jpa = {} }
end

--- Whether the SDCA is signed in its current version.
-- @tparam table state
-- @tparam table creditor
-- @treturn boolean
function contracts.onboarded(state, creditor)
  local sdca = creditor.contracts.sdca
  return sdca ~= nil and sdca.version == state.sdca_version
end

local function is_open(state, creditor, kind, key)
  local signed = creditor.contracts
  if kind == "sdca" then return not contracts.onboarded(state, creditor) end
  if kind == "kyc" then return signed.kyc == nil end
  return signed[kind][key] == nil
end

--- What one claim needs, in the order of the chain, signed or not.
-- @tparam table jurisdiction
-- @tparam table partner
-- @treturn table array of `{kind, key, label}`
function contracts.needed(jurisdiction, partner)
  local needed = { { kind = "sdca" }, { kind = "poa", key = partner.id, label = partner.name } }
  if jurisdiction.appendix then needed[#needed + 1] = { kind = "jpa", key = jurisdiction.alpha2, label = jurisdiction.name } end
  if partner.needs_kyc then needed[#needed + 1] = { kind = "kyc", key = partner.id, label = partner.name } end
  return needed
end

--- What of it is still open.
-- @tparam table state
-- @tparam table creditor
-- @tparam table needed as made by `contracts.needed`
-- @treturn table array
function contracts.open(state, creditor, needed)
  local open = {}
  for _, item in ipairs(needed) do
    if is_open(state, creditor, item.kind, item.key) then open[#open + 1] = item end
  end
  return open
end

--- Everything a creditor has to sign now: the SDCA, and what the cases ask for that are not closed.
-- @tparam table state
-- @tparam table creditor
-- @treturn table array in the order of the chain, each contract once
function contracts.outstanding(state, creditor)
  local by_kind, seen = { sdca = { { kind = "sdca" } }, poa = {}, jpa = {}, kyc = {} }, { sdca = true }
  for _, id in ipairs(creditor.case_ids) do
    local case = state.cases.by_id[id]
    if case.lifecycle ~= "Closed" then
      local jurisdiction = coverage.jurisdictions[case.jurisdiction_id]
      for _, item in ipairs(contracts.needed(jurisdiction, coverage.partners[case.partner_id])) do
        local mark = item.kind .. (item.kind == "kyc" and "" or item.key or "")
        if not seen[mark] then
          seen[mark] = true
          table.insert(by_kind[item.kind], item)
        end
      end
    end
  end
  local all = {}
  for _, step in ipairs(contracts.steps) do
    for _, item in ipairs(by_kind[step.kind]) do all[#all + 1] = item end
  end
  return contracts.open(state, creditor, all)
end

--- Writes a signature down.
-- @tparam table state
-- @tparam table creditor
-- @tparam string kind "sdca", "poa" or "jpa"
-- @tparam ?string key partner id of a PoA, country code of a JPA
-- @tparam number now
function contracts.sign(state, creditor, kind, key, now)
  if kind == "sdca" then
    creditor.contracts.sdca = { signed_at = now, version = state.sdca_version }
  else
    creditor.contracts[kind][key] = { signed_at = now }
  end
end

--- The page that walks a link's client through everything, or through one step.
-- @tparam table state
-- @tparam table link
-- @tparam[opt] table item one step
-- @treturn string URL
function contracts.url(state, link, item)
  local creditor = state.creditors.by_id[link.creditor_id]
  local page = creditor.contracts.sdca and "ContractUpgrade/Sign" or "companydetails"
  local url = ("%s/onboarding/%s/%s"):format(state.settings.base_url, page, link.id)
  if not item then return url end
  return ("%s/onboarding/sign/%s/%s%s"):format(state.settings.base_url, link.id, item.kind, item.key and "/" .. item.key or "")
end

return contracts
