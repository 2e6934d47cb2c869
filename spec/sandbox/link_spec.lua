local core = require "debitura.core"
local bare_sandbox = require "spec.support.bare_sandbox"

local samples = bare_sandbox.samples
local ALL = {
  "client.linked", "client.link_declined", "client.link_requested", "client.link_expired",
  "client.onboarding.poa_signed", "client.onboarding.contract_signed", "case.created",
  "case.updated", "case.closed", "cases.replay_failed",
}

describe("The sandbox's 409 path", function()
  local sandbox, subscription

  before_each(function()
    sandbox = bare_sandbox.new()
    subscription = sandbox:subscribe(ALL)
  end)

  local function conflict(payload)
    local answer = sandbox:partner("POST", "/clients", payload)
    assert.equal(409, answer.status)
    return answer.body.data.onboardingLinks and answer.body.data.onboardingLinks.url, answer.body
  end

  describe("recognises", function()
    local function conflict_type(support_email, user_email)
      local payload = samples.client()
      payload.client.supportEmail = support_email or payload.client.supportEmail
      payload.users[1].email = user_email or payload.users[1].email
      local answer = sandbox:partner("POST", "/clients", payload)
      return answer.status, answer.body.type
    end

    it("an existing customer by the support e-mail, in any case", function()
      assert.same({ 409, "ClientExistsNeedsLinking" }, { conflict_type("OFFICE@existing.example") })
    end)

    it("a user of another partner's client", function()
      assert.same({ 409, "ClientAlreadyLinkedToAnotherPartner" },
        { conflict_type(nil, "toni@other-partner.example") })
    end)

    it("an account that is not a creditor's", function()
      assert.same({ 409, "InvalidClientType" }, { conflict_type("desk@collector.example") })
    end)

    it("a contact who has companies at Debitura, and offers the choice", function()
      local payload = samples.client()
      payload.users[1].email = "chris@choice.example"
      local url, body = conflict(payload)
      assert.equal("ClientExistsNeedsLinking", body.type)
      assert.truthy(url:find("/choice/", 1, true))
      assert.equal(url, body.data.onboardingUrl)
    end)

    it("no account in a new customer", function()
      assert.equal(202, (conflict_type()))
    end)

    it("a customer who was created under another externalTenantId", function()
      sandbox:partner("POST", "/clients", samples.client())
      local answer = sandbox:partner("POST", "/clients",
        samples.client { externalTenantId = "tenant-2" })
      assert.equal(409, answer.status)
    end)
  end)

  it("is told in every form in which the service has been seen to write it", function()
    for _, form in ipairs { "plain", "pascal", "wrapped", "approval_url", "onboarding_url" } do
      sandbox:control("POST", "settings", { conflicts = form })
      local answer = sandbox:partner("POST", "/clients", samples.existing(),
        { faulty = "another form" })
      local read = core.envelope.read(409, {}, core.json.encode(answer.body))
      assert.equal("ClientExistsNeedsLinking", read.type, form)
      assert.equal(200, sandbox:send("GET", read.approval_url).status, form)
    end
    sandbox:control("POST", "settings", { conflicts = "other_name" })
    local payload = samples.client()
    payload.client.supportEmail = "office@other-partner.example"
    assert.equal("AlreadyLinkedToAnotherPartner",
      sandbox:partner("POST", "/clients", payload).body.type)
    sandbox:control("POST", "settings", { webhook_answers = "pascal" })
    local listed = sandbox:partner("GET", "/v1/Webhooks", nil, { faulty = "another form" }).body
    assert.equal(subscription.id, listed[1].Id)
    assert.equal("client.linked", listed[1].Events[1])
  end)

  it("says nothing personal in the 409 and keeps the link out of the clients until it is approved",
    function()
    local _, body = conflict(samples.existing())
    assert.equal("tenant-1", body.data.externalTenantId)
    assert.is_nil(body.data.client)
    assert.equal(404, sandbox:partner("GET", "/clients/tenant-1").status)
    assert.equal(404,
      sandbox:partner("POST", "/oauth/token", { externalTenantId = "tenant-1" }).status)
  end)

  it("shows the customer who asks for what, without running what a payload says", function()
    local payload = samples.existing()
    payload.client.name = "<script>alert(1)</script>"
    payload.users[1].email = "chris@choice.example"
    local page = sandbox:send("GET", (conflict(payload)))
    assert.equal(200, page.status)
    assert.truthy(page.body:find("Sample Partner", 1, true))
    assert.truthy(page.body:find("&lt;script&gt;", 1, true))
    assert.is_nil(page.body:find("<script", 1, true))
  end)

  it("links on approval and carries each case through once, waiting for signatures", function()
    local url = conflict(samples.existing { cases = { samples.case(),
      samples.case { creditorReference = "INV-2" } } })
    assert.same({ "client.link_requested" }, sandbox:heard())
    local answer = sandbox:send("POST", url .. "/approve", "", { accept = "application/json" })
    assert.equal("linked", answer.body.status)
    local events = sandbox.events
    assert.same({ "client.linked", "case.created", "case.created" }, sandbox:heard())
    assert.is_false(events[1].data.creditor.isAttributed)
    assert.equal("INV-1", events[2].data.creditorReference)
    assert.equal("INV-2", events[3].data.creditorReference)
    assert.equal("Pending contract signing", events[3].data.lifecycle)
    local client = sandbox:partner("GET", "/clients/tenant-1").body
    assert.is_false(client.isAttributedClient)
    assert.is_false(client.onboardingDone)
  end)

  it("lets one of two approvals win", function()
    local url = conflict(samples.existing { cases = { samples.case() } })
    assert.equal(303, sandbox:send("POST", url .. "/approve").status)
    local second = sandbox:send("POST", url .. "/approve", "", { accept = "application/json" })
    assert.equal(409, second.status)
    assert.equal("LinkAlreadyUsed", second.body.businessErrors[1].type)
    assert.equal(409, sandbox:send("POST", url .. "/decline").status)
    assert.equal(409, sandbox:send("GET", url).status)
    assert.equal(1, sandbox:partner("GET", "/cases").body.page.totalResults)
  end)

  it("ends with client.link_declined when the customer says no, and tells no attribution",
    function()
    local url = conflict(samples.existing())
    sandbox:send("POST", url .. "/decline")
    local declined = sandbox.events[2]
    assert.equal("client.link_declined", declined.event)
    assert.equal("tenant-1", declined.data.externalTenantId)
    assert.is_nil(declined.data.creditor.isAttributed)
    assert.equal(404, sandbox:partner("GET", "/clients/tenant-1").status)
  end)

  it("expires after 7 days, at the next full hour, and the same call opens a fresh window",
    function()
    sandbox:advance("30m")
    local payload = samples.existing { cases = { samples.case() } }
    local first = conflict(payload)
    sandbox:heard()
    sandbox:advance("7d")
    assert.same({}, sandbox:heard())
    assert.equal(410, sandbox:send("POST", first .. "/approve").status)
    sandbox:advance("30m")
    local expired = sandbox.events[1]
    assert.equal("client.link_expired", expired.event)
    assert.equal("2030-01-08T01:00:00Z", expired.timestamp)
    local second = conflict(payload)
    assert.not_equal(first, second)
    assert.equal(410, sandbox:send("GET", first).status)
    assert.equal(303, sandbox:send("POST", second .. "/approve").status)
    assert.same({ "client.link_expired", "client.link_requested", "client.linked", "case.created" },
      sandbox:heard())
  end)

  it("keeps the window of each partner between 1 and 30 days", function()
    for _, days in ipairs { 1, 14, 30 } do
      sandbox = bare_sandbox.new { settings = { ttl_days = days } }
      sandbox:subscribe(ALL)
      conflict(samples.existing())
      sandbox:heard()
      sandbox:advance(days * 86400 - 1)
      assert.same({}, sandbox:heard())
      sandbox:advance(1)
      assert.same({ "client.link_expired" }, sandbox:heard())
    end
    for _, days in ipairs { 0, 31 } do
      assert.equal(400, sandbox:control("POST", "settings", { ttl_days = days }).status)
    end
  end)

  it("gives the same link again while it is pending", function()
    local first = conflict(samples.existing())
    sandbox:advance("6d")
    assert.equal(first, (conflict(samples.existing())))
    assert.same({ "client.link_requested" }, sandbox:heard())
  end)

  it("connects the company that was chosen, or opens a new one under the same user", function()
    local payload = samples.client { cases = { samples.case() } }
    payload.users[1].email = "chris@choice.example"
    local url = conflict(payload)
    local page = sandbox:send("GET", url).body
    local second = page:match('value="([^"]+)"[^>]*> Connect <b>Second Choice Ltd')
    assert.equal(400, sandbox:post_form(url .. "/approve", { entity = "another's" }).status)
    assert.equal(303, sandbox:post_form(url .. "/approve", { entity = second }).status)
    assert.equal("Second Choice Ltd",
      sandbox:partner("GET", "/clients/tenant-1").body.client.companyName)

    payload.externalTenantId = "tenant-2"
    url = conflict(payload)
    assert.is_nil(sandbox:send("GET", url).body:find("Second Choice Ltd", 1, true))
    assert.equal(303, sandbox:post_form(url .. "/approve", { entity = "new" }).status)
    local created = sandbox:partner("GET", "/clients/tenant-2").body
    assert.equal("Sample Client Ltd", created.client.companyName)
    assert.is_false(created.isAttributedClient)
    assert.equal(1, created.caseStats.casesTotal)
  end)

  it("walks through SDCA, PoA and JPA and back to the platform, and moves the cases on", function()
    local url = conflict(samples.existing { cases = { samples.case() } })
    local approved = sandbox:send("POST",
      url .. "/approve?returnUrl=https%3A%2F%2Fplatform.example%2Fdone")
    sandbox:heard()
    local steps, ended = sandbox:sign_all(approved.headers.location)
    assert.same({ "sdca", "poa", "jpa" }, steps)
    assert.equal("https://platform.example/done", ended)
    local signed = sandbox.events[1]
    assert.equal("2030-01-01T00:00:00Z", signed.data.signedAt)
    assert.same({ "client.onboarding.contract_signed", "client.onboarding.poa_signed",
      "case.updated" }, sandbox:heard())
    assert.equal("Pending Verification Internal",
      sandbox:partner("GET", "/cases").body.cases[1].lifecycle)
    assert.equal(201, sandbox:partner("POST", "/clients", samples.existing()).status)
  end)

  it("ignores a returnUrl that is not absolute http(s)", function()
    local url = conflict(samples.existing())
    local answer = sandbox:send("POST", url .. "/approve?returnUrl=javascript%3Aalert(1)")
    assert.is_nil(answer.headers.location:find("javascript", 1, true))
  end)

  it("tells what could not be replayed", function()
    local url = conflict(samples.existing {
      cases = { samples.case(), samples.case { creditorReference = "INV-2",
        debtor = samples.debtor { countryAlpha2 = "BR" } } },
    })
    sandbox:send("POST", url .. "/approve")
    local failed = sandbox.events[4]
    assert.equal("cases.replay_failed", failed.event)
    assert.equal("INV-2", failed.data.failedCases[1].creditorReference)
    assert.equal(1, failed.data.failedCases[1].caseIndex)
    assert.equal("NoPartnerAvailable", failed.data.failedCases[1].errorType)
  end)

  it("lets carried cases against British debtors wait silently for KYC", function()
    local payload = samples.client { cases = { samples.case {
      debtor = samples.debtor { countryAlpha2 = "GB" } } } }
    payload.client.supportEmail = "office@kyc.example"
    sandbox:send("POST", conflict(payload) .. "/approve")
    assert.equal("Pending Verification Internal", sandbox.events[3].data.lifecycle)
    sandbox:heard()
    sandbox:advance("30d")
    assert.same({}, sandbox:heard())
    assert.equal("pending", sandbox:partner("GET", "/clients/tenant-1").body.kycStatus)
  end)

  it("signs every delivery with the subscription's secret", function()
    conflict(samples.existing())
    local event = sandbox.events[1]
    assert.equal(core.signature.sign(subscription.secret, event.raw, sandbox.wall), event.signature)
    assert.equal("client.link_requested", event.headers["X-Debitura-Event"])
    assert.equal(tostring(sandbox.wall), event.headers["X-Debitura-Timestamp"])
    assert.equal("1.0", event.specVersion)
  end)
end)
