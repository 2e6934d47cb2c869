-- What a store promises of forgetting a tenant, in the same sentences for every backend.

local backends = require("spec.support.backends_everywhere")
local contract = require("debitura.store.contract")
local rows = require("spec.support.store_rows")

local T0 = rows.T0
local move, change, job = rows.move, rows.change, rows.job
local KINDS = { "link", "case" }

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  local title = ("forgetting in the %s store%s"):format(name, backend.missing or "")
  describe_store(title, function()
    local store, close

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() store, close = backend.open() end)
    after_each(function() close() end)

    --- A tenant with a link, a case, a job that is open, one that is done, and events.
    local function make(tenant)
      local link = move("link", "", 0, {
        state = "pending", url = "https://personal.example/", payload = "personal",
        reason = "personal", result = "personal", expires_at = T0 + 60, undelivered_since = T0,
        data = "{}", generation = 3,
      }, "request", "evt-0")
      link.entry.note = "personal"
      assert(store:record_move(change(tenant, {
        link, move("case", "INV-1", 0, { state = "created", payload = "personal" }),
      }, {
        job(tenant .. "-1", T0, { args = "personal" }),
        job(tenant .. "-2", T0 + 99, { needs = "channel:mail" }),
      }), T0))
      local claimed = assert(store:jobs_claim { keys = { tenant .. "-1" }, now = T0, lease = 60 })
      assert(store:job_done(claimed[1], T0 + 1, "personal"))
      for i = 1, 3 do
        rows.add(store, tenant .. "-e" .. i, tenant, T0 + i, { body = "personal" })
      end
      rows.add(store, tenant .. "-c", "case-of-" .. tenant, T0, { body = "personal" })
    end

    local function forget(tenant, more)
      local wanted = { tenant = tenant, kinds = KINDS, now = T0 + 100 }
      for option, value in pairs(more or {}) do wanted[option] = value end
      return store:forget(wanted)
    end

    local function personal(row, columns)
      for _, column in ipairs(columns) do
        if column.sealed then assert.is_nil(row[column[1]], column[1]) end
      end
      return row
    end

    it("blanks what is sealed of records, history, jobs and events, and keeps the rest", function()
      make("acme-1")
      assert.equal(6, forget("acme-1", { owners = { "case-of-acme-1" } }))
      local link = personal(store:record("link", "acme-1", ""), contract.record)
      assert.same({ contract.forgotten, 2, 3, T0, T0 + 100, nil, "{}" }, { link.state, link.version,
        link.generation, link.created_at, link.updated_at, link.undelivered_since, link.data })
      assert.equal(contract.forgotten,
        personal(store:record("case", "acme-1", "INV-1"), contract.record).state)
      local line = store:record_history { kind = "link", tenant = "acme-1", name = "" }[1]
      assert.same({ "request", "evt-0", T0 },
        { personal(line, contract.history).event, line.event_id, line.at })
      local jobs = store:jobs { tenant = "acme-1" }
      assert.equal(2, #jobs)
      for _, one in ipairs(jobs) do
        assert.same({ "done", nil }, { personal(one, contract.job).state, one.args })
      end
      for _, id in ipairs { "acme-1-e1", "acme-1-e2", "acme-1-e3", "acme-1-c" } do
        assert.equal("done", personal(store:inbox_item(id), contract.event).state)
      end
      assert.same({}, store:jobs_claim { can = { "channel:mail" }, now = T0 + 999, lease = 60 })
      assert.same({}, store:inbox_claim { now = T0 + 999, lease = 60 })
    end)

    it("leaves the counts, and all that belongs to others", function()
      make("acme-1")
      make("acme-2")
      assert.equal(5, forget("acme-1"))
      local counts = {}
      for _, row in ipairs(store:counts()) do
        local of = row.of .. " " .. row.kind .. " " .. row.state
        counts[of] = row.count ~= 0 and row.count or nil
      end
      assert.same({
        ["record link forgotten"] = 1, ["record case forgotten"] = 1, ["record link pending"] = 1,
        ["record case created"] = 1, ["undelivered link pending"] = 1, ["job deliver open"] = 1,
        ["need channel:mail open"] = 1, ["event  open"] = 3, ["event  waiting"] = 2,
      }, counts)
      local other = store:record("link", "acme-2", "")
      assert.same({ "pending", "personal", T0 }, { other.state, other.payload,
        other.undelivered_since })
      assert.equal("personal", store:inbox_item("acme-2-e1").body)
      assert.equal("personal", store:inbox_item("acme-1-c").body)
      assert.equal(1, store:summary(T0).expiring)
    end)

    it("takes what was read or claimed before from those who hold it", function()
      make("acme-1")
      local link = store:record("link", "acme-1", "")
      local held = store:jobs_claim { can = { "channel:mail" }, now = T0 + 99, lease = 60 }[1]
      local event = store:inbox_claim { now = T0 + 9, lease = 60, limit = 1 }[1]
      forget("acme-1", { owners = { "case-of-acme-1" } })
      assert.same({ false, "stale" }, { store:record_move(change("acme-1", {
        move("link", "", link.version, { url = "https://personal.example/" }),
      }), T0 + 101) })
      assert.same({ false, "lost" }, { store:job_retry(held, T0 + 200, "personal") })
      assert.same({ false, "lost" }, { store:inbox_retry(event, T0 + 200, "personal") })
    end)

    it("drops tokens, may be asked for again, and knows what comes late", function()
      make("acme-1")
      store:token_put("one", "personal", T0 + 999, T0)
      store:token_put("two", "other", T0 + 999, T0)
      forget("acme-1", { tokens = { "one" } })
      assert.is_false(store:token("one", T0))
      assert.equal("other", store:token("two", T0))
      assert.equal(5, forget("acme-1"))
      assert.equal("duplicate", rows.add(store, "acme-1-e1", "acme-1", T0 + 300))
      assert.equal(0, forget("never-seen"))
    end)

    it("forgets only what has not been changed meanwhile, where that is asked for", function()
      make("acme-1")
      assert.is_false(forget("acme-1", { unchanged_since = T0 - 1 }))
      assert.same({ "pending", "personal" }, { store:record("link", "acme-1", "").state,
        store:inbox_item("acme-1-e1").body })
      assert.equal("open", store:jobs { tenant = "acme-1" }[2].state)
      assert.equal(5, forget("acme-1", { unchanged_since = T0 }))
      assert.equal(0, forget("never-seen", { unchanged_since = T0 }))
    end)

    it("leaves all as it was when it fails amid its statements, and does it the next time",
      function()
      local connection = store.backend.connection
      if not connection then return end -- of the others each verb is one step
      make("acme-1")
      for failing = 1, 5 do
        local run, count = connection.run, 0
        connection.run = function(self, statement, ...)
          if statement:find("^update") or statement:find("^delete") then count = count + 1 end
          if count == failing then error(connection.failure("the disk is full")) end
          return run(self, statement, ...)
        end
        local done, err = forget("acme-1", { tokens = { "one" } })
        connection.run = run
        assert.is_nil(done)
        assert.equal("store", err.kind)
        assert.equal("personal", store:record("link", "acme-1", "").payload)
        assert.equal("personal", store:inbox_item("acme-1-e1").body)
        assert.equal("open", store:jobs { tenant = "acme-1" }[2].state)
      end
      assert.equal(5, forget("acme-1", { tokens = { "one" } }))
    end)

    it("leaves tenants alone whose names begin alike", function()
      for _, tenant in ipairs { "a", "a ", "a\1", "ab", "A" } do
        assert(store:record_move(change(tenant, {
          move("link", "", 0, { state = "pending", payload = "personal" }),
        }), T0))
      end
      assert.equal(1, forget("a"))
      assert.equal("personal", store:record("link", "a\1", "").payload)
      assert.equal("personal", store:record("link", "ab", "").payload)
    end)
  end)
end
