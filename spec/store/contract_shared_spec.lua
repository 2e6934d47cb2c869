-- What a store promises of counts, and of what workers share besides records, jobs and events; in
-- the same sentences for every backend.

local backends = require("spec.support.backends_everywhere")
local rows = require("spec.support.store_rows")

local T0 = rows.T0
local move, change, job = rows.move, rows.change, rows.job

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  local title = ("what the %s store counts and shares%s"):format(name, backend.missing or "")
  describe_store(title, function()
    local store, close

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() store, close = backend.open() end)
    after_each(function() close() end)

    describe("counts", function()
      local function counts()
        local found = {}
        for _, row in ipairs(store:counts()) do
          local place = ("%s %s %s"):format(row.of, row.kind, row.state)
          assert.is_nil(found[place])
          found[place] = row.count
        end
        return found
      end

      local function move_one(tenant, kind, record_name, version, state)
        local set = { state = state, reason = "x" }
        return store:record_move(change(tenant, { move(kind, record_name, version, set) }), T0)
      end

      it("are none of an empty store", function()
        assert.are.same({}, counts())
      end)

      it("follow records from state to state, of many tenants", function()
        for i = 1, 40 do move_one("t" .. i, "link", "", 0, "requesting") end
        move_one("t1", "case", "R1", 0, "awaited")
        assert.are.same({ ["record link requesting"] = 40, ["record case awaited"] = 1 }, counts())
        for i = 1, 10 do
          move_one("t" .. i, "link", "", 1, "linked")
        end
        move_one("t1", "link", "", 2)
        move_one("t1", "case", "R1", 1, "created")
        move_one("t2", "link", "", 1, "stale")
        assert.are.same({
          ["record link requesting"] = 30, ["record link linked"] = 10, ["record case created"] = 1,
        }, counts())
      end)

      it("follow jobs, and what open ones need", function()
        store:record_move(change("t1", {}, {
          job("a", T0, { needs = "email" }), job("b", T0, { needs = "email" }), job("c", T0),
          job("d", T0, { kind = "look", needs = "letter" }),
        }), T0)
        store:record_move(change("t1", {}, { job("a", T0, { needs = "letter" }) }), T0)
        assert.are.same({
          ["job deliver open"] = 3, ["job look open"] = 1, ["need email open"] = 2,
          ["need letter open"] = 1,
        }, counts())
        local held = {}
        for _, claimed in ipairs(store:jobs_claim {
          can = { "email", "letter" }, now = T0, lease = 60,
        }) do held[claimed.key] = claimed end
        store:job_done(held.a, T0 + 1)
        store:job_done(held.a, T0 + 2)
        store:job_dead(held.b, T0 + 1, "x")
        store:job_retry(held.c, T0 + 9, "x")
        store:job_release(held.d, T0 + 9, "x")
        assert.are.same({
          ["job deliver open"] = 1, ["job deliver dead"] = 1, ["job look open"] = 1,
          ["need letter open"] = 1,
        }, counts())
        store:job_revive(held.b, T0 + 3)
        store:job_revive(held.b, T0 + 3)
        store:record_move({ tenant = "t1", moves = {}, done = held.d }, T0 + 3)
        assert.are.same({ ["job deliver open"] = 2, ["need email open"] = 1 }, counts())
      end)

      it("follow events", function()
        for i, tenant in ipairs { "a", "a", "a", "b", false } do
          rows.add(store, "evt-" .. i, tenant or nil)
        end
        rows.add(store, "evt-1", "a")
        assert.are.same({ ["event  open"] = 3, ["event  waiting"] = 2 }, counts())
        local items = store:inbox_claim { now = T0, lease = 30 }
        store:inbox_done(items[1], T0 + 1)
        store:inbox_done(items[1], T0 + 1)
        store:inbox_dead(items[2], T0 + 1, "x")
        store:inbox_retry(items[3], T0 + 1, "x")
        assert.are.same({
          ["event  open"] = 2, ["event  waiting"] = 1, ["event  dead"] = 1,
        }, counts())
        store:inbox_revive(items[2], T0 + 2)
        assert.are.same({ ["event  open"] = 3, ["event  waiting"] = 1 }, counts())
        store:inbox_forget(T0 + 9)
        assert.are.same({ ["event  open"] = 3, ["event  waiting"] = 1 }, counts())
      end)
    end)

    describe("tokens", function()
      it("are kept until they expire", function()
        assert.is_false(store:token("acme-1", T0))
        assert.is_true(store:token_put("acme-1", "first", T0 + 60, T0))
        assert.are.equal("first", store:token("acme-1", T0 + 59))
        assert.is_false(store:token("acme-1", T0 + 60))
        assert.is_false(store:token("acme-2", T0))
      end)

      it("are replaced by newer ones", function()
        store:token_put("acme-1", "first", T0 + 60, T0)
        store:token_put("acme-2", "another", T0 + 600, T0)
        store:token_put("acme-1", "second", T0 + 120, T0 + 61)
        assert.are.equal("second", store:token("acme-1", T0 + 61))
        assert.are.equal("another", store:token("acme-2", T0 + 61))
      end)

      it("are added where there is none that is good", function()
        assert.are.equal("first", store:token_add("acme-1", "first", T0 + 60, T0))
        assert.are.equal("first", store:token_add("acme-1", "second", T0 + 90, T0 + 59))
        assert.are.equal("first", store:token("acme-1", T0 + 59))
        assert.is_false(store:token("acme-1", T0 + 60))
        assert.are.equal("third", store:token_add("acme-1", "third", T0 + 120, T0 + 60))
        assert.are.equal("third", store:token("acme-1", T0 + 119))
      end)
    end)

    describe("counters", function()
      local function windows(slot, limit)
        return {
          { name = "minute", slot = slot, first = slot - 60, limit = limit or 3 },
          { name = "hour", slot = 7, first = 0, limit = 4 },
        }
      end

      it("count until a window is full, and then say what it is full of", function()
        assert.is_true(store:counter_add("key", windows(100)))
        assert.is_true(store:counter_add("key", windows(100)))
        assert.is_true(store:counter_add("key", windows(101)))
        local counted, full = store:counter_add("key", windows(102))
        assert.is_false(counted)
        assert.are.same({ minute = { sum = 3, slots = { [100] = 2, [101] = 1 } } }, full)
        assert.is_true(store:counter_add("another key", windows(102)))
      end)

      it("slide, and count in all windows or in none", function()
        for _ = 1, 3 do assert.is_true(store:counter_add("key", windows(100))) end
        assert.is_false((store:counter_add("key", windows(160))))
        assert.is_true(store:counter_add("key", windows(161)))
        local counted, full = store:counter_add("key", windows(162))
        assert.is_false(counted)
        assert.are.same({ hour = { sum = 4, slots = { [7] = 4 } } }, full)
      end)
    end)

    describe("leases", function()
      it("are held by one at a time, until they end or are given back", function()
        assert.is_true(store:lease("sweep", "worker-1", 60, T0))
        assert.is_false(store:lease("sweep", "worker-2", 60, T0 + 59))
        assert.is_true(store:lease("sweep", "worker-1", 60, T0 + 59))
        assert.is_false(store:lease("sweep", "worker-2", 60, T0 + 118))
        assert.is_true(store:lease("another", "worker-2", 60, T0))
        assert.is_true(store:lease("sweep", "worker-2", 60, T0 + 119))
        assert.is_false(store:lease_release("sweep", "worker-1"))
        assert.is_true(store:lease_release("sweep", "worker-2"))
        assert.is_false(store:lease_release("sweep", "worker-2"))
        assert.is_true(store:lease("sweep", "worker-1", 60, T0 + 119))
      end)
    end)

    describe("the stamp", function()
      it("is what was stamped first, until it is changed on purpose", function()
        assert.is_false(store:stamp())
        assert.are.equal("test", store:stamp("test"))
        assert.are.equal("test", store:stamp("production"))
        assert.are.equal("test", store:stamp())
        assert.is_true(store:restamp("production"))
        assert.are.equal("production", store:stamp("test"))
      end)
    end)
  end)
end
