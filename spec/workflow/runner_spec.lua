-- The runner, on records that have nothing to do with Debitura: trees, which count their leaves and
-- are to be watered.

local core = require("debitura.core")
local counting_store = require("spec.support.counting_store")
local failure = require("debitura.base.failure")
local machine = require("debitura.workflow.machine")
local runner = require("debitura.workflow.runner")
local jobs = require("debitura.workflow.jobs")
local open_store = require("debitura.store").open
local task = require("debitura.async.task")

local T0 = 1767225600 -- 2026-01-01T00:00:00Z
local HOUR = 3600

local leaf = machine.new {
  kinds = { "leaf" }, states = { hanging = "on the tree", fallen = "on the ground" },
  guards = {}, takes = {}, jobs = {},
  transitions = {
    { on = "grow", from = "none", to = "hanging" },
    { on = "fall", from = "hanging", to = "fallen" },
  },
  parent = {
    kind = "tree", name = "", event = "leaves.moved",
    standing = function(self) return self.state ~= "none" and self.state or nil end,
  },
}

local tree = machine.new {
  kinds = { "tree" }, states = { dry = "wants water", green = "has had water" },
  guards = {}, takes = {},
  tally = function(self, event)
    local hanging = self.data.hanging or 0
    for _, child in ipairs(event.children or {}) do
      if child.was == "hanging" then hanging = hanging - 1 end
      if child.is == "hanging" then hanging = hanging + 1 end
    end
    return { data = { hanging = hanging } }
  end,
  jobs = {
    water = function(self, event, _, now)
      return { jobs.new("water", self, now, { needs = event.needs, each = event.each }) }
    end,
  },
  transitions = {
    { on = "plant", from = "none", to = "dry", jobs = "water" },
    { on = "dry", from = "dry, green", to = "dry", jobs = "water" },
    { on = "watered", from = "dry", to = "green" },
    { on = "leaves.moved", from = "dry, green" },
  },
}

describe("the runner", function()
  local now, store, steps, counting, gardener

  local function new_runner(can, over)
    return runner.new {
      store = over or counting.store, clock = function() return now end, lease = 600,
      kinds = { leaf = leaf, tree = tree }, steps = steps, can = can or {}, terms = {},
      context = {}, route = function(event) return event.news end,
    }
  end

  before_each(function()
    now, store = T0, assert(open_store("memory:"))
    counting = counting_store.new(store)
    steps = { water = function(work, job) return work:decide(job, "watered") end }
    gardener = new_runner()
  end)

  local function plant(name, more)
    local event = { name = "plant" }
    for key, value in pairs(more or {}) do event[key] = value end
    return gardener:begin():apply_to({ kind = "tree", tenant = name, name = "" }, event)
  end

  --- News of so many leaves of a tenant's tree.
  local function leaves(tenant, event, count, id)
    local targets = {}
    for i = 1, count do
      targets[i] = { kind = "leaf", name = "leaf-" .. i, event = { name = event, at = now } }
    end
    return { tenant = tenant, name = event, id = id, targets = targets }
  end

  local function tree_of(tenant) return assert(gardener:record("tree", tenant, "")) end

  local function only_job(tenant) return assert(store:jobs({ tenant = tenant })[1]) end

  --- The changes that the store was asked for meanwhile.
  local function changes_during(run)
    local changes = {}
    for _, call in ipairs(counting:during(run)) do
      if call[1] == "record_move" then changes[#changes + 1] = call[2] end
    end
    return changes
  end

  describe("applies news", function()
    it("to children and to their parent in one step", function()
      plant("oak")
      local changes = changes_during(function()
        assert(gardener:begin():apply(leaves("oak", "grow", 2)))
      end)
      assert.are.equal(1, #changes)
      local moved = {}
      for i, move in ipairs(changes[1].moves) do moved[i] = move.kind .. "/" .. move.name end
      assert.are.same({ "leaf/leaf-1", "leaf/leaf-2", "tree/" }, moved)
      assert.are.same({ "dry", 2, 2 },
        { tree_of("oak").state, tree_of("oak").data.hanging, tree_of("oak").version })
    end)

    for _, count in ipairs { 1, 99, 100, 101, 250 } do
      it(("of %d records in steps of 101 moves at most, and counts each once"):format(count),
        function()
        plant("oak")
        local news = leaves("oak", "grow", count, "evt-1")
        local changes = changes_during(function()
          assert.are.equal("moved", gardener:handle { id = "evt-1", event = "grow", news = news })
        end)
        local total = 0
        for _, change in ipairs(changes) do
          assert.is_true(#change.moves <= 101, #change.moves .. " moves")
          total = total + #change.moves
        end
        assert.are.equal(math.ceil(count / 100), #changes)
        assert.are.equal(count + #changes, total)
        assert.are.equal(count, tree_of("oak").data.hanging)
        assert.are.equal("duplicate",
          (gardener:handle { id = "evt-1", event = "grow", news = news }))
        assert.are.equal(count, tree_of("oak").data.hanging)
      end)
    end

    for _, count in ipairs { 0, 1, 99, 100, 101, 250 } do
      it(("of %d new records and of their new parent, with all of them counted"):format(count),
        function()
        local news = leaves("oak", "grow", count)
        news.targets[count + 1] = { kind = "tree", name = "", event = { name = "plant", at = now } }
        -- Those of several steps are counted by a parent that is there before them; its own event
        -- then changes nothing but what it counts.
        if count > 100 then plant("oak") end
        local changes = changes_during(function() assert(gardener:begin():apply(news)) end)
        for _, change in ipairs(changes) do assert.is_true(#change.moves <= 101) end
        assert.are.equal(count, tree_of("oak").data.hanging)
        if count <= 100 then assert.are.equal(1, #changes) end
      end)
    end

    it("once to a record, with the id in its history alone", function()
      plant("oak")
      assert(gardener:begin():apply(leaves("oak", "grow", 1)))
      local fall = leaves("oak", "fall", 1, "evt-1")
      assert.are.equal("moved", (gardener:handle { id = "evt-1", event = "fall", news = fall }))
      for _, of in ipairs { { "leaf", "leaf-1" }, { "tree", "" } } do
        local count = 0
        local lines = store:record_history { kind = of[1], tenant = "oak", name = of[2] }
        for _, line in ipairs(lines) do
          if line.event_id == "evt-1" then count = count + 1 end
        end
        assert.are.equal(1, count)
      end
    end)

    it("and says whether that changed anything", function()
      local function fall(id)
        return (gardener:handle { id = id, event = "fall", news = leaves("oak", "fall", 1, id) })
      end
      assert.are.equal("unknown", fall("evt-1"))
      plant("oak")
      assert(gardener:begin():apply(leaves("oak", "grow", 1)))
      assert.are.equal("moved", fall("evt-2"))
      assert.are.equal("duplicate", fall("evt-2"))
      assert.are.equal("recorded", fall("evt-3"))
      assert.are.equal("duplicate", fall("evt-3"))
      local lines = store:record_history { kind = "leaf", tenant = "oak", name = "leaf-1" }
      assert.are.same({ "fall", "evt-3", "changes nothing in the state fallen" },
        { lines[3].event, lines[3].event_id, lines[3].note })
      assert.are.equal("unknown", (gardener:handle { id = "evt-4", event = "quake" }))
      assert.has_error(function() gardener:handle { event = "fall" } end)
    end)

    it("anew to a record that was moved meanwhile, and gives up when that never ends", function()
      plant("oak")
      local meddled, times = 0, 1
      local meddling = setmetatable({}, { __index = function(_, verb)
        return function(_, ...)
          if verb == "record_move" and meddled < times then
            meddled = meddled + 1
            assert(gardener:begin():apply_to(
              { kind = "leaf", tenant = "oak", name = "late-" .. meddled }, { name = "grow" }))
          end
          return store[verb](store, ...)
        end
      end })
      local other = new_runner({}, meddling)
      assert.are.equal("moved", (other:begin():apply(leaves("oak", "grow", 2))).word)
      assert.are.equal(3, tree_of("oak").data.hanging)
      times = math.huge
      local applied, err = other:begin():apply(leaves("oak", "fall", 2))
      assert.are.same({ nil, "store", "the record kept changing while an event was applied to it" },
        { applied, err.kind, err.message })
    end)
  end)

  describe("does jobs", function()
    it("and reads the record of each once", function()
      plant("oak")
      local calls = counting:during(function()
        assert.are.same({ total = 1, watered = 1, missing = {} }, gardener:sweep {})
      end)
      assert.are.equal(1, counting_store.reads(calls, "tree", "oak", ""))
      assert.are.equal("green", tree_of("oak").state)
      assert.are.same({ "done", "watered" }, { only_job("oak").state, only_job("oak").result })
    end)

    it("that raise without harm to the others, and gives them up after eight attempts", function()
      for _, name in ipairs { "elm", "oak", "yew" } do plant(name) end
      steps.water = function(work, job)
        if job.tenant == "elm" then error("no water", 0) end
        return work:decide(job, "watered")
      end
      assert.are.same({ total = 3, watered = 2, failed = 1, missing = {} }, gardener:sweep {})
      assert.are.same({ "open", "raised an error: no water", T0 + 60 },
        { only_job("elm").state, only_job("elm").result, only_job("elm").due_at })
      for attempt = 2, 8 do
        now = only_job("elm").due_at
        assert.are.equal(1, gardener:sweep({}).failed)
        assert.are.equal(attempt, only_job("elm").attempt)
      end
      assert.are.same({ "dead", "raised an error: no water" },
        { only_job("elm").state, only_job("elm").result })
      assert.are.equal("dry", tree_of("elm").state)
    end)

    --- The state and the attempts of a job after so many times a failure of a kind.
    local function after_failures(kind)
      plant(kind)
      steps.water = function(work, job)
        return work:retry_later(job, failure.new { kind = kind, message = "no" })
      end
      for _ = 1, 20 do
        now = math.max(now, only_job(kind).due_at)
        gardener:sweep {}
      end
      return { only_job(kind).state, only_job(kind).attempt, only_job(kind).result }
    end

    for _, kind in ipairs { "malformed", "unreadable", "forbidden", "limit", "validation",
      "business", "conflict", "too_large", "unsupported_media" } do
      it(("that fail by what no time mends in the same way: %s"):format(kind), function()
        assert.are.same({ "dead", 8, kind .. ": no" }, after_failures(kind))
      end)
    end

    for _, kind in ipairs { "transport", "timeout", "rate_limited", "server", "unauthorized",
      "not_found", "link_invalid", "onboarding_incomplete", "configuration" } do
      it(("that fail by what another key, another process or the customer can mend "
        .. "until they have: %s"):format(kind), function()
        assert.are.same({ "open", 20, kind .. ": no" }, after_failures(kind))
      end)
    end

    it("after a failed call no sooner than it says", function()
      plant("elm")
      steps.water = function(work, job)
        return work:retry_later(job,
          failure.new { kind = "rate_limited", message = "slow down", retry_after = 500 })
      end
      for _ = 1, 20 do
        assert.are.equal(1, gardener:sweep({}).failed)
        assert.is_true(only_job("elm").due_at >= now + 500)
        now = only_job("elm").due_at
      end
      assert.are.equal("open", only_job("elm").state)
    end)

    it("of a record or with arguments that cannot be read neither, and does not take the step",
      function()
      plant("elm")
      plant("yew", { each = "1" })
      plant("oak")
      local function spoil(set)
        assert(store:record_move({ tenant = "elm", moves = { {
          kind = "tree", name = "", version = tree_of("elm").version, set = set,
          entry = { event = "spoiled" },
        } } }, now))
      end
      spoil { data = "{" }
      store.backend.jobs_by_key[only_job("yew").key].args = "[1"
      local watered = {}
      steps.water = function(work, job)
        watered[#watered + 1] = job.tenant
        return work:decide(job, "watered")
      end
      assert.are.same({ total = 3, failed = 2, watered = 1, missing = {} }, gardener:sweep {})
      assert.are.same({ "oak" }, watered)
      assert.are.equal("unreadable: the data of the tree of elm is no JSON object",
        only_job("elm").result)
      assert.is_truthy(only_job("yew").result:find("^unreadable: the args of the job "))
      local record, err = gardener:record("tree", "elm", "")
      assert.are.same({ nil, "unreadable" }, { record, err.kind })
    end)

    it("for an hour not of a kind that this release does not know, without an attempt", function()
      plant("oak")
      steps.water = nil
      local told
      local counts = gardener:sweep { on_progress = function(step) told = step end }
      assert.are.same({ total = 1, waiting = 1, missing = {} }, counts)
      assert.are.equal("this release knows no job of the kind water", told.problem)
      assert.are.same({ "open", 0, T0 + HOUR },
        { only_job("oak").state, only_job("oak").attempt, only_job("oak").due_at })
    end)

    it("only where it has what they need; the next that has does them at its first attempt",
      function()
      plant("oak", { needs = "hose" })
      plant("elm")
      for _ = 1, 10 do
        local counts = gardener:sweep {}
        assert.are.same({ { needs = "hose", count = 1 } }, counts.missing)
        now = now + HOUR
      end
      assert.are.same({ "open", 0 }, { only_job("oak").state, only_job("oak").attempt })
      local steps_told = {}
      assert.are.same({ total = 1, waiting = 1, missing = { { needs = "hose", count = 1 } } },
        gardener:sweep { dry_run = true, on_progress = function(step)
          steps_told[#steps_told + 1] = step.tenant .. " " .. step.result
        end })
      assert.are.same({ "oak waiting" }, steps_told)
      local other = new_runner { "hose" }
      assert.are.same({ total = 1, due = 1, missing = {} }, other:sweep { dry_run = true })
      assert.are.same({ total = 1, watered = 1, missing = {} }, other:sweep {})
      assert.are.same({ "done", 1 }, { only_job("oak").state, only_job("oak").attempt })
    end)

    it("until the store fails, and gives back what it has not begun", function()
      for _, name in ipairs { "elm", "oak", "yew" } do plant(name) end
      local broken = failure.new { kind = "store", message = "gone" }
      local first
      steps.water = function(work, job)
        first = first or job.tenant
        if job.tenant == first then return nil, broken end
        return work:decide(job, "watered")
      end
      local counts, err = gardener:sweep {}
      assert.are.same({ nil, broken }, { counts, err })
      local attempts = {}
      for _, name in ipairs { "elm", "oak", "yew" } do
        attempts[#attempts + 1] = only_job(name).attempt
      end
      table.sort(attempts)
      assert.are.same({ 0, 0, 1 }, attempts)
    end)

    it("and leaves to the next claim what has waited for half its lease", function()
      for _, name in ipairs { "elm", "oak", "yew" } do plant(name) end
      local at = {}
      steps.water = function(work, job)
        at[#at + 1] = now - T0
        now = now + 301
        return work:decide(job, "watered")
      end
      assert.are.equal(3, gardener:sweep({}).watered)
      assert.are.same({ 0, 301, 602 }, at)
      for _, name in ipairs { "elm", "oak", "yew" } do
        assert.are.equal(1, only_job(name).attempt)
      end
    end)

    it("of what a caller applied to the number of a hundred, and leaves the others to a sweep",
      function()
      plant("oak")
      local grown = 0
      steps.water = function(work, job)
        grown = grown + 1
        local word, err = work:apply_to({ kind = "tree", tenant = "oak", name = "" },
          { name = "dry", each = tostring(grown) }, job)
        return word and "watered" or nil, err
      end
      gardener:handle { id = "evt-1", event = "dry", news = { tenant = "oak", name = "dry",
        id = "evt-1", targets = { { kind = "tree", name = "", event = { name = "dry", at = now,
          each = "0" } } } } }
      assert.are.equal(100, grown)
      assert.are.equal(50, gardener:sweep({ limit = 50 }).total)
    end)

    it("no further than it is told to", function()
      for _, name in ipairs { "elm", "oak", "yew" } do plant(name) end
      assert.are.equal(2, gardener:sweep({ limit = 2 }).total)
      assert.are.equal(1, gardener:sweep({ on_progress = function() return false end }).total)
      for _, name in ipairs { "elm", "oak", "yew" } do plant(name, { name = "dry", each = "2" }) end
      assert.are.equal(1, gardener:sweep({ on_progress = function() return false end }).total)
      assert.are.equal(2, gardener:sweep({}).total)
    end)

    describe("of several tenants", function()
      local said

      --- Waters in two steps, between which the others have their turns.
      before_each(function()
        said = {}
        for _, name in ipairs { "elm", "oak" } do
          plant(name, { each = "1" })
          assert(gardener:begin():apply_to({ kind = "tree", tenant = name, name = "" },
            { name = "dry", each = "2" }))
        end
        steps.water = function(work, job)
          said[#said + 1] = "to " .. job.tenant
          local waiter = task.waiter()
          if waiter then waiter.sleep(0) end
          said[#said + 1] = "at " .. job.tenant
          return work:finish(job, "watered")
        end
      end)

      it("side by side, those of one in their order", function()
        assert.are.equal(4, gardener:sweep({}).watered)
        assert.are.same({ "to elm", "to oak", "at elm", "to elm", "at oak", "to oak", "at elm",
          "at oak" }, said)
      end)

      it("at most as many as it is told at a time", function()
        assert.are.equal(4, gardener:sweep({ at_once = 1 }).watered)
        assert.are.same({ "to elm", "at elm", "to oak", "at oak", "to elm", "at elm", "to oak",
          "at oak" }, said)
      end)

      it("to the end of what has begun, when the caller's function raises", function()
        local sound, err = pcall(gardener.sweep, gardener, {
          on_progress = function(step) error({ "no more of " .. step.tenant }) end,
        })
        assert.is_false(sound)
        assert.are.same({ "no more of elm" }, err)
        assert.are.same({ "to elm", "to oak", "at elm", "at oak" }, said)
      end)
    end)

    it("that another process has ended meanwhile to no effect", function()
      plant("oak")
      local other = new_runner()
      local words = {}
      steps.water = function(work, job)
        if #words == 0 then
          words[1] = "under way"
          now = now + 601
          words[2] = other:sweep({}).watered
        end
        return work:apply_to({ kind = "tree", tenant = "oak", name = "" }, { name = "dry" }, job)
      end
      assert.is_nil(gardener:sweep({}).moved)
      assert.are.equal("dry", tree_of("oak").state)
    end)
  end)

  it("is told from what is none", function()
    assert.is_true(runner.is(gardener))
    assert.is_false(runner.is(core))
  end)
end)
