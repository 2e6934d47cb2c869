-- What no webhook has told is found out all the same: another event gives it away, or a look does.
-- And what Debitura says of clients and cases is on their records.

local core = require("debitura.core")
local debitura = require("debitura")
local interpret = require("debitura.recipes.interpret")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")
local task = require("debitura.async.task")

local unpack = table.unpack or unpack -- luacheck: ignore

describe("what Debitura knows", function()
  local bench, requests

  --- A customer who has an account already.
  local function ask(tenant, countries)
    local payload = support.payload { externalTenantId = tenant }
    payload.cases = core.json.array {}
    for i, country in ipairs(countries) do payload.cases[i] = rig.case("INV-" .. i, country) end
    assert(bench.recipes.approval:request(payload))
    bench:work()
  end

  --- Lets the customer approve, and of the webhooks only some arrive.
  local function approve_unheard(tenant, heard)
    bench:control("requests", { externalTenantId = tenant, action = "approve" })
    for i = #bench.debitura.inbox, 1, -1 do
      if bench.debitura.inbox[i].event ~= heard then table.remove(bench.debitura.inbox, i) end
    end
    bench:work()
  end

  local function sign_unheard(tenant)
    bench:control("clients", { externalTenantId = tenant, action = "sign" })
    bench.debitura.inbox = {}
  end

  local function link(tenant) return bench.recipes.runner:record("link", tenant or "acme-1", "") end

  local function story()
    local lines = {}
    for _, line in ipairs(bench.store:record_history { kind = "link", tenant = "acme-1",
      name = "" }) do
      if line.to_state then lines[#lines + 1] = ("%s -> %s"):format(line.event, line.to_state) end
    end
    return lines
  end

  before_each(function()
    bench, requests = rig.new(), {}
    bench.debitura.interfere = function(request)
      local path = request.url:gsub("^http://[^/]+", "")
      table.insert(requests, request.method .. " " .. path)
      -- As on the network, others go on meanwhile.
      if task.waiter() then task.waiter().sleep(0) end
    end
  end)

  describe("of a link that must be active", function()
    it("is asked at once when a case was created", function()
      ask("acme-1", { "DK", "SE" })
      approve_unheard("acme-1", "case.created")
      assert.are.same({ "carried", 2, 0, 0 }, bench:standing("acme-1"))
      assert.are.same({
        "request -> requesting", "answer.needs_linking -> pending", "case.created -> pending",
        "client.seen -> linked", "case.created -> carried",
      }, story())
    end)

    it("is asked at once when cases could not be created", function()
      ask("acme-1", { "DK" })
      bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
      bench.debitura.inbox = { {
        id = "evt-1", event = "cases.replay_failed", data = { externalTenantId = "acme-1",
          failedCases = { { creditorReference = "INV-1", errorType = "UnexpectedError" } } },
      } }
      bench:work()
      assert.are.equal("incomplete", link().state)
    end)

    it("is asked at once when a contract was signed", function()
      ask("acme-1", { "DK" })
      bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
      bench.debitura.inbox = { (debitura.webhook.example("client.onboarding.contract_signed",
        { data = { externalTenantId = "acme-1" } })) }
      bench:work()
      assert.are.equal("linked", link().state)
    end)

    it("is believed when it is not", function()
      ask("acme-1", { "DK" })
      bench.debitura.inbox = { { id = "evt-1", event = "case.created", data = {
        externalTenantId = "acme-1", caseId = "case-9", creditorReference = "OTHER" } } }
      bench:work()
      assert.are.equal("pending", link().state)
      assert.are.equal("not linked", bench:jobs("acme-1", "look_up_client")[1].result)
    end)

    it("is asked again when it could not be asked", function()
      ask("acme-1", { "DK" })
      bench.debitura.interfere = function()
        return { code = "transport", message = "no route", sent = false }
      end
      approve_unheard("acme-1", "case.created")
      assert.are.equal("pending", link().state)
      bench.debitura.interfere = nil
      bench:advance("1h")
      assert.are.equal("carried", link().state)
    end)
  end)

  describe("of a signature whose webhook was lost", function()
    it("is asked the next day, every day for 30 days, then every week", function()
      bench:client("acme-1")
      bench:work()
      local asked = {}
      for day = 1, 60 do
        requests = {}
        bench:advance("1d")
        for _, request in ipairs(requests) do
          if request == "GET /clients/acme-1" then asked[#asked + 1] = day break end
        end
      end
      local expected = {}
      for day = 1, 30 do expected[day] = day end
      for _, day in ipairs { 37, 44, 51, 58 } do expected[#expected + 1] = day end
      assert.are.same(expected, asked)
      sign_unheard("acme-1")
      bench:advance("7d")
      assert.are.equal("onboarded", link().state)
      requests = {}
      bench:advance("30d")
      assert.are.same({}, requests)
    end)

    it("is asked of a customer who approved, too, and the signing that waits for it ends",
      function()
      ask("acme-1", { "DK" })
      bench:approve("acme-1")
      bench:advance("1h")
      assert.are.equal("outstanding", bench.store:record("signing", "acme-1", "").state)
      sign_unheard("acme-1")
      bench:advance("1d")
      assert.are.equal("done", bench.store:record("signing", "acme-1", "").state)
    end)

    it("is asked of what was open beside the agreement, the next day and every day", function()
      bench:client("acme-1")
      bench:sign("acme-1")
      bench:control("contracts", { action = "new_version" })
      assert.are.equal("outstanding", bench.recipes.signing:check("acme-1"))
      bench:advance("1d")
      assert.are.equal("outstanding", bench.store:record("signing", "acme-1", "").state)
      sign_unheard("acme-1")
      bench:advance("1d")
      assert.are.equal("done", bench.store:record("signing", "acme-1", "").state)
      requests = {}
      bench:advance("30d")
      assert.are.same({}, requests)
    end)

    it("is not asked when the webhook came", function()
      bench:client("acme-1")
      bench:sign("acme-1")
      requests = {}
      bench:advance("3d")
      assert.are.same({}, requests)
    end)

    local function onboarding(count)
      for i = 1, count do bench:client("acme-" .. i) end
      bench:work()
      requests = {}
    end

    it("is asked client by client while fewer than a hundred are due", function()
      onboarding(50)
      bench:advance("1d")
      assert.are.equal(50, #requests)
    end)

    it("is asked by pages of GET /clients when a hundred and more are due", function()
      onboarding(230)
      sign_unheard("acme-7")
      requests = {}
      bench:advance("1d")
      assert.are.same({
        "GET /clients?Page=1&PageSize=100&Sort=dateCreated%3Aasc",
        "GET /clients?Page=2&PageSize=100&Sort=dateCreated%3Aasc",
        "GET /clients?Page=3&PageSize=100&Sort=dateCreated%3Aasc",
      }, requests)
      assert.are.same({ "onboarded", "onboarding" },
        { link("acme-7").state, link("acme-8").state })
    end)
  end)

  describe("of an approval of what has ended here", function()
    --- Approves, and no webhook arrives.
    local function approve()
      approve_unheard("acme-1", "none")
    end

    it("is asked in the week after, when the platform has closed it", function()
      ask("acme-1", { "DK", "SE" })
      bench.recipes.approval:close("acme-1", "has paid")
      approve()
      assert.are.equal("closed", link().state)
      bench:advance("6d")
      assert.are.equal("closed", link().state)
      bench:advance("1d")
      bench:advance("1h")
      assert.are.same({ "carried", 2, 0, 0 }, bench:standing("acme-1"))
      assert.is_nil(link().reason)
    end)

    it("is asked when Debitura's last window is longer than was thought", function()
      bench = rig.new { max_generations = 1 }
      bench:control("settings", { ttl_days = 30 })
      ask("acme-1", { "DK" })
      bench:advance("8d")
      assert.are.equal("exhausted", link().state)
      approve()
      bench:advance("7d")
      bench:advance("1h")
      assert.are.equal("carried", link().state)
    end)

    it("is asked when the decline was of an earlier request", function()
      ask("acme-1", { "DK" })
      bench.recipes:handle(debitura.webhook.example("client.link_declined",
        { timestamp = "2026-01-01T00:00:00Z", data = { externalTenantId = "acme-1" } }))
      assert.are.equal("declined", link().state)
      approve()
      bench:advance("7d")
      assert.are.equal("linked", link().state)
    end)

    it("is asked when a new payload was refused", function()
      ask("acme-1", { "DK" })
      bench.debitura:send { method = "POST", path_and_query = "/_sandbox/faults",
        headers = { ["content-type"] = "application/json" },
        body = '{"operation":"clients.create","status":400,"body":{"externalTenantId":["no"]}}' }
      assert.is_nil(bench.recipes.approval:request(support.payload {
        externalTenantId = "acme-1", cases = core.json.array {} }, { again = true }))
      assert.are.equal("rejected", link().state)
      approve()
      bench:advance("7d")
      assert.are.equal("carried", link().state)
    end)

    it("is asked once a week for a month, the longest window, and then no more", function()
      ask("acme-1", { "DK" })
      bench.recipes.approval:close("acme-1")
      local asked = {}
      for day = 1, 60 do
        requests = {}
        bench:advance("1d")
        if requests[1] then asked[#asked + 1] = { day, unpack(requests) } end
      end
      assert.are.same({
        { 7, "GET /clients/acme-1" }, { 14, "GET /clients/acme-1" }, { 21, "GET /clients/acme-1" },
        { 28, "GET /clients/acme-1" }, { 35, "GET /clients/acme-1" },
      }, asked)
      assert.are.equal("closed", link().state)
    end)

    it("is not asked when nothing was there to approve", function()
      local payload = support.payload()
      payload.client.supportEmail = "office@other-partner.example"
      assert.are.equal("refused", bench.recipes.approval:request(payload).state)
      requests = {}
      bench:advance("30d")
      assert.are.same({}, requests)
    end)
  end)

  describe("of a new customer whom the platform has closed", function()
    before_each(function()
      local payload = support.payload()
      payload.client.supportEmail, payload.users[1].email = "office@new.example", "n@new.example"
      payload.cases = core.json.array { rig.case("INV-1", "GB") }
      assert.are.equal("onboarding", bench.recipes.approval:request(payload).state)
      bench:work()
      bench.recipes.approval:close("acme-1")
    end)

    it("is asked every day, and the signature counts, with all that follows from it", function()
      sign_unheard("acme-1")
      bench:advance("1d")
      assert.are.equal("onboarded", link().state)
      bench:advance("1h")
      assert.are.equal("outstanding", bench.store:record("kyc", "acme-1", "").state)
    end)

    it("brings nothing back without the signature", function()
      bench:advance("3d")
      bench.recipes:handle { id = "evt-1", event = "case.created", data = {
        externalTenantId = "acme-1", caseId = "case-9", creditorReference = "OTHER" } }
      assert.are.equal("not signed", bench:jobs("acme-1", "look_up_client")[1].result)
      assert.are.equal("closed", link().state)
    end)
  end)

  it("is asked by pages before a hundred customers and more are reminded", function()
    for i = 1, 140 do
      local name = "acme-" .. i
      bench:control("accounts", { name = name .. " Ltd", email = "office@" .. name .. ".example",
        country = "Denmark", users = { { name = "Ann", email = "ann@" .. name .. ".example" } } })
      local payload = support.payload { externalTenantId = name, cases = core.json.array {} }
      payload.client.supportEmail = "office@" .. name .. ".example"
      assert(bench.recipes.approval:request(payload))
    end
    bench:work()
    bench:control("requests", { externalTenantId = "acme-5", action = "approve" })
    bench.debitura.inbox, bench.mail, requests = {}, {}, {}
    bench:advance("3d12h")
    assert.are.equal(139, #bench.mail)
    assert.are.same({ "GET /clients?Page=1&PageSize=100&Sort=dateCreated%3Aasc" }, requests)
    assert.are.equal("carried", link("acme-5").state)
  end)

  it("is not asked of a customer who is reminded of the onboarding and has not signed", function()
    bench:client("acme-1")
    bench:work()
    bench.mail = {}
    assert.are.equal("moved", (bench.recipes.approval:deliver("acme-1", { remind = true })))
    assert.are.same({ "onboarding reminder" }, bench:variants())
    sign_unheard("acme-1")
    bench.recipes.approval:deliver("acme-1", { remind = true })
    assert.are.equal(1, #bench.mail)
    assert.are.equal("onboarded", link().state)
  end)

  describe("of who is attributed", function()
    it("is on the link from the answer, the webhook, and the look", function()
      bench:client("acme-1")
      assert.are.equal("yes", link().data.attributed)
      assert.is_true(bench.recipes.approval:status("acme-1").is_attributed_client)

      ask("acme-2", { "DK" })
      assert.is_nil(bench.recipes.approval:status("acme-2").is_attributed_client)
      bench:approve("acme-2")
      assert.are.equal("no", link("acme-2").data.attributed)
      assert.is_false(bench.recipes.approval:status("acme-2").is_attributed_client)

      bench:control("accounts", { name = "Third Ltd", email = "office@third.example",
        country = "Denmark", users = { { name = "Tom Third", email = "tom@third.example" } } })
      local payload = support.payload { externalTenantId = "acme-3" }
      payload.client.supportEmail = "office@third.example"
      assert(bench.recipes.approval:request(payload))
      approve_unheard("acme-3", "case.created")
      assert.are.equal("no", link("acme-3").data.attributed)
    end)
  end)

  describe("of a case's lifecycle", function()
    local function heard()
      local case = assert(bench.recipes.submission:status("acme-1", "OWN-1"))
      return { case.state, case.lifecycle, case.close_code }
    end

    before_each(function()
      bench:client("acme-1", true)
      bench:work()
      bench:sign("acme-1")
    end)

    it("is on the record as last heard, and what comes late does not undo it", function()
      assert(bench.recipes.submission:submit("acme-1", rig.case("OWN-1")))
      bench:sign("acme-1")
      bench:advance("1h")
      local id = assert(bench.recipes.submission:status("acme-1", "OWN-1").case_id)
      bench:advance("3d")
      bench:control("cases", { id = id, action = "activate" })
      bench:work()
      assert.are.same({ "created", "Active", nil }, heard())
      bench:control("cases", { id = id, action = "close", close_code = "Paid" })
      bench:work()
      assert.are.same({ "created", "Closed", "Paid" }, heard())
      local late = debitura.webhook.example("case.updated", { timestamp = "2026-01-02T00:00:00Z",
        data = { externalTenantId = "acme-1", creditorReference = "OWN-1" } })
      assert.are.equal("recorded", (bench.recipes:handle(late)))
      assert.are.same({ "created", "Closed", "Paid" }, heard())
    end)

    it("is closed by an event that says no more than that", function()
      assert(bench.recipes.submission:submit("acme-1", rig.case("OWN-1")))
      bench:sign("acme-1")
      bench:advance("1h")
      assert.are.equal("moved", (bench.recipes:handle {
        id = "evt-1", event = "case.closed", data = { externalTenantId = "acme-1",
          creditorReference = "OWN-1" },
      }))
      assert.are.same({ "created", "Closed", nil }, heard())
    end)

    it("says that a case exists whose creation no webhook told", function()
      bench.debitura.interfere = function()
        return { code = "transport", message = "no route", sent = false }
      end
      assert(bench.recipes.submission:submit("acme-1", rig.case("OWN-1")))
      bench.recipes:handle(debitura.webhook.example("case.closed", {
        data = { externalTenantId = "acme-1", creditorReference = "OWN-1" } }))
      assert.are.same({ "created", "Closed", "Paid" }, heard())
    end)
  end)
end)

describe("the history of a healthy link", function()
  it("holds no line that reads like a fault", function()
    local bench, lines = rig.new(), {}
    assert(bench.recipes.approval:request(support.payload()))
    bench:work()
    bench:approve("acme-1")
    bench:sign("acme-1")
    for _ = 1, 10 do bench:advance("1d") end
    for _, line in ipairs(bench.store:record_history { kind = "link", tenant = "acme-1",
      name = "" }) do
      if line.note then lines[#lines + 1] = line.event .. ": " .. line.note end
    end
    assert.are.same({ "client.link_requested: confirms the request for the link" }, lines)
    for _, line in ipairs(bench.store:record_history { kind = "case", tenant = "acme-1",
      name = "INV-1" }) do
      assert.is_nil(line.note)
    end
  end)
end)

describe("webhooks that name their client in links.client alone", function()
  it("reach its records", function()
    local bench = rig.new()
    bench:control("settings", { webhooks = { tenant = "links" } })
    local payload = support.payload { externalTenantId = "Kunde 7/Ærø" }
    assert(bench.recipes.approval:request(payload))
    bench:approve("Kunde 7/Ærø")
    assert.are.same({ "carried", 3, 0, 0 }, bench:standing("Kunde 7/Ærø"))
    bench:sign("Kunde 7/Ærø")
    assert.are.equal("Pending Verification Internal",
      bench.recipes.submission:status("Kunde 7/Ærø", "INV-1").lifecycle)
  end)
end)

describe("whose a webhook is", function()
  local function tenant_of(changes)
    local event = debitura.webhook.example("client.linked", changes)
    if changes.data then event.data.externalTenantId = changes.data.externalTenantId end
    local news = interpret.webhook(event, 0)
    return news and news.tenant
  end
  local NONE = { externalTenantId = core.null }

  it("is said by its data, else by the address of its client", function()
    assert.are.equal("tenant-7", tenant_of { data = { externalTenantId = "tenant-7" } })
    assert.are.equal("tenant-1", tenant_of { data = NONE })
    for address, tenant in pairs {
      ["https://referral-api.debitura.com/clients/Ann%2FBob%20%26%20Co"] = "Ann/Bob & Co",
      ["https://referral-api.debitura.com/clients/x/"] = "x",
      ["https://referral-api.debitura.com/clients/x?y=/clients/z"] = "x",
    } do
      assert.are.equal(tenant, tenant_of { data = NONE, links = { client = address } })
    end
  end)

  it("is not known when neither says so", function()
    for _, client in ipairs { "", "https://referral-api.debitura.com/me", core.null, 7, {},
      "https://referral-api.debitura.com/clients/" } do
      assert.is_nil(tenant_of { data = NONE, links = { client = client } })
    end
    assert.is_nil(tenant_of { data = NONE, links = core.null })
  end)
end)
