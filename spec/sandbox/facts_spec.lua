-- The tables of facts about Debitura, row by row, each shown by the sandbox doing it. A row is
-- named by what stands in its first column and answers with what it shows.
local core = require "debitura.core"
local null = require "debitura.base.null"
local bare_sandbox = require "spec.support.bare_sandbox"

local samples = bare_sandbox.samples

local ONBOARDED = { { name = "Nora New", email = "nora@onboarded.example" } }
local EVENTS = {
  "client.link_requested", "client.linked", "client.link_declined", "client.link_expired",
  "client.onboarding.poa_signed", "client.onboarding.contract_signed", "case.created",
  "case.updated", "case.closed", "cases.replay_failed",
}

--- The answer to POST /clients where a support e-mail leads into a situation.
local function create(sandbox, support_email, changes)
  local payload = samples.client(changes)
  payload.client = { name = "Sample Client Ltd", country = "Denmark", supportEmail = support_email
    or "office@new.example" }
  return sandbox:partner("POST", "/clients", payload)
end

local function debtor(country, kind)
  return samples.debtor { type = kind, countryAlpha2 = country }
end

--- Specs of one table: each row gets a sandbox of its own.
local function walk(rows)
  for _, row in ipairs(rows) do
    it(row[1], function() row[2](bare_sandbox.new()) end)
  end
end

describe("The hosts and keys in the sandbox:", function()
  walk {
    { "the Referral Partner API takes the key in the header XApiKey", function(sandbox)
      assert.equal(200, sandbox:send("GET", "/me", "", { xapikey = "sandbox-key" }).status)
      assert.equal(401,
        sandbox:send("GET", "/me", "", { authorization = "Bearer sandbox-key" }).status)
    end },
    { "the Customer API takes a bearer token minted for one client", function(sandbox)
      create(sandbox, nil, { users = ONBOARDED })
      assert.equal(200, sandbox:customer("tenant-1", "GET", "/me").status)
      assert.equal(401, sandbox:send("GET", "/customer/me", "", { xapikey = "sandbox-key" }).status)
    end },
    { "and the client's own key in the header XApiKey, as long as it is linked", function(sandbox)
      local id = create(sandbox, nil, { users = ONBOARDED }).body.client.id
      local headers = { xapikey = "creditor-" .. id }
      local me = sandbox:send("GET", "/customer/me", "", headers)
      assert.same({ 200, id }, { me.status, me.body.id })
      assert.truthy(sandbox:send("GET", "/_sandbox").body:find("creditor-" .. id, 1, true))
      assert.equal(401, sandbox:send("GET", "/me", "", headers).status)
      sandbox:control("POST", "clients", { externalTenantId = "tenant-1", action = "unlink" })
      assert.equal(401, sandbox:send("GET", "/customer/me", "", headers).status)
    end },
    { "two environments share no keys, clients, tokens or webhook secrets", function(sandbox)
      local other = bare_sandbox.new { settings = { api_key = "other-key" }, seed = 2 }
      create(sandbox, nil, { users = ONBOARDED })
      local token = sandbox:partner("POST", "/oauth/token",
        { externalTenantId = "tenant-1" }).body.accessToken
      assert.equal(401, other:send("GET", "/me", "", { xapikey = "sandbox-key" }).status)
      assert.equal(404, other:send("GET", "/clients/tenant-1", "",
        { xapikey = "other-key" }).status)
      assert.equal(401,
        other:send("GET", "/customer/me", "", { authorization = "Bearer " .. token }).status)
      local subscription = { url = "http://127.0.0.1:9/hook", events = { "client.linked" } }
      local first = sandbox:partner("POST", "/v1/Webhooks", subscription).body
      local second = other:partner("POST", "/v1/Webhooks", subscription,
        { xapikey = "other-key" }).body
      assert.not_equal(first.secret, second.secret)
    end },
  }
end)

describe("POST /clients in the sandbox answers", function()
  --- Shows a conflict that another attempt does not change.
  local function final(support_email, kind)
    return function(sandbox)
      for _ = 1, 2 do
        local answer = create(sandbox, support_email)
        assert.same({ 409, kind }, { answer.status, answer.body.type })
        assert.is_nil(answer.body.data.onboardingLinks)
        sandbox:advance("30d")
      end
    end
  end

  walk {
    { "201: linked and fully onboarded; tokens are minted and cases taken", function(sandbox)
      local answer = create(sandbox, nil, { users = ONBOARDED })
      assert.same({ 201, true, core.null }, { answer.status, answer.body.onboardingDone,
        answer.body.onboardingLinks })
      assert.equal(200, sandbox:customer("tenant-1", "POST", "/cases",
        samples.case { allowPendingContracts = true }).status)
    end },
    { "202: onboarding open, with the page for the first signing and, later, for signing again",
      function(sandbox)
      local first = create(sandbox)
      assert.equal(202, first.status)
      assert.truthy(first.body.onboardingLinks.url:find("/companydetails/[%x-]+$"))
      sandbox:sign_all(first.body.onboardingLinks.url)
      sandbox:control("POST", "contracts", { action = "new_version" })
      local again = create(sandbox)
      assert.equal(202, again.status)
      assert.truthy(again.body.onboardingLinks.url:find("/ContractUpgrade/Sign/[%x-]+$"))
    end },
    { "409 ClientExistsNeedsLinking: with the URL at which the customer approves", function(sandbox)
      local answer = create(sandbox, "office@existing.example")
      assert.same({ 409, "ClientExistsNeedsLinking" }, { answer.status, answer.body.type })
      assert.equal(200, sandbox:send("GET", answer.body.data.onboardingLinks.url).status)
    end },
    { "409 ClientAlreadyLinkedToAnotherPartner: however often",
      final("office@other-partner.example",
      "ClientAlreadyLinkedToAnotherPartner") },
    { "409 InvalidClientType: however often",
      final("desk@collector.example", "InvalidClientType") },
    { "400: messages by field; one bad case refuses the whole request, and so does a reference "
      .. "given twice", function(sandbox)
      local bad = create(sandbox, nil,
        { cases = { samples.case(),
          samples.case { currencyCode = "euro", creditorReference = "INV-2" } } })
      assert.equal(400, bad.status)
      assert.is_string(bad.body["cases[1].currencyCode"][1])
      assert.equal(400, create(sandbox, nil, { cases = { samples.case(), samples.case() } }).status)
      assert.equal(404, sandbox:partner("GET", "/clients/tenant-1").status)
    end },
    { "422: business errors, where a fault says so; the facts give no payload", function(sandbox)
      local errors = { businessErrors = { { type = "CreditorBlocked",
        message = "Sample message." } } }
      sandbox:control("POST", "faults", { operation = "clients.create", status = 422,
        body = errors })
      local answer = create(sandbox)
      assert.same({ 422, errors }, { answer.status, answer.body })
    end },
  }
end)

describe("POST /cases in the sandbox answers 422", function()
  --- Opens the client that submits.
  local function submit(sandbox, changes, headers)
    return sandbox:customer("tenant-1", "POST", "/cases", samples.case(changes), headers)
  end

  local function onboard(sandbox)
    return create(sandbox, nil, { users = ONBOARDED })
  end

  --- The types of the business errors, and where to sign all that they ask for.
  local function refused(answer)
    assert.equal(422, answer.status)
    local types = {}
    for index, business_error in ipairs(answer.body.businessErrors) do
      types[index] = business_error.type
    end
    return types, null.text(null.field(answer.body, "signingHandoff"), "combinedSigningUrl")
  end

  walk {
    { "MissingDebtCollectionContract: accepted once it is signed", function(sandbox)
      onboard(sandbox)
      local token = sandbox:partner("POST", "/oauth/token",
        { externalTenantId = "tenant-1" }).body.accessToken
      -- the token was minted before
      sandbox:control("POST", "contracts", { action = "new_version" })
      local headers = { authorization = "Bearer " .. token, ["content-type"] = "application/json" }
      local body = assert(core.json.encode(samples.case { debtor = debtor("DK") }))
      local types, url = refused(sandbox:send("POST", "/customer/cases", body, headers))
      assert.same({ "MissingDebtCollectionContract", "MissingPowerOfAttorney" }, types)
      assert.same({ "sdca", "poa" }, (sandbox:sign_all(url)))
      assert.equal(200, sandbox:send("POST", "/customer/cases", body, headers).status)
    end },
    { "MissingPowerOfAttorney: accepted once it is signed", function(sandbox)
      onboard(sandbox)
      local types, url = refused(submit(sandbox, { debtor = debtor("DK") }))
      assert.same({ "MissingPowerOfAttorney" }, types)
      assert.same({ "poa" }, (sandbox:sign_all(url)))
      assert.equal(200, submit(sandbox, { debtor = debtor("DK") }).status)
    end },
    { "MissingKycVerification: not bypassed by allowPendingContracts, accepted once it is on file",
      function(sandbox)
      onboard(sandbox)
      local british = { debtor = debtor("GB"), allowPendingContracts = true }
      local types, url = refused(submit(sandbox, british))
      assert.same({ "MissingKycVerification" }, types)
      assert.same({ "poa", "kyc" }, (sandbox:sign_all(url)))
      assert.equal(200, submit(sandbox, british).status)
    end },
    { "CreditorBlocked: the message says why, and nothing can be signed", function(sandbox)
      onboard(sandbox)
      sandbox:control("POST", "clients", { externalTenantId = "tenant-1", action = "block" })
      local answer = submit(sandbox)
      local types, url = refused(answer)
      assert.same({ "CreditorBlocked" }, types)
      assert.truthy(answer.body.businessErrors[1].message:find("contact Debitura", 1, true))
      assert.is_nil(url)
    end },
    { "NoPartnerAvailable: where no partner collects", function(sandbox)
      onboard(sandbox)
      assert.same({ "NoPartnerAvailable" }, (refused(submit(sandbox, { debtor = debtor("JP") }))))
    end },
    { "IdempotencyConflict: a key with another body; with the same body the first answer again",
      function(sandbox)
      onboard(sandbox)
      local key = { ["idempotency-key"] = "key-1" }
      local first = submit(sandbox, { allowPendingContracts = true }, key)
      assert.same(first.body, submit(sandbox, { allowPendingContracts = true }, key).body)
      assert.same({ "IdempotencyConflict" },
        (refused(submit(sandbox, { amountToRecover = 1, allowPendingContracts = true }, key))))
    end },
  }
end)

describe("The sandbox's webhooks tell", function()
  --- What is sent to a subscription to everything after something was done.
  local function heard(sandbox, act)
    sandbox:subscribe(EVENTS)
    act()
    local events = sandbox.events
    return sandbox:heard(), events
  end

  --- Answers a fresh link request; returns the events of the answer.
  local function answered(sandbox, verb, changes)
    local url = create(sandbox, "office@existing.example", changes).body.data.onboardingLinks.url
    return select(2, heard(sandbox, function() sandbox:send("POST", url .. "/" .. verb) end))
  end

  local function onboarding(sandbox, country)
    local created = create(sandbox, nil, { cases = { samples.case { debtor = debtor(country) } } })
    return created.body.onboardingLinks.url, created.body.caseResults.successfulCases[1].id
  end

  walk {
    { "client.link_requested: a 409 opened a link request", function(sandbox)
      local names, events = heard(sandbox, function()
        create(sandbox, "office@existing.example")
      end)
      assert.same({ "client.link_requested" }, names)
      assert.same({ "tenant-1", "Existing Customer Ltd" },
        { events[1].data.externalTenantId, events[1].data.creditor.companyName })
    end },
    { "client.linked: the customer approved; not attributed", function(sandbox)
      local events = answered(sandbox, "approve")
      assert.equal("client.linked", events[1].event)
      assert.is_false(events[1].data.creditor.isAttributed)
    end },
    { "client.link_declined: the customer declined; nothing about attribution", function(sandbox)
      local events = answered(sandbox, "decline")
      assert.equal("client.link_declined", events[1].event)
      assert.is_nil(events[1].data.creditor.isAttributed)
    end },
    { "client.link_expired: at the next full hour after the window", function(sandbox)
      sandbox:advance("30m")
      local names, events = heard(sandbox, function()
        create(sandbox, "office@existing.example")
        sandbox:advance("7d1h")
      end)
      assert.same({ "client.link_requested", "client.link_expired" }, names)
      assert.equal("2030-01-08T01:00:00Z", events[2].timestamp)
    end },
    { "client.onboarding.contract_signed and client.onboarding.poa_signed: each with its time",
      function(sandbox)
      local url = onboarding(sandbox, "DK")
      local names, events = heard(sandbox, function() sandbox:sign_all(url) end)
      assert.same({ "client.onboarding.contract_signed", "client.onboarding.poa_signed",
        "case.updated" }, names)
      assert.same({ "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z" },
        { events[1].data.signedAt, events[2].data.signedAt })
    end },
    { "case.created, case.updated and case.closed: the lifecycle of a case", function(sandbox)
      local names, events = heard(sandbox, function()
        local url, id = onboarding(sandbox, "DK")
        sandbox:sign_all(url)
        sandbox:control("POST", "cases", { id = id, action = "close", close_code = "Paid" })
      end)
      assert.same({
        "case.created", "client.onboarding.contract_signed", "client.onboarding.poa_signed",
        "case.updated", "case.updated", "case.closed",
      }, names)
      assert.same({ "Pending contract signing", "Pending Verification Internal" },
        { events[4].data.oldLifecycle, events[4].data.newLifecycle })
      assert.equal("Paid", events[6].data.closeCode)
    end },
    { "cases.replay_failed: a stored case could not be created after approval; the others were",
      function(sandbox)
      local events = answered(sandbox, "approve", { cases = {
        samples.case { debtor = debtor("JP") }, samples.case { creditorReference = "INV-2" } } })
      assert.same({ "client.linked", "case.created", "cases.replay_failed" },
        { events[1].event, events[2].event, events[3].event })
      assert.same({ 0, "INV-1" }, { events[3].data.failedCases[1].caseIndex,
        events[3].data.failedCases[1].creditorReference })
    end },
    { "payment.created, payment.deleted and chat.created: to the Customer API's subscriptions only",
      function(sandbox)
      local names = { "payment.created", "payment.deleted", "chat.created" }
      local url, id = onboarding(sandbox, "DK")
      sandbox:sign_all(url)
      for _, name in ipairs(names) do
        local subscription = { url = "http://127.0.0.1:9/hook", events = { name } }
        assert.equal(400, sandbox:partner("POST", "/v1/Webhooks", subscription).status)
        assert.equal(201, sandbox:customer("tenant-1", "POST", "/webhooks", subscription).status)
      end
      local payment = sandbox:control("POST", "cases",
        { id = id, action = "pay", amount = 10 }).body.paymentId
      sandbox:control("POST", "payments", { id = payment, action = "delete" })
      sandbox:control("POST", "cases", { id = id, action = "chat", message = "Sample message" })
      assert.same(names, sandbox:heard())
    end },
  }
end)
