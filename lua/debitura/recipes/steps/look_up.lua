--- What Debitura says when it is asked how a client stands: makes up for webhooks that never came. Changes nothing anywhere.
--
-- Each function gives its finding, or nil and the failure of a call.
-- @module debitura.recipes.steps.look_up

local core = require("debitura.core")

local looking = {}

local PENDING_SIGNING = "Pending contract signing"
local PAGE = 100
-- "Only Oriel Collections (UK) needs KYC today."
local KYC_COUNTRIES = { GB = true }
local KYC_CLIENTS = { ["United Kingdom"] = true, GB = true, UK = true }

local function given(value)
  if value == core.null then return nil end
  return value
end

local function field(dto, name)
  dto = given(dto)
  if type(dto) == "table" then return given(dto[name]) end
end

--- Whether a client's link is active.
-- @tparam table runner
-- @tparam string tenant
-- @treturn[1] boolean
-- @treturn[2] nil
-- @treturn[2] table failure
function looking.is_active(runner, tenant)
  local client, err = runner.partner:get_client(tenant)
  if client then return true end
  if err.kind == "not_found" then return false end
  return nil, err
end

--- Which of some cases exist. Asks by the partner's key, because a client who has not signed yet has no token.
-- @tparam table runner
-- @tparam string tenant
-- @tparam table references set of creditor references
-- @treturn[1] table of those that exist: CaseItem by reference
-- @treturn[2] nil
-- @treturn[2] table failure
function looking.existing_cases(runner, tenant, references)
  local found = {}
  if next(references) == nil then return found end
  local listing = runner.partner.cases:list { ExternalTenantId = tenant, PageSize = PAGE }
  local row, err = listing:next()
  while row do
    local reference = given(row.creditorReference)
    if reference and references[reference] then found[reference] = row end
    row, err = listing:next()
  end
  if err then return nil, err end
  return found
end

--- The first of a case's contracts that is open.
local function contract_url(customer, case_id)
  local status, err = customer.cases:contract_status(case_id)
  if not status then return nil, err end
  for _, name in ipairs { "sdca", "poa", "pricingAppendix" } do
    local url = field(status[name], "solutionUrl")
    if url then return url end
  end
  return false
end

--- Where the client signs what is still open, as one URL.
-- @tparam table runner
-- @tparam string tenant
-- @treturn[1] string|false
-- @treturn[2] nil
-- @treturn[2] table failure
function looking.signing_url(runner, tenant)
  local customer = runner.partner:customer(tenant)
  local status, err = customer.contracts:status()
  if not status then
    if err.kind == "onboarding_incomplete" and err.signing_url then return err.signing_url end
    return nil, err
  end
  local pending
  pending, err = runner.partner.cases:list({ ExternalTenantId = tenant, Statuses = { PENDING_SIGNING }, PageSize = 1 }):next()
  if err then return nil, err end
  if not pending then return given(status.solutionUrl) or false end
  local case
  case, err = customer.cases:get(pending.id)
  if not case then return nil, err end
  local combined = field(case.signingHandoff, "combinedSigningUrl")
  if combined then return combined end
  return contract_url(customer, pending.id)
end

--- The cases, one for each country, of which a collection partner may want to know the client's director.
local function kyc_samples(payload)
  local uk_client, samples, seen = KYC_CLIENTS[field(payload.client, "country") or ""], {}, {}
  for _, case in ipairs(given(payload.cases) or {}) do
    local country = field(case.debtor, "countryAlpha2")
    if country and not seen[country] and (uk_client or KYC_COUNTRIES[country]) then
      seen[country] = true
      samples[#samples + 1] = case
    end
  end
  return samples
end

--- Whether cases of a client wait, silently, for the identity of its director: carried-through cases skip that check.
-- @tparam table runner
-- @tparam string tenant
-- @tparam table payload CreateClientRequest
-- @treturn[1] boolean
-- @treturn[2] nil
-- @treturn[2] table failure
function looking.needs_kyc(runner, tenant, payload)
  for _, case in ipairs(kyc_samples(payload)) do
    local preview, err = runner.partner:customer(tenant).cases:preview({
      amountToRecover = case.amountToRecover, currencyCode = case.currencyCode, dueDate = case.dueDate,
      debtor = { type = case.debtor.type, countryAlpha2 = case.debtor.countryAlpha2, stateAlpha2 = case.debtor.stateAlpha2 },
    }, { check = false })
    if not preview then return nil, err end
    if field(preview.result, "requiresKycVerification") == true and field(preview.result, "hasKycOnFile") == false then return true end
  end
  return false
end

return looking
