local core = require "debitura.core"
local bare_sandbox = require "spec.support.bare_sandbox"

local samples = bare_sandbox.samples

describe("Clients in the sandbox", function()
  local sandbox

  before_each(function()
    sandbox = bare_sandbox.new()
  end)

  local function create(changes)
    return sandbox:partner("POST", "/clients", samples.client(changes))
  end

  it("are new: 202 with the page for the first signature", function()
    local answer = create()
    assert.equal(202, answer.status)
    assert.is_true(answer.body.isAttributedClient)
    assert.is_false(answer.body.onboardingDone)
    assert.truthy(answer.body.onboardingLinks.url:find("/companydetails/", 1, true))
    assert.equal("Nora", answer.body.users[1].firstName)
  end)

  it("are onboarded beforehand at a reserved domain: 201", function()
    local answer = create { users = { { name = "Nora New", email = "nora@onboarded.example" } } }
    assert.same({ 201, true }, { answer.status, answer.body.onboardingDone })
    assert.equal(200,
      sandbox:partner("POST", "/oauth/token", { externalTenantId = "tenant-1" }).status)
  end)

  it("have to sign again when a new version comes out: 201 becomes 202 with the re-signing page",
    function()
    create { users = { { name = "Nora New", email = "nora@onboarded.example" } } }
    sandbox:control("POST", "contracts", { action = "new_version" })
    local answer = create()
    assert.equal(202, answer.status)
    assert.truthy(answer.body.onboardingLinks.url:find("/ContractUpgrade/Sign/", 1, true))
    assert.same({ "sdca" }, (sandbox:sign_all(answer.body.onboardingLinks.url)))
    assert.equal(201, create().status)
  end)

  it("are created once: the same externalTenantId reports the cases and makes none", function()
    create { cases = { samples.case() } }
    local again = create { cases = { samples.case() } }
    assert.equal(202, again.status)
    assert.equal("IdempotencyViolation", again.body.caseResults.failedCases[1].errorType)
    assert.same({}, again.body.caseResults.successfulCases)
    assert.equal(1, sandbox:partner("GET", "/cases").body.page.totalResults)
  end)

  it("keep cases that no partner collects out of the result without failing", function()
    local answer = create { cases = { samples.case(), samples.case { creditorReference = "INV-2",
      debtor = samples.debtor { type = "Person", countryAlpha2 = "BR" } } } }
    assert.equal(202, answer.status)
    assert.equal("INV-1", answer.body.caseResults.successfulCases[1].creditorReference)
    local failed = answer.body.caseResults.failedCases[1]
    assert.same({ 1, "INV-2", "NoPartnerAvailable" }, { failed.caseIndex, failed.creditorReference,
      failed.errorType })
  end)

  it("are refused as a whole for one bad case, by the path of each problem", function()
    local answer = create { cases = { samples.case(), samples.case { creditorReference = "INV-2" },
      samples.case() } }
    assert.equal(400, answer.status)
    assert.is_table(answer.body["cases[2].creditorReference"])
    answer = create { cases = { samples.case(), samples.case { creditorReference = "INV-2",
      currencyCode = "euro" } } }
    assert.is_table(answer.body["cases[1].currencyCode"])
    assert.equal(404, sandbox:partner("GET", "/clients/tenant-1").status)
  end)

  it("need exactly one onboarding user among several", function()
    local users = { { name = "A", email = "a@new.example" },
      { name = "B", email = "b@new.example" } }
    assert.equal(400, create { users = users }.status)
    users[2].isOnboardingUser = true
    assert.equal(202, create { users = users }.status)
    assert.equal("b@new.example", sandbox:partner("GET", "/clients/tenant-1").body.users[1].email)
  end)

  it("are told from wrong requests: not JSON, another content type, no body", function()
    local headers = { ["content-type"] = "application/json" }
    for _, body in ipairs { "{", "", "null", "[]", "42", '{"externalTenantId":' } do
      assert.equal(400, sandbox:partner("POST", "/clients", body, headers).status, body)
    end
    assert.equal(415, sandbox:partner("POST", "/clients", "a=b",
      { ["content-type"] = "application/x-www-form-urlencoded" }).status)
    assert.equal(415, sandbox:partner("POST", "/clients", "{}").status)
    assert.equal(413, sandbox:partner("POST", "/clients", ("x"):rep(27 * 1024 * 1024),
      headers).status)
  end)

  it("have ids that tell capital letters and take any character", function()
    create { externalTenantId = "Größe/1 %" }
    assert.equal(200, sandbox:partner("GET", "/clients/Gr%C3%B6%C3%9Fe%2F1%20%25").status)
    create { externalTenantId = "abc", client = { name = "Abc", country = "Sweden",
      supportEmail = "abc@new.example" },
      users = { { name = "Abc", email = "a@abc.example" } } }
    assert.equal(404, sandbox:partner("GET", "/clients/ABC").status)
  end)

  it("are listed in pages, filtered and sorted", function()
    for index = 1, 60 do
      sandbox:advance("1d")
      create {
        externalTenantId = "tenant-" .. index,
        client = { name = ("Client %02d"):format(index), country = "Denmark",
          supportEmail = ("office@client-%d.example"):format(index) },
        users = { { name = "U", email = ("user-%d@%s.example")
          :format(index, index % 2 == 0 and "onboarded" or "new") } },
      }
    end
    local all = sandbox:partner("GET", "/clients").body
    assert.same({ 60, 50, 2 }, { all.page.totalResults, all.page.pageSize, all.page.totalPages })
    assert.equal("tenant-60", all.clients[1].externalTenantId)
    assert.same({ 60, 60, 30, 30 }, { all.summary.totalClients, all.summary.attributedClients,
      all.summary.onboardingComplete,
      all.summary.onboardingPending })
    assert.equal("Client 01",
      sandbox:partner("GET", "/clients?Sort=name&PageSize=1").body.clients[1].client.companyName)
    assert.equal(30, sandbox:partner("GET", "/clients?OnboardingDone=true").body.page.totalResults)
    assert.equal(0,
      sandbox:partner("GET", "/clients?IsAttributedClient=false").body.page.totalResults)
    assert.equal(1, sandbox:partner("GET", "/clients?Query=client%2007").body.page.totalResults)
    assert.equal(1,
      sandbox:partner("GET", "/clients?ExternalTenantId=tenant-3").body.page.totalResults)
    assert.equal(2,
      sandbox:partner("GET",
        "/clients?DateCreatedFrom=2030-01-03&DateCreatedTo=2030-01-04").body.page.totalResults)
    assert.equal(400, sandbox:partner("GET", "/clients?PageSize=101").status)
  end)

  it("are withdrawn before they finish, and may come again", function()
    sandbox:subscribe { "case.closed" }
    create { cases = { samples.case() } }
    assert.equal(204, sandbox:partner("POST", "/clients/tenant-1/withdraw").status)
    assert.equal("CaseNeverStartedInternal", sandbox.events[1].data.closeCode)
    assert.equal(404, sandbox:partner("GET", "/clients/tenant-1").status)
    assert.equal(404, sandbox:partner("POST", "/clients/tenant-1/withdraw").status)
    assert.equal(202, create().status)
  end)

  it("are not withdrawn once a case is on its way or when they existed before", function()
    local created = create { cases = { samples.case() } }
    sandbox:sign_all(created.body.onboardingLinks.url)
    assert.equal(409, sandbox:partner("POST", "/clients/tenant-1/withdraw").status)
    local url = sandbox:partner("POST", "/clients",
      samples.existing { externalTenantId = "tenant-2" }).body.data.onboardingLinks.url
    sandbox:send("POST", url .. "/approve")
    assert.equal(409, sandbox:partner("POST", "/clients/tenant-2/withdraw").status)
  end)

  it("are reset for tests unless a case is active, and are then unknown", function()
    local created = create { cases = { samples.case() } }
    sandbox:sign_all(created.body.onboardingLinks.url)
    local id = created.body.caseResults.successfulCases[1].id
    sandbox:control("POST", "cases", { id = id, action = "activate" })
    local deletable = sandbox:partner("GET", "/clients/tenant-1/is-deletable").body
    assert.same({ false, 1 }, { deletable.isDeletable, #deletable.blockers })
    assert.equal(403, sandbox:partner("DELETE", "/clients/tenant-1").status)
    sandbox:control("POST", "cases", { id = id, action = "close" })
    assert.is_true(sandbox:partner("GET", "/clients/tenant-1/is-deletable").body.isDeletable)
    local token = sandbox:partner("POST", "/oauth/token",
      { externalTenantId = "tenant-1" }).body.accessToken
    assert.equal(204, sandbox:partner("DELETE", "/clients/tenant-1").status)
    assert.equal(401,
      sandbox:send("GET", "/customer/me", "", { authorization = "Bearer " .. token }).status)
    assert.equal(0, sandbox:partner("GET", "/cases").body.page.totalResults)
    assert.is_true(create({ externalTenantId = "tenant-2" }).body.isAttributedClient)
  end)

  it("get a KYC record that the newest replaces", function()
    create()
    local function submit(name, headers)
      return sandbox:partner("POST", "/clients/tenant-1/kyc-verification",
        { directorFullName = name, directorHomeAddress = "1 Sample Street",
          directorDateOfBirth = "1980-02-29" }, headers)
    end
    local first = submit("Dana Director", { ["idempotency-key"] = "k" })
    assert.same({ 201, core.null }, { first.status, first.body.verificationStatus })
    assert.same(first.body, submit("Dana Director", { ["idempotency-key"] = "k" }).body)
    assert.equal(422, submit("Otto Other", { ["idempotency-key"] = "k" }).status)
    sandbox:advance("1h")
    assert.equal("Processing",
      sandbox:partner("GET", "/clients/tenant-1").body.kycVerification.verificationStatus)
    submit("Otto Other")
    sandbox:advance("23h")
    local record = sandbox:partner("GET", "/clients/tenant-1").body.kycVerification
    assert.same({ "Otto Other", "Processing" },
      { record.directorFullName, record.verificationStatus })
    sandbox:advance("1h")
    assert.equal("verified", sandbox:partner("GET", "/clients/tenant-1").body.kycStatus)
    assert.equal(400, submit("").status)
  end)
end)

describe("Tokens in the sandbox", function()
  local sandbox, token

  before_each(function()
    sandbox = bare_sandbox.new()
    sandbox:partner("POST", "/clients",
      samples.client { users = { { name = "Nora New", email = "nora@onboarded.example" } } })
    token = sandbox:partner("POST", "/oauth/token", { externalTenantId = "tenant-1" }).body
  end)

  local function me(bearer)
    return sandbox:send("GET", "/customer/me", "", { authorization = "Bearer " .. bearer })
  end

  it("are JWTs of half an hour for one client", function()
    assert.same({ "Bearer", 1800, "tenant-1" },
      { token.tokenType, token.expiresIn, token.externalTenantId })
    assert.equal(token.creditorId, me(token.accessToken).body.id)
    sandbox:advance("29m59s")
    assert.equal(200, me(token.accessToken).status)
    sandbox:advance("1s")
    assert.same({ 401, "" }, { me(token.accessToken).status, me(token.accessToken).body })
  end)

  it("are worth nothing when they were tampered with", function()
    local head, claims, mac = token.accessToken:match("^(.-)%.(.-)%.(.-)$")
    local other = claims:gsub("^....", "eyJh")
    for _, wrong in ipairs { head .. "." .. other .. "." .. mac, head .. "." .. claims .. ".",
      head .. "." .. claims, "a.b.c", "", "%",
      "eyJhbGciOiJub25lIn0." .. claims .. "." .. mac, token.accessToken .. "x" } do
      assert.equal(401, me(wrong).status, wrong)
    end
  end)

  it("are not minted for a client who has not signed", function()
    sandbox:control("POST", "contracts", { action = "new_version" })
    assert.equal(404,
      sandbox:partner("POST", "/oauth/token", { externalTenantId = "tenant-1" }).status)
    assert.equal(400, sandbox:partner("POST", "/oauth/token", { externalTenantId = "" }).status)
  end)
end)

describe("Divisions in the sandbox", function()
  local sandbox

  before_each(function()
    sandbox = bare_sandbox.new()
    local created = sandbox:partner("POST", "/clients",
      samples.client { cases = { samples.case() } })
    sandbox:sign_all(created.body.onboardingLinks.url)
  end)

  local function call(method, path, body)
    return sandbox:customer("tenant-1", method, path, body)
  end

  it("are created, changed as a whole, filed under, archived and deleted", function()
    local sample = { companyName = "Sample Unit", city = "Odense", countryCode = "DK",
      officePhone = "+45 00000000" }
    local created = call("POST", "/divisions", sample)
    assert.equal(201, created.status)
    local path = "/divisions/" .. created.body.id
    assert.equal("Denmark", call("GET", path).body.country.name)
    sample.officePhone, sample.city = nil, "Aarhus"
    local changed = call("PUT", path, sample).body
    assert.same({ "Aarhus", core.null }, { changed.city, changed.officePhone })
    local case = call("POST", "/cases", samples.case { creditorReference = "INV-2",
      creditorDivisionId = created.body.id })
    assert.equal("Sample Unit", case.body.creditor.division.name)
    assert.equal(1, call("GET", "/cases?DivisionIds=" .. created.body.id).body.page.totalResults)
    assert.equal(422, call("DELETE", path).status)
    assert.is_true(call("POST", path .. ":archive").body.isArchived)
    assert.equal(422, call("POST", path .. "/archive").status)
    assert.equal(400,
      call("POST", "/cases", samples.case { creditorReference = "INV-3",
        creditorDivisionId = created.body.id }).status)
    assert.equal(0, call("GET", "/divisions").body.page.totalResults)
    assert.equal(1, call("GET", "/divisions?includeArchived=true").body.page.totalResults)
    sandbox:control("POST", "cases", { id = case.body.id, action = "close" })
    assert.equal(204, call("DELETE", path).status)
    assert.equal(404, call("GET", path).status)
    assert.equal(400,
      call("POST", "/divisions", { companyName = "X", city = "Y", countryCode = "XX" }).status)
  end)
end)

describe("Earnings in the sandbox", function()
  it("follow each payment through its stages", function()
    local sandbox = bare_sandbox.new()
    local created = sandbox:partner("POST", "/clients",
      samples.client { cases = { samples.case(), samples.case {
      creditorReference = "INV-2", debtor = samples.debtor { countryAlpha2 = "NL" } } } })
    sandbox:sign_all(created.body.onboardingLinks.url)
    local ids = {}
    for index, case in ipairs(created.body.caseResults.successfulCases) do
      sandbox:control("POST", "cases", { id = case.id, action = "activate" })
      ids[index] = sandbox:control("POST", "cases",
        { id = case.id, action = "pay", amount = index * 100 }).body.paymentId
      sandbox:advance("1d")
    end
    local function report(query)
      return sandbox:partner("GET", "/reporting/transactions" .. (query or "")).body
    end
    local all = report()
    assert.equal(2, all.page.totalResults)
    assert.equal(ids[2], all.data[1].transactionId)
    -- 100 EUR, 12.5 % success fee, 30 % of it Debitura's, 25 % of that the partner's, 1.1 dollars a
    -- euro
    assert.same({ 3.75, 0.94, 1.03 },
      { all.data[2].earnings.debituraRevenue, all.data[2].earnings.referralFeeAmount,
        all.data[2].earnings.referralFeeAmountUsd })
    assert.equal(2, all.summary.revenue.pendingCount)
    sandbox:control("POST", "payments", { id = ids[1], action = "settle", commission_status = 1,
      platform_status = 2 })
    sandbox:control("POST", "payments", { id = ids[2], action = "settle", referral_status = 3 })
    local narrowed = report("?RevenueStages=3")
    assert.same({ 1, ids[1] }, { narrowed.page.totalResults, narrowed.data[1].transactionId })
    assert.is_true(narrowed.data[1].recognition.isRecognized)
    assert.same({ 1, 1, 0 }, { narrowed.summary.revenue.readyToInvoiceDebituraCount,
      narrowed.summary.revenue.disputedCount,
      narrowed.summary.revenue.pendingCount })
    assert.equal("Disputed",
      report("?ReferralInvoicingStatuses=3").data[1].status.referralInvoicingStatus)
    assert.equal(1, report("?HasRecognizedRevenue=true").page.totalResults)
    assert.equal(1, report("?FromDate=2030-01-02").page.totalResults)
    assert.equal(1, report("?CountryIds=528").page.totalResults)
    assert.equal(2, report("?Search=sample%20client").page.totalResults)
    assert.equal(0, report("?Search=zz").page.totalResults)
    assert.equal(ids[1], report("?Sort=amount:asc").data[1].transactionId)
    assert.equal(3.09, sandbox:partner("GET", "/clients/tenant-1").body.caseStats.earningsUsd)
    sandbox:control("POST", "payments", { id = ids[2], action = "delete" })
    assert.equal(1, report().page.totalResults)
    local options = sandbox:partner("GET", "/referral-partner/filter-options").body
    assert.same({ "Germany", "Netherlands" },
      { options.countries[1].name, options.countries[2].name })
    assert.equal("Sample Collections Central", options.carveoutPartners[1].name)
  end)
end)
