-- What Debitura's articles about the 409 path and about troubleshooting say, as far as no other
-- spec shows it: see docs/statements.md.

local core = require "debitura.core"
local bare_sandbox = require "spec.support.bare_sandbox"

local samples = bare_sandbox.samples

describe("In the sandbox, as Debitura's articles say,", function()
  local sandbox

  before_each(function() sandbox = bare_sandbox.new() end)

  local function conflict(payload)
    local answer = sandbox:partner("POST", "/clients", payload)
    assert.equal(409, answer.status)
    return answer.body.data.onboardingLinks.url
  end

  it("the choice is offered for a user's own address, not for one of its domain", function()
    local payload = samples.existing()
    payload.users[1].email = "chris.colleague@choice.example"
    assert.truthy(conflict(payload):find("/link/", 1, true))
    payload.externalTenantId, payload.users[1].email = "tenant-2", "CHRIS@choice.example"
    assert.truthy(conflict(payload):find("/choice/", 1, true))
  end)

  it("a company is recognised by its number as well as by addresses", function()
    for _, case in ipairs { { "creditor", "ClientExistsNeedsLinking" },
      { "collection_partner", "InvalidClientType" } } do
      local number = "NO " .. case[1]
      assert.equal(200, sandbox:control("POST", "accounts", { name = "Known", country = "Norway",
        email = case[1] .. "@known.example", kind = case[1], registrationNumber = number,
        users = { { name = "Kim", email = case[1] .. "@user.example" } } }).status)
      local payload = samples.client()
      payload.client.registrationNumber, payload.client.country = number:lower(), "Norway"
      local answer = sandbox:partner("POST", "/clients", payload)
      assert.same({ 409, case[2] }, { answer.status, answer.body.type })
      payload.client.country = "Denmark" -- whose numbers are others
      payload.externalTenantId = case[1]
      payload.client.supportEmail = case[1] .. "@another.example"
      payload.users[1].email = case[1] .. "@other-user.example"
      assert.equal(202, sandbox:partner("POST", "/clients", payload).status)
    end
  end)

  it("the entity that is connected by choice gets the cases, and linked ones are not offered",
    function()
    local payload = samples.client { cases = { samples.case() } }
    payload.users[1].email = "chris@choice.example"
    local url = conflict(payload)
    local entity = sandbox:send("GET", url).body:match('value="([^"]+)"[^>]*> Connect')
    assert.equal(303, sandbox:post_form(url .. "/approve", { entity = entity }).status)
    local cases = sandbox:partner("GET", "/cases?ExternalTenantId=tenant-1").body.cases
    assert.same({ 1, "INV-1" }, { #cases, cases[1].creditorReference })
    payload.externalTenantId = "tenant-2"
    assert.is_nil(sandbox:send("GET", (conflict(payload))).body:find(entity, 1, true))
  end)

  it("the approval page has the partner's name, what is asked for, and both answers", function()
    local page = sandbox:send("GET", (conflict(samples.existing()))).body
    for _, expected in ipairs { "Sample Partner", "Existing Customer Ltd", "/approve\"",
      "/decline\"" } do
      assert.truthy(page:find(expected, 1, true), expected)
    end
  end)

  it("no case can be submitted for a customer who has declined", function()
    sandbox:send("POST", conflict(samples.existing()) .. "/decline")
    assert.equal(404,
      sandbox:partner("POST", "/oauth/token", { externalTenantId = "tenant-1" }).status)
    assert.equal(404, sandbox:partner("GET", "/clients/tenant-1").status)
  end)

  it("of two opposite answers the first counts", function()
    local url = conflict(samples.existing { cases = { samples.case() } })
    assert.equal(303, sandbox:send("POST", url .. "/decline").status)
    local second = sandbox:send("POST", url .. "/approve", "", { accept = "application/json" })
    assert.same({ 409, "LinkAlreadyUsed" },
      { second.status, second.body.businessErrors[1].type })
    assert.equal(0, sandbox:partner("GET", "/cases").body.page.totalResults)
  end)

  it("there is no event case.failed: what waits for a signature says so by its lifecycle",
    function()
    local refused = sandbox:partner("POST", "/v1/Webhooks",
      { url = "http://127.0.0.1:9/hook", events = { "case.failed" } })
    assert.equal(400, refused.status)
    sandbox:send("POST", conflict(samples.existing { cases = { samples.case() } }) .. "/approve")
    assert.equal("Pending contract signing",
      sandbox:partner("GET", "/cases").body.cases[1].lifecycle)
  end)

  it("a link that the customer approved earns by cases of the partner's token alone", function()
    sandbox:send("POST", conflict(samples.existing()) .. "/approve")
    local id = sandbox:partner("GET", "/clients/tenant-1").body.client.id
    sandbox:control("POST", "clients", { externalTenantId = "tenant-1", action = "sign" })
    local own = sandbox:send("POST", "/customer/cases",
      assert(core.json.encode(samples.case { creditorReference = "OWN",
        allowPendingContracts = true })),
      { xapikey = "creditor-" .. id, ["content-type"] = "application/json" })
    local ours = sandbox:customer("tenant-1", "POST", "/cases",
      samples.case { creditorReference = "OURS", allowPendingContracts = true })
    for _, created in ipairs { own, ours } do
      assert.equal(200, created.status)
      sandbox:control("POST", "cases", { id = created.body.id, action = "activate" })
      assert.equal(200, sandbox:control("POST", "cases",
        { id = created.body.id, action = "pay", amount = 100 }).status)
    end
    local rows = sandbox:partner("GET", "/reporting/transactions").body.data
    assert.same({ 1, ours.body.id }, { #rows, rows[1].case.invoiceId })
  end)

  it("a carried case without KYC goes on once the next one has asked for it", function()
    local british = { debtor = samples.debtor { countryAlpha2 = "GB" } }
    local payload = samples.client { cases = { samples.case(british) } }
    payload.client.supportEmail = "office@kyc.example"
    sandbox:send("POST", conflict(payload) .. "/approve")
    local function lifecycle() return sandbox:partner("GET", "/cases").body.cases[1].lifecycle end
    sandbox:advance("10d")
    assert.equal("Pending Verification Internal", lifecycle())
    british.creditorReference = "INV-2"
    local refused = sandbox:customer("tenant-1", "POST", "/cases", samples.case(british))
    assert.same({ 422, "MissingKycVerification" },
      { refused.status, refused.body.businessErrors[1].type })
    sandbox:sign_all(refused.body.businessErrors[1].solutionUrl)
    assert.equal(200, sandbox:customer("tenant-1", "POST", "/cases", samples.case(british)).status)
    sandbox:advance("3d")
    assert.not_equal("Pending Verification Internal", lifecycle())
  end)

  it("a jurisdiction without partner is 422 with this error, which this library reads", function()
    sandbox:partner("POST", "/clients", samples.client { users = { { name = "Nora New",
      email = "nora@onboarded.example" } } })
    local answer = sandbox:customer("tenant-1", "POST", "/cases",
      samples.case { debtor = samples.debtor { countryAlpha2 = "JP" } })
    local expected = "We don't have an exclusive pre-legal partner in the provided jurisdiction"
    local one = answer.body.businessErrors[1]
    assert.same({ 422, "NoPartnerAvailable", expected }, { answer.status, one.type, one.message })
    local read = core.envelope.read(422, {}, assert(core.json.encode {
      businessErrors = { { type = "NoPartnerAvailable", message = expected } } }))
    assert.same({ "business", "NoPartnerAvailable", false },
      { read.kind, read.type, read.retryable })
  end)

  it("a test client that was reset is onboarded again with the same address", function()
    local created = sandbox:partner("POST", "/clients",
      samples.client { cases = { samples.case() } })
    sandbox:sign_all(created.body.onboardingLinks.url)
    local case = created.body.caseResults.successfulCases[1]
    sandbox:control("POST", "cases", { id = case.id, action = "activate" })
    assert.equal(403, sandbox:partner("DELETE", "/clients/tenant-1").status)
    sandbox:control("POST", "cases", { id = case.id, action = "close", close_code = "Paid" })
    assert.equal(204, sandbox:partner("DELETE", "/clients/tenant-1").status)
    local again = sandbox:partner("POST", "/clients", samples.client())
    assert.same({ 202, false }, { again.status, again.body.onboardingDone })
  end)
end)
