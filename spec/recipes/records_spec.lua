-- What an event costs and how often it counts: one record for each thing that is followed, one
-- runner for all recipes.

local core = require("debitura.core")
local counting_store = require("spec.support.counting_store")
local desk_support = require("spec.support.desk")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")
local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

local DAY, HOUR = 86400, 3600
local URL = "https://referral.example.test/link/"

describe("an event", function()
  local desk, counting, all

  before_each(function()
    desk = desk_support.new()
    desk.answers = { desk_support.needs_linking(URL .. 1), desk_support.needs_linking(URL .. 2) }
    counting = counting_store.new(desk.store)
    all = recipes.new(desk:options { store = counting.store, reminders = {} })
    assert(all.approval:request(desk_support.payload()))
    desk.now = desk.now + DAY
  end)

  --- Handles an event.
  -- @treturn string what became of it
  -- @treturn table the verbs that it took
  local function handle(event)
    local word
    local calls = counting:during(function() word = assert(all:handle(event)) end)
    return word, counting_store.verbs(calls)
  end

  local function lines_of(kind, name, id)
    local count = 0
    for _, line in ipairs(desk.store:record_history { kind = kind, tenant = "acme-1",
      name = name }) do
      if line.event_id == id then count = count + 1 end
    end
    return count
  end

  it("of a case reads the case and its link, and moves both in one step", function()
    assert.are.equal("moved", (handle(desk:event("client.linked"))))
    local created = desk:case_created("INV-1")
    local word, verbs = handle(created)
    assert.are.equal("moved", word)
    assert.are.same({ "record", "record", "record_move" }, verbs)
    assert.are.same({ 1, 1 },
      { lines_of("case", "INV-1", created.id), lines_of("link", "", created.id) })
  end)

  it("costs five verbs of the store at most, whatever it is about", function()
    local function failed(reference)
      return { failedCases = { { creditorReference = reference, errorType = "Unexpected" } } }
    end
    for _, event in ipairs {
      desk:event("client.link_requested"), desk:event("client.linked"), desk:case_created("INV-1"),
      desk:event("cases.replay_failed", failed("INV-3")),
      desk:case_created("INV-2"), desk:case_created("INV-2"), desk:case_created("OTHER"),
      desk:case_created("INV-3"), desk:event("client.link_declined"),
      desk:event("client.link_expired"), desk:event("client.onboarding.contract_signed"),
      desk:event("client.onboarding.poa_signed"), desk:event("case.closed"),
    } do
      local _, verbs = handle(event)
      -- The looks that it owes at once come besides.
      for i, verb in ipairs(verbs) do
        if verb == "jobs_claim" then verbs = { unpack(verbs, 1, i - 1) } end
      end
      assert.is_true(#verbs <= 5, event.event .. ": " .. table.concat(verbs, " "))
    end
  end)

  it("is no duplicate when it comes first, and is one when it comes again", function()
    local events = {
      desk:event("client.link_requested"), desk:case_created("INV-1"), desk:case_created("INV-1"),
      desk:event("client.link_declined", {}, desk.now), desk:event("client.linked"),
      desk:event("client.onboarding.contract_signed"), desk:case_created("INV-2"),
      desk:event("client.link_expired"), desk:event("client.link_requested"),
      desk:event("cases.replay_failed", { failedCases = {} }),
    }
    local words = {}
    for i, event in ipairs(events) do words[i] = handle(event) end
    assert.are.same({
      "recorded", "moved", "moved", "moved", "moved", "moved", "moved", "recorded", "recorded",
      "moved",
    }, words)
    for _, event in ipairs(events) do
      assert.are.equal("duplicate", (handle(event)), event.event)
    end
    for _, of in ipairs { "approval", "recovery", "signing", "submission" } do
      assert.are.equal("duplicate", (assert(all[of]:handle(events[2]))))
    end
  end)

  it("tells of the records that it is about, as they are now", function()
    local word, by_kind = all:handle(desk:event("client.link_expired", {}, desk.now + 7 * DAY))
    assert.are.same({ "moved", "pending", 2 },
      { word, by_kind.link.state, by_kind.link.generation })
    word, by_kind = all:handle(desk:case_created("INV-1"))
    assert.are.same({ "moved", "created", nil }, { word, by_kind.case.state, by_kind.link })
    -- There must be a link where there is a case: it owes a look.
    word, by_kind = all:handle(desk:case_created("OTHER"))
    assert.are.same({ "moved", {} }, { word, by_kind })
    all:handle(desk:event("client.linked"))
    word, by_kind = all:handle(desk:case_created("OTHER-2"))
    assert.are.same({ "unknown", {} }, { word, by_kind })
  end)

  it("that is overdue costs a sweep four reads of its link at most", function()
    desk.now = desk.now + 7 * DAY + HOUR
    local calls = counting:during(function()
      assert.are.same({ total = 3, ["window.over"] = 1, ["answer.needs_linking"] = 1,
        delivered = 1 }, desk_support.swept(all))
    end)
    local reads = counting_store.reads(calls, "link", "acme-1", "")
    assert.is_true(reads <= 4, reads .. " reads")
    assert.are.equal(2, #desk.delivered)
  end)
end)

describe("a case", function()
  it("that came with a link is a record like one that is submitted, with another origin", function()
    local bench = rig.new()
    assert(bench.recipes.approval:request(desk_support.payload()))
    bench:work()
    local submission = bench.recipes.submission
    local function how(reference)
      local case = assert(submission:status("acme-1", reference))
      return { case.state, case.origin, case.case_id ~= nil }
    end
    assert.are.same({ "awaited", "link", false }, how("INV-1"))
    bench:approve("acme-1")
    assert.are.same({ "created", "link", true }, how("INV-1"))
    assert(submission:submit("acme-1", rig.case("OWN-1")))
    assert.are.same({ "parked", "submitted", false }, how("OWN-1"))
    local names = {}
    for i, case in ipairs(bench.store:records { kind = "case", tenant = "acme-1" }) do
      names[i] = case.name .. " " .. case.state
    end
    assert.are.same({ "INV-1 created", "INV-2 created", "INV-3 created", "OWN-1 parked" }, names)
    assert.is_false(submission:status("acme-1", "NONE"))
  end)

  it("that came with a link and is submitted is the same case, and is not sent", function()
    local bench = rig.new()
    assert(bench.recipes.approval:request(desk_support.payload()))
    local calls = 0
    bench.debitura.interfere = function() calls = calls + 1 end
    local outcome = assert(bench.recipes.submission:submit("acme-1", rig.case("INV-1")))
    assert.are.same({ "awaited", "link", 0 }, { outcome.state, outcome.origin, calls })
  end)
end)

describe("a payload", function()
  for _, count in ipairs { 0, 1, 99, 100, 101, 250, 1000 } do
    it(("with %d cases is recorded, asked for and carried through, 101 moves a step at most")
      :format(count), function()
      local bench = rig.new()
      local counting = counting_store.new(bench.store)
      bench.options.store = counting.store
      bench.recipes = recipes.new(bench.options)
      local payload = desk_support.payload { cases = core.json.array {} }
      for i = 1, count do payload.cases[i] = rig.case("INV-" .. i) end
      local outcome
      local calls = counting:during(function()
        outcome = assert(bench.recipes.approval:request(payload))
        bench:work()
      end)
      assert.are.same({ "pending", count, count, 0 },
        { outcome.state, outcome.cases, outcome.awaited, outcome.failed })
      for _, call in ipairs(calls) do
        assert.is_true(call[1] ~= "record_move" or #call[2].moves <= 101)
      end
      bench:approve("acme-1")
      assert.are.same({ "carried", count, 0, 0 }, bench:standing("acme-1"))
    end)

    it(("with %d cases takes the place of one with other cases"):format(count), function()
      local bench = rig.new()
      local payload = desk_support.payload()
      assert(bench.recipes.approval:request(payload))
      payload = desk_support.payload { cases = core.json.array {} }
      for i = 1, count do payload.cases[i] = rig.case("NEW-" .. i) end
      payload.cases[count + 1] = rig.case("INV-2")
      local outcome = assert(bench.recipes.approval:request(payload, { again = true }))
      assert.are.same({ "pending", count + 1, count + 1, 0 },
        { outcome.state, outcome.cases, outcome.awaited, outcome.failed })
      local states = {}
      for i = 1, 3 do states[i] = bench.recipes.submission:status("acme-1", "INV-" .. i).state end
      assert.are.same({ "replaced", "awaited", "replaced" }, states)
    end)
  end

  it("of very many cases is recorded to its end by the next process when one dies in between",
    function()
    local desk = desk_support.new()
    desk.answers = { desk_support.needs_linking(URL .. 1) }
    local steps = 0
    local dying = setmetatable({}, { __index = function(_, verb)
      return function(_, ...)
        if verb == "record_move" then
          steps = steps + 1
          desk.dead = steps > 3
        end
        return desk:mortal_store()[verb](nil, ...)
      end
    end })
    local payload = desk_support.payload { cases = core.json.array {} }
    for i = 1, 450 do payload.cases[i] = rig.case("INV-" .. i) end
    assert.is_nil(recipes.new(desk:options { store = dying }).approval:request(payload))
    assert.are.equal(0, #desk.sent)
    desk.now = desk.now + 600
    local all = recipes.new(desk:options())
    assert.are.same({ total = 3, recorded = 1, ["answer.needs_linking"] = 1, delivered = 1 },
      desk_support.swept(all))
    local link = all.runner:record("link", "acme-1", "")
    assert.are.same({ "pending", 450, 450 }, { link.state, link.data.cases, link.data.awaited })
    assert.are.equal(1, #desk.sent)
  end)
end)
