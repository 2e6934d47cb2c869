-- What is kept no longer than was said: payloads of what has ended, and clients of whom all has.

local core = require("debitura.core")
local debitura = require("debitura")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

local DAY = 86400
local MARKER = "office@existing.example"

describe("retention", function()
  local bench

  local function start(retention)
    bench = rig.new { retention = retention }
    bench:control("settings", { ttl_days = 30 })
  end

  local function ask(tenant)
    local payload = support.payload { externalTenantId = tenant }
    assert(bench.recipes.approval:request(payload))
  end

  local function decline(tenant)
    bench:control("requests", { externalTenantId = tenant, action = "decline" })
    bench:work()
  end

  local function link(tenant) return bench.recipes.runner:record("link", tenant, "") end

  --- What is kept in whatever place.
  local function holds(tenant, text)
    local exported = core.json.encode(bench.recipes:export(tenant))
    return exported:find(text, 1, true) ~= nil
  end

  it("is for ever unless it is said otherwise", function()
    start()
    ask("acme-1")
    decline("acme-1")
    bench:advance(4000 * DAY)
    assert.equal("declined", link("acme-1").state)
    assert.is_true(holds("acme-1", MARKER))
  end)

  it("blanks payloads and URLs of what has ended, then all of the client, from the end on",
    function()
    start { payload = 10 * DAY, ended = 20 * DAY }
    ask("acme-1")
    ask("waits")
    bench:advance(DAY)
    decline("acme-1")
    local ended = link("acme-1")
    bench:advance(10 * DAY - 60)
    assert.is_true(holds("acme-1", MARKER))
    bench:advance(60)
    assert.is_false(holds("acme-1", MARKER))
    local kept, history = link("acme-1"), bench.store:record_history { kind = "link",
      tenant = "acme-1", name = "" }
    assert.same({ "declined", ended.version + 1, "retention" },
      { kept.state, kept.version, history[#history].event })
    bench:advance(10 * DAY - 60)
    assert.equal("declined", link("acme-1").state)
    bench:advance(60)
    assert.same({ "forgotten", "forgotten" }, { link("acme-1").state,
      bench.store:record("case", "acme-1", "INV-1").state })
    assert.equal("pending", link("waits").state)
    assert.is_true(holds("waits", MARKER))
    assert.truthy(bench.recipes.approval:request(support.payload()).generation > 0)
  end)

  it("counts anew from what moves after its payload has gone", function()
    start { payload = 10 * DAY, ended = 20 * DAY }
    ask("acme-1")
    decline("acme-1")
    bench:advance(11 * DAY)
    ask("acme-2")
    assert(bench.recipes.approval:request(support.payload(), { again = true }))
    bench:advance(DAY)
    decline("acme-1")
    bench:advance(9 * DAY)
    assert.is_true(holds("acme-1", MARKER))
    bench:advance(10 * DAY)
    assert.equal("declined", link("acme-1").state)
    bench:advance(DAY)
    assert.equal("forgotten", link("acme-1").state)
  end)

  it("has cases end when they are closed, and leaves their client while its link is active",
    function()
    start { payload = 10 * DAY, ended = 20 * DAY }
    bench:client("acme", true)
    for _, reference in ipairs { "R-1", "R-2" } do
      local case = rig.case(reference)
      case.allowPendingContracts = true
      assert(bench.recipes.submission:submit("acme", case))
    end
    local id = bench.recipes.runner:record("case", "acme", "R-1").data.case_id
    assert(bench.recipes:handle { id = "evt-1", event = "case.closed",
      timestamp = "2030-01-01T00:00:00Z", data = { externalTenantId = "acme", caseId = id,
        creditorReference = "R-1", closeCode = "Paid" } })
    for _ = 1, 3 do bench:advance(10 * DAY) end
    assert.is_nil(bench.store:record("case", "acme", "R-1").payload)
    assert.equal("created", bench.store:record("case", "acme", "R-1").state)
    assert.truthy(bench.store:record("case", "acme", "R-2").payload)
    assert.equal("onboarded", link("acme").state)
    bench.recipes.approval:gone("acme")
    for _ = 1, 2 do bench:advance(10 * DAY) end
    assert.same({ "forgotten", "forgotten" },
      { link("acme").state, bench.store:record("case", "acme", "R-2").state })
  end)

  it("asks for no URL whose payload has gone", function()
    start { payload = DAY }
    ask("acme-1")
    for _ = 1, 6 do bench:advance(31 * DAY) end
    assert.equal("exhausted", link("acme-1").state)
    assert.is_nil(link("acme-1").payload)
    assert.equal("recorded", (bench.recipes.recovery:recover("acme-1")))
    assert.equal("moved", (bench.recipes:handle { id = "evt-9", event = "client.linked",
      timestamp = "2030-01-01T00:00:00Z", data = { externalTenantId = "acme-1" } }))
    bench:advance(DAY)
    assert.equal(0, #bench.store:jobs { state = "dead" })
  end)

  it("leaves a client who is asked for again in the same moment", function()
    start { ended = 20 * DAY }
    ask("acme-1")
    decline("acme-1")
    bench.debitura:advance(21 * DAY)
    local forget = bench.store.forget
    bench.store.forget = function(store, wanted)
      assert(bench.recipes.approval:request(support.payload(), { again = true }))
      return forget(store, wanted)
    end
    assert(bench.recipes:sweep())
    bench.store.forget = forget
    assert.equal("pending", link("acme-1").state)
    assert.is_true(holds("acme-1", MARKER))
  end)

  it("goes through many in small steps, and on from where it came to", function()
    start { payload = DAY }
    local now, most = bench.debitura:now(), 0
    for i = 1, 2050 do
      assert(bench.store:record_move({ tenant = ("t%04d"):format(i), moves = { { kind = "link",
        name = "", version = 0, set = { state = "closed", payload = "personal" },
        entry = { event = "e" } } } }, now))
    end
    bench.debitura:advance(2 * DAY)
    local records = bench.store.records
    bench.store.records = function(store, filter)
      most = math.max(most, filter.limit or 0)
      return records(store, filter)
    end
    local left = {}
    for i = 1, 2 do
      for _ = 1, 3 do assert(bench.recipes:sweep()) end
      bench.debitura:advance(60)
      left[i] = 0
      for _, record in ipairs(records(bench.store, { kind = "link", limit = 3000 })) do
        left[i] = left[i] + (record.payload and 1 or 0)
      end
    end
    assert.same({ 450, 0, 100 }, { left[1], left[2], most })
  end)

  it("of less than a day is refused", function()
    for _, wrong in ipairs { { ended = 0 }, { payload = 0 }, { ended = -1 }, { payload = 86399 },
      { ended = 0 / 0 }, { payload = "30d" }, { link = 86400 } } do
      local made, err = pcall(start, wrong)
      assert.is_false(made)
      assert.truthy(tostring(err):find("option 'retention': ", 1, true), tostring(err))
    end
  end)
end)

describe("A webhook of a client who was forgotten", function()
  local bench, receiver

  before_each(function()
    bench = rig.new()
    bench.debitura.verifier = nil
    receiver = debitura.webhook.receiver {
      store = bench.store, clock = function() return bench.debitura:now() end,
      secret = "c2FtcGxlLXdlYmhvb2stc2VjcmV0",
      on = { ["*"] = function(event, context) return bench.recipes:handle(event, context) end },
    }
    for _, tenant in ipairs { "acme-1", "acme-2" } do
      assert(bench.recipes.approval:request(support.payload { externalTenantId = tenant }))
    end
    bench.recipes:forget("acme-1", { now = true })
  end)

  local function add(id, event, tenant)
    assert(bench.store:inbox_add({ id = id, tenant = tenant, event = event,
      body = assert(core.json.encode { id = id, event = event,
        timestamp = "2030-01-01T00:00:00Z", data = { externalTenantId = tenant,
          creditor = { companyName = "Existing Customer Ltd" }, caseId = "c-1",
          creditorReference = "INV-77" } }) }, bench.debitura:now()))
  end

  it("is done without its body, whatever it tells of, and moves nothing", function()
    local names = { "client.linked", "client.link_expired", "case.created", "case.updated",
      "client.link_requested", "cases.replay_failed", "payment.created", "something.new" }
    for _, name in ipairs(names) do
      add(name, name, "acme-1")
      add(name .. "-2", name, "acme-2")
    end
    assert(receiver:work { once = true })
    for _, name in ipairs(names) do
      local item = bench.store:inbox_item(name)
      assert.same({ "done", nil }, { item.state, item.body }, name)
      assert.truthy(bench.store:inbox_item(name .. "-2").body)
    end
    assert.equal("forgotten", bench.store:record("link", "acme-1", "").state)
    assert.is_false(bench.store:record("case", "acme-1", "INV-77"))
    assert.equal("duplicate", bench.store:inbox_add({ id = "client.linked", tenant = "acme-1",
      event = "client.linked", body = "{}" }, bench.debitura:now()))
  end)

  it("keeps its body when the client has begun anew", function()
    assert(bench.recipes.approval:request(support.payload()))
    add("evt-1", "client.linked", "acme-1")
    assert(receiver:work { once = true })
    assert.truthy(bench.store:inbox_item("evt-1").body)
  end)

  --- What becomes of the body of one that names a case alone.
  local chats = 0
  local function kept_of(case)
    chats = chats + 1
    local id = "chat-" .. chats
    assert(bench.store:inbox_add({ id = id, tenant = case, event = "chat.created",
      body = assert(core.json.encode { id = id, event = "chat.created",
        data = { caseId = case, debtorName = "Dana Debtor" } }) }, bench.debitura:now()))
    assert(receiver:work { once = true })
    return bench.store:inbox_item(id).body ~= nil
  end

  local function created(case)
    assert(bench.recipes:handle { id = "created-" .. case, event = "case.created",
      timestamp = "2030-01-01T00:00:00Z", data = { externalTenantId = "acme-2", caseId = case,
        creditorReference = "INV-1" } })
  end

  it("that names a case alone is known by each id that the case has had", function()
    for _, case in ipairs { "c-1", "c-2", "c-3" } do
      assert(bench.recipes:handle { id = "linked-" .. case, event = "client.linked",
        timestamp = "2030-01-01T00:00:00Z", data = { externalTenantId = "acme-2" } })
      created(case)
      assert.equal("moved", (bench.recipes.approval:gone("acme-2")))
      assert(bench.recipes.approval:request(support.payload { externalTenantId = "acme-2" },
        { again = true }))
    end
    for _, case in ipairs { "c-1", "c-2", "c-3" } do assert.is_true(kept_of(case)) end
    assert.equal(3, #bench.recipes:export("acme-2").events)
    assert(bench.recipes:forget("acme-2", { now = true }))
    assert.is_nil(bench.store:inbox_item("chat-1").body)
    for _, case in ipairs { "c-1", "c-2", "c-3" } do assert.is_false(kept_of(case)) end
  end)

  it("that names a case alone is known, also where its client has begun anew", function()
    created("c-1")
    assert.is_true(kept_of("c-1"))
    -- Where nothing is forgotten in the end, or that breaks off, nothing is lost.
    local forget = bench.store.forget
    for _, answer in ipairs { false, "failed" } do
      function bench.store.forget() return answer ~= "failed" and answer or nil, "away" end
      bench.recipes:forget("acme-2", { now = true })
    end
    bench.store.forget = forget
    assert.is_true(kept_of("c-1"))
    assert(bench.recipes:forget("acme-2", { now = true }))
    assert.is_false(kept_of("c-1"))
    assert(bench.recipes.approval:request(support.payload { externalTenantId = "acme-2" }))
    created("c-2")
    assert.same({ false, true, true }, { kept_of("c-1"), kept_of("c-2"), kept_of("c-3") })
    bench.debitura:advance(20 * 365 * DAY)
    assert.is_false(kept_of("c-1"))
  end)

  it("that names a case alone is tried again when the store does not answer", function()
    for verb, case in pairs { token = "c-1", records_named = "c-2" } do
      assert(bench.store:token_put("forgotten_case/c-2", '{"tenant":"acme-1","name":"INV-1"}',
        bench.debitura:now() + 9, bench.debitura:now()))
      local kept = bench.store[verb]
      bench.store[verb] = function() return nil, "away" end
      local _, err = bench.recipes:handle({ id = "e", event = "chat.created",
        data = { caseId = case } }, {})
      bench.store[verb] = kept
      assert.equal("away", err)
    end
    bench.store.token_put = function() return nil, "away" end
    assert(bench.store:record_move({ tenant = "acme-1", moves = { { kind = "case", name = "R",
      version = 0, set = { state = "closed", data = '{"case_id":"c-9"}' }, entry = {} } } }, 1))
    assert.same({ nil, "away" }, { bench.recipes:forget("acme-1", { now = true }) })
  end)
end)

describe("A client who is forgotten amid a sweep", function()
  local MARKERS = { "office@existing.example", "Sample Street", "referral", "no such mailbox" }

  local function kept_of(bench)
    local text = core.json.encode(bench.recipes:export("acme-1"))
    for _, marker in ipairs(MARKERS) do assert.is_nil(text:find(marker, 1, true), marker) end
    return bench.store:record("link", "acme-1", "").state
  end

  it("stays forgotten, whatever the delivery that was on its way comes to", function()
    for _, fails in ipairs { false, true } do
      local bench
      bench = rig.new { channels = { { name = "mail", deliver = function()
        assert(bench.recipes:forget("acme-1", { now = true }))
        if fails then return nil, "no such mailbox of office@existing.example" end
        return true
      end } } }
      assert(bench.recipes.approval:request(support.payload()))
      assert.equal("forgotten", kept_of(bench))
      assert.equal(0, bench:advance(40 * DAY).total)
      assert.equal("forgotten", kept_of(bench))
      assert.equal(0, #bench.store:jobs { state = "dead" })
    end
  end)

  it("stays forgotten, whatever Debitura answers to a call that was under way", function()
    local bench = rig.new()
    local create = bench.debitura.create_client
    bench.options.partner.create_client = function(...)
      assert(bench.recipes:forget("acme-1", { now = true }))
      return create(...)
    end
    assert(bench.recipes.approval:request(support.payload()))
    bench.options.partner.create_client = create
    assert.equal("forgotten", kept_of(bench))
    assert.equal(0, bench:advance(40 * DAY).total)
    assert.equal("forgotten", kept_of(bench))
  end)
end)
