-- What becomes of events in the inbox.

local approval_delivery = require "debitura.recipes.verbs.approval"
local backends = require "spec.support.backends"
local backlog = require "spec.support.backlog"
local counting_store = require "spec.support.counting_store"
local debitura = require "debitura"
local desk = require "spec.support.desk"
local expired_link_recovery = require "debitura.recipes.verbs.recovery"
local failure = require "debitura.base.failure"
local model_partner = require "spec.support.model_partner"
local loops = require "spec.support.loops"
local mistake = require "spec.support.mistake"
local recipes = require "debitura.recipes"
local records = require "debitura.workflow.records"
local task = require "debitura.async.task"

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local T0 = 1767225600 -- 2026-01-01T00:00:00Z

local webhook = debitura.webhook

for name, backend in pairs(backends) do
  describe("a worker on the " .. name .. " store", function()
    local store, close, now, lines, worked

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function()
      store, close = backend.open()
      now, lines, worked = T0, {}, {}
    end)
    after_each(function() close() end)

    local function new(on)
      return webhook.receiver {
        secret = SECRET, store = store, on = on, clock = function() return now end,
        logger = function(_, line) lines[#lines + 1] = line end,
      }
    end

    --- Puts an event into the inbox.
    local function put(id, tenant, event, replay)
      local _, body = webhook.example(event or "case.created",
        { id = id, data = { externalTenantId = tenant } })
      assert.equal("new", store:inbox_add({
        id = id, tenant = tenant, event = event or "case.created", body = body, replay = replay,
      }, now))
    end

    local function note(event, context)
      worked[#worked + 1] = event.id .. " " .. context.attempt
    end

    local function state(id)
      local item = store:inbox_item(id)
      return item.state, item.result
    end

    it("keeps no body of an event whose handler says so", function()
      put("evt-1", "acme")
      put("evt-2", "acme")
      put("evt-3", "other")
      assert.same({ total = 3, done = 3 }, new { ["*"] = function(event, context)
        context.blank = event.id == "evt-1" or nil
      end }:work { once = true })
      assert.is_nil(store:inbox_item("evt-1").body)
      assert.truthy(store:inbox_item("evt-2").body)
      assert.truthy(store:inbox_item("evt-3").body)
    end)

    it("gives an event to its handler, and then to the one that hears all", function()
      put("evt-1", "acme", "client.linked", true)
      put("evt-2", "other", "case.updated")
      local heard = {}
      local counts = new {
        ["client.linked"] = function(event, context)
          heard[#heard + 1] = { "linked", event.id, event.data.externalTenantId, context.attempt,
            context.received_at, context.replay }
        end,
        ["*"] = function(event, context) heard[#heard + 1] = {
          "all", event.id, context.replay, context.tenant } end,
      }:work { once = true }
      assert.same({ total = 2, done = 2 }, counts)
      assert.same({
        { "linked", "evt-1", "acme", 1, T0, true }, { "all", "evt-1", true, "acme" },
        { "all", "evt-2", false, "other" },
      }, heard)
      assert.equal("done", (state("evt-1")))
    end)

    it("processes what is there, each tenant's events in the order in which they arrived",
      function()
      for n = 1, 20 do put("a" .. n, "a") end
      for n = 1, 20 do put("b" .. n, "b") end
      for n = 1, 20 do put("n" .. n, nil) end
      local order = { a = {}, b = {} }
      assert.same({ total = 60, done = 60 }, new { ["*"] = function(event, context)
        if context.tenant then table.insert(order[context.tenant], tonumber(event.id:sub(2))) end
      end }:work { once = true })
      local sorted = {}
      for n = 1, 20 do sorted[n] = n end
      assert.same({ a = sorted, b = sorted }, order)
    end)

    it("stops after a batch", function()
      for n = 1, 30 do put("a" .. n, "a" .. n) end
      local receiver = new { ["*"] = note }
      assert.same({ total = 25, done = 25 }, receiver:work { once = true, batch = 25 })
      assert.same({ total = 5, done = 5 }, receiver:work { once = true, batch = 25 })
      assert.same({ total = 0 }, receiver:work { once = true, batch = 25 })
    end)

    it("tries a failed event again after longer and longer pauses, then gives it up", function()
      put("evt-1", "acme")
      local receiver = new { ["*"] = function(event, context)
        note(event, context)
        if context.attempt % 2 == 0 then error("no handler today") end
        return nil, "see https://app.debitura.com/secret-link now"
      end }
      local pauses = {}
      for attempt = 1, 10 do
        assert.same(attempt < 10 and { total = 1, retried = 1 } or { total = 1, dead = 1 },
          receiver:work { once = true })
        local item = store:inbox_item("evt-1")
        if attempt < 10 then
          pauses[attempt] = item.due_at - now
          now = item.due_at - 1
          assert.same({ total = 0 }, receiver:work { once = true })
          now = item.due_at
        end
      end
      assert.same({ 10, 20, 40, 80, 160, 320, 640, 1280, 2560 }, pauses)
      assert.equal(10, #worked)
      local said, result = state("evt-1")
      assert.equal("dead", said)
      assert.truthy(result:find("no handler today", 1, true))
      assert.is_nil(table.concat(lines):find("secret-link", 1, true))
    end)

    it("keeps no URL of what a handler says", function()
      put("evt-1", "acme")
      new { ["*"] = function() return nil,
        "see https://app.debitura.com/secret-link now" end }:work { once = true }
      assert.equal("see [redacted] now", select(2, state("evt-1")))
    end)

    it("waits as long as a failure asks for", function()
      put("evt-1", "acme")
      new { ["*"] = function()
        return nil, failure.new { kind = "rate_limited", message = "later", retry_after = 77 }
      end }:work { once = true }
      assert.equal(T0 + 77, store:inbox_item("evt-1").due_at)
      assert.truthy(lines[1]:find("result=retried", 1, true)
        and lines[1]:find("kind=rate_limited", 1, true), lines[1])
    end)

    it("waits no longer than a day, whatever a failure asks for", function()
      put("evt-1", "acme")
      new { ["*"] = function()
        return nil, failure.new { kind = "rate_limited", message = "later", retry_after = 1e12 }
      end }:work { once = true }
      assert.equal(T0 + 86400, store:inbox_item("evt-1").due_at)
    end)

    it("survives an error that cannot be said", function()
      put("evt-1", "acme")
      local unspeakable = setmetatable({}, { __tostring = function() error("nor this") end })
      assert.same({ total = 1, retried = 1 },
        new { ["*"] = function() error(unspeakable) end }:work { once = true })
      assert.truthy(select(2, state("evt-1")):find("so did its error", 1, true))
    end)

    it("holds back a tenant's later events meanwhile, and no other tenant's", function()
      put("a1", "a")
      put("a2", "a")
      put("b1", "b")
      local receiver = new { ["*"] = function(event, context)
        note(event, context)
        if event.id == "a1" then error("not yet") end
      end }
      receiver:work { once = true, attempts = 2 }
      assert.same({ "a1 1", "b1 1" }, worked)
      now = now + 10
      receiver:work { once = true, attempts = 2 }
      assert.same({ "a1 1", "b1 1", "a1 2", "a2 1" }, worked)
      assert.equal("dead", (state("a1")))
    end)

    it("does again, after its lease, what another left undone", function()
      put("evt-1", "acme")
      assert.equal(1, #store:inbox_claim { now = now, lease = 300 })
      local receiver = new { ["*"] = note }
      now = now + 299
      receiver:work { once = true }
      assert.same({}, worked)
      now = now + 1
      receiver:work { once = true }
      assert.same({ "evt-1 2" }, worked)
    end)

    it("changes nothing when its lease ended before its handler did", function()
      put("evt-1", "acme")
      local receiver = new { ["*"] = function()
        now = now + 301
        assert.equal(2, store:inbox_claim({ now = now, lease = 300 })[1].attempt)
      end }
      assert.same({ total = 1, lost = 1 }, receiver:work { once = true })
      assert.equal("open", (state("evt-1")))
    end)

    it("begins nothing for which its lease has ended", function()
      for n = 1, 3 do put("evt-" .. n, "t" .. n) end
      local receiver = new { ["*"] = function(event, context)
        note(event, context)
        now = now + 200
      end }
      assert.same({ total = 3, done = 2, lost = 1 }, receiver:work { once = true, batch = 3 })
      assert.same({ "evt-1 1", "evt-2 1" }, worked)
    end)

    it("gives up what was claimed again and again and never ended", function()
      put("evt-1", "acme")
      for _ = 1, 3 do
        store:inbox_claim { now = now, lease = 10 }
        now = now + 10
      end
      assert.same({ total = 1, dead = 1 }, new { ["*"] = note }:work { once = true, attempts = 3 })
      assert.same({}, worked)
      assert.truthy(select(2, state("evt-1")):find("claimed 4 times", 1, true))
    end)

    it("gives a dead event another attempt when it is revived, as often as it is", function()
      put("evt-1", "acme")
      local healthy = false
      local receiver = new { ["*"] = function(event, context)
        note(event, context)
        return healthy or nil, "not yet"
      end }
      receiver:work { once = true, attempts = 1 }
      for _ = 1, 3 do
        assert.equal("dead", (state("evt-1")))
        assert.is_true(store:inbox_revive(store:inbox_item("evt-1"), now))
        assert.same({ total = 1, dead = 1 }, receiver:work { once = true, attempts = 1 })
        assert.equal("not yet", select(2, state("evt-1")))
      end
      healthy = true
      store:inbox_revive(store:inbox_item("evt-1"), now)
      assert.same({ total = 1, done = 1 }, receiver:work { once = true, attempts = 1 })
      assert.same({ "evt-1 1", "evt-1 2", "evt-1 3", "evt-1 4", "evt-1 5" }, worked)
    end)

    it("gives a revived event up again when its worker dies of it", function()
      put("evt-1", "acme")
      local receiver = new { ["*"] = function(event, context)
        note(event, context)
        return nil, "not yet"
      end }
      receiver:work { once = true, attempts = 1 }
      store:inbox_revive(store:inbox_item("evt-1"), now)
      -- A worker that is dead does not say how it ended.
      receiver.store = setmetatable({
        inbox_dead = function() return nil, failure.new { kind = "store", message = "gone" } end,
      }, { __index = function(_, verb) return function(_, ...) return store[verb](store,
        ...) end end })
      assert.is_nil((receiver:work { once = true, attempts = 1 }))
      receiver.store, now = store, now + 299
      assert.same({ total = 0 }, receiver:work { once = true, attempts = 1 })
      now = now + 1
      assert.same({ total = 1, dead = 1 }, receiver:work { once = true, attempts = 1 })
      assert.same({ "evt-1 1", "evt-1 2" }, worked)
      assert.truthy(select(2, state("evt-1")):find("claimed 3 times and never ended", 1, true))
    end)

    it("is done with what no handler is for", function()
      put("evt-1", "acme", "case.sneezed")
      assert.same({ total = 1, unheard = 1 }, new { ["client.linked"] = note }:work { once = true })
      assert.equal("done", (state("evt-1")))
    end)

    it("gives up at once what is no event, with the reason, and goes on with the next", function()
      store:inbox_add({
        id = "odd", tenant = "acme", event = "client.linked", body = "not json",
      }, now)
      put("evt-1", "acme")
      assert.same({ total = 2, dead = 1, done = 1 }, new { ["*"] = note }:work { once = true })
      local word, reason = state("odd")
      assert.equal("dead", word)
      assert.truthy(reason:find("the event is not JSON", 1, true), reason)
      assert.same({ "evt-1 1" }, worked)
    end)

    describe("puts right what a clock that was ahead has put off:", function()
      local function failing_once(event, context)
        note(event, context)
        if event.id == "evt-1" and context.attempt == 1 then return nil, "fails once" end
      end

      it("an event that failed, and with it the tenant's later ones", function()
        put("evt-1", "acme")
        put("evt-2", "acme")
        now = T0 + 3600
        assert.same({ total = 1, retried = 1 }, new { ["*"] = failing_once }:work { once = true })
        now = T0 + 60
        assert.same({ total = 2, done = 2 }, new { ["*"] = failing_once }:work { once = true })
        assert.same({ "evt-1 1", "evt-1 2", "evt-2 1" }, worked)
      end)

      it("an event that came in", function()
        now = T0 + 3600
        put("evt-1", "acme")
        now = T0
        assert.same({ total = 1, done = 1 }, new { ["*"] = note }:work { once = true })
      end)

      it("but not a pause that was asked for, nor what is in progress elsewhere", function()
        put("evt-1", "acme")
        put("evt-2", "other")
        new { ["*"] = function(event)
          if event.id == "evt-1" then
            return nil, failure.new { kind = "rate_limited", message = "slow", retry_after = 7200 }
          end
          -- Another worker asks meanwhile.
          assert.same({ total = 0 }, new { ["*"] = note }:work { once = true })
        end }:work { once = true, lease = 10000, at_once = 1 }
        now = T0 + 7000
        assert.same({ total = 0 }, new { ["*"] = note }:work { once = true })
        now = T0 + 7201
        assert.same({ total = 1, done = 1 }, new { ["*"] = note }:work { once = true })
      end)
    end)

    it("does one event while the handler of another waits, but never two of one tenant", function()
      for _, id in ipairs { "a1", "a2", "b1", "c1" } do put(id, id:sub(1, 1)) end
      new { ["*"] = function(event)
        table.insert(worked, "begin " .. event.id)
        if event.id == "a1" then task.waiter().sleep(0) end
        table.insert(worked, "end " .. event.id)
      end }:work { once = true }
      assert.equal("begin a1", worked[1])
      local at = {}
      for i, what in ipairs(worked) do at[what] = i end
      assert.is_true(at["begin b1"] < at["end a1"])
      assert.is_true(at["begin c1"] < at["end a1"])
      assert.is_true(at["end a1"] < at["begin a2"])
    end)

    describe("of 64 events for 64 tenants", function()
      local counting, tenants

      --- How many steps the store has taken for each event.
      local function steps_an_event(receiver)
        receiver.store = counting.store
        local calls = counting:during(function()
          assert.same({ total = 64, done = 64 }, receiver:work { once = true })
        end)
        local steps = 0
        for _, verb in ipairs(counting_store.verbs(calls)) do
          if verb:find("^inbox") or verb == "record_move" then steps = steps + 1 end
        end
        return steps / 64
      end

      before_each(function()
        counting, tenants = counting_store.new(store), {}
        for n = 1, 64 do
          tenants[n] = ("customer-%08d"):format(n)
          put("evt-" .. n, tenants[n], "client.link_requested")
        end
      end)

      it("takes one step of the store for five and more, where a handler does nothing", function()
        local steps = steps_an_event(new { ["*"] = note })
        assert.is_true(steps <= 0.2, steps .. " steps an event")
        assert.equal(64, #worked)
        assert.same({}, store:inbox_list { state = "open" })
      end)

      it("takes little more than one for each with the recipes", function()
        backlog.ask(store, tenants)
        local all = recipes.new(desk.new(counting.store):options {})
        local words = {}
        local steps = steps_an_event(new { ["*"] = function(event)
          local word = assert(all:handle(event))
          words[word] = (words[word] or 0) + 1
          return word
        end })
        assert.same({ recorded = 64 }, words)
        assert.is_true(steps <= 1.2, steps .. " steps an event")
      end)
    end)

    it("goes on until it is stopped, through failures of the store", function()
      put("evt-1", "acme")
      local claims, stopped = 0, false
      local flaky = setmetatable({
        inbox_claim = function(_, options)
          claims = claims + 1
          if claims == 1 then return nil, failure.new {
            kind = "store", message = "gone for a minute" } end
          return store:inbox_claim(options)
        end,
      }, { __index = function(_, verb) return function(_, ...) return store[verb](store,
        ...) end end })
      local receiver = webhook.receiver {
        secret = SECRET, store = flaky, clock = function() return now end,
        logger = function(_, line) lines[#lines + 1] = line end,
        on = { ["*"] = function(event, context)
          note(event, context)
          if event.id == "evt-1" then put("evt-2", "acme") else stopped = true end
        end },
      }
      assert.same({ total = 2, done = 2 }, receiver:work {
        idle = 0.001, stop = function() return stopped end })
      assert.same({ "evt-1 1", "evt-2 1" }, worked)
      assert.truthy(lines[1]:find("gone for a minute", 1, true))
    end)

    it("tells who works a single batch that the store has failed", function()
      local receiver = webhook.receiver {
        secret = SECRET, clock = function() return now end,
        store = { inbox_claim = function() return nil,
          failure.new { kind = "store", message = "gone" } end },
      }
      local counts, failed = receiver:work { once = true }
      assert.is_nil(counts)
      assert.equal("gone", failed.message)
    end)

    it("takes wrong options for the programmer's mistake", function()
      for complaint, options in pairs {
        ["option 'batch': a whole number from 1 expected, got 0"] = { batch = 0 },
        ["option 'at_once': a whole number from 1 expected, got string"] = { at_once = "all" },
        ["option 'lease': a number above 0 expected, got 0"] = { lease = 0 },
        ["unknown option 'atonce', did you mean 'at_once'?"] = { atonce = 4 },
      } do
        assert.same({ "receiver:work: " .. complaint, "worker_spec.lua" },
          { mistake(function() new():work(options) end) })
      end
    end)
  end)
end

describe("a worker in an event loop", function()
  for _, name in ipairs(loops.names()) do
    it("lets the handlers of different tenants wait side by side: " .. name, function()
      local store = assert(debitura.store.open("memory:"))
      for n = 1, 3 do
        local _, body = webhook.example("client.linked", { id = "evt-" .. n })
        store:inbox_add({
          id = "evt-" .. n, tenant = "t" .. n, event = "client.linked", body = body,
        }, T0)
      end
      local loop, order, counts = loops[name](), {}, nil
      local receiver = webhook.receiver {
        secret = SECRET, store = store, clock = function() return T0 end,
          on = { ["*"] = function(event)
          table.insert(order, "begin " .. event.id)
          loop.waiter.sleep(0.01)
          table.insert(order, "end " .. event.id)
        end },
      }
      loop.start(function() counts = receiver:work { once = true, waiter = loop.waiter } end)
      loop.run()
      assert.same({ total = 3, done = 3 }, counts)
      for n = 1, 3 do assert.truthy(order[n]:find("^begin"), order[n]) end
    end)
  end
end)

describe("events that come twice, late and out of order", function()
  it("do not move a link backwards", function()
    local place = desk.new()
    local approval, recovery = approval_delivery.new(place:options()),
      expired_link_recovery.new(place:options())
    place.answers = { desk.needs_linking("https://referral.example.test/1") }
    assert(approval:request(desk.payload { cases = {} }))
    local receiver = webhook.receiver {
      secret = SECRET, store = place.store, clock = function() return place.now end,
        on = { ["*"] = function(event)
        for _, recipe in ipairs { approval, recovery } do assert(recipe:handle(event)) end
      end },
    }
    local function arrive(name)
      local _, body = webhook.example(name, {
        timestamp = "2026-01-09T00:00:00Z", data = { externalTenantId = "acme-1" } })
      local request = { method = "POST", headers = {
        ["x-debitura-signature"] = webhook.sign(body, SECRET, place.now) }, body = body }
      assert.equal(200, (receiver:handle(request)))
      assert.equal(200, (receiver:handle(request)))
      receiver:work { once = true }
      return place.store:record("link", "acme-1", "").state
    end
    assert.equal("carried", arrive("client.linked"))
    assert.equal("carried", arrive("client.link_expired"))
    assert.equal("carried", arrive("client.link_declined"))
    assert.equal("carried", arrive("client.link_requested"))
  end)

  it("carry every case through all the same, as the sandbox sends them", function()
    local partner = model_partner.new { webhooks = { duplicate = 0.5, late = 0.8 } }
    local store, deliveries = assert(debitura.store.open("memory:")), 0
    local options = {
      partner = partner, store = store, clock = function() return partner:now() end,
      channels = { { name = "notes", deliver = function(_, message)
        partner.url = message.url
        return true
      end } },
    }
    local approval, recovery = approval_delivery.new(options), expired_link_recovery.new(options)
    local receiver = webhook.receiver {
      secret = partner.secret, store = store, clock = options.clock, on = { ["*"] = function(event)
        for _, recipe in ipairs { approval, recovery } do assert(recipe:handle(event)) end
      end },
    }
    function partner.deliver(_, effect)
      deliveries = deliveries + 1
      -- Signed by the wall clock, which stands still here; the recipes' time is the sandbox's.
      receiver.clock = function() return model_partner.WALL end
      local status = receiver:handle { method = "POST", headers = effect.headers,
        body = effect.body }
      receiver.clock = options.clock
      return status
    end
    assert(approval:request(desk.payload()))
    -- The expiry is announced while the next URL is on its way already: the clock has noticed it
    -- first.
    partner:advance("7d")
    partner:advance("2h")
    receiver:work { once = true }
    recovery:sweep()
    partner:answer_link(partner.url, "approve")
    partner:advance("1h")
    while receiver:work({ once = true }).total > 0 do partner:advance("1m") end
    local link = records.read(store:record("link", "acme-1", ""))
    assert.same({ "carried", 0, 3 }, { link.state, link.data.awaited, link.data.cases })
    assert.is_true(deliveries > #store:inbox_list {})
    for _, item in ipairs(store:inbox_list {}) do assert.equal("done", item.state) end
  end)
end)
