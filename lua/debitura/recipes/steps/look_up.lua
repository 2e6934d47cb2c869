--- What Debitura says when it is asked how a client stands: makes up for webhooks that never came.
-- Changes nothing anywhere.
--
-- Each function gives its finding, or nil and the failure of a call.
-- @module debitura.recipes.steps.look_up

local each_listed = require("debitura.recipes.each_listed")
local failure = require("debitura.base.failure")
local hosted_url = require("debitura.recipes.hosted_url")
local interpret = require("debitura.recipes.interpret")
local null = require("debitura.base.null")

local look_up = {}

local PENDING_SIGNING = "Pending contract signing"
local PAGE = 100

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
--   file), `url` (of the onboarding)
function look_up.read_client(client)
  if type(client) ~= "table" or field(client, "externalTenantId") == nil then return nil end
  local kyc = text(client, "kycStatus")
  return {
    signed = field(client, "onboardingDone") == true,
    attributed = interpret.attribution(field(client, "isAttributedClient")),
    kyc = kyc and kyc:lower():gsub("_", "") or nil,
    identified = type(field(client, "kycVerification")) == "table",
    url = hosted_url.accept(field(field(client, "onboardingLinks"), "url")),
  }
end

--- Whether a client's director was identified, or is being.
-- @tparam table client as `read_client` gives it
-- @treturn boolean
function look_up.is_identified(client)
  return client.identified or client.kyc == "verified"
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
  local left = 0
  for _ in pairs(references) do left = left + 1 end
  if left == 0 then return found end
  local listing = context.partner.cases:list { ExternalTenantId = tenant, PageSize = PAGE }
  local listed, err = each_listed(listing, function(row)
    local reference = text(row, "creditorReference")
    if reference and text(row, "id") and references[reference] and not found[reference] then
      left, found[reference] = left - 1, interpret.case_of(row)
    end
    return left > 0
  end)
  if listed == nil then return nil, err end
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

--- A case of the payload for each jurisdiction, as a preview takes it: what asks for the check is
-- the collection partner that would take the case.
local function previews(payload)
  local list, seen = {}, {}
  for _, case in ipairs(null.table(given(payload.cases))) do
    local debtor = null.table(field(case, "debtor"))
    local kind = text(debtor, "type")
    local place = ("%s %s %s"):format(text(debtor, "countryAlpha2") or "",
      text(debtor, "stateAlpha2") or "", kind or "")
    if text(debtor, "countryAlpha2") and not seen[place] then
      seen[place] = true
      list[#list + 1] = {
        amountToRecover = case.amountToRecover, currencyCode = case.currencyCode,
        dueDate = case.dueDate,
        -- A person is spelled otherwise here than where cases are created.
        debtor = { type = kind == "Person" and "Private" or kind,
          countryAlpha2 = debtor.countryAlpha2, stateAlpha2 = debtor.stateAlpha2 },
      }
    end
  end
  return list
end

--- What one preview says of the check: whether it is to be done, and where. One that is refused
-- says nothing.
local function preview_kyc(customer, preview)
  local answer, err = customer.cases:preview(preview, { check = false })
  if err then
    if err.kind == "validation" or err.kind == "business" then return false end
    return nil, err
  end
  local result = field(answer, "result")
  if type(field(result, "requiresKycVerification")) ~= "boolean" then
    return nil, look_up.odd_answer("cases.preview")
  end
  if not result.requiresKycVerification or field(result, "hasKycOnFile") ~= false then
    return false
  end
  for _, action in ipairs(null.table(field(result, "requiredActions"))) do
    local url = hosted_url.accept(field(action, "solutionUrl"))
    if url and text(action, "type") == "MissingKycVerification" then return true, url end
  end
  return true
end

--- Kinds of failure of a client that has no token.
look_up.NO_TOKEN = { onboarding_incomplete = true, not_found = true, link_invalid = true }

--- Whether cases of a client wait for the identity of its director: carried-through cases skip that
-- check, so that Debitura's `kycStatus` may deny it, and each jurisdiction is previewed.
-- @tparam table context what debitura.recipes.options reads
-- @tparam string tenant
-- @tparam table payload CreateClientRequest
-- @treturn[1] table `needed` (nil: not known yet), `url` (where it is done), `complete` (false:
--   there is more to be found out once the client has signed), `missing` (no such client)
-- @treturn[2] nil
-- @treturn[2] table failure
function look_up.kyc(context, tenant, payload)
  local client, err = look_up.client(context, tenant)
  if client == nil then return nil, err end
  if not client then return { missing = true, complete = false } end
  if look_up.is_identified(client) then return { needed = false, complete = true } end
  local needed = client.kyc == "pending"
  -- Without the agreement there is no token, and without a token no preview.
  if not client.signed then return { needed = needed or nil, complete = false } end
  local customer = context.partner:customer(tenant)
  for _, preview in ipairs(previews(payload)) do
    local asked, url = preview_kyc(customer, preview)
    if asked == nil then
      if not look_up.NO_TOKEN[url.kind] then return nil, url end
      return { needed = needed or nil, complete = false }
    end
    needed = needed or asked
    if asked and url then return { needed = true, url = url, complete = true } end
  end
  return { needed = needed, complete = true }
end

return look_up
