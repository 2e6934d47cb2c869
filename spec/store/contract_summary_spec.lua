-- What a store promises of what operators are shown, in the same sentences for every backend.

local backends = require("spec.support.backends_everywhere")
local contract = require("debitura.store.contract")
local rows = require("spec.support.store_rows")

local T0, DAY = rows.T0, 86400
local move, change, job = rows.move, rows.change, rows.job

local function by(array, column, value)
  local found = {}
  for _, row in ipairs(array) do found[row[column]] = row[value] end
  return found
end

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  local title = ("what operators are shown of the %s store%s"):format(name, backend.missing or "")
  describe_store(title, function()
    local store, close

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() store, close = backend.open() end)
    after_each(function() close() end)

    local function make(tenant, kind, record_name, set)
      assert(store:record_move(change(tenant, { move(kind, record_name, 0, set) }), T0))
    end

    local function count(of, kind, state)
      for _, row in ipairs(store:counts()) do
        if row.of == of and row.kind == kind and row.state == state then return row.count end
      end
      return 0
    end

    it("is nothing of an empty store", function()
      assert.same({
        counts = {}, jobs = {}, needs = {}, oldest = {}, expiring = 0, processes = {}, marks = {},
      }, store:summary(T0))
      assert.same({}, store:totals())
    end)

    it("names the job that is due longest, by its kind and by what it needs", function()
      rows.enqueue(store, "t1", {
        job("a", T0 + 5), job("b", T0 + 3, { needs = "channel:email" }),
        job("c", T0 + 9, { kind = "look", needs = "channel:email" }),
        job("d", T0 + 99, { kind = "expire", needs = "directors" }),
      })
      local summary = store:summary(T0 + 10)
      assert.same({ deliver = T0 + 3, look = T0 + 9 }, by(summary.jobs, "kind", "due_at"))
      assert.same({ [""] = T0 + 5, ["channel:email"] = T0 + 3 },
        by(summary.needs, "needs", "due_at"))
      assert.same({}, store:summary(T0 + 2).jobs)
      -- What is claimed or put off is not due.
      local claimed = store:jobs_claim { can = { "channel:email" }, now = T0 + 10, lease = 60 }
      assert.equal(3, #claimed)
      assert.same({}, store:summary(T0 + 11).jobs)
      assert.same({ deliver = T0 + 70, look = T0 + 70 },
        by(store:summary(T0 + 70).jobs, "kind", "due_at"))
      for _, each in ipairs(claimed) do store:job_done(each, T0 + 12) end
      assert.same({}, store:summary(T0 + 90).needs)
      assert.equal(4, count("job", "expire", "open") + 3)
    end)

    it("says since when jobs have been dead and events due, waiting and dead", function()
      rows.enqueue(store, "t1", { job("a"), job("b") })
      for i, tenant in ipairs { "a", "a", "b", "c" } do
        rows.add(store, "evt-" .. i, tenant, T0 + i)
      end
      local held = store:jobs_claim { now = T0, lease = 60 }
      store:job_dead(held[1], T0 + 7, "x")
      store:job_dead(held[2], T0 + 8, "x")
      assert.same({ dead_job = T0 + 7, open_event = T0 + 1, waiting_event = T0 + 2 },
        store:summary(T0 + 9).oldest)
      local items = store:inbox_claim { now = T0 + 9, lease = 60 }
      assert.equal(3, #items)
      store:inbox_dead(items[3], T0 + 10, "x")
      store:inbox_retry(items[1], T0 + 20, "x")
      assert.same({ dead_job = T0 + 7, waiting_event = T0 + 2, dead_event = T0 + 4 },
        store:summary(T0 + 19).oldest)
      assert.same({ dead_job = T0 + 7, open_event = T0 + 20, waiting_event = T0 + 2,
        dead_event = T0 + 4 }, store:summary(T0 + 30).oldest)
    end)

    it("says when the latest event came in, also when it is done", function()
      rows.add(store, "evt-1", "a", T0 + 1)
      rows.add(store, "evt-2", "b", T0 + 2)
      for _, item in ipairs(store:inbox_claim { now = T0 + 9, lease = 60 }) do
        store:inbox_done(item, T0 + 9)
      end
      assert.equal(T0 + 2, store:summary(T0 + 9).last_event)
    end)

    it("counts what ends within a day while it is pending", function()
      for i, expires_at in ipairs { T0, T0 + 1, T0 + DAY, T0 + DAY + 1 } do
        make("t" .. i, "link", "", { state = "pending", expires_at = expires_at })
      end
      make("t5", "link", "", { state = "linked", expires_at = T0 + 1 })
      make("t6", "link", "", { state = "pending" })
      assert.equal(2, store:summary(T0).expiring)
      assert(store:record_move(change("t2", { move("link", "", 1, { state = "linked" }) }), T0))
      assert.equal(1, store:summary(T0).expiring)
      assert(store:record_move(change("t3", {
        move("link", "", 1, { expires_at = T0 + 2 * DAY }),
      }), T0))
      assert.equal(0, store:summary(T0).expiring)
    end)

    describe("of what has not reached the customer", function()
      local function deliver(tenant, key, generation, delivered)
        rows.enqueue(store, tenant, { job(key, T0, { generation = generation }) })
        local held = store:jobs_claim({ now = T0, lease = 60, keys = { key } })[1]
        return store:job_done(held, T0 + 1, "delivered", delivered)
      end

      local function undelivered()
        return rows.names(store:records { kind = "link", undelivered = true })
      end

      it("says how much it is, and since when", function()
        for i = 1, 3 do
          make("t" .. i, "link", "",
            { state = "pending", generation = 1, undelivered_since = T0 + i })
        end
        make("t4", "link", "", { state = "pending" })
        make("t5", "signing", "", { state = "outstanding", undelivered_since = T0 + 9 })
        assert.equal(T0 + 1, store:summary(T0).oldest.undelivered)
        assert.same({ 3, 1 },
          { count("undelivered", "link", "pending"), count("undelivered", "signing",
            "outstanding") })
        assert.equal("t1/ t2/ t3/", undelivered())
        assert.equal("t2/", rows.names(store:records {
          kind = "link", undelivered = true, after = { tenant = "t1", name = "" }, limit = 1,
        }))
        assert.equal("t3/", rows.names(store:records {
          kind = "link", undelivered = true, tenant = "t3",
        }))
      end)

      it("follows moves, and the job that has brought it", function()
        for i = 1, 3 do
          make("t" .. i, "link", "",
            { state = "pending", generation = 2, undelivered_since = T0 + i })
        end
        assert(store:record_move(change("t1", { move("link", "", 1, { state = "linked" }) }), T0))
        assert.same({ 2, 1 }, { count("undelivered", "link", "pending"),
          count("undelivered", "link", "linked") })
        assert(store:record_move(change("t1", {
          move("link", "", 2, { undelivered_since = false }),
        }), T0))
        assert.equal(0, count("undelivered", "link", "linked"))
        assert.is_true(deliver("t2", "k1", 1, true)) -- of an earlier generation
        assert.is_true(deliver("t2", "k2", 2, false))
        assert.equal("t2/ t3/", undelivered())
        assert.is_true(deliver("t2", "k3", 2, true))
        assert.is_true(deliver("t2", "k4", 2, true))
        assert.equal("t3/", undelivered())
        local link = store:record("link", "t2", "")
        assert.same({ nil, 1 }, { link.undelivered_since, link.version })
        assert.equal(1, count("undelivered", "link", "pending"))
        assert.equal(T0 + 3, store:summary(T0).oldest.undelivered)
        assert.is_true(deliver("nobody", "k5", 1, true))
      end)

      it("heeds no job that another claim holds", function()
        make("t1", "link", "", { state = "pending", generation = 1, undelivered_since = T0 })
        rows.enqueue(store, "t1", { job("k") })
        local held = store:jobs_claim({ now = T0, lease = 60 })[1]
        assert.equal(1, #store:jobs_claim { now = T0 + 60, lease = 60 })
        assert.same({ false, "lost" }, { store:job_done(held, T0 + 61, "delivered", true) })
        assert.equal("t1/", undelivered())
      end)
    end)

    describe("of the processes", function()
      local function process(id, more)
        local row = {
          id = id, role = "worker", host = "web-1", pid = 12, release = "0.1.0",
          about = '{"can":["\195\169"]}', started_at = T0,
        }
        for column, value in pairs(more or {}) do row[column] = value end
        return row
      end

      it("says which beat last, the latest first", function()
        assert.is_true(store:beat(process("a"), T0))
        assert.is_true(store:beat(process("b", { role = "sweep", ended_at = T0 + 1 }), T0 + 1))
        assert.is_true(store:beat(process("a", { about = "{}" }), T0 + 10))
        local found = store:summary(T0 + 11).processes
        assert.same({
          process("a", { about = "{}", beat_at = T0 + 10 }),
          process("b", { role = "sweep", beat_at = T0 + 1, ended_at = T0 + 1 }),
        }, found)
        assert.is_true(store:beat(process("b", { role = "sweep" }), T0 + 12))
        assert.same(process("b", { role = "sweep", beat_at = T0 + 12 }),
          store:summary(T0 + 13).processes[1])
      end)

      it("drops those that beat no more", function()
        store:beat(process("a"), T0)
        store:beat(process("b"), T0 + contract.process_kept)
        assert.equal(2, #store:summary(T0).processes)
        store:beat(process("b"), T0 + contract.process_kept + 1)
        assert.same({ b = 12 }, by(store:summary(T0).processes, "id", "pid"))
      end)

      it("gives no more than 100 of them", function()
        for i = 1, 102 do store:beat(process("p" .. i), T0 + i) end
        local found = store:summary(T0).processes
        assert.same({ 100, "p102", "p3" }, { #found, found[1].id, found[100].id })
      end)

      it("keeps when something happened last, whatever the order of the clocks", function()
        store:beat(process("a", { marks = { "sweep", "can:channel:email", "sweep" } }), T0 + 5)
        store:beat(process("b", { marks = { "sweep" } }), T0 + 3)
        assert.same({ sweep = T0 + 5, ["can:channel:email"] = T0 + 5 }, store:summary(T0).marks)
        store:beat(process("b", { marks = { "sweep" } }), T0 + 9)
        assert.equal(T0 + 9, store:summary(T0).marks.sweep)
      end)

      it("adds up what they count", function()
        local function totals()
          local found = {}
          for _, row in ipairs(store:totals()) do
            found[("%s %s %s"):format(row.of, row.kind, row.state)] = row.count
          end
          return found
        end
        store:beat(process("a", { totals = {
          { of = "received", kind = "client.linked", state = "new", count = 2 },
          { of = "performed", kind = "deliver", state = "done", count = 1 },
        } }), T0)
        store:beat(process("b", { totals = {
          { of = "received", kind = "client.linked", state = "new", count = 40 },
        } }), T0)
        assert.same({ ["received client.linked new"] = 42, ["performed deliver done"] = 1 },
          totals())
      end)
    end)
  end)
end
