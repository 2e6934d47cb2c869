-- A sandbox that differs from the documents in one way is caught at it, and at nothing else. All
-- ways take a minute: a few are tried every day, all of them with SPEC_REHEARSALS=1.

local sandbox = require "debitura.sandbox"
local walk = require "spec.support.walk"

local unpack = table.unpack or unpack -- luacheck: ignore
local ALL = os.getenv("SPEC_REHEARSALS") == "1"

local function answer(operation, status, changes)
  local row = { operation = operation, status = status }
  for name, value in pairs(changes) do row[name] = value end
  return row
end

local function of_client(operation, status, changes)
  local row = answer(operation, status, changes)
  row.api = "customer"
  return row
end

--- What the sandbox does otherwise, and the lines of the report that name it.
local WAYS = {
  { answer("me", 200, { field = "isActive", to = false }),
    "key: me: isActive: true expected, false came" },
  { answer("me", 200, { field = "id" }), "key: me: id: {any} expected, nothing came" },
  { answer("me", 200, { answer = 403 }), "key: me: 200 expected, answered 403" },
  { answer("me", 200, { field = "extra", to = 1 }),
    "noted: me 200 extra: is not in the documents" },
  { answer("me", 429, { field = "retryAfter" }),
    "rate_limit: me 429: retryAfter is no number of seconds" },
  { answer("me", 429, { answer = 503 }), "rate_limit: me: 429 expected, answered 503" },
  { answer("coverage.list", 200, { field = "[].countryAlpha2", to = 7 }),
    "coverage: coverage.list 200 [].countryAlpha2: a number, documented as a text" },
  { answer("webhooks.create", 200, { answer = 201 }),
    "subscription: webhooks.create: 200 expected, answered 201" },
  { answer("webhooks.create", 200, { field = "secret" }),
    "subscription: webhooks.create: no secret" },
  { answer("webhooks.create", 200, { field = "secret", to = "b3RoZXItb3RoZXItb3RoZXItb3RoZXI=" }),
    "signature: the signature of client.linked is not good: webhook: unauthorized no_match: the "
      .. "wrong secret: another subscription's or environment's, or one that was rotated; or the "
      .. "body was decoded and encoded again" },
  { answer("webhooks.list", 200, { field = "[].secret", to = "c2hvd24gYWdhaW4=" }),
    "subscription: webhooks.list: a secret is shown again" },
  { answer("webhooks.test", 200, { field = "enqueuedCount", to = 0 }),
    "signature: webhooks.test: no subscription hears it" },
  { answer("clients.create", 400, { answer = 422 }),
    "wrong_client: clients.create: 400 expected, answered 422" },
  { answer("clients.create", 202, { answer = 200 }),
    "new_client: clients.create: 201 or 202 expected, answered 200" },
  { answer("clients.create", 202, { field = "onboardingLinks" }),
    "new_client: clients.create: onboardingLinks: {\"url\":\"{url}\"} expected, nothing came" },
  { answer("clients.create", 202, { field = "isAttributedClient", to = false }),
    "new_client: clients.create: isAttributedClient: true expected, false came" },
  { answer("clients.create", 202, { field = "caseResults.failedCases[].errorType", to = "Twice" }),
    "repeated_client: clients.create again: caseResults.failedCases[0].errorType: "
      .. '"IdempotencyViolation" expected, "Twice" came' },
  { answer("clients.create", 409, { field = "type", to = "Known" }),
    'existing_client: clients.create: type: "ClientExistsNeedsLinking" expected, "Known" came',
    'other_partner: clients.create: type: "ClientAlreadyLinkedToAnotherPartner" expected, '
      .. '"Known" came',
    'not_creditor: clients.create: type: "InvalidClientType" expected, "Known" came' },
  { answer("clients.create", 409, { field = "data.onboardingLinks" }),
    "existing_client: clients.create: data.onboardingLinks: {\"url\":\"{url}\"} expected, nothing "
      .. "came" },
  { answer("clients.create", 409, { field = "data.onboardingUrl" }),
    "choice: clients.create, Choice: data.onboardingUrl: {url} expected, nothing came" },
  { answer("clients.create", 409, { answer = 400 }),
    "existing_client: clients.create: 409 expected, answered 400 ClientExistsNeedsLinking: The "
      .. "client has a Debitura account already. The customer must approve the link at the URL "
      .. "given." },
  { answer("clients.get", 404, { answer = 410 }),
    "pending_client: clients.get: 404 expected, answered 410 NotFound: The client was not found." },
  { answer("clients.get", 200, { field = "isAttributedClient", to = true }),
    "approval: clients.get: isAttributedClient: false expected, true came" },
  { answer("clients.get", 200, { field = "kycStatus", to = "Unknown" }),
    "approval: clients.get 200 kycStatus: 'Unknown' is not in the list" },
  { answer("clients.get", 200, { field = "onboardingDone", to = "yes" }),
    "approval: clients.get 200 onboardingDone: a text, documented as true or false" },
  { answer("cases.list", 200, { field = "cases[].lifecycle", to = "Draft" }),
    'carried_case: cases.list: cases[0].lifecycle: "Pending contract signing" expected, "Draft" '
      .. "came" },
  { answer("tokens.create", 404, { answer = 409 }),
    "early_token: tokens.create: 404 expected, answered 409 NotFound: The client has not completed "
      .. "onboarding: the SDCA is not signed." },
  { answer("tokens.create", 200, { field = "expiresIn", to = 3600 }),
    "token: tokens.create: expiresIn: 1800 expected, 3600 came" },
  { answer("tokens.create", 200, { field = "tokenType", to = "MAC" }),
    'token: tokens.create: tokenType: "Bearer" expected, "MAC" came' },
  { of_client("me", 401, { answer = 403 }),
    "wrong_token: customer.me: 401 expected, answered 403" },
  { of_client("cases.create", 200, { answer = 201 }),
    "case: customer.cases.create: 200 expected, answered 201" },
  { of_client("cases.create", 200, { field = "creditorReference" }),
    'case: customer.cases.create: creditorReference: "INV-1" expected, nothing came' },
  { of_client("cases.create", 422, { field = "businessErrors[].type", to = "Refused" }),
    "idempotency_conflict: customer.cases.create: 422 without IdempotencyConflict",
    "no_partner: customer.cases.create: 422 without NoPartnerAvailable",
    "power_of_attorney: customer.cases.create: 422 without MissingPowerOfAttorney",
    "kyc_missing: customer.cases.create: 422 without MissingKycVerification",
    "blocked: customer.cases.create: 422 without CreditorBlocked",
    "agreement: customer.cases.create: 422 without MissingDebtCollectionContract" },
  { of_client("cases.create", 400, { answer = 500 }),
    "wrong_case: customer.cases.create: 400 expected, answered 500" },
  { answer("clients.submit_kyc", 201, { answer = 200 }),
    "kyc: clients.submit_kyc: 201 expected, answered 200" },
  { answer("clients.is_deletable", 200, { field = "isDeletable", to = false }),
    "deletion: clients.is_deletable: isDeletable: true expected, false came" },
  { answer("clients.delete", 204, { answer = 200 }),
    "deletion: clients.delete: 204 expected, answered 200" },
  { { event = "client.linked", field = "specVersion", to = "2.0" },
    'signature: webhook client.linked: specVersion: "1.0" expected, "2.0" came' },
  { { event = "client.linked", field = "data.creditor.isAttributed", to = true },
    "approval: webhook client.linked: data.creditor.isAttributed: false expected, true came" },
  { { event = "client.onboarding.contract_signed", field = "data.signedAt" },
    "signing: webhook client.onboarding.contract_signed: data.signedAt: {any} expected, nothing "
      .. "came" },
  { { event = "client.link_expired", field = "data.externalTenantId", to = "other" },
    "expiry: client.link_expired did not come" },
}

--- Those of every day: words of an answer, a field of an event.
local EVERYDAY = { [18] = true, [39] = true }

describe("A rehearsal with a sandbox that differs", function()
  local service, path, remove

  setup(function()
    service = assert(sandbox.start { seed = 1 })
    path, remove = walk.directory()
    path = path .. "/rehearsal.json"
  end)
  teardown(function()
    service:stop()
    remove()
  end)

  for index, way in ipairs(WAYS) do
    if ALL or EVERYDAY[index] then
      it("names it: " .. way[2], function()
        os.remove(path)
        assert(service:control("DELETE", "differences"))
        assert(service:control("POST", "differences", way[1]))
        local report = walk.through(assert(walk.open(service, path)))
        local named = {}
        for _, step in ipairs(report.steps) do
          for _, text in ipairs(step.differences) do
            named[#named + 1] = step.name .. ": " .. text
          end
          local same = (step.why or ""):find("^the same as in ") ~= nil
          assert.equal(step.differences[1] ~= nil or same, step.verdict == "differs")
        end
        for _, text in ipairs(report.noted) do named[#named + 1] = "noted: " .. text end
        assert.same({ unpack(way, 2) }, named)
        assert.same({}, report.left)
      end)
    end
  end

  it("knows more than thirty ways", function() assert.is_true(#WAYS > 30) end)
end)
