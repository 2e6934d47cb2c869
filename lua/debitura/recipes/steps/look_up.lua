--- What Debitura says when it is asked how a client stands: makes up for webhooks that never came.
-- Changes nothing anywhere.
--
-- Each function gives its finding, or nil and the failure of a call.
-- @module debitura.recipes.steps.look_up

local failure = require("debitura.base.failure")
local hosted_url = require("debitura.recipes.hosted_url")
local interpret = require("debitura.recipes.interpret")
local null = require("debitura.base.null")

local look_up = {}

local PENDING_SIGNING = "Pending contract signing"
local PAGE = 100
-- "Only Oriel Collections (UK) needs KYC today."
local KYC_COUNTRIES = { GB = true }
local KYC_CLIENTS = { ["United Kingdom"] = true, GB = true, UK = true }

local given, field, text = null.given, null.field, null.text

--- The failure of an answer of 2xx whose body is not what the documents say.
-- @tparam string operation
-- @treturn table
function look_up.odd_answer(operation)
  return failure.new {
    kind = "malformed", operation = operation,
    message = "Debitura's answer has not the shape of its documents", retryable = true,
  }
end

--- What is read of a client; nil for what is no client.
-- @param client ClientCreatedResponse
-- @treturn ?table `signed` (onboardingDone), `attributed` ("yes", "no"), `kyc` ("notrequired",
--   "pending", "verified", whatever spelling Debitura uses), `identified` (a director's data are on
--   file)
function look_up.read_client(client)
  if type(client) ~= "table" or field(client, "externalTenantId") == nil then return nil end
  local kyc = text(client, "kycStatus")
  return {
    signed = field(client, "onboardingDone") == true,
    attributed = interpret.attribution(field(client, "isAttributedClient")),
    kyc = kyc and kyc:lower():gsub("_", "") or nil,
    identified = type(field(client, "kycVerification")) == "table",
  }
end

--- How a client stands whose link is active.
-- @tparam table context what debitura.recipes.options reads
-- @tparam string tenant
-- @treturn[1] table|false as `read_client` gives it; false when there is no active link
-- @treturn[2] nil
-- @treturn[2] table failure
function look_up.client(context, tenant)
  local client, err = context.partner:get_client(tenant)
  if err and err.kind == "not_found" then return false end
  if err then return nil, err end
  local read = look_up.read_client(client)
  if not read then return nil, look_up.odd_answer("clients.get") end
  return read
end

--- Whether the partner's key finds any client.
-- @tparam table context what debitura.recipes.options reads
-- @treturn[1] boolean
-- @treturn[2] nil
-- @treturn[2] table failure
function look_up.finds_clients(context)
  local client, err = context.partner.clients:list({ PageSize = 1 }):next()
  if err then return nil, err end
  return client ~= nil
end

--- What a look at a client says to its link.
-- @tparam table client as `read_client` gives it
-- @tparam[opt] string name default: client.seen
-- @tparam[opt] number at
-- @treturn table event
function look_up.seen(client, name, at)
  return { name = name or "client.seen", at = at, attributed = client.attributed }
end

--- Which of some cases exist. Asks by the partner's key, because a client who has not signed yet
-- has no token.
-- @tparam table context what debitura.recipes.options reads
-- @tparam string tenant
-- @tparam table references set of creditor references
-- @treturn[1] table of those that exist, by creditor reference: `case_id`, Debitura's
--   `reference`, `lifecycle`, `close_code`
-- @treturn[2] nil
-- @treturn[2] table failure
function look_up.existing_cases(context, tenant, references)
  local found = {}
  if next(references) == nil then return found end
  local listing = context.partner.cases:list { ExternalTenantId = tenant, PageSize = PAGE }
  local row, err = listing:next()
  while row do
    local reference, id = text(row, "creditorReference"), text(row, "id")
    if reference and id and references[reference] then
      local lifecycle, code = interpret.lifecycle(row)
      found[reference] = { case_id = id, reference = text(row, "reference"), lifecycle = lifecycle,
        close_code = code }
    end
    row, err = listing:next()
  end
  if err then return nil, err end
  return found
end

--- The first of a case's contracts that is open.
local function contract_url(customer, case_id)
  local status, err = customer.cases:contract_status(case_id)
  if err then return nil, err end
  for _, name in ipairs { "sdca", "poa", "pricingAppendix" } do
    local url = hosted_url.accept(field(field(status, name), "solutionUrl"))
    if url then return url end
  end
  return false
end

--- Where the client signs what is still open, as one URL.
-- @tparam table context what debitura.recipes.options reads
-- @tparam string tenant
-- @treturn[1] string|false
-- @treturn[2] nil
-- @treturn[2] table failure
function look_up.signing_url(context, tenant)
  local customer = context.partner:customer(tenant)
  local status, err = customer.contracts:status()
  if err then
    local url = err.kind == "onboarding_incomplete" and hosted_url.accept(err.signing_url)
    if url then return url end
    return nil, err
  end
  if type(status) ~= "table" or next(status) == nil then
    return nil, look_up.odd_answer("contracts.status")
  end
  local pending
  pending, err = context.partner.cases:list({ ExternalTenantId = tenant,
    Statuses = { PENDING_SIGNING }, PageSize = 1 }):next()
  if err then return nil, err end
  if not pending then return hosted_url.accept(field(status, "solutionUrl")) or false end
  local id = text(pending, "id")
  if not id then return nil, look_up.odd_answer("cases.list") end
  local case
  case, err = customer.cases:get(id)
  if err then return nil, err end
  local combined = hosted_url.accept(field(field(case, "signingHandoff"), "combinedSigningUrl"))
  if combined then return combined end
  return contract_url(customer, id)
end

--- The cases, one for each country, of which a collection partner may want to know the client's
-- director.
local function kyc_samples(payload)
  local uk_client, samples, seen = KYC_CLIENTS[field(payload.client, "country") or ""], {}, {}
  for _, case in ipairs(null.table(given(payload.cases))) do
    local country = field(field(case, "debtor"), "countryAlpha2")
    if country and not seen[country] and (uk_client or KYC_COUNTRIES[country]) then
      seen[country] = true
      samples[#samples + 1] = case
    end
  end
  return samples
end

--- Whether cases of a client wait, silently, for the identity of its director: carried-through
-- cases skip that check.
-- @tparam table context what debitura.recipes.options reads
-- @tparam string tenant
-- @tparam table payload CreateClientRequest
-- @treturn[1] boolean
-- @treturn[2] nil
-- @treturn[2] table failure
function look_up.needs_kyc(context, tenant, payload)
  for _, case in ipairs(kyc_samples(payload)) do
    local preview, err = context.partner:customer(tenant).cases:preview({
      amountToRecover = case.amountToRecover, currencyCode = case.currencyCode,
      dueDate = case.dueDate,
      debtor = { type = case.debtor.type, countryAlpha2 = case.debtor.countryAlpha2,
        stateAlpha2 = case.debtor.stateAlpha2 },
    }, { check = false })
    if err then return nil, err end
    local result = field(preview, "result")
    if type(field(result, "requiresKycVerification")) ~= "boolean" then
      return nil, look_up.odd_answer("cases.preview")
    end
    if field(result, "requiresKycVerification") and field(result, "hasKycOnFile") == false then
      return true
    end
  end
  return false
end

return look_up
