-- What Debitura said of a refusal is kept, sealed, and reaches those who act upon it; what the
-- customer is told names whom to ask.

local core = require("debitura.core")
local debitura = require("debitura")
local failure = require("debitura.base.failure")
local hosted_url = require("debitura.recipes.hosted_url")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

local REASON = "Outstanding invoices. See https://app.debitura.com/pay?token=s3cret or call us."
local KEPT = "Outstanding invoices. See [redacted] or call us."
local KEY = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE="

describe("what Debitura said", function()
  describe("of a creditor that it has blocked", function()
    local bench, told

    local function start(options, reason)
      bench, told = rig.new(options), {}
      bench.options.escalate = function(given)
        told[#told + 1] = { given.reason, given.detail }
        return true
      end
      bench.recipes = recipes.new(bench.options)
      bench:client("acme-1", true)
      bench:work()
      bench:control("clients", { externalTenantId = "acme-1", action = "block",
        reason = reason or REASON })
      return assert(bench.recipes.submission:submit("acme-1", rig.case("OWN-1")))
    end

    it("is in the outcome, in the standing, and in what escalate is given", function()
      local outcome = start()
      assert.are.same({ "blocked", "CreditorBlocked", KEPT },
        { outcome.state, outcome.reason, outcome.detail })
      assert.are.equal(KEPT, bench.recipes.submission:status("acme-1", "OWN-1").detail)
      assert.are.same({ { "CreditorBlocked", KEPT } }, told)
    end)

    it("is no longer there when the case was taken after all", function()
      start()
      bench:control("clients", { externalTenantId = "acme-1", action = "unblock" })
      local case = rig.case("OWN-1")
      case.allowPendingContracts = true
      local outcome = assert(bench.recipes.submission:submit("acme-1", case, { again = true }))
      assert.are.same({ "created" }, { outcome.state, outcome.detail })
    end)

    it("is sealed in the store", function()
      local place = os.tmpname()
      finally(function() os.remove(place) end)
      os.remove(place)
      start { store = assert(debitura.store.open { address = "sqlite://" .. place,
        encryption_key = KEY }) }
      assert.are.equal(KEPT, bench.recipes.submission:status("acme-1", "OWN-1").detail)
      local bytes = assert(io.open(place, "rb")):read("*a")
      assert.is_truthy(bytes:find("CreditorBlocked", 1, true) == nil)
      assert.is_nil(bytes:find("Outstanding invoices", 1, true))
    end)

    it("is cut at a character, however long it is", function()
      assert.are.equal(("ø"):rep(500), start(nil, ("ø"):rep(600)).detail)
    end)
  end)

  it("of a jurisdiction without partner is given to fallback", function()
    local told
    local bench = rig.new { fallback = function(given)
      told = given
      return true
    end }
    bench:client("acme-1", true)
    bench:work()
    local outcome = assert(bench.recipes.submission:submit("acme-1", rig.case("OWN-1", "BR")))
    assert.are.equal("NoPartnerAvailable", told.reason)
    assert.is_truthy(told.detail and #told.detail > 0)
    assert.are.equal(told.detail, outcome.detail)
  end)

  it("of a case that could not be carried through is with the case", function()
    local bench = rig.new()
    assert(bench.recipes.approval:request(support.payload()))
    bench.recipes:handle(debitura.webhook.example("cases.replay_failed", { data = {
      externalTenantId = "acme-1", failedCases = core.json.array { { creditorReference = "INV-1",
        errorType = "ValidationError", errorMessage = "The due date is in the future." } },
    } }))
    local case = bench.recipes.submission:status("acme-1", "INV-1")
    assert.are.same({ "failed", "ValidationError", "The due date is in the future." },
      { case.state, case.reason, case.detail })
  end)

  it("of a link that it refused is in the outcome", function()
    local desk = support.new()
    local approval = recipes.new(desk:options {}).approval
    desk.answers = { failure.new { kind = "conflict", status = 409, type = "InvalidClientType",
      message = "no", detail = "The match is a collection partner." } }
    local outcome = assert(approval:request(support.payload()))
    assert.are.same({ "refused", "InvalidClientType", "The match is a collection partner." },
      { outcome.state, outcome.reason, outcome.detail })
  end)
end)

describe("what the customer is told of a refusal", function()
  local function advice(options)
    local desk = support.new()
    desk.answers = { failure.new { kind = "conflict", status = 409,
      type = "AlreadyLinkedToAnotherPartner", message = "no" } }
    return assert(recipes.new(desk:options(options or {})).approval:request(support.payload()))
      .advice
  end

  it("names Debitura's address where the platform has one", function()
    assert.are.equal("Your Debitura account is linked to another partner. "
      .. "Please contact help%1@debitura.example to discuss your options.",
      advice { debitura_support = "help%1@debitura.example" })
  end)

  it("names Debitura support where it has none", function()
    assert.are.equal("Your Debitura account is linked to another partner. "
      .. "Please contact Debitura support to discuss your options.", advice())
  end)

  it("is an option of the platform, too", function()
    local platform = debitura.platform {
      environment = "test", api_key = "k", store = "memory:", channels = {},
      debitura_support = "help@debitura.example",
    }
    assert.are.equal("help@debitura.example", platform.options.debitura_support)
  end)
end)

describe("a sentence that quotes addresses", function()
  it("is shown without them", function()
    for text, shown in pairs {
      ["no address"] = "no address",
      ["a https://x.example/a?b=c#d b"] = "a [redacted] b",
      ["HTTP://X.example"] = "[redacted]",
      ['<a href="https://x.example/1">x</a>'] = '<a href="[redacted]">x</a>',
      ["https://a.example/1, https://b.example/2"] = "[redacted] [redacted]",
    } do
      assert.are.equal(shown, hosted_url.redacted(text))
    end
  end)
end)
