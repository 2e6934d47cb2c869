-- Expired-link recovery: against laid-out answers, then against the sandbox's own behaviour.

local approval_delivery = require("debitura.recipes.verbs.approval")
local core = require("debitura.core")
local expired_link_recovery = require("debitura.recipes.verbs.recovery")
local failure = require("debitura.base.failure")
local model_partner = require("spec.support.model_partner")
local new_desk = require("spec.support.desk").new
local open_store = require("debitura.store").open
local support = require("spec.support.desk")

local DAY, HOUR = 86400, 3600
local T0 = support.T0
local swept = support.swept
local URL = "https://referral.example.test/link/"

local function urls(count)
  local answers = {}
  for i = 1, count do answers[i] = support.needs_linking(URL .. i) end
  return answers
end

describe("expired-link recovery", function()
  local desk, approval, recovery

  local function begin(more)
    desk = new_desk()
    desk.answers = urls(5)
    local options = desk:options(more)
    options.reminders = {}
    approval = approval_delivery.new(options)
    recovery = expired_link_recovery.new(options)
    assert(approval:request(support.payload()))
  end

  before_each(function() begin() end)

  it("asks again with the same bytes and delivers the new URL when the link has expired", function()
    desk.now = T0 + 7 * DAY + HOUR
    local word, link = recovery:handle(desk:event("client.link_expired"))
    assert.are.same({ "moved", "pending", 2 }, { word, link.state, link.generation })
    assert.are.equal(desk.now + 7 * DAY, link.expires_at)
    assert.are.equal(desk.sent[1], desk.sent[2])
    assert.are.same({ URL .. 1, URL .. 2 }, { desk.delivered[1].url, desk.delivered[2].url })
    assert.are.equal("deliver/link/2/notes/6:acme-1/0:", desk.delivered[2].key)
  end)

  it("does so once, however often the event comes and by whichever recipe", function()
    desk.now = T0 + 7 * DAY + HOUR
    local expired = desk:event("client.link_expired")
    assert.are.equal("moved", approval:handle(expired))
    for _ = 1, 3 do
      local word, link = recovery:handle(expired)
      assert.are.same({ "duplicate", "pending", 2 }, { word, link.state, link.generation })
    end
    assert.are.equal("recorded", recovery:handle(desk:event("client.link_expired")))
    assert.are.same({ 2, 2 }, { #desk.sent, #desk.delivered })
    assert.are.equal(2, desk.store:record("link", "acme-1", "").generation)
  end)

  it("notices by the clock, an hour after the window, that the event is overdue", function()
    desk.now = T0 + 7 * DAY + HOUR - 1
    assert.are.same({ total = 0 }, swept(recovery))
    desk.now = T0 + 7 * DAY + HOUR
    assert.are.same({
      total = 3, ["window.over"] = 1, ["answer.needs_linking"] = 1, delivered = 1,
    }, swept(recovery))
    assert.are.equal("recorded",
      recovery:handle(desk:event("client.link_expired", {}, desk.now - 60)))
    assert.are.equal(2, desk.store:record("link", "acme-1", "").generation)
  end)

  it("lets webhooks that wait in the inbox speak before the clock", function()
    local declined = desk:event("client.link_declined", {}, T0 + DAY)
    desk.store:inbox_add({ id = declined.id, tenant = "acme-1", event = declined.event,
      body = "{}" }, T0 + DAY)
    desk.now = T0 + 30 * DAY
    assert.are.same({ total = 1, waiting = 1 }, swept(recovery))
    recovery:handle(desk:event("client.link_requested", {}, T0))
    assert.are.equal("pending", desk.store:record("link", "acme-1", "").state)
    desk.store:inbox_done(desk.store:inbox_claim({ now = desk.now, lease = 30 })[1], desk.now)
    recovery:handle(declined)
    desk.now = desk.now + DAY
    assert.are.same({ total = 1, skipped = 1 }, swept(recovery))
    assert.are.equal(1, #desk.sent)
  end)

  it("keeps to the window that the partner has", function()
    for _, days in ipairs { 1, 30 } do
      desk = new_desk()
      desk.answers = urls(2)
      local options = desk:options { window_days = days, reminders = {} }
      approval, recovery = approval_delivery.new(options), expired_link_recovery.new(options)
      approval:request(support.payload())
      desk.now = T0 + days * DAY + HOUR - 1
      assert.are.equal(0, recovery:sweep().total)
      desk.now = T0 + days * DAY + HOUR
      assert.are.equal(3, recovery:sweep().total)
    end
  end)

  it("waits between generations and stops as exhausted after the last", function()
    local function expire()
      local link = desk.store:record("link", "acme-1", "")
      desk.now = link.expires_at + HOUR
      recovery:handle(desk:event("client.link_expired"))
      return desk.store:record("link", "acme-1", "").state
    end
    assert.are.equal("pending", expire())
    assert.are.equal("expired", expire())
    desk.now = desk.now + DAY - 1
    assert.are.equal(0, recovery:sweep { on_progress = function() end }["answer.needs_linking"]
      or 0)
    desk.now = desk.now + 1
    recovery:sweep()
    assert.are.equal("pending", desk.store:record("link", "acme-1", "").state)
    assert.are.equal("exhausted", expire())
    desk.now = desk.now + 60 * DAY
    recovery:sweep()
    assert.are.same({ "exhausted", 3, 3 }, { desk.store:record("link", "acme-1", "").state,
      #desk.sent, #desk.delivered })
    assert.are.equal("exhausted", approval:request(support.payload()).state)
    assert.are.equal("moved", approval:handle(desk:event("client.linked")))
  end)

  it("takes the number of generations and the pauses from its options", function()
    begin { max_generations = 2, pauses = { HOUR } }
    desk.now = T0 + 8 * DAY
    recovery:handle(desk:event("client.link_expired"))
    assert.are.equal("expired", desk.store:record("link", "acme-1", "").state)
    desk.now = desk.now + HOUR
    recovery:sweep()
    assert.are.equal("pending", desk.store:record("link", "acme-1", "").state)
    desk.now = desk.now + 8 * DAY
    recovery:handle(desk:event("client.link_expired"))
    assert.are.equal("exhausted", desk.store:record("link", "acme-1", "").state)
    assert.has_error(function() begin { max_generations = 0 } end)
    assert.has_error(function() begin { pauses = { -1 } } end)
  end)

  it("asks at once when the platform wants it, also when it has given up, and not while the window "
    .. "is "
    .. "open", function()
    assert.are.equal("recorded", recovery:recover("acme-1"))
    assert.are.equal("unknown", recovery:recover("acme-9"))
    for generation = 2, 5 do
      desk.now = desk.store:record("link", "acme-1", "").expires_at
      local word, link = recovery:recover("acme-1")
      assert.are.same({ "moved", "pending", generation }, { word, link.state, link.generation })
    end
    assert.are.equal(5, #desk.delivered)
    desk.now = desk.now + 8 * DAY
    recovery:handle(desk:event("client.link_expired"))
    assert.are.equal("exhausted", desk.store:record("link", "acme-1", "").state)
    desk.answers = { support.needs_linking(URL .. 6) }
    assert.are.equal("pending", select(2, recovery:recover("acme-1")).state)
  end)

  it("leaves alone what was declined, and stops what Debitura refuses", function()
    recovery:handle(desk:event("client.link_declined"))
    desk.now = T0 + 60 * DAY
    recovery:handle(desk:event("client.link_expired"))
    recovery:sweep()
    assert.are.same({ "declined", 1 }, { desk.store:record("link", "acme-1", "").state,
      #desk.sent })

    begin()
    desk.answers = { failure.new { kind = "conflict", type = "InvalidClientType", message = "no" } }
    desk.now = T0 + 8 * DAY
    recovery:handle(desk:event("client.link_expired"))
    desk.now = T0 + 60 * DAY
    recovery:sweep()
    assert.are.same({ "refused", 2 }, { desk.store:record("link", "acme-1", "").state, #desk.sent })
  end)

  it("does not ask again when the customer declined while the next request was waiting", function()
    begin { pauses = { DAY } }
    desk.now = T0 + 8 * DAY
    recovery:handle(desk:event("client.link_expired"))
    recovery:handle(desk:event("client.link_declined", {}, T0 + 7 * DAY - 5))
    desk.now = T0 + 9 * DAY
    assert.are.same({ total = 2, skipped = 2 }, swept(recovery))
    assert.are.same({ "declined", 1 }, { desk.store:record("link", "acme-1", "").state,
      #desk.sent })
  end)

  it("sees by the answer that the customer approved meanwhile, and awaits the cases", function()
    desk.answers = { { onboardingDone = false, onboardingLinks = { url = URL .. "sign" },
      caseResults = {
      successfulCases = {},
      failedCases = { { creditorReference = "INV-1", errorType = "IdempotencyViolation" } },
    } } }
    desk.now = T0 + 8 * DAY
    local _, link = recovery:handle(desk:event("client.link_expired"))
    assert.are.same({ "linked", 3, 0 }, { link.state, link.data.awaited, link.data.failed })
    assert.are.equal(URL .. "sign", desk.delivered[2].url)
    for i = 1, 3 do approval:handle(desk:case_created("INV-" .. i)) end
    assert.are.equal("carried", desk.store:record("link", "acme-1", "").state)
  end)

  it("repeats a request that failed, and counts it as the same generation", function()
    desk.answers = { failure.new { kind = "server", status = 503, message = "down" },
      support.needs_linking(URL .. 2) }
    desk.now = T0 + 8 * DAY
    recovery:handle(desk:event("client.link_expired"))
    assert.are.equal("expired", desk.store:record("link", "acme-1", "").state)
    desk.now = desk.now + 60
    recovery:sweep()
    assert.are.same({ "pending", 2 }, { desk.store:record("link", "acme-1", "").state,
      desk.store:record("link", "acme-1", "").generation })
  end)

  it("takes up a request that was wanted at once and failed, when the platform asks", function()
    desk.answers = { failure.new { kind = "server", status = 503, message = "down" },
      support.needs_linking(URL .. 2) }
    desk.now = T0 + 8 * DAY
    assert.are.equal("requesting", select(2, recovery:recover("acme-1")).state)
    assert.are.equal("requesting", approval:request(support.payload()).state)
    desk.now = desk.now + 60
    assert.are.equal("pending", approval:request(support.payload()).state)
  end)

  it("starts a new count of generations when the platform asks again", function()
    begin { max_generations = 1 }
    desk.now = T0 + 8 * DAY
    recovery:handle(desk:event("client.link_expired"))
    assert.are.equal("exhausted", desk.store:record("link", "acme-1", "").state)
    assert.are.equal("pending", approval:request(support.payload(), { again = true }).state)
    desk.now = desk.now + 8 * DAY
    recovery:handle(desk:event("client.link_expired"))
    assert.are.same({ "exhausted", 2 }, { desk.store:record("link", "acme-1", "").state,
      #desk.delivered })
  end)

  describe("a sweep", function()
    before_each(function()
      desk = new_desk()
      desk.answers = urls(20)
      local options = desk:options { reminders = {} }
      approval, recovery = approval_delivery.new(options), expired_link_recovery.new(options)
      for i = 1, 5 do approval:request(support.payload { externalTenantId = "t" .. i }) end
      desk.now = T0 + 8 * DAY
    end)

    it("tells in a dry run what is due and does none of it", function()
      local tenants = {}
      local counts = recovery:sweep { dry_run = true, on_progress = function(step)
        tenants[#tenants + 1] = step.tenant .. " " .. step.kind .. " " .. step.result
      end }
      assert.are.same({ total = 5, due = 5, missing = {} }, counts)
      assert.are.same({ "t1 expire due", "t2 expire due", "t3 expire due", "t4 expire due",
        "t5 expire due" }, tenants)
      assert.are.same({ total = 2, due = 2 }, swept(recovery, { dry_run = true, limit = 2 }))
      assert.are.equal(5, #desk.sent)
    end)

    it("stops where it is told to and goes on from there", function()
      assert.are.equal(3, recovery:sweep({ limit = 3 }).total)
      local steps = 0
      assert.are.equal(4, recovery:sweep({ on_progress = function()
        steps = steps + 1
        return steps < 4
      end }).total)
      assert.are.equal(15 - 7, recovery:sweep().total)
      assert.are.equal(0, recovery:sweep().total)
      assert.are.same({ 10, 10 }, { #desk.sent, #desk.delivered })
    end)
  end)

  it("shares its work between processes on one store, so that each link is asked for once",
    function()
    local path = os.tmpname()
    local stores = { assert(open_store("sqlite://" .. path)),
      assert(open_store("sqlite://" .. path)) }
    desk = new_desk(stores[1])
    desk.answers = urls(4)
    local options = desk:options { reminders = {} }
    approval = approval_delivery.new(options)
    for i = 1, 4 do approval:request(support.payload { externalTenantId = "t" .. i }) end
    desk.now = T0 + 8 * DAY
    local one = expired_link_recovery.new(options)
    local two = expired_link_recovery.new(desk:options { store = stores[2] })
    -- The other sweeps, too, while the first waits for each answer.
    for i = 1, 4 do
      desk.answers[i] = function()
        if i == 1 then assert(two:sweep()) end
        return support.needs_linking(URL .. "next" .. i)
      end
    end
    assert(one:sweep())
    local generations = {}
    for i = 1, 4 do generations[i] = stores[1]:record("link", "t" .. i, "").generation end
    for _, store in ipairs(stores) do store:close() end
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
    assert.are.same({ 2, 2, 2, 2 }, generations)
    assert.are.same({ 8, 8 }, { #desk.sent, #desk.delivered })
  end)
end)

describe("both recipes against the sandbox's behaviour", function()
  local debitura, store, approval, recovery, delivered

  before_each(function()
    debitura, store, delivered = model_partner.new(), assert(open_store("memory:")), {}
    local options = {
      partner = debitura, store = store, clock = function() return debitura:now() end,
      channels = { { name = "notes", deliver = function(_, message)
        table.insert(delivered, message.url) return true
      end } },
    }
    approval, recovery = approval_delivery.new(options), expired_link_recovery.new(options)
  end)

  --- How the link stands, and how many cases came with it, are awaited, and have failed.
  local function standing()
    local link = store:record("link", "acme-1", "")
    local data = core.json.decode(link.data)
    return { link.state, data.cases, data.awaited, data.failed }
  end

  --- Handles the webhooks that came in; gives their names.
  local function work()
    local names = {}
    while debitura.inbox[1] do
      local event = table.remove(debitura.inbox, 1)
      names[#names + 1] = event.event
      assert(recovery:handle(event))
    end
    return names
  end

  it("goes from 409 over expiry and recovery to approval, with all cases carried through",
    function()
    local outcome = assert(approval:request(support.payload()))
    assert.are.equal("pending", outcome.state)
    assert.are.same({ "client.link_requested" }, work())

    debitura:advance("7d1h")
    assert.are.same({ "client.link_expired", "client.link_requested" }, work())
    assert.are.equal(2, store:record("link", "acme-1", "").generation)
    assert.are.equal(2, #delivered)
    assert.are_not.equal(delivered[1], delivered[2])
    assert.are.equal(debitura.sent[1], debitura.sent[2])

    assert.is_true(debitura:answer_link(delivered[1], "approve") >= 400)
    assert.is_true(debitura:answer_link(delivered[2], "approve") < 400)
    assert.are.same({ "client.linked", "case.created", "case.created", "case.created" }, work())
    assert.are.same({ "carried", 3, 0, 0 }, standing())
  end)

  it("recovers by the sweep when no webhook arrives at all", function()
    approval:request(support.payload())
    debitura:advance("7d1h")
    debitura.inbox = {}
    recovery:sweep()
    assert.are.equal(2, store:record("link", "acme-1", "").generation)
    assert.is_true(debitura:answer_link(delivered[2], "approve") < 400)
    debitura.inbox = {}
    debitura:advance("7d1h")
    recovery:sweep()
    debitura:advance("1d")
    recovery:sweep()
    assert.are.equal("linked", store:record("link", "acme-1", "").state)
  end)

  it("stops when the customer declines", function()
    approval:request(support.payload())
    assert.is_true(debitura:answer_link(delivered[1], "decline") < 400)
    debitura:advance("30d")
    work()
    recovery:sweep()
    assert.are.same({ "declined", 1 }, { store:record("link", "acme-1", "").state, #delivered })
  end)

  it("is exhausted after three windows without an answer", function()
    approval:request(support.payload())
    for _ = 1, 5 do
      debitura:advance("8d")
      work()
      recovery:sweep()
    end
    assert.are.same({ "exhausted", 3 }, { store:record("link", "acme-1", "").state, #delivered })
  end)

  it("sends what it stored, also when the list of cases is empty", function()
    local outcome = assert(approval:request(support.payload { cases = {} }))
    assert.are.same({ "pending", 0 }, { outcome.state, outcome.cases })
    assert.is_truthy(store:record("link", "acme-1", "").payload:find('"cases":[]', 1, true))
    assert.are.equal(store:record("link", "acme-1", "").payload, debitura.sent[1])
    debitura:answer_link(delivered[1], "approve")
    work()
    assert.are.equal("carried", store:record("link", "acme-1", "").state)
  end)

  it("reports a case that could not be placed as failed, and is incomplete", function()
    local payload = support.payload()
    payload.cases[2].debtor.countryAlpha2 = "BR"
    approval:request(payload)
    debitura:answer_link(delivered[1], "approve")
    work()
    assert.are.same({ "incomplete", 3, 0, 1 }, standing())
    assert.are.equal("NoPartnerAvailable", store:record("case", "acme-1", "INV-2").reason)
  end)

  it("tells the customer of another partner what to do", function()
    local outcome = assert(approval:request(support.payload {
      client = { name = "Taken Ltd", country = "Sweden",
        supportEmail = "office@other-partner.example" },
      cases = core.json.array {},
    }))
    assert.are.same({ "refused", "ClientAlreadyLinkedToAnotherPartner" },
      { outcome.state, outcome.reason })
  end)
end)
