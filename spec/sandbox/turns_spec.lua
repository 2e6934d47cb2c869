-- What a partner can rehearse: each thing that goes otherwise than the straight way, with how it is
-- had, as docs/sandbox.md lists them.
local core = require "debitura.core"
local bare_sandbox = require "spec.support.bare_sandbox"
local settings = require "debitura.sandbox.model.settings"
local variants = require "debitura.sandbox.server.variants"

local samples = bare_sandbox.samples
local ONBOARDED = { { name = "Nora New", email = "nora@onboarded.example" } }

describe("In the sandbox a partner can rehearse", function()
  local sandbox

  before_each(function() sandbox = bare_sandbox.new() end)

  local function control(name, body)
    local answer = sandbox:control("POST", name, body)
    assert.same({ 200, name }, { answer.status, name })
    return answer.body
  end

  local function create(payload)
    return sandbox:partner("POST", "/clients", payload)
  end

  local function onboard(changes)
    local payload = samples.client(changes)
    payload.users = ONBOARDED
    return create(payload)
  end

  --- Submits a case under another spelling of answers than the contract's.
  local function submit(changes)
    local case = samples.case(changes)
    case.allowPendingContracts = true
    return sandbox:customer("tenant-1", "POST", "/cases", case, { faulty = "another form" })
  end

  describe("link requests:", function()
    it("a window longer than the partner believes, in which the same URL comes again", function()
      control("settings", { ttl_days = 30 })
      sandbox:subscribe { "client.link_requested", "client.link_expired" }
      local first = create(samples.existing()).body.data.onboardingLinks.url
      sandbox:advance("8d")
      local second = create(samples.existing())
      assert.same({ 409, first }, { second.status, second.body.data.onboardingLinks.url })
      assert.same({ "client.link_requested" }, sandbox:heard())
      assert.equal(200, sandbox:send("GET", first).status)
      sandbox:advance("22d1h")
      assert.same({ "client.link_expired" }, sandbox:heard())
      assert.not_equal(first, create(samples.existing()).body.data.onboardingLinks.url)
    end)

    it("a window shorter than the partner believes", function()
      control("settings", { ttl_days = 1 })
      local url = create(samples.existing()).body.data.onboardingLinks.url
      sandbox:advance("1d")
      assert.equal(410, sandbox:send("GET", url).status)
    end)
  end)

  describe("a client that Debitura has already:", function()
    local ACCOUNT = {
      name = "Known Ltd", email = "office@known.example", country = "Denmark",
      users = { { name = "Kim Known", email = "kim@known.example" } },
      externalTenantId = "tenant-1",
    }

    --- What becomes of the three cases of a payload for it.
    local function outcome(answer)
      local types = {}
      for index, failed in ipairs(answer.body.caseResults.failedCases) do
        types[index] = failed.errorType
      end
      return answer.status, #answer.body.caseResults.successfulCases, types
    end

    local function payload()
      return samples.client { cases = {
        samples.case(), samples.case { creditorReference = "INV-2" },
        samples.case { creditorReference = "INV-3" },
      } }
    end

    local VIOLATIONS = { "IdempotencyViolation", "IdempotencyViolation", "IdempotencyViolation" }

    it("202 and 201 with IdempotencyViolation for cases that it does not have", function()
      control("accounts", ACCOUNT)
      assert.same({ 202, 0, VIOLATIONS }, { outcome(create(payload())) })
      control("clients", { externalTenantId = "tenant-1", action = "sign" })
      assert.same({ 201, 0, VIOLATIONS }, { outcome(create(payload())) })
      assert.equal(0, sandbox:partner("GET", "/cases").body.page.totalResults)
      assert.equal(200, submit().status)
    end)

    it("202 without the page of the onboarding, which GET names", function()
      control("settings", { onboarding_url = "later" })
      local answer = sandbox:partner("POST", "/clients", samples.client(), { faulty = "differs" })
      assert.same({ 202, core.null }, { answer.status, answer.body.onboardingLinks })
      assert.truthy(sandbox:partner("GET", "/clients/tenant-1").body.onboardingLinks.url
        :find("/companydetails/", 1, true))
    end)

    it("one that came by a link, and so is not attributed", function()
      ACCOUNT.attributed = false
      control("accounts", ACCOUNT)
      ACCOUNT.attributed = nil
      assert.is_false(sandbox:partner("GET", "/clients/tenant-1").body.isAttributedClient)
    end)

    it("is refused where the id is linked, or is none", function()
      control("accounts", ACCOUNT)
      assert.equal(400, sandbox:control("POST", "accounts", ACCOUNT).status)
      local wrong = { name = "N", email = "e", country = "DK", users = ACCOUNT.users }
      for _, id in ipairs { "", 5, true } do
        wrong.externalTenantId = id
        local answer = sandbox:control("POST", "accounts", wrong)
        assert.same({ 400, "externalTenantId" }, { answer.status, (next(answer.body)) })
      end
    end)

    it("by an answer that was lost: the cases are there, the second answer says so", function()
      control("faults", { operation = "clients.create", lost = true })
      assert.is_true(create(payload()).lost)
      assert.same({ 202, 0, VIOLATIONS }, { outcome(create(payload())) })
      assert.equal(3, sandbox:partner("GET", "/cases").body.page.totalResults)
    end)
  end)

  describe("a link that ends:", function()
    local function gone()
      assert.equal(404, sandbox:partner("GET", "/clients/tenant-1").status)
      local token = sandbox:partner("POST", "/oauth/token", { externalTenantId = "tenant-1" })
      assert.equal(404, token.status)
    end

    it("by the partner's reset in the test environment, and begins anew under its id", function()
      onboard { cases = { samples.case() } }
      assert.equal(204, sandbox:partner("DELETE", "/clients/tenant-1").status)
      gone()
      assert.equal(201, onboard({ cases = { samples.case() } }).status)
    end)

    it("by the partner's withdrawal", function()
      create(samples.client())
      assert.equal(204, sandbox:partner("POST", "/clients/tenant-1/withdraw").status)
      gone()
    end)

    it("on Debitura's side, without an event: the token that is held is worth nothing", function()
      onboard()
      local answer = sandbox:partner("POST", "/oauth/token", { externalTenantId = "tenant-1" })
      local headers = { authorization = "Bearer " .. answer.body.accessToken }
      sandbox:subscribe { "client.link_expired", "client.link_declined", "client.linked" }
      assert.equal(200, sandbox:send("GET", "/customer/me", "", headers).status)
      control("clients", { externalTenantId = "tenant-1", action = "unlink" })
      assert.equal(401, sandbox:send("GET", "/customer/me", "", headers).status)
      gone()
      assert.same({}, sandbox:heard())
      assert.equal("ClientExistsNeedsLinking", onboard().body.type)
    end)
  end)

  describe("what Debitura says:", function()
    it("CreditorBlocked with its reason, until it is unblocked", function()
      onboard()
      local reason = "The account is under review. Please contact Debitura."
      control("clients", { externalTenantId = "tenant-1", action = "block", reason = reason })
      local refused = submit()
      local first = refused.body.businessErrors[1]
      assert.same({ 422, "CreditorBlocked", reason }, { refused.status, first.type, first.message })
      control("clients", { externalTenantId = "tenant-1", action = "unblock" })
      assert.equal(200, submit().status)
    end)

    it("kycStatus in both spellings", function()
      local function status()
        local one = sandbox:partner("GET", "/clients/tenant-1").body.kycStatus
        assert.equal(one, sandbox:partner("GET", "/clients").body.clients[1].kycStatus)
        return one
      end
      create(samples.client())
      assert.equal("not_required", status())
      control("settings", { kyc_status = "pascal" })
      assert.equal("NotRequired", status())
      sandbox:partner("POST", "/clients/tenant-1/kyc-verification", {
        directorFullName = "Dana Director", directorHomeAddress = "1 Sample Street",
        directorDateOfBirth = "1980-01-01",
      })
      assert.equal("Pending", status())
      sandbox:advance("1d")
      assert.equal("Verified", status())
      control("settings", { kyc_status = "snake" })
      assert.equal("verified", status())
    end)

    it("not_required for a check that only carried cases lack, which the preview tells", function()
      control("settings", { carried_kyc = "not_required" })
      local british = samples.debtor { countryAlpha2 = "GB" }
      local payload = samples.client { cases = { samples.case { debtor = british } } }
      payload.client.supportEmail = "office@kyc.example"
      local url = create(payload).body.data.onboardingLinks.url
      sandbox:send("POST", url .. "/approve")
      assert.equal("not_required", sandbox:partner("GET", "/clients/tenant-1").body.kycStatus)
      local preview = sandbox:customer("tenant-1", "POST", "/cases/preview", {
        amountToRecover = 1000, currencyCode = "GBP",
        debtor = { type = "Company", countryAlpha2 = "GB" },
      }).body.result
      assert.same({ true, false }, { preview.requiresKycVerification, preview.hasKycOnFile })
      local action = preview.requiredActions[1]
      assert.equal("MissingKycVerification", action.type)
      assert.same({ "kyc" }, (sandbox:sign_all(action.solutionUrl)))
    end)

    it("the phase of a case, where it is read and listed", function()
      onboard { cases = { samples.case() } }
      local case = submit { creditorReference = "INV-2" }.body
      assert.equal(core.null, case.currentEngagementPhase)
      control("cases", { id = case.id, action = "activate" })
      local path = "/cases/" .. case.id
      local read = sandbox:customer("tenant-1", "GET", path).body
      assert.equal("Pre-legal", read.currentEngagementPhase)
      assert.equal("Pre-legal", sandbox:partner("GET", path).body.currentEngagementPhase)
      control("cases", { id = case.id, action = "request_quotes" })
      control("cases", { id = case.id, action = "quote" })
      control("cases", { id = case.id, action = "select_quote" })
      read = sandbox:customer("tenant-1", "GET", path).body
      assert.equal("Legal", read.currentEngagementPhase)
    end)

    it("400 for a case without a field that Debitura asks for and no schema marks", function()
      onboard()
      local debtor = samples.debtor()
      debtor.address, debtor.city = nil, nil
      local refused = submit { debtor = debtor }
      local missing = { ["debtor.address"] = { "required" }, ["debtor.city"] = { "required" } }
      assert.same({ 400, missing }, { refused.status, refused.body })
      local case = samples.case()
      case.date = nil
      refused = sandbox:customer("tenant-1", "POST", "/cases", case)
      assert.same({ 400, { date = { "required" } } }, { refused.status, refused.body })
      refused = create(samples.client { externalTenantId = "tenant-2", cases = { case } })
      assert.same({ 400, { ["cases[0].date"] = { "required" } } }, { refused.status, refused.body })
    end)

    it("no refusal for a company without a contact, or a tag without isTest", function()
      onboard()
      local debtor = samples.debtor()
      debtor.contactPerson = nil
      assert.equal(200, submit({ debtor = debtor, tag = "sample" }).status)
    end)

    it("a reference that is in use, in every spelling", function()
      onboard()
      assert.equal(200, submit().status)
      local expected = {
        field = { 400, "creditorReference" }, pascal_field = { 400, "CreditorReference" },
        problem = { 400, "errors" }, reference = { 422, "DuplicateReference" },
        creditor_reference = { 422, "DuplicateCreditorReference" },
      }
      for form, what in pairs(expected) do
        control("settings", { duplicates = form })
        local answer = submit()
        local body = answer.body
        local found = body.businessErrors and body.businessErrors[1].type
          or body.errors and "errors" or next(body)
        assert.same(what, { answer.status, found }, form)
      end
      control("settings", { duplicates = "problem" })
      local problem = submit()
      assert.equal("application/problem+json; charset=utf-8", problem.headers["content-type"])
      assert.is_string(problem.body.errors.CreditorReference[1])
    end)

    it("InvalidUserEmail for a sender who is unknown", function()
      local id = onboard({ cases = { samples.case() } }).body.caseResults.successfulCases[1].id
      local answer = sandbox:customer("tenant-1", "POST", "/cases/" .. id .. "/chats",
        { message = "Sample message", userEmail = "unknown@sample.example" })
      assert.same({ 400, "InvalidUserEmail" }, { answer.status, answer.body.error })
    end)

    it("numbers as text, and a fraction in Retry-After", function()
      onboard()
      control("settings", { numbers = "text" })
      local token = sandbox:partner("POST", "/oauth/token", { externalTenantId = "tenant-1" },
        { faulty = "text" })
      assert.equal("1800", token.body.expiresIn)
      control("faults", { operation = "me", retry_after = 1.5, header = true })
      local limited = sandbox:partner("GET", "/me", nil, { faulty = "text" })
      assert.same({ 429, "1.5", "1.5" },
        { limited.status, limited.body.retryAfter, limited.headers["retry-after"] })
    end)

    it("times with an offset, or with seven decimals", function()
      onboard()
      local function linked(times)
        control("settings", { times = times })
        return sandbox:partner("GET", "/clients/tenant-1").body.dateLinked
      end
      assert.same(
        { "2030-01-01T00:00:00Z", "2030-01-01T02:00:00+02:00", "2030-01-01T00:00:00.1234567Z" },
        { linked("utc"), linked("offset"), linked("decimals") })
    end)

    it("fields that no document names, in every object but one of messages by field", function()
      onboard()
      control("settings", { fields = "extra" })
      local extra = { note = "No document names this field." }
      local list = sandbox:partner("GET", "/clients", nil, { faulty = "extra" }).body
      assert.same({ extra, extra, extra },
        { list.sandboxExtra, list.page.sandboxExtra, list.clients[1].client.sandboxExtra })
      local refused = create(samples.client { externalTenantId = "" })
      assert.same({ 400, nil }, { refused.status, refused.body.sandboxExtra })
    end)

    it("any of them at random, the same ones for the same seed, and the same ids", function()
      local function life(spelling)
        local one = bare_sandbox.new { seed = 3, settings = { spelling = spelling } }
        local texts = {}
        for index = 1, 12 do
          local answer = one:partner("POST", "/clients",
            samples.existing { externalTenantId = "tenant-" .. index }, { faulty = "random" })
          texts[index] = assert(core.json.encode(answer.body))
        end
        return texts
      end
      local first, again, plain = life("random"), life("random"), life("chosen")
      assert.same(first, again)
      local spelled = {}
      for index, text in ipairs(first) do
        assert.truthy(text:find(assert(plain[index]:match("/link/%w+")), 1, true))
        spelled[text:match('"(%a+)"')] = true
      end
      local count = 0
      for _ in pairs(spelled) do count = count + 1 end
      assert.truthy(count >= 3)
    end)

    it("every word that a setting can be", function()
      for _, rule in ipairs(variants.rules) do
        local words = {}
        for word in pairs(rule.forms) do words[#words + 1] = word end
        table.sort(words)
        assert.same(settings.choices[rule.setting], words, rule.setting)
      end
    end)
  end)

  describe("webhooks that do not say what they should:", function()
    it("an event that is lost: the signature is there, no delivery is", function()
      sandbox:subscribe { "client.onboarding.contract_signed", "client.onboarding.poa_signed" }
      local url = create(samples.client { cases = { samples.case() } }).body.onboardingLinks.url
      control("faults", { event = "client.onboarding.contract_signed" })
      sandbox:sign_all(url)
      sandbox:advance("7d")
      assert.same({ "client.onboarding.poa_signed" }, sandbox:heard())
      assert.is_true(sandbox:partner("GET", "/clients/tenant-1").body.onboardingDone)
      local log = sandbox:control("GET", "deliveries").body
      assert.same({ "client.onboarding.contract_signed", "lost" }, { log[1].event, log[1].status })
      control("contracts", { action = "new_version" })
      control("clients", { externalTenantId = "tenant-1", action = "sign" })
      assert.same({ "client.onboarding.contract_signed" }, sandbox:heard())
    end)

    it("a share of them lost, or all", function()
      sandbox:subscribe { "client.link_requested" }
      control("settings", { webhooks = { lost = 1 } })
      create(samples.existing())
      assert.same({}, sandbox:heard())
      assert.equal(400,
        sandbox:control("POST", "settings", { webhooks = { lost = 2 } }).status)
    end)

    it("a client that only links.client names", function()
      control("settings", { webhooks = { tenant = "links" } })
      sandbox:subscribe { "client.link_requested" }
      create(samples.existing { externalTenantId = "tenant/1" })
      local event = sandbox.events[1]
      assert.is_nil(event.data.externalTenantId)
      assert.equal("http://127.0.0.1:8787/clients/tenant%2F1", event.links.client)
    end)

    it("not by a fault that makes no sense", function()
      for _, wrong in ipairs {
        { event = "client.unknown" }, { event = "client.linked", status = 500 },
        { event = "client.linked", times = 0 }, { lost = "yes" },
      } do
        assert.equal(400, sandbox:control("POST", "faults", wrong).status)
      end
    end)
  end)
end)
