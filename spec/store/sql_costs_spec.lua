-- No verb of the SQL stores costs more when the store is large: as many statements, and as many
-- rows that the database looks at.

local backends = require("spec.support.backends")
local costs = require("spec.support.sql_costs")
local filler = require("spec.support.store_filler")
local rows = require("spec.support.store_rows")

local T0 = rows.T0
local move, change, job = rows.move, rows.change, rows.job

local SMALL, LARGE = 1000, 100000

--- How many statements each verb sends, of which each is a way to the server and back, and the verb
-- on a store that was filled.
local VERBS = {
  { "record", 1, function(store) return store:record("case", "big", "R500") end },
  { "a record that there is not", 1, function(store) return store:record("case", "big", "X") end },
  { "jobs_named", 1, function(store) return store:jobs_named { "no", "neither" } end },
  { "records_named", 1, function(store)
    return store:records_named("case", "big", { "R2", "R500", "R998", "X" })
  end },
  { "records of a kind", 1, function(store)
    return store:records { kind = "link", limit = 10 }
  end },
  { "records in a state that many have", 1, function(store)
    return store:records { kind = "link", state = "linked", limit = 5 }
  end },
  { "records in a state that few have", 1, function(store)
    return store:records { kind = "link", state = "pending", limit = 5 }
  end },
  { "records in a state, further on", 1, function(store)
    return store:records {
      kind = "link", state = "linked", limit = 5, after = { tenant = "t300", name = "" },
    }
  end },
  { "records in a state of a tenant", 1, function(store)
    return store:records { kind = "case", tenant = "big", state = "awaited", limit = 5 }
  end },
  { "records of a tenant, further on", 1, function(store)
    return store:records {
      kind = "case", tenant = "big", limit = 5, after = { tenant = "big", name = "R5" },
    }
  end },
  { "records that are undelivered", 1, function(store)
    return store:records {
      kind = "link", undelivered = true, limit = 5, after = { tenant = "z1", name = "" },
    }
  end },
  { "record_move of one record with a job", 1, function(store)
    return store:record_move(change("big", {
      move("case", "R500", 1, { state = "closed" }, "e", "new"),
    }, { job("new") }), T0)
  end },
  { "record_move of a new record", 1, function(store)
    return store:record_move(change("big", { move("case", "new", 0, { state = "x" }) }), T0)
  end },
  { "record_move that ends a job and enqueues two", 1, function(store)
    local done = { key = "look/11", claim = 1, kind = "look", needs = "letter", tenant = "big" }
    return store:record_move({
      tenant = "big", moves = { move("case", "R500", 1, { state = "closed" }) }, done = done,
      jobs = { job("new-1"), job("new-2") },
    }, T0)
  end },
  { "record_move of a case and its link", 1, function(store)
    return store:record_move(change("z2", {
      move("link", "", 1, { state = "carried" }), move("case", "new", 0, { state = "x" }),
    }), T0)
  end },
  { "record_move that is stale", 1, function(store)
    return store:record_move(change("big", { move("case", "R500", 9, {}) }), T0)
  end },
  { "record_note", 1, function(store)
    local link = { kind = "link", tenant = "big", name = "" }
    return store:record_note(link, { event = "e", event_id = "new" }, T0)
  end },
  { "record_history", 1, function(store)
    return store:record_history { kind = "link", tenant = "new", name = "", limit = 10, after = 9 }
  end },
  { "jobs of a tenant", 1, function(store)
    return store:jobs { tenant = "big", limit = 10, after = { due_at = T0, key = "look/50" } }
  end },
  { "open jobs", 2, function(store) return store:jobs { state = "open", limit = 10 } end },
  { "open jobs, further on", 2, function(store)
    return store:jobs { state = "open", limit = 10, after = { due_at = T0, key = "look/50" } }
  end },
  { "dead jobs", 1, function(store)
    return store:jobs { state = "dead", limit = 5, due_by = T0 }
  end },
  { "jobs with a need", 1, function(store)
    return store:jobs { needs = "letter", limit = 10, due_by = T0 }
  end },
  { "jobs with a need that no job has", 1, function(store) return store:jobs { needs = "x" } end },
  { "jobs_claim", { sqlite = 4, postgresql = 1 }, function(store)
    return store:jobs_claim { can = { "email", "x" }, now = T0, lease = 60, limit = 10 }
  end },
  { "jobs_claim of keys", { sqlite = 4, postgresql = 1 }, function(store)
    return store:jobs_claim { keys = { "look/4", "look/8" }, now = T0, lease = 60 }
  end },
  { "jobs_claim when nothing is due", { sqlite = 3, postgresql = 1 }, function(store)
    return store:jobs_claim { can = { "letter" }, now = T0 - 1, lease = 60 }
  end },
  { "job_done", 1, function(store)
    return store:job_done({
      key = "look/11", claim = 1, kind = "look", needs = "letter", tenant = "t11",
    }, T0)
  end },
  { "job_done that has delivered", 1, function(store)
    return store:job_done({
      key = "look/11", claim = 1, kind = "look", needs = "letter", tenant = "z1", record = "link",
      name = "", generation = 1,
    }, T0, nil, true)
  end },
  { "summary", 7, function(store) return store:summary(T0) end },
  { "beat", { sqlite = 7, postgresql = 6 }, function(store)
    return store:beat({
      id = "p1", role = "worker", host = "h", pid = 1, release = "1", about = "{}",
      started_at = T0, marks = { "sweep" },
      totals = { { of = "performed", kind = "deliver", state = "done", count = 1 } },
    }, T0)
  end },
  { "totals", 1, function(store) return store:totals() end },
  { "job_retry", 1, function(store)
    return store:job_retry({ key = "look/11", claim = 1 }, T0, "x")
  end },
  { "job_revive", 2, function(store) return store:job_revive({ key = "look/100" }, T0) end },
  { "inbox_add", 1, function(store) return rows.add(store, "new", "big") end },
  { "inbox_add of a known one", 1, function(store) return rows.add(store, "evt-9", "big") end },
  { "inbox_add_many", { sqlite = 4, postgresql = 1 }, function(store)
    local events = {}
    for i, id in ipairs { "new-1", "evt-9", "new-2", "new-3" } do
      events[i] = { id = id, tenant = i == 1 and "big" or "new", event = "e", body = "{}" }
    end
    return store:inbox_add_many(events, T0)
  end },
  { "inbox_claim", { sqlite = 4, postgresql = 1 }, function(store)
    return store:inbox_claim { now = T0, lease = 60, limit = 10 }
  end },
  { "inbox_waiting", 1, function(store) return store:inbox_waiting("big") end },
  { "inbox_done", 1, function(store)
    return store:inbox_done({ id = "evt-2", claim = 1, tenant = "big" }, T0)
  end },
  { "inbox_done_many", 1, function(store)
    local items = {}
    for i, id in ipairs { "evt-1", "evt-2", "evt-3", "evt-5", "evt-7" } do
      items[i] = { id = id, claim = 1, tenant = id == "evt-2" and "big" or nil }
    end
    return store:inbox_done_many(items, T0)
  end },
  { "inbox_done_many of some that are lost", 2, function(store)
    return store:inbox_done_many({ { id = "evt-1", claim = 1 }, { id = "evt-3", claim = 9 } }, T0)
  end },
  { "inbox_retry", 1, function(store)
    return store:inbox_retry({ id = "evt-2", claim = 1, tenant = "big" }, T0, "x")
  end },
  { "inbox_list", 1, function(store) return store:inbox_list { limit = 10, after = 300 } end },
  { "inbox_list of a tenant", 1, function(store)
    return store:inbox_list { limit = 10, after = 300, tenant = "big" }
  end },
  { "inbox_list in a state", 1, function(store)
    return store:inbox_list { limit = 5, after = 300, state = "dead" }
  end },
  { "inbox_list in a state of a tenant", 1, function(store)
    return store:inbox_list { limit = 1, state = "open", tenant = "big" }
  end },
  { "inbox_item", 1, function(store) return store:inbox_item("evt-500") end },
  { "inbox_last", 1, function(store) return store:inbox_last() end },
  { "inbox_revive", 1, function(store)
    return store:inbox_revive({ id = "evt-100", tenant = "big" }, T0)
  end },
  { "inbox_forget", 1, function(store)
    return store:inbox_forget(T0 + 1, 10)
  end },
  { "forget", { sqlite = 6, postgresql = 5 }, function(store)
    return store:forget { tenant = "t11", kinds = { "link", "case" }, now = T0 }
  end },
  { "counts", 1, function(store) return store:counts() end },
  { "token", 1, function(store) return store:token("token-500", T0) end },
  { "token_put", { sqlite = 4, postgresql = 1 }, function(store)
    return store:token_put("new", "t", T0 + 60, T0)
  end },
  { "token_add", { sqlite = 5, postgresql = 1 }, function(store)
    return store:token_add("newer", "t", T0 + 60, T0)
  end },
  { "counter_add", { sqlite = 4, postgresql = 1 }, function(store)
    return store:counter_add("key-500", { { name = "minute", slot = 1, first = 1, limit = 9 } })
  end },
  { "lease", 1, function(store) return store:lease("lease-500", "h", 60, T0) end },
  { "stamp", 1, function(store) return store:stamp() end },
}

--- PostgreSQL plans by statistics, which it makes by itself after a while: until then it knows
-- less.
local PREPARED = {
  { "sqlite", "" }, { "postgresql", " without statistics" },
  { "postgresql", " with statistics", "analyze" },
}

for _, variant in ipairs(PREPARED) do
  local name, title, statement = variant[1], variant[2], variant[3]
  local backend = backends[name]
  local missing = backend.missing or name == "sqlite" and costs.missing()
  local describe_store = missing and pending or describe
  describe_store(("a large %s store%s%s"):format(name, title, missing or ""), function()
    local stores, closers = {}, {}

    setup(function()
      backend.setup()
      for _, count in ipairs { SMALL, LARGE } do
        local store, close, place = backend.open()
        filler.fill(store, count)
        if statement then assert(store.backend.connection:run(statement)) end
        stores[count], closers[#closers + 1] = { store = store, place = place }, close
      end
    end)
    teardown(function()
      for _, close in ipairs(closers) do close() end
      backend.teardown()
    end)

    for _, row in ipairs(VERBS) do
      local verb, expected, run = row[1], row[2], row[3]
      it("answers " .. verb .. " as a small one does", function()
        local cost = {}
        for _, count in ipairs { SMALL, LARGE } do
          local filled = stores[count]
          local statements, work = costs.of(filled.store, filled.place, function()
            return run(filled.store)
          end)
          assert.are.equal(type(expected) == "table" and expected[name] or expected, statements)
          cost[count] = work
        end
        assert.is_true(cost[LARGE] <= cost[SMALL] * 1.1 + 20,
          ("%d at %d rows, %d at %d"):format(cost[SMALL], SMALL, cost[LARGE], LARGE))
      end)
    end
  end)
end
