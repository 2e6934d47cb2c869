--- What this library decides by in answers: fields that must be there, and lists whose words it
-- knows.
-- @module debitura.operations.decisive

local core = require("debitura.core")
local null = require("debitura.base.null")

local decisive = {}

local function set(names)
  local found = {}
  for name in names:gmatch("%S+") do found[name] = true end
  return found
end

--- Fields of successes by their shape. `at`: only in these operations; `when`: only where another
-- field says so; `within`: of an object that is the field.
local FIELDS = {
  ClientCreatedResponse = {
    { "externalTenantId" }, { "onboardingDone" },
    { "onboardingLinks", within = "url", when = { "onboardingDone", false },
      at = set "clients.create clients.get" },
  },
  AccessTokenResponse = { { "accessToken" }, { "expiresIn" } },
  GetClientsResponse = { { "clients" } },
  GetCasesResponse = { { "cases" } },
  CaseItem = { { "id" }, { "lifecycle" } },
  InvoiceListDto = { { "cases" } },
  InvoiceDto = { { "id" }, { "lifecycle" } },
  ContractItemDto = { { "signed" } },
  PreviewCaseResponseApiViewModel = { { "result" } },
  PreviewResultDto = { { "isEligible" }, { "requiresKycVerification" } },
  WebhookDto = {
    { "id" }, { "url" }, { "events" }, { "isActive" },
    { "secret", at = set "webhooks.create webhooks.rotate_secret" },
  },
}

--- Lists of words that lead to different steps.
local LISTS = set [[
  ConflictResponse.type BusinessErrorApiDTO.type CaseCreationFailure.errorType
  KycStatus CreditorKycVerificationStatus
]]

local LIFECYCLES = {
  "Pending contract signing", "Pending Verification Internal", "Pending Verification",
  "More Info Required", "Collecting Quotes", "Pending Quote Selection", "Active", "Paused",
  "Closed", "Merged",
}

--- Fields of which the documents give some words only, as examples.
local EXAMPLES = {
  ["CaseItem.lifecycle"] = LIFECYCLES, ["InvoiceDto.lifecycle"] = LIFECYCLES,
  ["GetCaseDetailResponse.lifecycle"] = LIFECYCLES,
  ["CaseItem.closeCode"] = false, ["PartnerCoverageApiDTO.conditions"] = false,
}

--- The words that a field may have.
-- @tparam ?string name the field's shape and name, or the name of an enumeration
-- @tparam ?table values its list
-- @tparam boolean is_closed whether business errors are of the kinds that have a list: those of
--   other failures are examples
-- @treturn ?table array; nil where there is no list to be held against
function decisive.words(name, values, is_closed)
  if name == "BusinessErrorApiDTO.type" and not is_closed then return nil end
  if EXAMPLES[name] ~= nil then return EXAMPLES[name] or nil end
  return values
end

--- Whether this library decides by a list.
-- @tparam ?string name the field's shape and name, or the name of an enumeration
-- @treturn boolean
function decisive.by_word(name)
  return LISTS[name] or false
end

--- Whether a word of a list may be kept: one of a list that this library decides by, an
-- enumeration's, a lifecycle. Other texts may be anything.
-- @tparam ?string name as for `by_word`
-- @treturn boolean
function decisive.keeps_word(name)
  return name ~= nil and (LISTS[name] or EXAMPLES[name] == LIFECYCLES
    or not name:find(".", 1, true))
end

--- The fields of an object that are not there, though this library decides by them.
-- @tparam string shape the object's shape
-- @tparam string operation
-- @tparam table values by name
-- @treturn table array of paths within the object
function decisive.lost_fields(shape, operation, values)
  local lost = {}
  for _, rule in ipairs(FIELDS[shape] or {}) do
    local applies = (not rule.at or rule.at[operation])
      and (not rule.when or values[rule.when[1]] == rule.when[2])
    local value = null.given(values[rule[1]])
    if rule.within then value = null.field(value, rule.within) end
    if applies and value == nil then
      lost[#lost + 1] = rule[1] .. (rule.within and "." .. rule.within or "")
    end
  end
  return lost
end

-- Failures ----------------------------------------------------------------------------------------

--- Business errors that a hosted page solves.
local SOLVED = set "MissingDebtCollectionContract MissingPowerOfAttorney MissingKycVerification"

local READ = {}

READ[409] = function(err, lost)
  if not err.type then lost[#lost + 1] = "type" end
  if err.type == "ClientExistsNeedsLinking" and not err.approval_url then
    lost[#lost + 1] = "data.onboardingLinks.url"
  end
end

READ[422] = function(err, lost)
  for _, problem in ipairs(err.business_errors or { {} }) do
    if not problem.type then lost[#lost + 1] = "businessErrors[].type" end
    if SOLVED[problem.type] and not problem.solution_url and not err.signing_url then
      lost[#lost + 1] = "businessErrors[].solutionUrl"
    end
  end
end

READ[429] = function(err, lost)
  if not err.retry_after then lost[#lost + 1] = "retryAfter" end
end

--- What cannot be read out of a failure, in whatever form it comes, though this library decides by
-- it.
-- @tparam table row the operation
-- @tparam table answer see `debitura.operations.differences`
-- @treturn table array of paths, as the documents have them
function decisive.lost_in_failure(row, answer)
  local read, shape, lost = READ[answer.status], row.errors[answer.status], {}
  if not read or answer.status ~= 429 and shape ~= "ConflictResponse"
    and shape ~= "BusinessErrorResponseApiDTO" then
    return lost
  end
  local text = type(answer.body) == "table" and core.json.encode(answer.body) or answer.body or ""
  local headers = {}
  for name, value in pairs(answer.headers or {}) do headers[tostring(name):lower()] = value end
  read(core.envelope.read(answer.status, headers, text), lost)
  return lost
end

return decisive
