-- What could not be found out or done at once stays owed; what never can be is given up after the
-- usual attempts, with its reason, and taken up when the platform asks again.

local core = require("debitura.core")
local debitura = require("debitura")
local odd_answers = require("spec.support.odd_answers")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

describe("the URL of an onboarding", function()
  local bench, page

  --- Puts something else in the place of the page, wherever an answer names it.
  local function interpose()
    bench = rig.new()
    odd_answers.interpose(bench.debitura, function(operation, _, body)
      local named = operation:find("partner.clients.", 1, true) and page and body
        and body.onboardingLinks
      if not named then return nil end
      body.onboardingLinks = page
      return core.json.encode(body)
    end)
  end

  for _, odd in ipairs { { url = core.null }, { url = "" }, { url = { 1 } }, { url = true },
    { url = 7 }, { url = "javascript:alert(1)" }, { url = "https://x.example/a\r\nb: c" },
    core.null, "text" } do
    it("is asked for where the answer holds instead " .. core.json.encode(odd), function()
      page = odd
      interpose()
      assert.are.equal("onboarding", bench:client("acme-1").state)
      for _ = 1, 10 do bench:advance("1h") end
      assert.are.same({}, bench.mail)
      assert.are.equal("recorded", (bench.recipes.approval:deliver("acme-1")))
      assert.are.same({ "open", "Debitura names no page for the onboarding" },
        { bench:jobs("acme-1", "look_up_url")[1].state,
          bench:jobs("acme-1", "look_up_url")[1].result })
      page = nil
      bench:advance("1h")
      assert.are.same({ "onboarding" }, bench:variants())
      assert.is_truthy(bench.mail[1].url:find("/companydetails/", 1, true))
      for _ = 1, 30 do bench:advance("1d") end
      assert.are.same({ "onboarding", "onboarding reminder", "onboarding reminder",
        "onboarding reminder" }, bench:variants())
    end)
  end

  it("is asked for where the sandbox names it later", function()
    bench = rig.new()
    bench:control("settings", { onboarding_url = "later" })
    bench:client("acme-1")
    assert.are.same({ "onboarding" }, bench:variants())
  end)

  it("is given up after a month, the client is not", function()
    page = { url = core.null }
    interpose()
    bench:client("acme-1")
    for _ = 1, 32 * 24 do bench:advance("1h") end
    assert.are.equal("dead", bench:jobs("acme-1", "look_up_url")[1].state)
    bench:sign("acme-1")
    assert.are.equal("onboarded", bench.recipes.approval:status("acme-1").state)
  end)
end)

describe("what Debitura forbids", function()
  local bench

  local function forbid(operation, api)
    bench:control("faults", { operation = operation, api = api, status = 403, times = 1000 })
  end

  local function allow()
    bench.debitura:send { method = "DELETE", path_and_query = "/_sandbox/faults", headers = {} }
  end

  local function tried_in_vain(tenant, kind)
    for _ = 1, 30 do bench:advance("1h") end
    local job = assert(bench:jobs(tenant, kind)[1])
    assert.are.same({ "dead", 8 }, { job.state, job.attempt })
    return job.result
  end

  before_each(function() bench = rig.new() end)

  it("is a request that is given up with the reason, and tried when it is asked for again",
    function()
    forbid("clients.create")
    local payload = support.payload()
    local outcome = assert(bench.recipes.approval:request(payload))
    assert.are.same({ "requesting", "forbidden" }, { outcome.state, outcome.failure.kind })
    assert.is_truthy(tried_in_vain("acme-1", "request_link"):find("clients.create: forbidden 403",
      1, true))
    outcome = assert(bench.recipes.approval:request(payload))
    assert.are.same({ "requesting", "forbidden" }, { outcome.state, outcome.failure.kind })
    allow()
    assert.are.equal("pending", assert(bench.recipes.approval:request(payload)).state)
  end)

  it("is a case that is given up with the reason, and tried when it is submitted again", function()
    bench:client("acme-1", true)
    bench:sign("acme-1")
    forbid("cases.create", "customer")
    local case = rig.case("OWN-1")
    assert.are.equal("submitting", assert(bench.recipes.submission:submit("acme-1", case)).state)
    assert.is_truthy(tried_in_vain("acme-1", "submit_case"):find("cases.create: forbidden 403", 1,
      true))
    assert.are.equal("forbidden", bench.recipes.submission:submit("acme-1", case).failure.kind)
    allow()
    assert.are.equal("parked", bench.recipes.submission:submit("acme-1", case).state)
  end)

  it("is a look after a link, which is given up with the reason", function()
    assert(bench.recipes.approval:request(support.payload()))
    forbid("cases.list")
    bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
    bench.debitura.inbox = { (debitura.webhook.example("client.linked",
      { data = { externalTenantId = "acme-1" } })) }
    bench:work()
    assert.is_truthy(tried_in_vain("acme-1", "reconcile"):find("cases.list: forbidden 403", 1,
      true))
  end)
end)

describe("a look that is forbidden", function()
  it("is made again every day, for as long as it takes", function()
    local bench = rig.new()
    bench:client("acme-1")
    bench:control("faults", { operation = "clients.get", status = 403, times = 1000 })
    for _ = 1, 3 * 24 do bench:advance("1h") end
    local job = bench:jobs("acme-1", "watch_client")[1]
    assert.are.equal("open", job.state)
    assert.is_truthy(job.result:find("^clients.get: forbidden 403"))
    bench.debitura:send { method = "DELETE", path_and_query = "/_sandbox/faults", headers = {} }
    bench:control("clients", { externalTenantId = "acme-1", action = "sign" })
    bench.debitura.inbox = {}
    bench:advance("1d")
    assert.are.equal("onboarded", bench.recipes.approval:status("acme-1").state)
  end)
end)

describe("a key that Debitura does not take", function()
  it("gives nothing up, however long it is the wrong one", function()
    local bench = rig.new()
    bench.debitura.interfere_after = function(_, response)
      response.status, response.body = 401, ""
    end
    assert(bench.recipes.approval:request(support.payload()))
    for _ = 1, 100 do bench:advance("1h") end
    bench.debitura.interfere_after = nil
    bench:advance("1h")
    assert.are.equal("pending", bench.recipes.approval:status("acme-1").state)
  end)
end)
