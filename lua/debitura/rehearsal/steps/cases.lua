--- Steps with the Customer API: tokens, cases, and each refusal that can be brought about.
-- @module debitura.rehearsal.steps.cases

local core = require("debitura.core")
local null = require("debitura.base.null")
local time = require("debitura.base.time")

local CREATE = "customer.cases.create"

local LIFE = 1800 -- seconds of a token
local PENDING = "Pending contract signing"

-- Where a case may ask for another power of attorney than the first one's.
local OTHERS = { "DE", "NL", "SE", "FR", "ES" }

local steps = {}

local function submit(stage, case, status, expected, key)
  return stage:call(CREATE, { tenant = stage:tenant("new"), body = case, key = key }, status,
    expected)
end

--- A case that is to be refused with a type.
local function refuse(stage, case, kind, handoff, key)
  local body = submit(stage, case, 422, nil, key)
  local found
  for _, each in ipairs(null.table(null.field(body, "businessErrors"))) do
    if null.text(each, "type") == kind then found = each end
  end
  if not found then
    stage:stop(("%s: 422 without %s"):format(CREATE, kind), "businessErrors[].type")
  end
  if handoff then
    stage:matches({ solutionUrl = "{url}" }, found, "businessErrors[]", CREATE .. " " .. kind)
    stage:matches({ combinedSigningUrl = "{url}" }, null.table(null.field(body, "signingHandoff")),
      "signingHandoff", CREATE .. " " .. kind)
  end
  stage:saw("422 " .. kind)
end

-- Tokens ------------------------------------------------------------------------------------------

function steps.token(stage)
  local _, body = stage:token(stage:tenant("new"))
  stage:matches({ expiresIn = LIFE, tokenType = "Bearer", externalTenantId = stage:tenant("new") },
    body, "", "tokens.create")
  stage:call("customer.me", { tenant = stage:tenant("new") }, 200)
  stage:saw(("200, good for %d seconds"):format(tonumber(body.expiresIn) or 0))
end

--- Whether a token is refused.
local function is_refused(stage, bearer)
  local status = stage:send(stage:customer_session(nil, bearer), "customer.me", {}, 401)
  stage:expect(status == 401, ("customer.me: 401 expected, answered %d"):format(status))
end

function steps.wrong_token(stage)
  is_refused(stage, "rehearsal.no.token")
  stage:saw("401")
end

function steps.token_expiry(stage)
  local tenant = stage:tenant("new")
  local old = stage:token(tenant)
  stage:control("clock", { advance = ("%ds"):format(LIFE + 60) })
  is_refused(stage, old)
  stage:token(tenant)
  stage:call("customer.me", { tenant = tenant }, 200)
  stage:saw("401 after 30 minutes; a new token is good")
end

-- Cases -------------------------------------------------------------------------------------------

function steps.case(stage)
  stage.facts.case = stage.key()
  local body = submit(stage, stage:case("INV-1"), 200,
    { id = "{any}", creditorReference = "INV-1" }, stage.facts.case)
  stage.facts.case_id = null.text(body, "id")
  stage:saw("200 " .. (null.text(body, "lifecycle") or ""))
end

function steps.replay(stage)
  submit(stage, stage:case("INV-1"), 200, { id = stage.facts.case_id }, stage.facts.case)
  stage:saw("200 with the same case")
end

function steps.conflict(stage)
  refuse(stage, stage:case("INV-1", { amountToRecover = 2000 }), "IdempotencyConflict", false,
    stage.facts.case)
end

function steps.wrong_case(stage)
  local case_ = stage:case("INV-2")
  case_.amountToRecover = "much"
  stage:call(CREATE, { tenant = stage:tenant("new"), body = case_, unchecked = true }, 400)
  stage:saw("400")
end

function steps.duplicate(stage)
  local body, _, status = submit(stage, stage:case("INV-1"), { 400, 422 })
  local text = (core.json.encode(body) or ""):lower()
  stage:expect(text:find("reference", 1, true), CREATE .. ": the reference in use is not named")
  stage:saw(("%d, naming the reference"):format(status))
end

function steps.no_partner(stage)
  refuse(stage, stage:case("INV-3", nil, { countryAlpha2 = stage.facts.remote }),
    "NoPartnerAvailable")
end

--- A country in which a case asks for a signature.
local function unsigned_country(stage)
  for _, country in ipairs(OTHERS) do
    local body = stage:call("customer.cases.preview", { tenant = stage:tenant("new"), body = {
      amountToRecover = 1000.5, currencyCode = "EUR",
      debtor = { type = "Company", countryAlpha2 = country } } }, 200)
    local result = null.field(body, "result")
    for _, action in ipairs(null.table(null.field(result, "requiredActions"))) do
      if null.text(action, "type") == "MissingPowerOfAttorney" then return country end
    end
  end
  stage:skip("no country that was tried asks for another power of attorney")
end

function steps.power_of_attorney(stage)
  local country = unsigned_country(stage)
  stage.facts.unsigned = country
  refuse(stage, stage:case("INV-4", nil, { countryAlpha2 = country }), "MissingPowerOfAttorney",
    true)
end

function steps.pending_contracts(stage)
  submit(stage, stage:case("INV-5", { allowPendingContracts = true },
    { countryAlpha2 = stage.facts.unsigned }), 200, { lifecycle = PENDING })
  stage:saw("200 " .. PENDING)
end

local function british(stage, reference)
  return stage:case(reference, { currencyCode = "GBP", allowPendingContracts = true },
    { countryAlpha2 = "GB", city = "London", zipCode = "N1 1AA" })
end

function steps.kyc_missing(stage)
  refuse(stage, british(stage, "INV-6"), "MissingKycVerification")
  stage.facts.kyc = true
end

function steps.kyc(stage)
  stage:call("clients.submit_kyc", { path = { externalTenantId = stage:tenant("new") }, body = {
    directorFullName = "Rehearsal Person", directorHomeAddress = "Sample Street 1, Sample City",
    directorDateOfBirth = "1980-02-29" } }, 201)
  submit(stage, british(stage, "INV-7"), 200)
  stage:saw("201, and the case is taken")
end

function steps.blocked(stage)
  local tenant = stage:tenant("new")
  function stage.finally()
    stage:control("clients", { externalTenantId = tenant, action = "unblock" })
  end
  stage:control("clients",
    { externalTenantId = tenant, action = "block", reason = "A rehearsal." })
  refuse(stage, stage:case("INV-8"), "CreditorBlocked")
end

function steps.agreement(stage)
  local tenant = stage:tenant("new")
  stage:token(tenant)
  function stage.finally()
    stage:control("clients", { externalTenantId = tenant, action = "sign" })
  end
  stage:control("contracts", { action = "new_version" })
  refuse(stage, stage:case("INV-9"), "MissingDebtCollectionContract", true)
end

-- Limits ------------------------------------------------------------------------------------------

function steps.rate_limit(stage)
  local present = stage:control("settings").rate_limits
  local thing = stage.progress:will_make { kind = "setting", body = { rate_limits = present } }
  stage:control("settings", { rate_limits = { enabled = true, minute = 1, header = true } })
  local status, body, headers
  function stage.finally()
    stage:control("settings", thing.body)
    stage.progress:is_gone(thing)
  end
  for _ = 1, 2 do status, body, headers = stage:send(stage.session, "me", {}, 429) end
  if status ~= 429 then stage:stop(("me: 429 expected, answered %d"):format(status)) end
  stage:matches({ error = "rate_limit_exceeded" }, body, "", "me 429")
  local seconds = tonumber(null.field(body, "retryAfter"))
  if not seconds or seconds <= 0 then
    stage:stop("me 429: retryAfter is no number of seconds", "retryAfter")
  end
  local header = headers["retry-after"]
  stage:expect(not header or tonumber(header) == seconds or time.parse_http(header),
    "me 429: Retry-After and retryAfter are not the same")
  stage:saw("429, retryAfter in the body" .. (header and " and in Retry-After" or ""))
end

return steps
