--- What a client has to sign before a case can go on: the standard agreement (SDCA), a power of
-- attorney (PoA) for each collection partner, a pricing appendix (JPA) where the jurisdiction has
-- its own prices, and the director identity check (KYC) where the partner asks for it. Signatures
-- live on the creditor.
-- @module debitura.sandbox.model.contracts

local coverage = require("debitura.sandbox.model.coverage")
local encoding = require("debitura.base.encoding")

local contracts = {}

--- The order of the signing chain.
contracts.steps = {
  { kind = "sdca", title = "Standard debt collection agreement",
    error = "MissingDebtCollectionContract", action = "SdcaUpgrade" },
  { kind = "poa", title = "Power of attorney", error = "MissingPowerOfAttorney", action = "PoA" },
  { kind = "jpa", title = "Jurisdiction pricing appendix", error = "MissingPowerOfAttorney",
    action = "Jpa" },
  { kind = "kyc", title = "Director identity check", error = "MissingKycVerification",
    action = "Kyc" },
}
for _, step in ipairs(contracts.steps) do contracts.steps[step.kind] = step end

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
  if jurisdiction.appendix then
    needed[#needed + 1] = { kind = "jpa", key = jurisdiction.alpha2, label = jurisdiction.name }
  end
  if partner.needs_kyc then
    needed[#needed + 1] = { kind = "kyc", key = partner.id, label = partner.name }
  end
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

--- What one case needs. A case carried through from a link request asks for no KYC: Debitura's own
-- known gap.
local function needed_by(case)
  local needed = contracts.needed(coverage.jurisdictions[case.jurisdiction_id],
    coverage.partners[case.partner_id])
  if case.carried and needed[#needed].kind == "kyc" then table.remove(needed) end
  return needed
end

--- Everything a creditor has to sign now: the SDCA, what the cases ask for that are not closed, and
-- what a case asked for that was refused or priced.
-- @tparam table state
-- @tparam table creditor
-- @treturn table array in the order of the chain, each contract once
function contracts.outstanding(state, creditor)
  local by_kind, seen = { sdca = {}, poa = {}, jpa = {}, kyc = {} }, {}
  local function add(needed)
    for _, item in ipairs(needed) do
      local mark = item.kind == "kyc" and "kyc" or item.kind .. (item.key or "")
      if not seen[mark] then
        seen[mark] = true
        table.insert(by_kind[item.kind], item)
      end
    end
  end
  add { { kind = "sdca" } }
  for _, id in ipairs(creditor.case_ids) do
    local case = state.cases.by_id[id]
    if case.lifecycle ~= "Closed" then add(needed_by(case)) end
  end
  add(creditor.asked)
  local all = {}
  for _, step in ipairs(contracts.steps) do
    for _, item in ipairs(by_kind[step.kind]) do all[#all + 1] = item end
  end
  return contracts.open(state, creditor, all)
end

--- Remembers what a case would need, so that the signing chain offers it.
-- @tparam table creditor
-- @tparam table open array of items
function contracts.ask(creditor, open)
  for _, item in ipairs(open) do
    local known = false
    for _, other in ipairs(creditor.asked) do
      known = known or (other.kind == item.kind and other.key == item.key)
    end
    if not known then table.insert(creditor.asked, item) end
  end
end

--- Writes a signature down.
-- @tparam table state
-- @tparam table creditor
-- @tparam string kind "sdca", "poa" or "jpa"
-- @tparam ?string key partner id of a PoA, country code of a JPA
function contracts.sign(state, creditor, kind, key)
  if kind == "sdca" then
    creditor.contracts.sdca = { version = state.sdca_version }
  else
    creditor.contracts[kind][key] = true
  end
end

--- The page of one step.
-- @tparam table link
-- @tparam table item
-- @treturn string path
function contracts.step_path(link, item)
  return ("/onboarding/sign/%s/%s%s"):format(link.id, item.kind,
    item.key and "/" .. encoding.percent(item.key) or "")
end

--- The page that walks a link's client through everything, or through one step.
-- @tparam table state
-- @tparam table link
-- @tparam[opt] table item one step
-- @tparam[opt] string back where the customer is sent at the end; ignored unless it is absolute
--   http(s)
-- @treturn string URL
function contracts.url(state, link, item, back)
  local signed = state.creditors.by_id[link.creditor_id].contracts.sdca
  local path = item and contracts.step_path(link, item)
    or (signed and "/onboarding/ContractUpgrade/Sign/" or "/onboarding/companydetails/") .. link.id
  local url = state.settings.base_url .. path
  return contracts.is_return_url(back) and url .. "?returnUrl=" .. encoding.percent(back) or url
end

local MAX_RETURN_URL = 2048

--- Whether an address may be returned to.
-- @param url
-- @treturn boolean
function contracts.is_return_url(url)
  return type(url) == "string" and #url <= MAX_RETURN_URL and url:find("^https?://[^%s%c]+$") ~= nil
end

return contracts
