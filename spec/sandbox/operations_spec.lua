local core = require "debitura.core"
local operations = require "debitura.operations"
local bare_sandbox = require "spec.support.bare_sandbox"

local samples = bare_sandbox.samples
local UNKNOWN = "00000000-0000-4000-8000-000000000000"

--- A client that has signed everything its case needs, and the ids of what it has.
local function furnished(sandbox)
  local created = sandbox:partner("POST", "/clients",
    samples.client { cases = { samples.case { isTest = true } } })
  assert.equal(202, created.status)
  sandbox:sign_all(created.body.onboardingLinks.url)
  return created.body.caseResults.successfulCases[1]
end

describe("Every operation of the sandbox", function()
  local sandbox, case

  before_each(function()
    sandbox = bare_sandbox.new()
    case = furnished(sandbox)
  end)

  it("is there, in both APIs", function()
    local count = 0
    for _, api in ipairs { "partner", "customer" } do
      for _, row in operations.each(api) do
        if not row.variant_of then
          count = count + 1
          local path = row.path:gsub("{externalTenantId}", "tenant-1"):gsub("{creditorReference}",
            "none"):gsub("{.-}", UNKNOWN)
          local arguments = { row.method, path }
          local answer = api == "partner" and sandbox:partner(arguments[1], arguments[2])
            or sandbox:customer("tenant-1", arguments[1], arguments[2])
          -- Without a body what takes one refuses it as no JSON; deleting the client ends the
          -- walk's own client.
          assert.is_true(answer.status ~= 418 and answer.status ~= 405,
            row.name .. " " .. answer.status)
          if row.name == "clients.delete" or row.name == "clients.withdraw" then
            sandbox = bare_sandbox.new()
            case = furnished(sandbox)
          end
        end
      end
    end
    assert.equal(75, count)
  end)

  it("asks for its credential", function()
    for _, api in ipairs { "partner", "customer" } do
      for _, row in operations.each(api) do
        if not row.variant_of then
          local prefix = api == "customer" and "/customer" or ""
          local path = prefix .. row.path:gsub("{.-}", UNKNOWN)
          for _, headers in ipairs { {}, { xapikey = "wrong" },
            { authorization = "Bearer garbage" } } do
            assert.equal(401, sandbox:send(row.method, path, "", headers).status, row.name)
          end
        end
      end
    end
  end)

  it("answers 404 for ids that do not exist and for ids that are none", function()
    for _, id in ipairs { UNKNOWN, "none", "%00", "..%2F.." } do
      for _, row in operations.each("customer") do
        if row.path:find("{id}", 1, true) and row.method == "GET" then
          local answer = sandbox:customer("tenant-1", "GET",
            (row.path:gsub("{.-}", (id:gsub("%%", "%%%%")))))
          assert.equal(404, answer.status, row.name)
        end
      end
    end
  end)

  it("reads through the Customer API what the partner created", function()
    local answer = sandbox:customer("tenant-1", "GET", "/cases/" .. case.id)
    assert.equal(200, answer.status)
    assert.equal("INV-1", answer.body.creditorReference)
    assert.equal(1000.1, answer.body.grossAmount)
    assert.equal(case.id,
      sandbox:customer("tenant-1", "GET", "/cases/by-creditor-reference/INV-1").body.id)
    assert.equal(case.id,
      sandbox:customer("tenant-1", "GET", "/cases/case-reference/" .. case.reference).body.id)
    assert.equal("Sample Client Ltd", sandbox:customer("tenant-1", "GET", "/me").body.companyName)
    assert.equal("nora@new.example",
      sandbox:customer("tenant-1", "GET", "/users").body.users[1].email)
  end)

  it("shows nothing of one client to another", function()
    sandbox:partner("POST", "/clients", samples.client { externalTenantId = "tenant-2",
      client = { name = "Other Ltd", country = "Sweden", supportEmail = "office@other.example" },
      users = { { name = "Otto Other", email = "otto@onboarded.example" } } })
    for _, path in ipairs { "/cases/" .. case.id, "/cases/by-creditor-reference/INV-1",
      "/cases/" .. case.id .. "/chats" } do
      assert.equal(404, sandbox:customer("tenant-2", "GET", path).status)
    end
    assert.equal(0, sandbox:customer("tenant-2", "GET", "/cases").body.page.totalResults)
  end)
end)

describe("Cases in the sandbox", function()
  local sandbox

  before_each(function()
    sandbox = bare_sandbox.new()
    furnished(sandbox)
  end)

  local function submit(changes, headers)
    return sandbox:customer("tenant-1", "POST", "/cases", samples.case(changes), headers)
  end

  it("are listed in pages, filtered and sorted", function()
    for index = 2, 25 do submit { creditorReference = "INV-" .. index, amountToRecover = index } end
    local first = sandbox:customer("tenant-1", "GET", "/cases?Sort=GrossAmount:asc").body
    assert.same({ 25, 10, 1, 10, 3 }, { first.page.totalResults, first.page.pageSize,
      first.page.currentPage,
      first.page.responseCount, first.page.totalPages })
    assert.equal("INV-2", first.cases[1].creditorReference)
    local last = sandbox:customer("tenant-1", "GET",
      "/cases?Page=3&PageSize=10&Sort=GrossAmount").body
    assert.equal(5, #last.cases)
    assert.equal("INV-1", last.cases[5].creditorReference)
    assert.equal(25,
      sandbox:customer("tenant-1", "GET",
        "/cases?Statuses=PendingVerificationInternal").body.page.totalResults)
    assert.equal(0,
      sandbox:customer("tenant-1", "GET", "/cases?Statuses=Active,Closed").body.page.totalResults)
    assert.equal(1, sandbox:partner("GET", "/cases?Query=INV-17").body.page.totalResults)
    assert.equal(25,
      sandbox:partner("GET",
        "/cases?Statuses=Pending%20Verification%20Internal&CountryIds=276").body.page.totalResults)
    assert.equal(0,
      sandbox:partner("GET",
        "/cases?CountryIds=208&ExternalTenantId=tenant-1").body.page.totalResults)
    for _, wrong in ipairs { "Page=0", "PageSize=101", "Page=x", "Ids=none" } do
      assert.equal(400, sandbox:customer("tenant-1", "GET", "/cases?" .. wrong).status)
    end
  end)

  it("are refused with what has to be signed, and accepted as pending when that is allowed",
    function()
    local debtor = samples.debtor { countryAlpha2 = "DK" }
    local refused = submit { creditorReference = "INV-2", debtor = debtor,
      returnUrl = "https://platform.example/x" }
    assert.equal(422, refused.status)
    assert.equal("MissingPowerOfAttorney", refused.body.businessErrors[1].type)
    assert.truthy(refused.body.businessErrors[1].solutionUrl:find("/poa/", 1, true))
    local pending = submit { creditorReference = "INV-2", debtor = debtor,
      allowPendingContracts = true }
    assert.equal("Pending contract signing", pending.body.lifecycle)
    assert.equal("SignContract", sandbox:customer("tenant-1", "GET", "/tasks").body.tasks[1].type)
    local status = sandbox:customer("tenant-1", "GET", "/cases/" .. pending.body.id
      .. "/contract-status").body
    assert.is_true(status.needsPoaSigning)
    assert.same(core.null, status.pricingAppendix)
    local steps, ended = sandbox:sign_all(refused.body.signingHandoff.combinedSigningUrl)
    assert.same({ "poa" }, steps)
    assert.equal("https://platform.example/x", ended)
    assert.equal("Pending Verification Internal",
      sandbox:customer("tenant-1", "GET", "/cases/" .. pending.body.id).body.lifecycle)
    assert.equal(0, sandbox:customer("tenant-1", "GET", "/tasks").body.page.totalResults)
    assert.equal(1,
      sandbox:customer("tenant-1", "GET", "/tasks?status=Solved").body.page.totalResults)
  end)

  it("need KYC where the partner asks for it, allowed pending or not", function()
    local debtor = samples.debtor { countryAlpha2 = "GB" }
    local refused = submit { creditorReference = "INV-2", debtor = debtor,
      allowPendingContracts = true }
    assert.equal(422, refused.status)
    assert.equal("MissingKycVerification", refused.body.businessErrors[1].type)
    assert.same({ "poa", "kyc" },
      (sandbox:sign_all(refused.body.signingHandoff.combinedSigningUrl)))
    assert.equal(200, submit { creditorReference = "INV-2", debtor = debtor }.status)
    assert.equal("pending", sandbox:partner("GET", "/clients/tenant-1").body.kycStatus)
    sandbox:advance("1d")
    assert.equal("verified", sandbox:partner("GET", "/clients/tenant-1").body.kycStatus)
  end)

  it("are refused where no partner collects, the creditor is blocked, or the reference is taken",
    function()
    local far = submit { creditorReference = "INV-2",
      debtor = samples.debtor { type = "Person", countryAlpha2 = "JP" } }
    assert.same({ 422, "NoPartnerAvailable" }, { far.status, far.body.businessErrors[1].type })
    assert.same(core.null, far.body.businessErrors[1].solutionUrl)
    local taken = submit()
    assert.equal(400, taken.status)
    assert.is_table(taken.body.creditorReference)
    sandbox:control("POST", "clients", { externalTenantId = "tenant-1", action = "block" })
    assert.equal("CreditorBlocked",
      submit({ creditorReference = "INV-3" }).body.businessErrors[1].type)
  end)

  it("answer a repeated Idempotency-Key with the stored answer and refuse another body", function()
    local headers = { ["idempotency-key"] = "key-1" }
    local first = submit({ creditorReference = "INV-2" }, headers)
    assert.equal(200, first.status)
    assert.same(first.body, submit({ creditorReference = "INV-2" }, headers).body)
    local conflict = submit({ creditorReference = "INV-3" }, headers)
    assert.same({ 422, "IdempotencyConflict" },
      { conflict.status, conflict.body.businessErrors[1].type })
    assert.equal(400, submit({ currencyCode = "" }, { ["idempotency-key"] = "key-2" }).status)
    assert.equal(200,
      submit({ creditorReference = "INV-4" }, { ["idempotency-key"] = "key-2" }).status)
    assert.equal(400,
      submit({ creditorReference = "INV-5" }, { ["idempotency-key"] = ("k"):rep(256) }).status)
    assert.equal(3, sandbox:customer("tenant-1", "GET", "/cases").body.page.totalResults)
  end)

  it("move on by themselves once verified, unless they are test cases", function()
    sandbox:subscribe { "case.updated" }
    local case = submit { creditorReference = "INV-2" }
    sandbox:advance("1h")
    assert.equal("Pending Verification",
      sandbox:customer("tenant-1", "GET", "/cases/" .. case.body.id).body.lifecycle)
    sandbox:advance("1d")
    local active = sandbox:customer("tenant-1", "GET", "/cases/" .. case.body.id).body
    assert.equal("Active", active.lifecycle)
    assert.equal("2030-01-02T01:00:00Z", active.dateCollectionStarted)
    assert.equal("2030-04-02T01:00:00Z", active.exclusivePeriodEndDate)
    assert.same({ "case.updated", "case.updated" }, sandbox:heard())
    local test_case = sandbox:customer("tenant-1", "GET", "/cases/by-creditor-reference/INV-1").body
    assert.equal("Pending Verification Internal", test_case.lifecycle)
    local timeline = sandbox:customer("tenant-1", "GET", "/cases/" .. case.body.id
      .. "/timeline").body
    assert.equal("Pre-legal", timeline.currentEngagementPhase)
    assert.equal(3, #timeline.items)
  end)

  it("take messages, ask for information and get it by a message", function()
    local id = submit({ creditorReference = "INV-2" }).body.id
    sandbox:control("POST", "cases",
      { id = id, action = "chat", message = "Do you have the contract?" })
    sandbox:control("POST", "cases", { id = id, action = "need_info", area = "CorrectDebtorAddress",
      description = "Where does it live?" })
    assert.is_true(sandbox:customer("tenant-1", "GET", "/cases/" .. id).body.validation.needsInfo)
    assert.equal("CorrectDebtorAddress",
      sandbox:customer("tenant-1", "GET",
        "/cases/" .. id .. "/validation").body.items[1].resolutionArea)
    local types = {}
    for index,
      task in ipairs(sandbox:customer("tenant-1", "GET", "/cases/" .. id .. "/tasks").body) do
      types[index] = task.type
      assert.equal("/cases/{caseId}/chats", task.action.path)
    end
    assert.same({ "MoreInfoNeeded", "ReplyToChat" }, types)
    assert.equal(400, sandbox:customer("tenant-1", "POST", "/cases/" .. id .. "/chats",
      { message = "Here", userEmail = "stranger@new.example" }).status)
    local sent = sandbox:customer("tenant-1", "POST", "/cases/" .. id .. "/chats",
      { message = "Here", userEmail = "nora@new.example" })
    assert.same({ 200, "Creditor" }, { sent.status, sent.body.roleLabel })
    assert.equal(2, #sandbox:customer("tenant-1", "GET", "/cases/" .. id .. "/chats").body)
    assert.equal("Pending Verification",
      sandbox:customer("tenant-1", "GET", "/cases/" .. id).body.lifecycle)
    assert.same({}, sandbox:customer("tenant-1", "GET", "/cases/" .. id .. "/tasks").body)
  end)

  it("collect quotes and go on in the legal phase", function()
    local id = submit({ creditorReference = "INV-2" }).body.id
    local request_id = sandbox:control("POST", "cases",
      { id = id, action = "request_quotes" }).body.quoteRequestId
    local quote_id = sandbox:control("POST", "cases",
      { id = id, action = "quote", fee = 22.5 }).body.quoteId
    local base = "/cases/" .. id .. "/quote-requests"
    assert.equal(request_id,
      sandbox:customer("tenant-1", "GET", base).body.quoteRequests[1].quoteRequestId)
    assert.equal(1,
      sandbox:customer("tenant-1", "GET", base .. "/" .. request_id).body.currentQuotesCount)
    assert.equal(22.5,
      sandbox:customer("tenant-1", "GET", base .. "/" .. request_id
        .. "/quotes").body.quotes[1].successFee)
    assert.equal(22.5, sandbox:customer("tenant-1", "GET", base .. "/" .. request_id .. "/quotes/"
      .. quote_id).body.pricing.successFeeFee)
    assert.equal("Pending Quote Selection",
      sandbox:customer("tenant-1", "GET", "/cases/" .. id).body.lifecycle)
    sandbox:control("POST", "cases", { id = id, action = "select_quote" })
    assert.equal("Legal", sandbox:partner("GET", "/cases/" .. id).body.currentEngagementPhase)
  end)

  it("are priced by a preview that creates nothing", function()
    local asked = { amountToRecover = 1000, currencyCode = "EUR",
      debtor = { type = "Company", countryAlpha2 = "DE" } }
    local result = sandbox:customer("tenant-1", "POST", "/cases/preview", asked).body.result
    assert.same({ true, 12.5, 0 },
      { result.isEligible, result.pricingPreview.totalSuccessFeePercentage,
        #result.requiredActions })
    asked.dueDate = "2028-06-01"
    assert.equal(20.5,
      sandbox:partner("POST", "/cases/preview",
        asked).body.pricingPreview.totalSuccessFeePercentage)
    asked.debtor.countryAlpha2 = "BR"
    local not_served = sandbox:partner("POST", "/cases/preview", asked).body
    assert.is_false(not_served.isEligible)
    assert.is_string(not_served.ineligibilityReason)
    asked.dueDate, asked.debtor.countryAlpha2 = nil, "GB"
    local kyc = sandbox:customer("tenant-1", "POST", "/cases/preview", asked).body.result
    assert.same({ true, false }, { kyc.requiresKycVerification, kyc.hasKycOnFile })
    assert.equal("MissingKycVerification", kyc.requiredActions[2].type)
    assert.is_string(kyc.signingHandoff.combinedSigningUrl)
    assert.equal(1, sandbox:customer("tenant-1", "GET", "/cases").body.page.totalResults)
  end)
end)

describe("Files in the sandbox", function()
  local sandbox, case

  before_each(function()
    sandbox = bare_sandbox.new()
    case = furnished(sandbox)
  end)

  local function form(part, name, content, more)
    -- Put together, not formatted: up to Lua 5.2 a format ends a text at its first NUL.
    local head = '--b\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
      .. "Content-Type: x/y\r\n\r\n"
    return head:format(part, name) .. content .. "\r\n" .. (more or "") .. "--b--\r\n"
  end

  local function upload(part, name, content, more, headers)
    local all = { ["content-type"] = "multipart/form-data; boundary=b" }
    for key, value in pairs(headers or {}) do all[key] = value end
    return sandbox:customer("tenant-1", "POST", "/cases/" .. case.id .. "/files",
      form(part, name, content, more), all)
  end

  it("are listed and come back byte for byte", function()
    local description = "--b\r\nContent-Disposition: form-data; name=\"Description\"\r\n\r\nThe "
      .. "invoice\r\n"
    local uploaded = upload("File", "invoice.PDF", "%PDF\r\n\0\255--x", description)
    assert.same({ 200, "The invoice", "OriginalInvoice" },
      { uploaded.status, uploaded.body.description, uploaded.body.documentType })
    local listed = sandbox:customer("tenant-1", "GET", "/cases/" .. case.id .. "/files").body
    assert.equal("invoice.PDF", listed[1].fileName)
    local content = sandbox:send("GET", listed[1].url)
    assert.same({ 200, "%PDF\r\n\0\255--x", "application/pdf" },
      { content.status, content.body, content.headers["content-type"] })
  end)

  it("are refused by type and size", function()
    assert.equal(415, upload("File", "virus.exe", "x").status)
    assert.equal(413, upload("File", "big.pdf", ("x"):rep(25 * 1024 * 1024 + 1)).status)
    assert.equal(400, upload("file", "invoice.pdf", "x").status)
    assert.equal(400, sandbox:customer("tenant-1", "POST", "/cases/" .. case.id .. "/files", "junk",
      { ["content-type"] = "multipart/form-data" }).status)
  end)

  it("come through the partner API as well, once for each Idempotency-Key", function()
    local headers = { ["content-type"] = "multipart/form-data; boundary=b",
      ["idempotency-key"] = "k" }
    for _ = 1, 2 do
      assert.equal(200, sandbox:partner("POST", "/cases/" .. case.id .. "/files",
        form("file", "a.txt", "x"), headers).status)
    end
    assert.equal(1, #sandbox:customer("tenant-1", "GET", "/cases/" .. case.id .. "/files").body)
    assert.equal(1, #sandbox:customer("tenant-1", "GET", "/cases/" .. case.id .. "/chats").body)
  end)
end)
