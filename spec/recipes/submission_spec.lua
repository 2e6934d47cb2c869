-- Submission and signing, against the sandbox's own behaviour.

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

local case = rig.case

describe("case submission", function()
  local bench, submission

  before_each(function()
    bench = rig.new()
    submission = bench.recipes.submission
  end)

  local function submit(tenant, body, options)
    return assert(submission:submit(tenant, body, options))
  end

  describe("of an onboarded client", function()
    before_each(function()
      bench:client("acme", true)
      bench:sign("acme")
      assert(submission:submit("acme", case("FIRST")))
      bench:sign("acme")
      bench:advance("1h")
    end)

    it("creates the case and tells its number", function()
      local outcome = submit("acme", case("INV-1"))
      assert.are.same({ "created", "INV-1", 1 }, { outcome.state, outcome.creditor_reference,
        outcome.generation })
      assert.are.equal(outcome.case.id, outcome.case_id)
      assert.are.equal(outcome.case.reference, outcome.reference)
      assert.are.equal(1, bench:count("INV-1"))
    end)

    it("creates it once, however often and by whichever process it is submitted", function()
      local first = submit("acme", case("INV-1"))
      local again = submit("acme", case("INV-1"))
      assert.are.equal(first.case_id, again.case_id)
      local other = assert(require("debitura.recipes").new(bench.options).submission:submit("acme",
        case("INV-1")))
      assert.are.equal(first.case_id, other.case_id)
      assert.are.equal(1, bench:count("INV-1"))
    end)

    it("repeats the same call when the answer was lost, and has one case", function()
      local keys = {}
      bench.debitura.interfere_after = function(request)
        if request.method ~= "POST" or not request.url:find("/customer/cases", 1, true) then
          return
        end
        keys[#keys + 1] = request.headers["Idempotency-Key"]
        if #keys < 5 then return { code = "timeout", message = "no answer", sent = true } end
      end
      local outcome = submit("acme", case("INV-1"))
      assert.are.same({ "submitting", "timeout" }, { outcome.state, outcome.failure.kind })
      bench:advance("1h")
      assert.are.equal("created", submission:status("acme", "INV-1").state)
      assert.are.equal(1, bench:count("INV-1"))
      for _, key in ipairs(keys) do assert.are.equal(keys[1], key) end
      assert.is_truthy(keys[1]:find("^debitura%-%x+%-1$") and #keys[1] <= 255)
    end)

    -- How Debitura says that a reference is in use, and what kind of failure that is.
    for spelling, kind in pairs { field = "validation", pascal_field = "validation",
      problem = "validation", reference = "business", creditor_reference = "business" } do
      it("recognises its case when that came to Debitura by another way, and not another one under "
        .. "its reference, told as " .. spelling, function()
        bench:control("settings", { duplicates = spelling })
        local known = assert(bench.debitura:customer("acme").cases:create(case("INV-1")))
        assert.are.equal(known.id, submit("acme", case("INV-1")).case_id)
        assert(bench.debitura:customer("acme").cases:create(case("INV-2")))
        local other = case("INV-2")
        other.amountToRecover = 77
        local outcome, err = submission:submit("acme", other)
        assert.is_nil(outcome)
        assert.are.equal(kind, err.kind)
        assert.are.same({ 1, 1 }, { bench:count("INV-1"), bench:count("INV-2") })
      end)
    end

    it("does not give up its case when it cannot be asked whose the reference is", function()
      local known = assert(bench.debitura:customer("acme").cases:create(case("INV-1")))
      local is_away = true
      bench.debitura.interfere = function(request)
        if is_away and request.url:find("by-creditor-reference", 1, true) then
          return { code = "transport", message = "no route", sent = false }
        end
      end
      local outcome = submit("acme", case("INV-1"))
      assert.are.same({ "submitting", "transport" }, { outcome.state, outcome.failure.kind })
      is_away = false
      bench:advance("1h")
      assert.are.equal(known.id, submission:status("acme", "INV-1").case_id)
    end)

    it("refuses another body under the same reference while it is not rejected", function()
      submit("acme", case("INV-1"))
      local changed = case("INV-1")
      changed.amountToRecover = 5
      local outcome, err = submission:submit("acme", changed)
      assert.is_nil(outcome)
      assert.are.same({ "conflict", "PayloadChanged" }, { err.kind, err.type })
    end)

    it("names the fields that are wrong, and takes the corrected case", function()
      local wrong = case("INV-1")
      wrong.debtor.countryAlpha2 = nil
      local outcome, err = submission:submit("acme", wrong)
      assert.is_nil(outcome)
      assert.are.equal("validation", err.kind)
      assert.is_truthy(err.fields["debtor.countryAlpha2"])
      assert.is_false(submission:status("acme", "INV-1"))
      outcome, err = submission:submit("acme", wrong, { check = false })
      assert.is_nil(outcome)
      assert.are.equal("validation", err.kind)
      assert.are.equal("rejected", submission:status("acme", "INV-1").state)
      assert.are.equal("created", submit("acme", case("INV-1")).state)
      assert.are.equal(1, bench:count("INV-1"))
    end)

    it("needs a reference to recognise the case by", function()
      local outcome, err = submission:submit("acme", case(nil))
      assert.is_nil(outcome)
      assert.is_truthy(err.fields.creditorReference)
    end)

    it("ends where no partner collects, with words for the customer, and never tries again by "
      .. "itself", function()
      local outcome = submit("acme", case("INV-1", "BR"))
      assert.are.same({ "unsupported", "NoPartnerAvailable",
        "This jurisdiction is not currently supported." },
        { outcome.state, outcome.reason, outcome.advice })
      bench:advance("30d")
      assert.are.same({ "unsupported", 1 }, { submission:status("acme", "INV-1").state,
        submission:status("acme", "INV-1").generation })
      assert.are.equal("unsupported", submit("acme", case("INV-1", "BR"), { again = true }).state)
      assert.are.equal(2, submission:status("acme", "INV-1").generation)
    end)

    it("hands what no partner takes to the platform's fallback, until that has taken it", function()
      local calls = {}
      bench.options.fallback = function(given)
        calls[#calls + 1] = given
        if #calls == 1 then return nil, "desk closed" end
      end
      bench.recipes = require("debitura.recipes").new(bench.options)
      submission = bench.recipes.submission
      submit("acme", case("INV-1", "BR"))
      bench:advance("1h")
      assert.are.equal(2, #calls)
      assert.are.equal(calls[1].key, calls[2].key)
      assert.are.same({ "acme", "INV-1", "NoPartnerAvailable", "BR" }, {
        calls[1].tenant, calls[1].creditor_reference, calls[1].reason,
        calls[1].payload.debtor.countryAlpha2,
      })
    end)

    it("escalates when Debitura has blocked the creditor", function()
      local calls = {}
      bench.options.escalate = function(given) calls[#calls + 1] = given.reason end
      submission = require("debitura.recipes").new(bench.options).submission
      bench:control("clients", { externalTenantId = "acme", action = "block" })
      local outcome = submit("acme", case("INV-1"))
      assert.are.same({ "blocked", "CreditorBlocked",
        "The account is blocked. Please contact Debitura support." },
        { outcome.state, outcome.reason, outcome.advice })
      assert.are.same({ "CreditorBlocked" }, calls)
    end)
  end)

  describe("of a client who has to sign first", function()
    before_each(function()
      bench:client("acme")
      bench.mail = {}
    end)

    it("parks all cases, asks the customer once, and submits them when that is signed", function()
      for i = 1, 3 do
        local outcome = submit("acme", case("INV-" .. i))
        assert.are.same({ "parked", "signing", 1 },
          { outcome.state, outcome.reason, outcome.generation })
        assert.is_truthy(outcome.advice)
      end
      assert.are.same({ "signing" }, bench:variants())
      assert.is_nil(bench.store:record("signing", "acme", "").undelivered_since)
      assert.is_truthy(bench.mail[1].url:find("^http"))
      bench:sign("acme")
      bench:advance("1h")
      -- What was signed was the agreement alone; the power of attorney is known since the cases
      -- were tried again.
      assert.are.equal("parked", submission:status("acme", "INV-1").state)
      bench:sign("acme")
      bench:advance("1h")
      for i = 1, 3 do
        assert.are.equal("created", submission:status("acme", "INV-" .. i).state)
        assert.are.equal(1, bench:count("INV-" .. i))
      end
    end)

    it("tries again by the clock when no webhook comes, under the key's next generation", function()
      submit("acme", case("INV-1"))
      local keys = {}
      bench.debitura.interfere = function(request)
        if request.headers["Idempotency-Key"] then
          keys[#keys + 1] = request.headers["Idempotency-Key"]
        end
      end
      for _ = 1, 2 do
        bench:control("clients", { externalTenantId = "acme", action = "sign" })
        bench.debitura.inbox = {}
        bench:advance("12h")
      end
      assert.are.equal("created", submission:status("acme", "INV-1").state)
      assert.is_truthy(keys[1]:find("%-2$"))
      assert.are.equal(keys[1]:sub(1, -3), keys[#keys]:sub(1, -3))
    end)

    it("survives a restart while cases are parked, and shows no URL but to the channels", function()
      local outcome = submit("acme", case("INV-1"))
      local url = bench.mail[1].url
      for _, value in pairs(outcome) do assert.is_nil(tostring(value):find(url, 1, true)) end
      bench.recipes = require("debitura.recipes").new(bench.options)
      bench:sign("acme")
      bench:advance("1h")
      bench:sign("acme")
      bench:advance("1h")
      assert.are.equal("created", bench.recipes.submission:status("acme", "INV-1").state)
    end)

    it("can be withdrawn, and is not submitted any more", function()
      submit("acme", case("INV-1"))
      assert.are.equal("moved", submission:withdraw("acme", "INV-1", "paid meanwhile"))
      bench:sign("acme")
      bench:advance("2d")
      assert.are.same({ "withdrawn", 0 }, { submission:status("acme", "INV-1").state,
        bench:count("INV-1") })
    end)

    it("is accepted before the signature when the case allows that, and the customer is asked all "
      .. "the same", function()
      bench:sign("acme")
      local body = case("INV-1")
      body.allowPendingContracts = true
      local outcome = submit("acme", body)
      assert.are.equal("created", outcome.state)
      assert.are.same({ "signing" }, bench:variants())
      bench:sign("acme")
      bench:advance("1h")
      assert.are.equal("done", bench.store:record("signing", "acme", "").state)
    end)
  end)

  it("waits for the link of a client who is not linked yet", function()
    assert(bench.recipes.approval:request(support.payload { externalTenantId = "acme",
      cases = core.json.array {} }))
    local outcome = submit("acme", case("INV-9"))
    assert.are.same({ "parked", "unlinked" }, { outcome.state, outcome.reason })
    bench:approve("acme")
    bench:advance("2h")
    assert.are.equal("signing", submission:status("acme", "INV-9").reason)
    bench:sign("acme")
    bench:advance("1d")
    bench:sign("acme")
    bench:advance("1d")
    assert.are.same({ "created", 1 }, { submission:status("acme", "INV-9").state,
      bench:count("INV-9") })
  end)

  describe("that wants a director identified", function()
    local function begin(options)
      bench = rig.new(options)
      submission = bench.recipes.submission
      bench:client("acme")
      bench:sign("acme")
      bench.mail = {}
    end

    it("hands over the form and tries again until it is filled in", function()
      begin()
      submit("acme", case("INV-1", "GB"))
      bench:control("clients", { externalTenantId = "acme", action = "sign" })
      bench:advance("1d")
      bench:advance("1d")
      assert.are.equal("created", submission:status("acme", "INV-1").state)
    end)

    it("sends the director's data that the platform has, and asks the customer for signatures only",
      function()
      begin { directors = function()
        return { directorFullName = "Dana Director", directorHomeAddress = "1 Sample Street",
          directorDateOfBirth = "1980-01-01" }
      end }
      submit("acme", case("INV-1", "GB"))
      bench:sign("acme")
      bench:advance("1h")
      assert.are.same({ "signing" }, bench:variants())
      assert.are.equal("created", submission:status("acme", "INV-1").state)
    end)
  end)

  it("fails as the store fails, and has sent nothing", function()
    local broken = failure.new { kind = "store", message = "gone" }
    bench.store.record = function() return nil, broken end
    local outcome, err = submission:submit("acme", case("INV-1"))
    assert.is_nil(outcome)
    assert.are.equal(broken, err)
    assert.are.same({}, bench.store:records { kind = "case" })
    assert.are.equal(0, bench:count("INV-1"))
  end)
end)
