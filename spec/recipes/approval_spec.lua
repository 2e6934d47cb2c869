-- Approval delivery, against a partner whose answers are laid out and a clock that is set by hand.

local approval_delivery = require("debitura.recipes.verbs.approval")
local channels = require("debitura.channels")
local core = require("debitura.core")
local failure = require("debitura.base.failure")
local new_desk = require("spec.support.desk").new
local support = require("spec.support.desk")

local DAY = 86400
local T0 = support.T0
local swept = support.swept
local URL = "https://referral.example.test/link/abc"

describe("approval delivery", function()
  local desk, approval

  before_each(function()
    desk = new_desk()
    approval = approval_delivery.new(desk:options())
  end)

  describe("of a customer who has to approve", function()
    before_each(function() desk.answers = { support.needs_linking(URL) } end)

    it("delivers the URL and keeps payload, URL and window", function()
      local outcome = assert(approval:request(support.payload()))
      assert.are.equal("pending", outcome.state)
      assert.are.equal("approval", outcome.variant)
      assert.are.equal(T0 + 7 * DAY, outcome.expires_at)
      assert.are.equal(3, outcome.awaited)
      assert.is_nil(outcome.failure)
      assert.are.same({
        {
          key = "deliver/link/1/notes/6:acme-1/0:", tenant = "acme-1", generation = 1,
          variant = "approval", url = URL, expires_at = T0 + 7 * DAY,
          recipient = { name = "Nora New", email = "nora@new.example", country = "Denmark" },
        },
      }, desk.delivered)
      local link = desk.store:record("link", "acme-1", "")
      assert.are.equal(URL, link.url)
      assert.are.equal(desk.sent[1], link.payload)
    end)

    it("records the request before it is sent", function()
      local before
      desk.answers = { function()
        before = { desk.store:record("link", "acme-1", "").state, desk:jobs("request_link")[1].key }
        return support.needs_linking(URL)
      end }
      assert(approval:request(support.payload()))
      assert.are.same({ "requesting", "request_link/link/1//6:acme-1/0:" }, before)
    end)

    it("records when and how each delivery went", function()
      approval:request(support.payload())
      local job = desk:jobs("deliver")[1]
      assert.are.same({ "notes", "done", "delivered", T0 },
        { job.channel, job.state, job.result, job.ended_at })
    end)

    it("sends and delivers nothing twice when the platform asks again with the same payload",
      function()
      approval:request(support.payload())
      local outcome = assert(approval:request(support.payload()))
      assert.are.equal("pending", outcome.state)
      assert.are.same({ 1, 1 }, { #desk.sent, #desk.delivered })
    end)

    it("does not send another payload for a client under way, unless told to", function()
      approval:request(support.payload())
      local changed = support.payload { cases = core.json.array {} }
      local outcome, why = approval:request(changed)
      assert.is_nil(outcome)
      assert.are.same({ "conflict", "PayloadChanged" }, { why.kind, why.type })
      desk.answers = { support.needs_linking(URL .. "2") }
      outcome = assert(approval:request(changed, { again = true }))
      assert.are.same({ "pending", 0, 2 }, { outcome.state, outcome.cases, #desk.delivered })
      assert.are.equal(URL .. "2", desk.delivered[2].url)
    end)

    it("adds the address to come back to, and gives the URL back by the redirect channel, as often "
      .. "as asked", function()
      approval = approval_delivery.new(desk:options {
        channels = { channels.redirect() }, return_url = "https://platform.example/done?x=1&y=2",
      })
      local expected = URL .. "?returnUrl=https%3A%2F%2Fplatform.example%2Fdone%3Fx%3D1%26y%3D2"
      assert.are.equal(expected, approval:request(support.payload()).redirect)
      assert.are.equal(expected, approval:request(support.payload()).redirect)
      assert.are.equal(1, #desk.sent)
    end)

    it("gives a channel the same key for one delivery, also when it is asked for the URL itself",
      function()
      local keys = {}
      approval = approval_delivery.new(desk:options {
        channels = { { name = "own", inline = true, deliver = function(_, message)
          keys[#keys + 1] = message.key
          return message.url
        end } },
      })
      approval:request(support.payload())
      assert.are.same({ "deliver/link/1/own/6:acme-1/0:", "deliver/link/1/own/6:acme-1/0:" }, keys)
    end)

    it("gives the URL to every channel, each on its own", function()
      local seen = {}
      approval = approval_delivery.new(desk:options {
        channels = {
          desk.channel,
          channels.print { write = function(text) seen[#seen + 1] = text end },
          channels.callback(function(message) seen[#seen + 1] = message.key return true end),
        },
        return_url = function(tenant) return "https://platform.example/" .. tenant end,
      })
      approval:request(support.payload())
      assert.are.equal(1, #desk.delivered)
      assert.are.same({
        "deliver/link/1/callback/6:acme-1/0:",
        "For acme-1 (approval, generation 1): " .. URL
          .. "?returnUrl=https%3A%2F%2Fplatform.example%2Facme-1\n",
      }, seen)
    end)

    it("reminds at half of the window and one day before its end, each once by each channel",
      function()
      approval:request(support.payload())
      local function keys()
        approval:sweep()
        local list = {}
        for i, message in ipairs(desk.delivered) do
          list[i] = message.key .. " " .. tostring(message.reminder)
        end
        return list
      end
      desk.now = T0 + 3.5 * DAY - 1
      assert.are.same({ "deliver/link/1/notes/6:acme-1/0: nil" }, keys())
      desk.now = T0 + 3.5 * DAY
      assert.are.same({ "deliver/link/1/notes/6:acme-1/0: nil",
        "remind/link/1/notes/1/6:acme-1/0: 1" }, keys())
      desk.now = T0 + 6 * DAY
      assert.are.same({ "deliver/link/1/notes/6:acme-1/0: nil",
        "remind/link/1/notes/1/6:acme-1/0: 1",
        "remind/link/1/notes/2/6:acme-1/0: 2" }, keys())
      desk.now = T0 + 6.5 * DAY
      assert.are.equal(3, #keys())
    end)

    it("reminds no customer whose window has passed meanwhile, or who is linked without a "
      .. "webhook", function()
      approval:request(support.payload())
      desk.now = T0 + 7 * DAY
      assert.are.same({ total = 2, skipped = 2 }, swept(approval))
      desk.answers, desk.active = { support.needs_linking(URL) }, "acme-2"
      approval:request(support.payload { externalTenantId = "acme-2" })
      desk.now = desk.now + 4 * DAY
      assert.are.equal(1, approval:sweep()["client.seen"])
      assert.are.equal("linked", desk.store:record("link", "acme-2", "").state)
    end)

    it("reminds when it can be asked again whether the customer has approved, a day later",
      function()
      approval:request(support.payload())
      desk.unreachable = failure.new { kind = "transport", message = "no route" }
      desk.now = T0 + 3.5 * DAY
      for _ = 1, 24 do
        approval:sweep()
        desk.now = desk.now + 3600
      end
      assert.are.equal(1, #desk.delivered)
      desk.unreachable = nil
      approval:sweep()
      assert.are.same({ 2, 1 }, { #desk.delivered, desk.delivered[2].reminder })
    end)

    it("leaves out reminders that fall together or on the ends of a short window", function()
      approval = approval_delivery.new(desk:options { window_days = 1 })
      approval:request(support.payload())
      assert.are.equal(1, #desk:jobs("remind"))
      for _, wrong in ipairs { 0, 1, 2, "half" } do
        assert.has_error(function()
          approval_delivery.new(desk:options { reminders = { wrong } })
        end,
          "recipes.new: option 'reminders': [1]: a part of the window such as 0.5, or seconds "
          .. "before its end such as -86400")
      end
    end)

    it("hands the URL over again when asked to, by one channel or all, and not when there is none",
      function()
      approval:request(support.payload())
      for _ = 1, 2 do
        assert.are.equal("moved", approval:deliver("acme-1", { channel = "notes" }))
      end
      assert.are.same({ "deliver/link/1/notes/v2/6:acme-1/0:",
        "deliver/link/1/notes/v3/6:acme-1/0:" },
        { desk.delivered[2].key, desk.delivered[3].key })
      approval:handle(desk:event("client.link_declined"))
      assert.are.equal("recorded", approval:deliver("acme-1"))
      assert.are.equal("unknown", approval:deliver("acme-9"))
      assert.are.equal(3, #desk.delivered)
      assert.has_error(function() approval:deliver("acme-1", { channel = "fax" }) end,
        'channel: there is none named "fax"')
    end)

    it("reminds at once when asked to, unless the customer has approved by now", function()
      approval:request(support.payload())
      assert.are.equal("moved", approval:deliver("acme-1", { remind = true }))
      assert.are.same({ "remind/link/1/notes/v2/6:acme-1/0:", 0 },
        { desk.delivered[2].key, desk.delivered[2].reminder })
      desk.active = "acme-1"
      local _, link = approval:deliver("acme-1", { remind = true })
      assert.are.same({ "linked", 2 }, { link.state, #desk.delivered })
    end)

    it("sends nothing more for a link that was closed, and believes an approval that comes all the "
      .. "same", function()
      approval:request(support.payload())
      local word, link = approval:close("acme-1", "the customer left")
      assert.are.same({ "moved", "closed", "the customer left" }, { word, link.state, link.reason })
      desk.now = T0 + 4 * DAY
      approval:sweep()
      assert.are.equal(1, #desk.delivered)
      assert.are.equal("recorded", approval:close("acme-1"))
      approval:handle(desk:event("client.linked"))
      assert.are.equal("linked", desk.store:record("link", "acme-1", "").state)
    end)

    it("shows the URL nowhere but in the channel", function()
      local outcome = approval:request(support.payload())
      for name, value in pairs(outcome) do
        assert.is_nil(tostring(value):find(URL, 1, true), name)
      end
      for _, line in ipairs(desk.store:record_history { kind = "link", tenant = "acme-1",
        name = "" }) do
        for name, value in pairs(line) do
          assert.is_nil(tostring(value):find(URL, 1, true), name)
        end
      end
    end)
  end)

  describe("when a channel fails", function()
    before_each(function() desk.answers = { support.needs_linking(URL) } end)

    it("tries again with growing pauses, then hourly, as long as the URL is good", function()
      desk.channel_fails = "mailbox full"
      assert.are.same({ notes = { state = "waiting", why = "mailbox full" } },
        approval:request(support.payload()).deliveries)
      local pauses = {}
      local function job() return desk:jobs("deliver")[1] end
      while job().state == "open" do
        pauses[#pauses + 1] = job().due_at - desk.now
        desk.now = job().due_at
        approval:sweep()
      end
      assert.are.same({ 60, 120, 240, 480, 960, 1920, 3600, 3600 },
        { (table.unpack or unpack)(pauses, 1, 8) }) -- luacheck: ignore
      assert.is_true(desk.now > T0 + 7 * DAY - 2 * 3600 and desk.now < T0 + 7 * DAY)
      assert.are.same({ notes = { state = "given up", why = "mailbox full" } },
        approval:status("acme-1").deliveries)
      assert.are.equal("delivery.given_up -> pending", desk:story()[3])
    end)

    it("gives up at once what can never pass", function()
      desk.channel_fails = { final = true }
      setmetatable(desk.channel_fails, { __tostring = function() return "no such mailbox" end })
      approval:request(support.payload())
      assert.are.same({ notes = { state = "given up", why = "no such mailbox" } },
        approval:status("acme-1").deliveries)
    end)

    it("sends what was to be a reminder as the first letter when that was given up", function()
      desk.channel_fails = { final = true }
      assert.are.equal("given up", approval:request(support.payload()).deliveries.notes.state)
      desk.channel_fails = nil
      desk.now = T0 + 4 * DAY
      approval:sweep()
      assert.are.same({ 1, nil }, { #desk.delivered, desk.delivered[1].reminder })
      desk.now = T0 + 6 * DAY
      approval:sweep()
      assert.are.same({ 2, 2 }, { #desk.delivered, desk.delivered[2].reminder })
    end)

    it("sends no reminder before the first letter, nor right after it", function()
      desk.channel_fails = "mail server down"
      approval:request(support.payload())
      desk.now = desk.now + 4 * DAY
      approval:sweep()
      desk.channel_fails = nil
      desk.now = desk.now + 3600
      approval:sweep()
      assert.are.equal(1, #desk.delivered)
      assert.is_nil(desk.delivered[1].reminder)
      desk.now = T0 + 6 * DAY
      approval:sweep()
      assert.are.same({ 2, 2 }, { #desk.delivered, desk.delivered[2].reminder })
    end)

    it("refuses a payload whose address no channel could write to, and names the field", function()
      desk.channel.refuses = function(_, given)
        return given.email:find(" ") and "not a mail address" or nil
      end
      local payload = support.payload()
      payload.users[1].email = "nora at new.example"
      local outcome, err = approval:request(payload, { check = false })
      assert.is_nil(outcome)
      assert.are.same({ "validation", { ["users[1].email"] = { "not a mail address" } } },
        { err.kind, err.fields })
      assert.are.same({}, desk.sent)
    end)

    it("tells of what was delivered once more", function()
      approval:request(support.payload())
      local word, link = approval:deliver("acme-1")
      assert.are.same({ "moved", { notes = { state = "delivered" } } }, { word, link.deliveries })
      desk.channel_fails = "mailbox full"
      word, link = approval:deliver("acme-1", { remind = true })
      assert.are.same({ "moved", { notes = { state = "waiting", why = "mailbox full" } } },
        { word, link.deliveries })
      desk.channel_fails = setmetatable({ final = true }, { __tostring = function()
        return "no such mailbox"
      end })
      word, link = approval:deliver("acme-1")
      assert.are.same({ "moved", { notes = { state = "given up", why = "no such mailbox" } } },
        { word, link.deliveries })
    end)

    it("delivers later what could not be delivered at first", function()
      desk.channel_fails = "mailbox full"
      approval:request(support.payload())
      desk.channel_fails = nil
      assert.are.same({ total = 0 }, swept(approval))
      desk.now = desk.now + 60
      local steps = {}
      assert.are.same({ total = 1, delivered = 1 }, swept(approval, {
        on_progress = function(made) steps[#steps + 1] = made end,
      }))
      assert.are.same({ {
        tenant = "acme-1", kind = "deliver", record = "link", name = "", generation = 1,
        channel = "notes", result = "delivered",
      } }, steps)
      assert.are.equal(1, #desk.delivered)
    end)

    it("survives a channel that raises, and keeps its words without the URL", function()
      desk.channel.deliver = function(_, message)
        error("cannot open " .. message.url .. " now", 0)
      end
      approval = approval_delivery.new(desk:options { return_url = "https://platform.example/" })
      assert.are.equal("pending", approval:request(support.payload()).state)
      local job = desk:jobs("deliver")[1]
      assert.are.equal("cannot open [redacted] now", job.result)
    end)

    it("survives a return_url that raises or gives nonsense", function()
      approval = approval_delivery.new(desk:options { return_url = function()
        error("no such tenant", 0)
      end })
      assert.are.equal("pending", approval:request(support.payload()).state)
      assert.are.equal("no such tenant", desk:jobs("deliver")[1].result)
      approval = approval_delivery.new(desk:options { return_url = function()
        return "/relative"
      end })
      desk.now = desk.now + 60
      assert.are.equal(1, approval:sweep().delivered)
      assert.are.equal(URL, desk.delivered[1].url)
    end)

    it("leaves a delivery alone that the link has left behind", function()
      desk.channel_fails = "mailbox full"
      approval:request(support.payload())
      desk.channel_fails = nil
      approval:handle(desk:event("client.linked"))
      desk.now = desk.now + 60
      assert.are.same({ total = 1, skipped = 1 }, swept(approval))
      assert.are.same({}, desk.delivered)
    end)
  end)

  describe("of other customers", function()
    it("passes 201 through and delivers nothing", function()
      local answer = { externalTenantId = "acme-1", onboardingDone = true,
        onboardingLinks = core.null, caseResults = {
        successfulCases = { { creditorReference = "INV-1", id = "c1", reference = "Q1" },
          { creditorReference = "INV-2", id = "c2" } },
        failedCases = { { caseIndex = 2, creditorReference = "INV-3",
          errorType = "NoPartnerAvailable" } },
      } }
      desk.answers = { answer }
      local outcome = assert(approval:request(support.payload()))
      assert.are.equal("onboarded", outcome.state)
      assert.are.equal(answer, outcome.client)
      assert.are.same({ 3, 0, 1 }, { outcome.cases, outcome.awaited, outcome.failed })
      assert.are.equal("NoPartnerAvailable", desk.store:record("case", "acme-1", "INV-3").reason)
      assert.are.same({}, desk.delivered)
    end)

    it("delivers the onboarding URL of 202", function()
      desk.answers = { { onboardingDone = false, onboardingLinks = { url = URL } } }
      local outcome = assert(approval:request(support.payload()))
      assert.are.equal("onboarding", outcome.state)
      assert.are.same({ URL, "onboarding" }, { desk.delivered[1].url, desk.delivered[1].variant })
      assert.are.equal("moved", approval:handle(desk:event("client.onboarding.contract_signed")))
      assert.are.equal("onboarded", desk.store:record("link", "acme-1", "").state)
    end)

    it("says what to tell a customer whom Debitura refuses, and never asks again by itself",
      function()
      for kind, advice in pairs {
        ClientAlreadyLinkedToAnotherPartner = "Your Debitura account is linked to another partner. "
          .. "Please contact Debitura support to discuss your options.",
        AlreadyLinkedToAnotherPartner = "Your Debitura account is linked to another partner. "
          .. "Please contact Debitura support to discuss your options.",
        InvalidClientType = "Your details match a Debitura account that is not a creditor account. "
          .. "Please create a creditor account, or contact Debitura support if you did not expect "
          .. "this.",
        SomethingNew = "Debitura could not link your account. Please contact Debitura support.",
      } do
        desk = new_desk()
        approval = approval_delivery.new(desk:options())
        desk.answers = { failure.new { kind = "conflict", status = 409, type = kind,
          message = "no" } }
        local outcome = assert(approval:request(support.payload()))
        assert.are.same({ "refused", kind, advice },
          { outcome.state, outcome.reason, outcome.advice })
        desk.now = desk.now + 30 * DAY
        assert.are.same({ total = 0 }, swept(approval))
        assert.are.equal("refused", approval:request(support.payload()).state)
        assert.are.equal(1, #desk.sent)
      end
    end)
  end)

  describe("of a payload that is not accepted", function()
    it("gives Debitura's failure, and takes a corrected payload", function()
      desk.answers = {
        failure.new { kind = "validation", status = 400, message = "bad",
          fields = { ["client.name"] = { "required" } } },
        support.needs_linking(URL),
      }
      local outcome, why = approval:request(support.payload())
      assert.is_nil(outcome)
      assert.are.same({ "required" }, why.fields["client.name"])
      outcome, why = approval:request(support.payload())
      assert.is_nil(outcome)
      assert.are.equal("approval.request: validation: validation 400: bad (client.name: required)",
        tostring(why))
      assert.are.equal(1, #desk.sent)
      local corrected = support.payload()
      corrected.client.name = "Existing Customer A/S"
      assert.are.equal("pending", approval:request(corrected).state)
    end)

    it("asks for a tenant and for a reference in each case, before anything is sent or recorded",
      function()
      local payload = support.payload()
      payload.cases[2].creditorReference = nil
      local outcome, why = approval:request(payload)
      assert.is_nil(outcome)
      assert.are.same({
        ["cases[2].creditorReference"] = {
          "required, to recognise the case when it has been carried through" },
      }, why.fields)
      payload.externalTenantId, payload.cases = nil, nil
      outcome, why = approval:request(payload, { check = false })
      assert.is_nil(outcome)
      assert.are.same({ externalTenantId = { "required" } }, why.fields)
      assert.are.same({}, desk.store:records { kind = "link" })
    end)

    it("refuses what Debitura would refuse, every field at once, and records nothing", function()
      local _, why = approval:request { users = {}, client = { name = print } }
      assert.are.equal("validation", why.kind)
      for _, path in ipairs { "externalTenantId", "client.name", "client.country",
        "client.supportEmail", "users" } do
        assert.is_truthy(why.fields[path], path)
      end
      assert.are.same({}, desk.store:records { kind = "link" })
      assert.has_error(function() approval:request("text") end)
    end)

    it("leaves the checking to Debitura when told to", function()
      desk.answers = { support.needs_linking(URL) }
      local unusual = support.payload { client = { name = "No Country Ltd" } }
      assert.is_nil(approval:request(unusual))
      assert.are.equal("pending", approval:request(unusual, { check = false }).state)
      assert.are.same({ check = false }, desk.sent_options)
    end)
  end)

  describe("when Debitura cannot be asked", function()
    it("keeps the request and repeats it byte for byte until it is answered", function()
      desk.answers = {
        failure.new { kind = "timeout", message = "no answer" },
        failure.new { kind = "rate_limited", message = "slow down", retry_after = 500 },
        support.needs_linking(URL),
      }
      local outcome = assert(approval:request(support.payload()))
      assert.are.same({ "requesting", "timeout" }, { outcome.state, outcome.failure.kind })
      desk.now = T0 + 60
      assert.are.same({ total = 1, failed = 1 }, swept(approval))
      desk.now = T0 + 559
      assert.are.same({ total = 0 }, swept(approval))
      desk.now = T0 + 560
      assert.are.same({ total = 2, ["answer.needs_linking"] = 1, delivered = 1 }, swept(approval))
      assert.are.equal(desk.sent[1], desk.sent[2])
      assert.are.equal(desk.sent[1], desk.sent[3])
      assert.are.equal(1, #desk.delivered)
    end)

    it("does it again after a process that died with the answer in its hands, and delivers once",
      function()
      desk.answers = { function()
        desk.dead = true
        return support.needs_linking(URL)
      end, support.needs_linking(URL) }
      local dying = approval_delivery.new(desk:options { store = desk:mortal_store() })
      assert.is_nil(dying:request(support.payload()))
      assert.are.equal("requesting", approval:request(support.payload()).state)
      desk.now = T0 + 600
      assert.are.equal("pending", approval:request(support.payload()).state)
      assert.are.same({ 2, 1 }, { #desk.sent, #desk.delivered })
    end)

    it("does it again a minute after a call that raised", function()
      desk.answers = { function() error("out of memory", 0) end, support.needs_linking(URL) }
      assert.are.equal("requesting", approval:request(support.payload()).state)
      assert.are.equal("raised an error: out of memory", desk:jobs("request_link")[1].result)
      desk.now = T0 + 60
      assert.are.same({ total = 2, ["answer.needs_linking"] = 1, delivered = 1 }, swept(approval))
    end)

    it("drops an answer that comes after the customer was linked", function()
      desk.answers = { function()
        approval_delivery.new(desk:options()):handle(desk:event("client.linked"))
        return support.needs_linking(URL)
      end }
      assert.are.equal("linked", approval:request(support.payload()).state)
      assert.are.same({}, desk.delivered)
      assert.are.same({ "request -> requesting", "client.linked -> linked" }, desk:story())
      assert.are.same({ "done", "changes nothing in the state linked" },
        { desk:jobs("request_link")[1].state, desk:jobs("request_link")[1].result })
    end)
  end)

  it("counts the cases of an answer that comes after the customer was linked", function()
    desk.answers = { function()
      approval_delivery.new(desk:options()):handle(desk:event("client.linked"))
      return { onboardingDone = true, caseResults = {
        successfulCases = { { creditorReference = "INV-1", id = "c1" },
          { creditorReference = "INV-2", id = "c2" } },
        failedCases = { { creditorReference = "INV-3", errorType = "NoPartnerAvailable" } },
      } }
    end }
    local outcome = assert(approval:request(support.payload()))
    assert.are.same({ "incomplete", 3, 0, 1 },
      { outcome.state, outcome.cases, outcome.awaited, outcome.failed })
  end)

  describe("following a link", function()
    before_each(function()
      desk.answers = { support.needs_linking(URL) }
      approval:request(support.payload())
      desk.now = T0 + DAY
    end)

    --- How the link stands: its state and how many cases are awaited and have failed.
    local function standing()
      local outcome = assert(approval:request(support.payload()))
      return { outcome.state, outcome.awaited, outcome.failed > 0 and outcome.failed or nil }
    end

    it("awaits the cases one by one until all have been carried through", function()
      assert.are.equal("recorded", approval:handle(desk:event("client.link_requested")))
      assert.are.equal("moved", approval:handle(desk:event("client.linked")))
      assert.are.equal("moved", approval:handle(desk:case_created("INV-2")))
      assert.are.same({ "linked", 2 }, standing())
      approval:handle(desk:case_created("INV-1"))
      assert.are.equal("moved", approval:handle(desk:case_created("INV-3")))
      assert.are.same({ "carried", 0 }, standing())
      assert.are.same({ "created", "case-INV-2", "Q-INV-2" }, (function(case)
        local data = core.json.decode(case.data)
        return { case.state, data.case_id, data.reference }
      end)(desk.store:record("case", "acme-1", "INV-2")))
    end)

    it("comes to the same end in any order and with every event twice", function()
      local events = { desk:event("client.linked"), desk:case_created("INV-1"),
        desk:case_created("INV-2"), desk:case_created("INV-3") }
      for _, index in ipairs { 3, 2, 3, 1, 2, 4, 1, 4 } do approval:handle(events[index]) end
      assert.are.equal("carried", desk.store:record("link", "acme-1", "").state)
      assert.are.same({
        "request -> requesting", "answer.needs_linking -> pending", "case.created -> pending",
        "case.created -> pending", "client.linked -> linked", "case.created -> carried",
      }, desk:story())
      assert.are.equal("duplicate", approval:handle(events[1]))
    end)

    it("does not count a case twice that is told by two events, or one that was not sent along",
      function()
      approval:handle(desk:event("client.linked"))
      approval:handle(desk:case_created("INV-1"))
      assert.are.equal("moved", approval:handle(desk:case_created("INV-1")))
      assert.are.equal("unknown", approval:handle(desk:case_created("OTHER-1")))
      assert.are.equal("unknown",
        approval:handle(desk:event("case.created", { creditorReference = core.null })))
      assert.are.same({ "linked", 2 }, standing())
    end)

    it("keeps a case that failed as outstanding until it is created after all", function()
      approval:handle(desk:event("client.linked"))
      for i = 1, 2 do approval:handle(desk:case_created("INV-" .. i)) end
      local word, link = approval:handle(desk:event("cases.replay_failed", {
        failedCases = {
          { creditorReference = "INV-3", errorType = "NoPartnerAvailable" },
          { creditorReference = "INV-1", errorType = "UnexpectedError" },
        },
      }))
      assert.are.same({ "moved", "incomplete", 0, 1 },
        { word, link.state, link.data.awaited, link.data.failed })
      assert.are.equal("moved", approval:handle(desk:case_created("INV-3")))
      assert.are.same({ "carried", 0 }, standing())
    end)

    it("is over when the customer declines, and does not ask again by itself", function()
      assert.are.equal("moved", approval:handle(desk:event("client.link_declined")))
      assert.are.equal("declined", approval:request(support.payload()).state)
      desk.now = T0 + 30 * DAY
      -- Whether the customer approved all the same is looked up once a week.
      assert.are.same({ total = 4, skipped = 3, waiting = 1 }, swept(approval))
      assert.are.same({ 1, 1 }, { #desk.sent, #desk.delivered })
      desk.answers = { support.needs_linking(URL .. "2") }
      assert.are.equal("pending", approval:request(support.payload(), { again = true }).state)
    end)

    it("knows nothing of other clients' events, nor of events without a client", function()
      assert.are.equal("unknown",
        approval:handle(desk:event("client.linked", { externalTenantId = "ACME-1" })))
      assert.are.equal("unknown", approval:handle { id = "evt-x", event = "case.created",
        data = core.null })
      assert.has_error(function() approval:handle { event = "client.linked" } end)
    end)
  end)

  it("refuses to be made without what it needs", function()
    local function made(changes)
      local options = desk:options(changes)
      return function() approval_delivery.new(options) end
    end
    local function complaint(call)
      local _, message = pcall(call)
      return (tostring(message):gsub("^.-:%d+: recipes.new: ", ""))
    end
    assert.are.equal("option 'window_days': from 1 to 30", complaint(made { window_days = 0 }))
    assert.are.equal("option 'window_days': from 1 to 30", complaint(made { window_days = 31 }))
    assert.are.equal("option 'clock': a function expected, got 5",
      complaint(made { clock = 5 }))
    assert.are.equal("option 'return_url': an absolute http or https URL, or a function of the "
      .. "tenant that gives one", complaint(made { return_url = "javascript:alert(1)" }))
    assert.are.equal("option 'channels': [1]: a channel has a name (letters, digits, _ and -) and "
      .. "a function deliver", complaint(made { channels = { { name = "a/b", deliver = print } } }))
    assert.are.equal('option \'channels\': two are named "notes"',
      complaint(made { channels = { desk.channel, desk.channel } }))
    assert.are.equal("unknown option 'chanels', did you mean 'channels'?",
      complaint(made { chanels = {} }))
    local _, message = pcall(made { window_days = 0 })
    assert.is_truthy(message:find("approval_spec.lua", 1, true), message)
    assert.are.equal("option 'partner': missing: debitura.partner", complaint(function()
      approval_delivery.new { store = desk.store }
    end))
  end)
end)
