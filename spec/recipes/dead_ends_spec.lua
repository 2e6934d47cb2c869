-- Where a request, a client or a window is not what the platform thought, all lead on.
-- Expected values are those of the partner documents: nothing of an unanswered request has landed,
-- POST /clients is idempotent, GET /clients answers 404 until the link is active.

local core = require("debitura.core")
local debitura = require("debitura")
local failure = require("debitura.base.failure")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

describe("a link has no dead ends:", function()
  local bench

  before_each(function() bench = rig.new() end)

  local function link() return bench.recipes.approval:status("acme-1") end

  local function payload(references)
    local made = support.payload()
    made.cases = core.json.array {}
    for i, reference in ipairs(references) do made.cases[i] = rig.case(reference) end
    return made
  end

  --- A client who has approved and signed, and whose cases were carried through.
  local function carried()
    assert(bench.recipes.approval:request(payload { "INV-1" }))
    bench:work()
    bench:approve("acme-1")
    bench:sign("acme-1")
    bench:advance("2h")
    assert.are.equal("carried", link().state)
  end

  local function refused(references, options)
    local outcome, err = bench.recipes.approval:request(payload(references), options)
    assert.is_nil(outcome)
    return { err.kind, err.type, err.message }
  end

  describe("a request that changes nothing", function()
    it("is a conflict that names the state and the way out", function()
      carried()
      assert.are.same({
        "conflict", "NotTaken",
        "this client is carried, nothing was sent; hand further cases in, by themselves or in a "
          .. "payload",
      }, refused({ "INV-1" }, { again = true }))
    end)

    it("is taken for its further cases when Debitura has the client", function()
      carried()
      assert(bench.recipes.approval:request(payload { "INV-1", "INV-2" }))
      assert.are.same({ 1, 1 }, { bench:count("INV-1"), bench:count("INV-2") })
      assert.are.same({ "created", "submitted" }, {
        bench.recipes.submission:status("acme-1", "INV-2").state,
        bench.recipes.submission:status("acme-1", "INV-2").origin,
      })
    end)

    it("stays what it was when it is the same", function()
      carried()
      assert.are.equal("carried", bench.recipes.approval:request(payload { "INV-1" }).state)
    end)
  end)

  describe("a client that Debitura no longer has", function()
    --- The partner withdraws the client behind the recipes' back.
    local function vanish()
      bench:control("clients", { externalTenantId = "acme-1", action = "unlink" })
      bench.debitura.inbox = {}
    end

    --- Another client whom the key finds.
    local function another() bench:client("other-1", true) end

    local function submit(reference)
      return assert(bench.recipes.submission:submit("acme-1", rig.case(reference)))
    end

    it("is gone after two looks, an hour apart, while the key finds another", function()
      carried()
      another()
      vanish()
      assert.are.equal("unlinked", submit("INV-9").reason)
      assert.are.equal("carried", link().state)
      bench:advance("30m")
      assert.are.equal("carried", link().state)
      bench:advance("40m")
      assert.are.equal("gone", link().state)
    end)

    --- What makes a call, one day or the next, that the link does not carry.
    local CALLS = {
      ["the look for the signature of a new customer"] = function()
        local new = payload {}
        new.client.supportEmail, new.users[1].email = "office@new.example", "nora@new.example"
        assert(bench.recipes.approval:request(new))
      end,
      ["the look after the cases"] = function()
        assert(bench.recipes.approval:request(payload { "INV-1" }))
        bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
        bench.debitura.inbox = { (debitura.webhook.example("client.linked",
          { data = { externalTenantId = "acme-1" } })) }
        bench:work()
      end,
      ["the look for what is open"] = function()
        carried()
        bench:control("contracts", { action = "new_version" })
        assert.are.equal("outstanding", bench.recipes.signing:check("acme-1"))
      end,
      ["the look for the identity of the director"] = function()
        local british = payload {}
        british.client.supportEmail = "office@kyc.example"
        british.cases[1] = rig.case("INV-1", "GB")
        assert(bench.recipes.approval:request(british))
        bench:work()
        bench:approve("acme-1")
        bench:control("contracts", { action = "new_version" })
        bench:advance("2h")
        assert.are.equal("outstanding", bench.store:record("kyc", "acme-1", "").state)
      end,
    }

    for what, begin in pairs(CALLS) do
      it("is noticed by " .. what, function()
        another()
        begin()
        vanish()
        bench:advance("1d")
        bench:advance("1d")
        bench:advance("2h")
        assert.are.equal("gone", link().state)
      end)
    end

    it("is not gone while the key finds no client at all", function()
      carried()
      vanish()
      submit("INV-9")
      bench:advance("2h")
      bench:advance("2d")
      assert.are.equal("carried", link().state)
    end)

    it("waits for an operator when many are gone at once", function()
      bench:client("other-1", true)
      for i = 1, 12 do
        local made = payload { "INV-" .. i }
        made.externalTenantId = "many-" .. i
        made.client.supportEmail = ("office@many-%d.example"):format(i)
        made.users[1].email = ("many-%d@onboarded.example"):format(i)
        assert.are.equal("onboarded", bench.recipes.approval:request(made).state)
      end
      bench.debitura.inbox = {}
      for i = 1, 12 do
        bench:control("clients", { externalTenantId = "many-" .. i, action = "unlink" })
        bench.debitura.inbox = {}
        assert(bench.recipes.submission:submit("many-" .. i, rig.case("NEXT-" .. i)))
      end
      bench:advance("2h")
      bench:advance("2h")
      local states = {}
      for i = 1, 12 do
        local state = bench.recipes.approval:status("many-" .. i).state
        states[state] = (states[state] or 0) + 1
      end
      assert.are.same({ gone = 10, onboarded = 2 }, states)
    end)

    it("is gone at once when the platform itself says so, and a request leads on", function()
      carried()
      vanish()
      assert.are.equal("moved", (bench.recipes.approval:gone("acme-1", "withdrawn")))
      assert.are.equal("gone", link().state)
      assert(bench.recipes.approval:request(payload { "INV-1", "INV-5" }, { again = true }))
      assert.are.equal("pending", link().state)
      assert.are.same({ 2, 2 }, { link().cases, link().awaited })
    end)

    it("is asked anew for all of its cases, also when the first request broke off", function()
      carried()
      vanish()
      bench.recipes.approval:gone("acme-1", "withdrawn")
      local store, moves = bench.store, 0
      store.record_move = function(self, change, now)
        moves = moves + 1
        if moves == 2 then
          store.record_move = nil
          return nil, failure.new { kind = "store", message = "the database is away" }
        end
        return getmetatable(self).__index.record_move(self, change, now)
      end
      local asked = payload { "INV-1", "INV-5" }
      assert.is_nil((bench.recipes.approval:request(asked, { again = true })))
      assert.are.equal("requesting", link().state)
      assert(bench.recipes.approval:request(asked, { again = true }))
      assert.are.same({ "pending", 2, 2 }, { link().state, link().cases, link().awaited })
    end)
  end)

  it("a client that is gone has nothing to sign any more, and is asked anew when it is back",
    function()
    carried()
    bench:control("contracts", { action = "new_version" })
    assert.are.equal("outstanding", bench.recipes.signing:check("acme-1"))
    assert(bench.debitura.clients:delete("acme-1"))
    bench.debitura.inbox = {}
    assert.are.equal("moved", (bench.recipes.approval:gone("acme-1", "deleted")))
    assert.are.equal("done", bench.store:record("signing", "acme-1", "").state)
    assert.are.equal("recorded", (bench.recipes.approval:gone("acme-1")))
    assert.are.equal("unknown", (bench.recipes.approval:gone("nobody")))
    local letters = #bench.mail
    assert(bench.recipes.approval:request(payload { "INV-1" }, { again = true }))
    bench:work()
    assert.are.equal(letters + 1, #bench.mail)
  end)

  it("a test client that was reset is onboarded again under its id, with its cases", function()
    local new = payload { "INV-1" }
    new.client.supportEmail, new.users[1].email = "office@new.example", "ann@onboarded.example"
    assert.are.equal("onboarded", bench.recipes.approval:request(new).state)
    assert.are.equal("created", bench.recipes.submission:status("acme-1", "INV-1").state)
    assert(bench.debitura.clients:delete("acme-1"))
    bench.debitura.inbox = {}
    assert.are.equal("moved", (bench.recipes.approval:gone("acme-1", "deleted")))
    local outcome = assert(bench.recipes.approval:request(new, { again = true }))
    assert.are.same({ "onboarded", 1, 0 }, { outcome.state, outcome.cases, outcome.awaited })
    assert.are.equal("created", bench.recipes.submission:status("acme-1", "INV-1").state)
    assert.are.equal(1, bench:count("INV-1"))
  end)

  it("a case that was submitted for a client who was reset can be submitted again", function()
    local function submit()
      local case = rig.case("OWN-1")
      case.allowPendingContracts = true
      return bench.recipes.submission:submit("acme-1", case).state
    end
    bench:client("acme-1", true)
    assert.are.equal("created", submit())
    assert(bench.debitura.clients:delete("acme-1"))
    bench.debitura.inbox = {}
    bench.recipes.approval:gone("acme-1", "deleted")
    local anew = support.payload { cases = core.json.array {} }
    anew.client.supportEmail, anew.users[1].email = "o@new.example", "ann@onboarded.example"
    local outcome = assert(bench.recipes.approval:request(anew, { again = true }))
    assert.are.same({ "onboarded", 0 }, { outcome.state, outcome.cases })
    assert.are.equal("replaced", bench.recipes.submission:status("acme-1", "OWN-1").state)
    assert.are.equal("created", submit())
    assert.are.equal(1, bench:count("OWN-1"))
  end)

  it("a case that waits for the link of a client who was gone is submitted when that is back",
    function()
    carried()
    assert(bench.debitura.clients:delete("acme-1"))
    bench.debitura.inbox = {}
    bench.recipes.approval:gone("acme-1", "deleted")
    assert.are.equal("parked", bench.recipes.submission:submit("acme-1", rig.case("OWN-1")).state)
    local new = payload { "INV-1" }
    new.client.supportEmail, new.users[1].email = "office@new.example", "ann@onboarded.example"
    assert.are.equal("onboarded", bench.recipes.approval:request(new, { again = true }).state)
    assert.are.equal("parked", bench.recipes.submission:status("acme-1", "OWN-1").state)
    bench:sign("acme-1")
    for _ = 1, 2 do bench:advance("1d") end
    assert.are.equal("created", bench.recipes.submission:status("acme-1", "OWN-1").state)
  end)

  it("the same URL in a fresh answer is no new generation, and the next look moves", function()
    local lines = {}
    bench = rig.new { logger = function(level, line) lines[#lines + 1] = level .. " " .. line end }
    bench:control("settings", { ttl_days = 30 })
    assert(bench.recipes.approval:request(payload { "INV-1" }))
    bench:work()
    local mails = #bench.mail
    -- Seven days were thought to be the window: the clock looks, and Debitura gives the same URL.
    for _ = 1, 6 do bench:advance("3d") end
    assert.are.same({ "pending", 1 }, { link().state, link().generation })
    assert.are.same({ "warn debitura recipes: Debitura's window is longer than window_days says: "
      .. "the same URL came again" }, lines)
    -- Two reminders of the first window, and no letter besides.
    assert.are.equal(mails + 2, #bench.mail)
    bench:approve("acme-1")
    bench:sign("acme-1")
    bench:advance("2h")
    assert.are.equal("carried", link().state)
  end)

  it("a client whom Debitura had already has every case of the payload in the end", function()
    local new = payload { "INV-1", "INV-2" }
    new.client.supportEmail, new.users[1].email = "office@new.example", "nora@new.example"
    bench.debitura.interfere_after = function(request)
      if request.url:find("/clients$") then
        return { code = "timeout", message = "no answer", sent = true }
      end
    end
    assert.are.equal("requesting", bench.recipes.approval:request(new).state)
    bench.debitura.interfere_after = nil
    bench.debitura.inbox = {}
    bench:advance("5m")
    assert.are.same({ "onboarding", 2 }, { link().state, link().awaited })
    bench.debitura.inbox = {}
    bench:advance("2h")
    assert.are.same({ "onboarding", 0 }, { link().state, link().awaited })
    assert.are.same({ 1, 1 }, { bench:count("INV-1"), bench:count("INV-2") })
  end)

  it("a new customer is reminded after 2, 7 and 21 days, and then no more", function()
    local new = payload { "INV-1" }
    new.client.supportEmail, new.users[1].email = "office@new.example", "nora@new.example"
    assert(bench.recipes.approval:request(new))
    local days = {}
    for day = 1, 40 do
      local before = #bench.mail
      bench:advance("1d")
      if #bench.mail > before then days[#days + 1] = day end
    end
    assert.are.same({ 2, 7, 21 }, days)
    assert.is_true(link().unanswered)
    assert.are.same({ "onboarding", "onboarding reminder", "onboarding reminder",
      "onboarding reminder" }, bench:variants())
  end)
end)
