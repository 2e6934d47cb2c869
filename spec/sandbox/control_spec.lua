local core = require "debitura.core"
local bare_sandbox = require "spec.support.bare_sandbox"

local samples = bare_sandbox.samples

describe("The sandbox's clock", function()
  local sandbox

  before_each(function()
    sandbox = bare_sandbox.new()
  end)

  local function now()
    return sandbox:control("GET", "clock").body.now
  end

  it("runs with the wall clock until it is moved", function()
    sandbox.wall = sandbox.wall + 90
    assert.equal("2030-01-01T00:01:30Z", now())
    assert.equal("2030-01-08T01:01:30Z",
      sandbox:control("POST", "clock", { advance = "7d1h" }).body.now)
    assert.equal("2030-01-08T01:01:30Z", now())
    sandbox:advance(30)
    assert.equal("2030-01-08T01:02:00Z", now())
  end)

  it("stands still when it is frozen, and goes on from there", function()
    sandbox:control("POST", "clock", { freeze = true })
    sandbox.wall = sandbox.wall + 3600
    sandbox:advance("1m")
    assert.equal("2030-01-01T00:01:00Z", now())
    sandbox:control("POST", "clock", { freeze = false })
    sandbox.wall = sandbox.wall + 60
    assert.equal("2030-01-01T00:02:00Z", now())
  end)

  it("runs faster when it is told to, doing what falls due on the way", function()
    sandbox:subscribe { "client.link_expired" }
    sandbox:partner("POST", "/clients", samples.existing())
    sandbox:control("POST", "clock", { rate = 3600 })
    sandbox.wall = sandbox.wall + 24 * 7
    now()
    assert.same({ "client.link_expired" }, sandbox:heard())
  end)

  it("does not run backwards, neither when it is asked to nor when the wall clock is set back",
    function()
    for _, wrong in ipairs { "-1h", -5, "yesterday", "", "1y", true, 1e300 } do
      assert.equal(400, sandbox:control("POST", "clock", { advance = wrong }).status)
    end
    assert.equal(400, sandbox:control("POST", "clock", { rate = -1 }).status)
    sandbox.wall = sandbox.wall - 3600
    assert.equal("2030-01-01T00:00:00Z", now())
  end)

  it("runs every due job at its own moment and in order", function()
    sandbox:subscribe { "client.link_expired", "case.updated" }
    local created = sandbox:partner("POST", "/clients",
      samples.client { cases = { samples.case() } })
    sandbox:partner("POST", "/clients", samples.existing { externalTenantId = "tenant-2" })
    sandbox:advance("6d23h30m")
    sandbox:sign_all(created.body.onboardingLinks.url)
    sandbox.events = {}
    sandbox:advance("30d")
    local heard = {}
    for index, event in ipairs(sandbox.events) do
      heard[index] = event.timestamp .. " " .. event.event
    end
    assert.same({
      "2030-01-08T00:00:00Z client.link_expired",
      "2030-01-08T00:30:00Z case.updated",
      "2030-01-09T00:30:00Z case.updated",
    }, heard)
  end)
end)

describe("The sandbox's faults", function()
  local sandbox

  before_each(function()
    sandbox = bare_sandbox.new()
  end)

  local function me(headers)
    local all = { faulty = true }
    for name, value in pairs(headers or {}) do all[name] = value end
    return sandbox:partner("GET", "/me", nil, all)
  end

  local function fault(values)
    local answer = sandbox:control("POST", "faults", values)
    assert.equal(200, answer.status)
    return answer
  end

  it("answer a number of calls of one operation with another status", function()
    fault { operation = "me", status = 503, times = 2 }
    assert.equal(200, sandbox:partner("GET", "/coverage").status)
    assert.same({ 503, 503, 200 }, { me().status, me().status, me().status })
  end)

  it("answer with what is given, garbage, a proxy's page, or 429 with the seconds in the body",
    function()
    fault { operation = "me", status = 409, body = { Type = "AlreadyLinkedToAnotherPartner" } }
    assert.same({ Type = "AlreadyLinkedToAnotherPartner" }, me().body)
    fault { operation = "me", garbage = true }
    assert.is_nil((core.json.decode(me().body)))
    fault { operation = "me", html = true }
    local page = me()
    assert.same({ 502, "text/html; charset=utf-8" }, { page.status, page.headers["content-type"] })
    fault { operation = "me", retry_after = 7 }
    local limited = me()
    assert.same({ 429, "rate_limit_exceeded", 7 },
      { limited.status, limited.body.error, limited.body.retryAfter })
    assert.is_nil(limited.headers["retry-after"])
  end)

  it("do the operation and then answer late or half", function()
    fault { operation = "clients.create", delay = 2 }
    fault { operation = "clients.create", cut = true }
    local late = sandbox:partner("POST", "/clients", samples.client())
    assert.same({ 202, 2 }, { late.status, late.delay })
    assert.is_true(sandbox:partner("POST", "/clients", samples.client()).cut)
  end)

  it("let a token expire", function()
    sandbox:partner("POST", "/clients",
      samples.client { users = { { name = "N", email = "n@onboarded.example" } } })
    fault { api = "customer", expired_token = true }
    assert.equal(401, sandbox:customer("tenant-1", "GET", "/cases").status)
    assert.equal(200, sandbox:customer("tenant-1", "GET", "/cases").status)
  end)

  it("can be looked at and cleared", function()
    fault { status = 500, times = 5 }
    assert.equal(5, sandbox:control("GET", "faults").body[1].left)
    assert.same({}, sandbox:control("DELETE", "faults").body)
    assert.equal(200, me().status)
  end)

  it("are refused when they make no sense", function()
    for _, wrong in ipairs { { operation = "nothing" }, { status = 99 }, { status = "500" },
      { times = 0 }, { delay = 61 }, { api = "x" },
      { unknown = 1 } } do
      assert.equal(400, sandbox:control("POST", "faults", wrong).status)
    end
  end)
end)

describe("The sandbox's rate limits", function()
  it("are off, and count by a sliding minute and by hours when they are on", function()
    local sandbox = bare_sandbox.new()
    sandbox:control("POST", "settings",
      { rate_limits = { enabled = true, minute = 3, hour = 5, header = true } })
    local function me() return sandbox:partner("GET", "/me", nil, { faulty = true }) end
    assert.equal(200, me().status)
    sandbox.wall = sandbox.wall + 30
    me()
    me()
    local limited = me()
    assert.same({ 429, 30, "30" }, { limited.status, limited.body.retryAfter,
      limited.headers["retry-after"] })
    sandbox.wall = sandbox.wall + 30
    assert.equal(200, me().status)
    sandbox.wall = sandbox.wall + 60
    assert.equal(200, me().status)
    assert.same({ 429, 3600 - 120 }, { me().status, me().body.retryAfter })
    sandbox:control("POST", "settings", { rate_limits = { enabled = false } })
    assert.equal(200, me().status)
  end)
end)

describe("The sandbox's settings", function()
  it("change what follows, not what was before", function()
    local sandbox = bare_sandbox.new()
    sandbox:partner("POST", "/clients", samples.client { cases = { samples.case() } })
    sandbox:control("POST", "settings", { fee_percentage = 40, partner_name = "Another Partner" })
    assert.equal(25, sandbox:partner("GET", "/cases").body.cases[1].expectedReferralRatePercentage)
    assert.same({ 40, "Another Partner" },
      { sandbox:partner("GET", "/me").body.referralFeePercentage,
      sandbox:partner("GET", "/me").body.companyName })
    assert.is_nil(sandbox:control("GET", "settings").body.api_key)
  end)

  it("are refused as a whole when one is wrong", function()
    local sandbox = bare_sandbox.new()
    local answer = sandbox:control("POST", "settings",
      { fee_percentage = 40, ttl_days = 31, unknown = 1, webhooks = { late = "often" },
      api_key = "stolen" })
    assert.equal(400, answer.status)
    local named = {}
    for name in pairs(answer.body) do named[#named + 1] = name end
    table.sort(named)
    assert.same({ "api_key", "ttl_days", "unknown", "webhooks.late" }, named)
    assert.equal(25, sandbox:control("GET", "settings").body.fee_percentage)
  end)
end)

describe("The sandbox's controls", function()
  local sandbox

  before_each(function()
    sandbox = bare_sandbox.new()
  end)

  it("open accounts that are recognised", function()
    local answer = sandbox:control("POST", "accounts",
      { name = "Own Ltd", email = "office@own.example", country = "Norway",
      users = { { name = "Olaf", email = "olaf@own.example" } }, other_partner = true })
    assert.equal(200, answer.status)
    local payload = samples.client()
    payload.client.supportEmail = "office@own.example"
    assert.equal("ClientAlreadyLinkedToAnotherPartner",
      sandbox:partner("POST", "/clients", payload).body.type)
    assert.equal(400, sandbox:control("POST", "accounts", { name = "Own Ltd" }).status)
  end)

  it("answer for the customer", function()
    for tenant, action in pairs { a = "approve", b = "decline", c = "expire" } do
      sandbox:partner("POST", "/clients", samples.existing { externalTenantId = tenant })
      assert.equal(200,
        sandbox:control("POST", "requests", { externalTenantId = tenant, action = action }).status)
      assert.equal(400,
        sandbox:control("POST", "requests", { externalTenantId = tenant, action = action }).status)
    end
    assert.equal(200, sandbox:partner("GET", "/clients/a").status)
    assert.equal(400,
      sandbox:control("POST", "requests",
        { externalTenantId = "unknown", action = "approve" }).status)
    assert.equal(400, sandbox:control("POST", "cases", { id = "none", action = "close" }).status)
    assert.equal(404, sandbox:control("POST", "nothing", {}).status)
  end)

  it("take no orders from another site's page, and no bodies that are no objects", function()
    local headers = { ["content-type"] = "application/json", host = "127.0.0.1:8787",
      origin = "https://evil.example" }
    assert.equal(403, sandbox:send("POST", "/_sandbox/clock", '{"advance":"1d"}', headers).status)
    headers.origin = "http://127.0.0.1:8787"
    assert.equal(200, sandbox:send("POST", "/_sandbox/clock", '{"advance":"1d"}', headers).status)
    for _, body in ipairs { "[", "42", "null" } do
      assert.equal(400, sandbox:send("POST", "/_sandbox/clock", body,
        { ["content-type"] = "application/json" }).status)
    end
  end)

  it("show each operation's last request and answer", function()
    sandbox:partner("GET", "/clients?page=1")
    sandbox:advance("1s")
    sandbox:partner("POST", "/clients", samples.client { externalTenantId = "<b>" })
    sandbox:partner("GET", "/clients?page=2")
    local list = sandbox:control("GET", "calls").body
    assert.same({ "clients.create", "clients.list" }, { list[1].operation, list[2].operation })
    assert.same({ "partner", "POST", "/clients", "2030-01-01T00:00:01Z", 202 },
      { list[1].api, list[1].method, list[1].target, list[1].at, list[1].status })
    assert.equal("<b>", core.json.decode(list[1].body).externalTenantId)
    assert.equal("<b>", core.json.decode(list[1].answer).externalTenantId)
    assert.equal("/clients?page=2", list[2].target)
    local page = sandbox:send("GET", "/_sandbox").body
    assert.truthy(page:find("GET /clients?page=2", 1, true))
    assert.truthy(page:find("&lt;b&gt;", 1, true))
    assert.is_nil(page:find("sandbox-key", page:find("Last calls", 1, true), true))
  end)

  it("show the size of a body that is long or no text", function()
    sandbox:partner("POST", "/clients", ("x"):rep(16385))
    sandbox:partner("GET", "/clients")
    sandbox:partner("POST", "/oauth/token", "\255")
    local bodies = {}
    for _, one in ipairs(sandbox:control("GET", "calls").body) do
      bodies[one.operation] = one.body
    end
    assert.same({ ["clients.create"] = "16385 bytes", ["clients.list"] = "",
      ["tokens.create"] = "1 bytes" }, bodies)
  end)

  it("are on a page that a screen reader finds its way on, and that fits a phone", function()
    sandbox:subscribe { "client.link_requested" }
    sandbox:partner("POST", "/clients", samples.client { cases = { samples.case() } })
    local asked = sandbox:partner("POST", "/clients", samples.existing { externalTenantId = "2" })
    local path = asked.body.data.onboardingLinks.url:match("^https?://[^/]+(.*)$")
    for _, place in ipairs { "/_sandbox", path } do
      local page = sandbox:send("GET", place).body
      assert.equal(1, select(2, page:gsub("<h1>", "")), place)
      assert.equal(1, select(2, page:gsub("<main", "")), place)
      assert.truthy(page:find('<html lang="en">', 1, true))
      assert.is_nil(page:find("<th></th>", 1, true))
      -- A long name of the platform is broken, not the page.
      assert.truthy(page:find("main{[^}]*overflow%-wrap:anywhere"))
      for region in page:gmatch('<div class="scroll"([^>]*)>') do
        assert.truthy(region:find('tabindex="0"', 1, true) and region:find("aria-label", 1, true))
      end
    end
  end)

  it("are buttons on a page", function()
    sandbox:subscribe { "client.link_requested", "client.linked" }
    sandbox:partner("POST", "/clients", samples.client { externalTenantId = "<b>",
      cases = { samples.case() } })
    sandbox:partner("POST", "/clients", samples.existing { externalTenantId = "tenant-2" })
    local page = sandbox:send("GET", "/_sandbox").body
    for _, text in ipairs { "&lt;b&gt;", "INV-1", "7d", "client.link_requested", "SDCA, POA, JPA",
      "Tuesday 2030-01-01" } do
      assert.truthy(page:find(text, 1, true), text)
    end
    assert.is_nil(page:find("<b>", page:find("</style>"), true) and page:find("<td><b></td>", 1,
      true))
    local answer = sandbox:post_form("/_sandbox/requests",
      { externalTenantId = "tenant-2", action = "approve" })
    assert.same({ 303, "/_sandbox" }, { answer.status, answer.headers.location })
    assert.equal(303,
      sandbox:post_form("/_sandbox/clients", { externalTenantId = "<b>", action = "sign" }).status)
    for _, action in ipairs { "block", "unblock", "unlink" } do
      local shown = sandbox:send("GET", "/_sandbox").body
      assert.truthy(shown:find('<button class="small ">' .. action .. "</button>", 1, true))
      assert.equal(303, sandbox:post_form("/_sandbox/clients",
        { externalTenantId = "<b>", action = action }).status)
    end
    assert.equal(404, sandbox:partner("GET", "/clients/%3Cb%3E").status)
    assert.equal(303, sandbox:post_form("/_sandbox/clock", { advance = "1h" }).status)
    assert.truthy(sandbox:send("GET", "/_sandbox").body:find("Tuesday 2030-01-01 01:00:00", 1,
      true))
    assert.equal("delivered", sandbox:control("GET", "deliveries").body[1].status)
  end)
end)
