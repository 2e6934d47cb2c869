-- What a store promises of jobs, in the same sentences for every backend.

local backends = require("spec.support.backends_everywhere")
local rows = require("spec.support.store_rows")

local T0 = rows.T0
local move, change, job, keys = rows.move, rows.change, rows.job, rows.keys

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  describe_store(("jobs in the %s store%s"):format(name, backend.missing or ""), function()
    local store, close

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() store, close = backend.open() end)
    after_each(function() close() end)

    local function enqueue(tenant, jobs) return rows.enqueue(store, tenant, jobs) end

    local function claim(now, more)
      local options = { now = now, lease = 60 }
      for option, value in pairs(more or {}) do options[option] = value end
      return store:jobs_claim(options)
    end

    local function only(tenant)
      local page = store:jobs { tenant = tenant }
      assert.are.equal(1, #page)
      return page[1]
    end

    it("are recorded once, whatever is tried later under their keys", function()
      enqueue("acme-1", {
        job("deliver/1/print/acme-1", T0 + 0.5, {
          record = "case", name = "R1", channel = "print", needs = "print",
          args = '{"a":"\\u0000"}',
        }),
      })
      enqueue("acme-1", { job("deliver/1/print/acme-1", T0 + 99, { kind = "look" }) })
      enqueue("acme-2", { job("deliver/1/print/acme-1", T0 + 99) })
      assert.are.same({
        key = "deliver/1/print/acme-1", tenant = "acme-1", kind = "deliver", record = "case",
        name = "R1", generation = 1, channel = "print", needs = "print", args = '{"a":"\\u0000"}',
        state = "open", attempt = 0, claim = 0, due_at = T0 + 0.5, created_at = T0,
      }, only("acme-1"))
      assert.are.same({}, store:jobs { tenant = "acme-2" })
    end)

    it("are read by their keys, those that there are", function()
      enqueue("acme-1", { job("a", T0 + 10), job("b", T0 + 20) })
      enqueue("acme-2", { job("c", T0 + 30) })
      local found = {}
      for _, row in ipairs(store:jobs_named { "c", "no", "a" }) do found[row.key] = row.tenant end
      assert.are.same({ a = "acme-1", c = "acme-2" }, found)
      assert.are.same({}, store:jobs_named { "no" })
      assert.are.same({}, store:jobs_named {})
    end)

    it("are leased when they are due, to one worker at a time, until the lease ends", function()
      enqueue("acme-1", { job("a", T0 + 10), job("b", T0 + 20) })
      assert.are.equal("", keys(claim(T0 + 9)))
      local held = claim(T0 + 10)
      assert.are.same({ "a", 1, T0 + 70 }, { keys(held), held[1].attempt, held[1].due_at })
      assert.are.equal("", keys(claim(T0 + 11)))
      local again = claim(T0 + 70)
      assert.are.same({ "b a", 2 }, { keys(again), again[2].attempt })
    end)

    it("are claimed only by processes that have what they need", function()
      enqueue("acme-1", {
        job("a", T0, { needs = "email" }), job("b", T0 + 1), job("c", T0 + 2, { needs = "letter" }),
        job("d", T0 + 3, { needs = "email" }),
      })
      assert.are.equal("b", keys(claim(T0 + 9)))
      assert.are.equal("", keys(claim(T0 + 9, { can = { "redirect" } })))
      assert.are.equal("a d", keys(claim(T0 + 9, { can = { "email", "redirect" } })))
      assert.are.equal("c", keys(claim(T0 + 9, { can = { "letter", "email" } })))
    end)

    it("are claimed the longest due first, whatever they need, and at most `limit`", function()
      enqueue("acme-1", {
        job("a", T0 + 5, { needs = "email" }), job("b", T0 + 4), job("c", T0 + 3, { needs = "x" }),
        job("d", T0 + 2, { needs = "letter" }), job("e", T0 + 1), job("f", T0, { needs = "email" }),
      })
      local can = { "email", "letter" }
      assert.are.equal("f e d", keys(claim(T0 + 9, { can = can, limit = 3 })))
      assert.are.equal("b", keys(claim(T0 + 9, { can = can, limit = 1 })))
      assert.are.equal("a", keys(claim(T0 + 9, { can = can, limit = 3 })))
    end)

    it("are claimed by their keys, if they are due", function()
      enqueue("acme-1", { job("a", T0), job("b", T0), job("c", T0 + 99), job("d", T0) })
      enqueue("acme-2", { job("e", T0, { needs = "email" }) })
      assert.are.equal("b", keys(claim(T0, { keys = { "b", "c", "e", "f" } })))
      assert.are.equal("", keys(claim(T0, { keys = {} })))
      assert.are.equal("d e", keys(claim(T0 + 1, { keys = { "e", "d" }, can = { "email" } })))
      assert.are.equal("a", keys(claim(T0 + 1)))
    end)

    it("are ended only by the holder of the latest claim", function()
      enqueue("acme-1", { job("a") })
      local slow = claim(T0)[1]
      local quick = claim(T0 + 61)[1]
      for _, verb in ipairs { "job_done", "job_retry", "job_release", "job_dead" } do
        assert.are.same({ false, "lost" }, { store[verb](store, slow, T0 + 62, "x") })
      end
      assert.is_true(store:job_done(quick, T0 + 63, "sent"))
      local ended = only("acme-1")
      assert.are.same({ "done", "sent", T0 + 63, 2 },
        { ended.state, ended.result, ended.ended_at, ended.attempt })
    end)

    it("are ended a second time by a worker that lost the answer, and by no other", function()
      enqueue("acme-1", { job("a"), job("b") })
      local held = claim(T0)
      assert.is_true(store:job_done(held[1], T0 + 1, "sent"))
      assert.is_true(store:job_done(held[1], T0 + 2, "sent"))
      assert.are.same({ false, "lost" }, { store:job_retry(held[1], T0 + 3, "x") })
      assert.are.same({ false, "lost" }, { store:job_dead(held[1], T0 + 3, "x") })
      assert.is_true(store:job_dead(held[2], T0 + 1, "x"))
      assert.is_true(store:job_dead(held[2], T0 + 2, "x"))
      assert.are.same({ false, "lost" }, { store:job_done(held[2], T0 + 3) })
      assert.are.same({ false, "lost" }, { store:job_done({ key = "c", claim = 1 }, T0) })
    end)

    it("are postponed and given up, with what went wrong", function()
      enqueue("acme-1", { job("a"), job("b") })
      local held = claim(T0)
      assert.is_true(store:job_retry(held[1], T0 + 300, "refused\0\255"))
      assert.is_true(store:job_dead(held[2], T0 + 1, "no such channel"))
      assert.are.equal("", keys(claim(T0 + 299)))
      local again = claim(T0 + 300)[1]
      assert.are.same({ held[1].key, 2, "refused\0\255" },
        { again.key, again.attempt, again.result })
      local dead = store:jobs({ state = "dead" })[1]
      assert.are.same({ held[2].key, T0 + 1, "no such channel", 1 },
        { dead.key, dead.ended_at, dead.result, dead.attempt })
    end)

    it("are given back without an attempt, and an earlier holder still cannot end them", function()
      enqueue("acme-1", { job("a") })
      local slow = claim(T0)[1]
      local second = claim(T0 + 61)[1]
      assert.is_true(store:job_release(second, T0 + 70, "no such channel here"))
      assert.are.same({ false, "lost" }, { store:job_done(slow, T0 + 71) })
      local row = only("acme-1")
      assert.are.same({ "open", 1, T0 + 70, "no such channel here" },
        { row.state, row.attempt, row.due_at, row.result })
      local third = claim(T0 + 70)[1]
      assert.are.equal(2, third.attempt)
      assert.are.same({ false, "lost" }, { store:job_done(second, T0 + 71) })
      assert.are.same({ false, "lost" }, { store:job_done(slow, T0 + 71) })
      assert.is_true(store:job_done(third, T0 + 71))
    end)

    it("are revived when they are dead, and only then", function()
      enqueue("acme-1", { job("a", T0, { needs = "email" }) })
      local held = claim(T0, { can = { "email" } })[1]
      assert.is_false(store:job_revive(held, T0 + 1))
      store:job_dead(held, T0 + 1, "x")
      assert.is_true(store:job_revive({ key = "a" }, T0 + 2))
      assert.is_false(store:job_revive({ key = "a" }, T0 + 3))
      assert.is_false(store:job_revive({ key = "b" }, T0 + 3))
      local row = only("acme-1")
      assert.are.same({ "open", T0 + 2, 1, "x" },
        { row.state, row.due_at, row.attempt, row.result })
      assert.is_nil(row.ended_at)
      assert.are.equal(2, claim(T0 + 2, { can = { "email" } })[1].attempt)
    end)

    it("end with the moves that they cause in one step, or neither happens", function()
      local made = change("acme-1", { move("link", "", 0, { state = "requesting" }) },
        { job("request/1/acme-1") })
      store:record_move(made, T0)
      local slow = claim(T0)[1]
      local quick = claim(T0 + 61)[1]
      local answer = {
        tenant = "acme-1", done = slow, result = "409",
        moves = {
          move("link", "", 1, { state = "pending" }), move("case", "R1", 0, { state = "x" }),
        },
        jobs = { job("deliver/1/acme-1", T0 + 999) },
      }
      assert.are.same({ false, "lost" }, { store:record_move(answer, T0 + 62) })
      assert.are.equal("requesting", store:record("link", "acme-1", "").state)
      assert.is_false(store:record("case", "acme-1", "R1"))
      assert.are.equal(1, #store:record_history { kind = "link", tenant = "acme-1", name = "" })
      assert.are.equal("request/1/acme-1", only("acme-1").key)

      answer.done = quick
      assert.is_true(store:record_move(answer, T0 + 63))
      local all = store:jobs { tenant = "acme-1" }
      assert.are.equal("request/1/acme-1 deliver/1/acme-1", keys(all))
      assert.are.same({ "done", "409", T0 + 63 }, { all[1].state, all[1].result, all[1].ended_at })
    end)

    it("may be enqueued and ended by a change that moves nothing", function()
      enqueue("acme-1", { job("a") })
      local held = claim(T0)[1]
      assert.is_true(store:record_move({
        tenant = "acme-1", moves = {}, done = held, jobs = { job("b", T0 + 9) },
      }, T0 + 1))
      assert.are.equal("b", keys(store:jobs { state = "open" }))
      assert.are.same({ false, "lost" }, { store:record_move({
        tenant = "acme-1", moves = {}, done = { key = "b", claim = 1 }, jobs = { job("c") },
      }, T0 + 2) })
      assert.are.equal("b", keys(store:jobs { state = "open" }))
    end)

    it("are listed by tenant, by state and by need, in the order in which they are due", function()
      enqueue("t1", {
        job("a", T0 + 3), job("b", T0 + 1, { needs = "email" }), job("c", T0 + 5, { needs = "x" }),
      })
      enqueue("t2", { job("d", T0 + 2, { needs = "email" }), job("e", T0), job("f", T0 + 0.5) })
      local held = claim(T0 + 0.5)
      store:job_done(held[1], T0 + 1)
      store:job_dead(held[2], T0 + 1, "x")
      assert.are.equal("b a c", keys(store:jobs { tenant = "t1" }))
      assert.are.equal("b d a c", keys(store:jobs { state = "open" }))
      assert.are.equal("b d a", keys(store:jobs { state = "open", due_by = T0 + 3 }))
      assert.are.equal("f", keys(store:jobs { state = "dead" }))
      assert.are.equal("b d", keys(store:jobs { needs = "email" }))
      assert.are.equal("b", keys(store:jobs { needs = "email", due_by = T0 + 1 }))
      assert.are.equal("a", keys(store:jobs { needs = "" }))
      assert.are.equal("", keys(store:jobs { needs = "y" }))
      assert.are.equal("b d", keys(store:jobs { state = "open", limit = 2 }))
    end)

    it("are read page after page, each of them once, though many are due at once", function()
      for _, tenant in ipairs { "t1", "t2" } do
        local jobs = {}
        for i = 1, 9 do
          jobs[i] = job(tenant .. "-" .. i, T0 + i % 2, { needs = i % 3 == 0 and "email" or "" })
        end
        enqueue(tenant, jobs)
      end
      local function read(filter, number)
        local seen = {}
        repeat
          local page = store:jobs(filter)
          for _, row in ipairs(page) do
            assert.is_nil(seen[row.key])
            seen[row.key], number = true, number - 1
          end
          local last = page[#page]
          filter.after = last and { due_at = last.due_at, key = last.key }
        until #page < filter.limit
        assert.are.equal(0, number)
      end
      for limit = 1, 4 do
        read({ tenant = "t1", limit = limit }, 9)
        read({ state = "open", limit = limit }, 18)
        read({ needs = "email", limit = limit }, 6)
      end
    end)

    it("are listed by one thing at a time", function()
      for _, filter in ipairs { {}, { tenant = "t1", state = "open" }, { state = "done" } } do
        assert.has_error(function() store:jobs(filter) end)
      end
    end)
  end)
end
