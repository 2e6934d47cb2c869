local core = require "debitura.core"
local bare_sandbox = require "spec.support.bare_sandbox"

local samples = bare_sandbox.samples

describe("The sandbox's webhooks", function()
  local sandbox, subscription

  before_each(function()
    sandbox = bare_sandbox.new()
    subscription = sandbox:subscribe { "client.link_requested", "client.link_expired",
      "case.created" }
  end)

  local function read()
    return sandbox:partner("GET", "/v1/Webhooks/" .. subscription.id).body
  end

  local function status(code)
    sandbox.receiver = function() return { status = code } end
  end

  it("are signed in a way that another implementation confirms", function()
    sandbox:partner("POST", "/clients", samples.existing())
    local event = sandbox.events[1]
    local time, mac = event.signature:match("^t=(%d+),v1=(%x+)$")
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write(time, ".", event.raw)
    file:close()
    local key = ("$(printf %%s '%s' | base64 -d | od -An -v -tx1 | tr -d ' \\n')")
      :format(subscription.secret)
    local pipe = assert(io.popen("openssl dgst -sha256 -mac HMAC -macopt hexkey:" .. key .. " "
      .. path))
    local said = pipe:read("*a")
    pipe:close()
    os.remove(path)
    assert.equal(mac, said:match("(%x+)%s*$"))
  end)

  it("show their secret once, and again when it is rotated", function()
    assert.truthy(subscription.secret:find("^[%w+/]+=*$"))
    assert.same(core.null, read().secret)
    assert.same(core.null, sandbox:partner("GET", "/v1/Webhooks").body[1].secret)
    local rotated = sandbox:partner("PUT", "/v1/Webhooks/" .. subscription.id,
      { regenerateSecret = true }).body
    assert.is_string(rotated.secret)
    assert.not_equal(subscription.secret, rotated.secret)
    assert.same(core.null, sandbox:partner("PUT", "/v1/Webhooks/" .. subscription.id,
      { isActive = true }).body.secret)
    sandbox:partner("POST", "/clients", samples.existing())
    local event = sandbox.events[1]
    assert.equal(core.signature.sign(rotated.secret, event.raw, sandbox.wall), event.signature)
  end)

  it("are tried 8 times over an hour and a half and then disabled", function()
    sandbox:control("POST", "settings", { webhooks = { travel_disables = true } })
    local times = {}
    sandbox.receiver = function()
      times[#times + 1] = sandbox.state.clock.base
      return { status = 503 }
    end
    sandbox:partner("POST", "/clients", samples.existing())
    sandbox:advance("89m")
    sandbox:advance("31m")
    assert.equal(8, #times)
    for index, delay in ipairs { 60, 120, 240, 480, 960, 1800, 1800 } do
      local waited = times[index + 1] - times[index]
      assert.is_true(waited >= delay * 0.9 and waited <= delay * 1.1, index .. ": " .. waited)
    end
    local disabled = read()
    assert.is_false(disabled.isActive)
    assert.is_string(disabled.disabledReason)
    status(200)
    sandbox:advance("7d1h")
    assert.same({}, sandbox:heard())
    local enabled = sandbox:partner("PUT", "/v1/Webhooks/" .. subscription.id,
      { isActive = true }).body
    assert.same({ true, core.null }, { enabled.isActive, enabled.disabledReason })
    sandbox:partner("POST", "/clients", samples.existing())
    assert.same({ "client.link_requested" }, sandbox:heard())
  end)

  it("disable nothing in time that is only skipped, but in time that passes", function()
    status(503)
    sandbox:partner("POST", "/clients", samples.existing())
    sandbox:advance("2h")
    assert.equal(8, #sandbox.attempts)
    assert.is_true(read().isActive)
    sandbox:partner("POST", "/clients", samples.existing { externalTenantId = "tenant-2" })
    for _ = 1, 8 do
      sandbox.wall = sandbox.wall + 2000
      sandbox:advance("0s")
    end
    assert.equal(16, #sandbox.attempts)
    assert.is_false(read().isActive)
  end)

  it("stop trying once they are delivered", function()
    local count = 0
    sandbox.receiver = function()
      count = count + 1
      return count < 3 and { error = "timeout" } or { status = 204 }
    end
    sandbox:partner("POST", "/clients", samples.existing())
    sandbox:advance("2h")
    assert.equal(3, count)
    assert.is_true(read().isActive)
  end)

  it("carry the same body and a fresh signature on each attempt", function()
    status(500)
    sandbox:partner("POST", "/clients", samples.existing())
    sandbox.wall = sandbox.wall + 70
    sandbox:advance("0s")
    local first, second = sandbox.attempts[1], sandbox.attempts[2]
    assert.equal(first.body, second.body)
    assert.equal(tostring(sandbox.wall), second.headers["X-Debitura-Timestamp"])
    assert.not_equal(first.headers["X-Debitura-Signature"], second.headers["X-Debitura-Signature"])
  end)

  it("are disabled at once by 410", function()
    status(410)
    sandbox:partner("POST", "/clients", samples.existing())
    assert.is_false(read().isActive)
    sandbox:advance("2h")
    assert.equal(1, #sandbox.attempts)
  end)

  it("reach only who asked for them", function()
    sandbox:subscribe { "client.linked" }
    local switched_off = sandbox:subscribe { "client.link_requested" }
    sandbox:partner("PUT", "/v1/Webhooks/" .. switched_off.id, { isActive = false })
    local deleted = sandbox:subscribe { "client.link_requested" }
    assert.equal(204, sandbox:partner("DELETE", "/v1/Webhooks/" .. deleted.id).status)
    assert.equal(404, sandbox:partner("GET", "/v1/Webhooks/" .. deleted.id).status)
    sandbox:partner("POST", "/clients", samples.existing())
    assert.equal(1, #sandbox.attempts)
  end)

  it("keep test cases and real ones apart", function()
    sandbox:subscribe({ "case.created" }, true)
    sandbox:partner("POST", "/clients", samples.client {
      cases = { samples.case { isTest = true }, samples.case { creditorReference = "INV-2" } } })
    assert.same({ "case.created", "case.created" }, sandbox:heard())
    local test_delivery, real = core.json.decode(sandbox.attempts[1].body),
      core.json.decode(sandbox.attempts[2].body)
    assert.equal("test", test_delivery.data.classification)
    assert.is_nil(real.data.classification)
  end)

  it("arrive twice and late when that is asked for", function()
    sandbox:control("POST", "settings", { webhooks = { duplicate = 1, late = 1 } })
    sandbox:partner("POST", "/clients", samples.existing())
    assert.same({}, sandbox:heard())
    sandbox:advance("15m")
    assert.equal(2, #sandbox.events)
    assert.equal(sandbox.events[1].id, sandbox.events[2].id)
  end)

  it("are not sent to public hosts by http, private addresses, or nowhere", function()
    for _, url in ipairs { "http://platform.example/hook", "https://10.0.0.1/",
      "https://192.168.1.1/x", "https://169.254.1.1/",
      "https://172.20.0.1/", "ftp://platform.example/", "platform.example", "", "https://",
      "https://pla tform.example/",
      "https://platform.example/" .. ("x"):rep(1024) } do
      local answer = sandbox:partner("POST", "/v1/Webhooks",
        { url = url, events = { "client.linked" } })
      assert.equal(400, answer.status, url)
    end
    assert.equal(400,
      sandbox:partner("POST", "/v1/Webhooks",
        { url = "https://platform.example/", events = { "client.sneezed" } }).status)
    assert.equal(400,
      sandbox:partner("POST", "/v1/Webhooks",
        { url = "https://platform.example/", events = core.json.array {} }).status)
    for _, url in ipairs { "https://platform.example/hook", "http://localhost:8080/",
      "http://127.0.0.1/x", "http://[::1]:99/" } do
      assert.equal(200,
        sandbox:partner("POST", "/v1/Webhooks", { url = url, events = { "client.linked" } }).status,
        url)
    end
  end)

  it("are triggered for trial with real data", function()
    local created = sandbox:partner("POST", "/clients",
      samples.client { cases = { samples.case() } }).body
    sandbox:subscribe { "case.closed", "client.onboarding.poa_signed" }
    sandbox:heard()
    local function trigger(body) return sandbox:partner("POST", "/v1/Webhooks/test", body) end
    local id = created.caseResults.successfulCases[1].id
    assert.equal(1, trigger({ eventType = "case.closed", caseId = id }).body.enqueuedCount)
    assert.equal("Paid", sandbox.events[1].data.closeCode)
    assert.equal(1,
      trigger({ eventType = "client.onboarding.poa_signed",
        externalTenantId = "tenant-1" }).body.enqueuedCount)
    assert.is_string(sandbox.events[2].data.signedAt)
    assert.equal(400,
      trigger({ eventType = "cases.replay_failed", externalTenantId = "tenant-1" }).status)
    assert.equal(400, trigger({ eventType = "case.created" }).status)
    assert.equal(404,
      trigger({ eventType = "client.linked", externalTenantId = "tenant-9" }).status)
  end)
end)

describe("The webhooks of a client in the sandbox", function()
  local sandbox, case, subscription

  before_each(function()
    sandbox = bare_sandbox.new()
    local created = sandbox:partner("POST", "/clients",
      samples.client { cases = { samples.case { isTest = true, tag = "batch" } } })
    sandbox:sign_all(created.body.onboardingLinks.url)
    case = created.body.caseResults.successfulCases[1]
    local answer = sandbox:customer("tenant-1", "POST", "/webhooks",
      { url = "http://127.0.0.1:9/own", isTestMode = true,
      events = { "case.created", "case.updated", "case.closed", "payment.created",
        "payment.deleted", "chat.created" } })
    assert.equal(201, answer.status)
    subscription = answer.body
  end)

  local function advance(body)
    return sandbox:customer("tenant-1", "POST", "/test/cases/" .. case.id .. "/advance", body)
  end

  it("follow a test case to its end", function()
    assert.same({ true, "Active" }, { advance({ to = "Active" }).body.advanced, "Active" })
    assert.same({ "case.updated" }, sandbox:heard())
    assert.is_false(advance({ to = "Active" }).body.advanced)
    assert.equal(400, advance({ to = "Closed:Paid" }).status)
    assert.equal(400, advance({ to = "Somewhere" }).status)
    assert.same({ advanced = true, state = "Closed:Paid" },
      advance({ to = "Closed:Paid", amount = 600 }).body)
    assert.same({ "payment.created", "case.updated", "case.closed" }, sandbox:heard())
    assert.same({ advanced = false, state = "Closed:Paid" },
      advance({ to = "Closed:Paid", amount = 600 }).body)
    assert.equal(400, advance({ to = "Closed:NoPayment" }).status)
    local payment = sandbox:customer("tenant-1", "GET", "/cases/" .. case.id .. "/payments").body[1]
    assert.same({ 600, "Paid" }, { payment.grossAmount, payment.invoice.status })
    assert.equal(payment.id,
      sandbox:customer("tenant-1", "GET", "/Payments/" .. payment.id).body.id)
    assert.equal(1, sandbox:customer("tenant-1", "GET", "/Payments").body.page.totalResults)
    assert.equal("Terminated",
      sandbox:customer("tenant-1", "GET", "/cases/" .. case.id .. "/exclusive-period").body.status)
  end)

  it("are of the older envelope and logged with their attempts", function()
    sandbox.receiver = function() return { status = 500 } end
    advance { to = "Active" }
    local body = core.json.decode(sandbox.attempts[1].body)
    assert.is_nil(body.specVersion)
    assert.is_nil(body.links)
    sandbox.receiver = function() return { status = 200 } end
    local logged = sandbox:customer("tenant-1", "GET", "/webhooks/events?caseId=" .. case.id).body
    assert.same({ 1, 500, core.null }, { logged[1].attemptCount, logged[1].lastResponseCode,
      logged[1].deliveredAt })
    sandbox:advance("2m")
    logged = sandbox:customer("tenant-1", "GET", "/webhooks/events?caseId=" .. case.id).body
    assert.same({ 2, 200, core.null }, { logged[1].attemptCount, logged[1].lastResponseCode,
      logged[1].lastError })
    assert.equal(sandbox.attempts[1].body, logged[1].payload)
    assert.equal(400, sandbox:customer("tenant-1", "GET", "/webhooks/events").status)
    assert.same({}, sandbox:customer("tenant-1", "GET", "/webhooks/events?caseId=" .. case.id
      .. "&since=2031-01-01").body)
  end)

  it("are replayed with a mark and the same body", function()
    advance { to = "Active" }
    local logged = sandbox:customer("tenant-1", "GET", "/webhooks/events?caseId=" .. case.id).body
    local answer = sandbox:customer("tenant-1", "POST", "/webhooks/events/" .. logged[1].id
      .. "/replay")
    assert.equal("case.updated", answer.body.eventType)
    assert.equal(sandbox.events[1].raw, sandbox.events[2].raw)
    assert.is_nil(sandbox.events[1].headers["X-Debitura-Replay"])
    assert.equal("true", sandbox.events[2].headers["X-Debitura-Replay"])
  end)

  it("tell the outcome of a trial delivery", function()
    local path = "/webhooks/" .. subscription.id .. ":test"
    local succeeded = sandbox:customer("tenant-1", "POST", path).body
    assert.same({ true, 200 }, { succeeded.success, succeeded.httpStatusCode })
    sandbox.receiver = function() return { error = "timeout", seconds = 10 } end
    local failed = sandbox:customer("tenant-1", "POST", path).body
    assert.same({ false, "TimeoutError", 10000 },
      { failed.success, failed.errorCategory, failed.durationMs })
  end)

  it("fire on demand where there is something to tell", function()
    local function fire(event, more)
      local body = { caseId = case.id, event = event }
      for name, value in pairs(more or {}) do body[name] = value end
      return sandbox:customer("tenant-1", "POST", "/test/webhooks/fire", body)
    end
    assert.equal(1, fire("case.updated").body.enqueuedCount)
    assert.equal(sandbox.events[1].data.oldLifecycle, sandbox.events[1].data.newLifecycle)
    assert.equal(422, fire("payment.created").status)
    assert.equal(422, fire("chat.created").status)
    assert.equal(400, fire("client.linked").status)
    assert.equal(400, fire("case.created", { subscriptionId = case.id }).status)
    local payment_id = sandbox:control("POST", "cases",
      { id = case.id, action = "pay", amount = 5 }).body.paymentId
    assert.equal(200, fire("payment.created").status)
    sandbox:control("POST", "payments", { id = payment_id, action = "delete" })
    assert.equal(200, fire("payment.deleted").status)
    assert.equal(422, fire("payment.created").status)
  end)

  it("keep their events and can be deleted", function()
    local path = "/webhooks/" .. subscription.id
    assert.equal(400, sandbox:customer("tenant-1", "PATCH", path,
      { events = { "case.created" } }).status)
    assert.is_string(sandbox:customer("tenant-1", "PATCH", path,
      { regenerateSecret = true }).body.secret)
    assert.equal(1, sandbox:customer("tenant-1", "POST", path .. "/replay",
      { sinceUtc = "2029-01-01T00:00:00Z" }).body.eventsReplayed)
    assert.equal(204, sandbox:customer("tenant-1", "DELETE", path).status)
    assert.same({}, sandbox:customer("tenant-1", "GET", "/webhooks").body)
  end)

  it("and test cases go by their tag", function()
    assert.equal(400, sandbox:customer("tenant-1", "DELETE", "/test/cases").status)
    assert.equal(400, sandbox:customer("tenant-1", "DELETE", "/test/cases?tag=%20").status)
    assert.equal(204, sandbox:customer("tenant-1", "DELETE", "/test/cases?tag=other").status)
    assert.equal(200, sandbox:customer("tenant-1", "GET", "/cases/" .. case.id).status)
    assert.equal(204, sandbox:customer("tenant-1", "DELETE", "/test/cases?tag=batch").status)
    assert.equal(404, sandbox:customer("tenant-1", "GET", "/cases/" .. case.id).status)
    assert.equal(404, sandbox:customer("tenant-1", "DELETE", "/test/cases/" .. case.id).status)
  end)
end)
