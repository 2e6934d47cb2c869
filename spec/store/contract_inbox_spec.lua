-- What a store promises of the inbox, in the same sentences for every backend.

local backends = require("spec.support.backends_everywhere")
local rows = require("spec.support.store_rows")

local T0 = rows.T0
local ids = rows.ids

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  describe_store(("the inbox of the %s store%s"):format(name, backend.missing or ""), function()
    local store, close

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() store, close = backend.open() end)
    after_each(function() close() end)

    local function add(id, tenant, received_at, more)
      return rows.add(store, id, tenant, received_at, more)
    end

    local function claim(now, limit)
      return store:inbox_claim { now = now, lease = 30, limit = limit }
    end

    it("keeps a webhook once, byte for byte", function()
      local body = '{"id":"evt-1"} ' .. rows.every_byte()
      assert.are.equal("new", add("evt-1", "acme-1", T0, { body = body, replay = true }))
      assert.are.equal("duplicate", add("evt-1", "acme-1", T0 + 60))
      local items = claim(T0 + 61)
      assert.are.equal(1, #items)
      local item = items[1]
      assert.are.same({ "evt-1", "acme-1", "client.linked", body, T0, 1, 1 }, {
        item.id, item.tenant, item.event, item.body, item.received_at, item.attempt, item.replay,
      })
    end)

    it("keeps many webhooks at once, each once, byte for byte and in order", function()
      add("known", "a", T0)
      local bodies = { rows.every_byte(), "100 % :id '\"\\", "", '{"a":1}' }
      local events = {}
      for i, id in ipairs { "a1", "known", "b1", "n1", "a2", "b1", "b2", "n2" } do
        local tenant = id:match("^[abk]")
        events[i] = {
          id = id, tenant = tenant == "k" and "a" or tenant, event = "client.linked",
          body = bodies[i % #bodies + 1], replay = id == "a2", received_at = T0 + i,
        }
      end
      events[8].received_at = nil
      assert.are.equal("new duplicate new new new duplicate new new",
        table.concat(store:inbox_add_many(events, T0 + 99), " "))
      local states = {}
      for i, item in ipairs(store:inbox_list {}) do states[i] = item.id .. " " .. item.state end
      assert.are.same({
        "known open", "a1 waiting", "b1 open", "n1 open", "a2 waiting", "b2 waiting", "n2 open",
      }, states)
      for i, id in pairs { "a1", [3] = "b1", [4] = "n1", [5] = "a2", [7] = "b2" } do
        local item = store:inbox_item(id)
        assert.are.same({ events[i].body, events[i].tenant, T0 + i, id == "a2" and 1 or 0 },
          { item.body, item.tenant, item.received_at, item.replay })
      end
      assert.are.equal(T0 + 99, store:inbox_item("n2").received_at)
      local counts = {}
      for _, row in ipairs(store:counts()) do counts[row.state] = row.count end
      assert.are.same({ open = 4, waiting = 3 }, counts)
      local order = {}
      for i = 1, 4 do
        for _, item in ipairs(claim(T0 + 100)) do
          order[i] = (order[i] and order[i] .. " " or "") .. item.id
          assert.is_true(store:inbox_done(item, T0 + 100))
        end
      end
      assert.are.same({ "known b1 n1 n2", "a1 b2", "a2" }, order)
    end)

    it("keeps many webhooks that were all known, which changes nothing", function()
      local events = { { id = "a1", tenant = "a", event = "e", body = "1" } }
      assert.are.same({ "new" }, store:inbox_add_many(events, T0))
      local item = claim(T0)[1]
      events[1].body, events[2] = "2", { id = "a1", tenant = "a", event = "e", body = "3" }
      assert.are.same({ "duplicate", "duplicate" }, store:inbox_add_many(events, T0 + 1))
      assert.are.equal("1", store:inbox_item("a1").body)
      assert.is_true(store:inbox_done(item, T0 + 2))
    end)

    it("gives a tenant's events one after the other, and different tenants side by side", function()
      add("a1", "a")
      add("a2", "a")
      add("b1", "b", T0 + 1)
      add("n1", nil, T0 + 2)
      add("n2", nil, T0 + 2)
      local items = claim(T0 + 5)
      assert.are.equal("a1 b1 n1 n2", ids(items))
      assert.are.equal("", ids(claim(T0 + 6)))
      assert.is_true(store:inbox_retry(items[1], T0 + 20, "handler failed"))
      for i = 2, 4 do assert.is_true(store:inbox_done(items[i], T0 + 6)) end
      assert.are.equal("", ids(claim(T0 + 19)))
      items = claim(T0 + 20)
      assert.are.same({ "a1", "handler failed" }, { ids(items), items[1].result })
      assert.is_true(store:inbox_dead(items[1], T0 + 21, "handler failed again"))
      assert.are.equal("a2", ids(claim(T0 + 22)))
    end)

    it("gives the longest due first, and no more than asked for", function()
      for i, tenant in ipairs { "a", "b", "c" } do add("e" .. i, tenant, T0 + 10 - i) end
      assert.are.equal("e3 e2", ids(claim(T0 + 10, 2)))
      assert.are.equal("e1", ids(claim(T0 + 10, 2)))
      assert.are.equal("", ids(claim(T0 + 10, 2)))
    end)

    it("knows whether a tenant's events are all processed", function()
      assert.is_false(store:inbox_waiting("a"))
      add("evt-1", "a")
      local item = claim(T0)[1]
      assert.is_true(store:inbox_waiting("a"))
      assert.is_false(store:inbox_waiting("b"))
      store:inbox_done(item, T0 + 1)
      assert.is_false(store:inbox_waiting("a"))
    end)

    it("leases an event again when its worker died", function()
      add("evt-1", "a")
      local lost = claim(T0)[1]
      assert.are.equal(0, #claim(T0 + 29))
      local again = claim(T0 + 30)[1]
      assert.are.equal(2, again.attempt)
      for _, verb in ipairs { "inbox_done", "inbox_retry", "inbox_release", "inbox_dead" } do
        assert.are.same({ false, "lost" }, { store[verb](store, lost, T0 + 31, "x") })
      end
      assert.is_true(store:inbox_done(again, T0 + 32))
    end)

    it("ends many events at once, those that are lost apart, and opens what waits", function()
      for _, id in ipairs { "a1", "a2", "b1", "c1", "d1" } do add(id, id:sub(1, 1)) end
      add("n1")
      local items, by_id = claim(T0), {}
      for _, item in ipairs(items) do by_id[item.id] = item end
      local a1, b1, c1, d1, n1 = by_id.a1, by_id.b1, by_id.c1, by_id.d1, by_id.n1
      assert.is_true(store:inbox_retry(b1, T0 + 1, "x"))
      assert.are.equal("b1", ids(claim(T0 + 1))) -- by another worker
      assert.is_true(store:inbox_dead(c1, T0 + 1, "x"))
      assert.is_true(store:inbox_done(d1, T0 + 1))
      local unknown = { id = "a1/1", tenant = "a", claim = 1 }
      assert.are.same({ true, false, false, true, true, false },
        store:inbox_done_many({ a1, b1, c1, d1, n1, unknown }, T0 + 2))
      assert.are.same({ "done", T0 + 2 },
        { store:inbox_item("a1").state, store:inbox_item("a1").ended_at })
      assert.are.equal(T0 + 1, store:inbox_item("d1").ended_at)
      assert.are.same({ true, true }, store:inbox_done_many({ n1, a1 }, T0 + 3))
      assert.are.equal("a2", ids(claim(T0 + 4)))
      local counts = {}
      for _, row in ipairs(store:counts()) do counts[row.state] = row.count end
      assert.are.same({ open = 2, dead = 1 }, counts)
    end)

    it("lets a worker that lost the answer end an event once more, and no other", function()
      add("evt-1", "a")
      local item = claim(T0)[1]
      assert.is_true(store:inbox_done(item, T0 + 1))
      assert.is_true(store:inbox_done(item, T0 + 2))
      assert.are.same({ false, "lost" }, { store:inbox_retry(item, T0 + 3, "x") })
      assert.are.same({ false, "lost" }, { store:inbox_dead(item, T0 + 3, "x") })
    end)

    it("keeps no body of what is ended so, for its claim alone", function()
      for i = 1, 2 do add("evt-" .. i, "a") end
      local item = claim(T0)[1]
      assert.is_true(store:inbox_retry(item, T0, "x"))
      local again = claim(T0)[1]
      assert.are.same({ false, "lost" }, { store:inbox_done(item, T0 + 1, true) })
      assert.are.equal("{}", store:inbox_item("evt-1").body)
      for _ = 1, 2 do assert.is_true(store:inbox_done(again, T0 + 1, true)) end
      assert.are.same({ "done" }, { store:inbox_item("evt-1").state,
        store:inbox_item("evt-1").body })
      assert.are.equal("duplicate", add("evt-1", "a"))
      assert.are.equal("evt-2", ids(claim(T0 + 1)))
    end)

    it("ends one event of a tenant at a time, however often that is said", function()
      for i = 1, 3 do add("a" .. i, "a") end
      local first = claim(T0)[1]
      store:inbox_done(first, T0 + 1)
      store:inbox_done(first, T0 + 1)
      assert.are.equal("a2", ids(claim(T0 + 2)))
      assert.are.equal("", ids(claim(T0 + 2)))
    end)

    it("takes an event back without an attempt, and an earlier holder cannot end it", function()
      add("a1", "a")
      add("a2", "a")
      local slow = claim(T0)[1]
      local second = claim(T0 + 30)[1]
      assert.is_true(store:inbox_release(second, T0 + 99, "cannot be opened"))
      assert.are.same({ false, "lost" }, { store:inbox_done(slow, T0 + 40) })
      assert.are.equal("", ids(claim(T0 + 98)))
      local again = claim(T0 + 99)[1]
      assert.are.same({ "a1", 2, "cannot be opened" }, { again.id, again.attempt, again.result })
      assert.are.same({ false, "lost" }, { store:inbox_done(second, T0 + 99) })
      assert.is_true(store:inbox_done(again, T0 + 99))
      assert.are.equal("a2", ids(claim(T0 + 99)))
    end)

    it("keeps a tenant's order whatever comes in while an event is processed", function()
      for i = 1, 3 do add("a" .. i, "a") end
      local order = {}
      for i = 1, 5 do
        local items = claim(T0 + i)
        assert.are.equal(1, #items)
        if i <= 2 then add("a" .. (i + 3), "a", T0 - 100) end
        order[i] = items[1].id
        assert.is_true(store:inbox_done(items[1], T0 + i))
      end
      assert.are.equal("a1 a2 a3 a4 a5", table.concat(order, " "))
      assert.is_false(store:inbox_waiting("a"))
    end)

    it("lists events without their bodies, in the order of arrival", function()
      add("b1", "b", T0 + 9)
      add("a1", "a")
      add("a2", "a")
      add("n1", nil, T0 + 9)
      store:inbox_dead(claim(T0)[1], T0 + 1, "handler failed\255")
      local function listed(filter) return ids(store:inbox_list(filter)) end
      assert.are.equal("b1 a1 a2 n1", listed {})
      assert.are.equal("a1 a2", listed { tenant = "a" })
      assert.are.equal("a1", listed { state = "dead" })
      assert.are.equal("b1 a2 n1", listed { state = "open" })
      assert.are.equal("a2", listed { state = "open", tenant = "a" })
      assert.are.equal("", listed { state = "dead", tenant = "b" })
      local first = store:inbox_list({ limit = 1 })[1]
      assert.are.equal("a1", listed { after = first.seq, limit = 1 })
      assert.are.equal("a1 a2", listed { after = first.seq, tenant = "a" })
      assert.are.equal("a2 n1", listed { after = first.seq, state = "open" })
      local row = store:inbox_list({ state = "dead" })[1]
      assert.is_number(row.seq)
      row.seq = nil
      assert.are.same({
        id = "a1", tenant = "a", event = "client.linked", received_at = T0, replay = 0,
        state = "dead", attempt = 1, claim = 1, due_at = T0 + 30, ended_at = T0 + 1,
        result = "handler failed\255",
      }, row)
    end)

    it("lists page after page, whatever is asked for", function()
      for i = 1, 7 do add("a" .. i, "a") end
      add("b1", "b")
      for _, more in ipairs { {}, { tenant = "a" }, { state = "waiting" } } do
        local all = ids(store:inbox_list(more))
        for limit = 1, 3 do
          local seen = {}
          local filter = { tenant = more.tenant, state = more.state, limit = limit }
          repeat
            local page = store:inbox_list(filter)
            for _, item in ipairs(page) do seen[#seen + 1] = item.id end
            filter.after = page[#page] and page[#page].seq
          until #page < limit
          assert.are.equal(all, table.concat(seen, " "))
        end
      end
    end)

    it("finds an event by its id, and the latest that came in", function()
      assert.is_false(store:inbox_last())
      assert.is_false(store:inbox_item("a1"))
      add("a1", "a", T0 + 9)
      add("a2", "a", T0)
      assert.are.same({ "{}", "open" },
        { store:inbox_item("a1").body, store:inbox_item("a1").state })
      local last = store:inbox_last()
      assert.are.same({ "a2", T0, "waiting" }, { last.id, last.received_at, last.state })
      assert.is_nil(last.body)
      assert.is_false(store:inbox_item("a9"))
    end)

    it("gives a dead event another attempt, when it is its tenant's turn", function()
      add("a1", "a")
      add("a2", "a")
      store:inbox_dead(claim(T0)[1], T0 + 1, "handler failed")
      local second = claim(T0 + 2)[1]
      local dead = store:inbox_item("a1")
      assert.is_true(store:inbox_revive(dead, T0 + 3))
      assert.is_false(store:inbox_revive(dead, T0 + 3))
      assert.is_false(store:inbox_revive({ id = "a9", tenant = "a" }, T0 + 3))
      assert.are.equal("waiting", store:inbox_item("a1").state)
      assert.are.equal("", ids(claim(T0 + 4)))
      store:inbox_done(second, T0 + 5)
      local again = claim(T0 + 6)[1]
      assert.are.same({ "a1", 2 }, { again.id, again.attempt })
      store:inbox_dead(again, T0 + 7, "handler failed")
      store:inbox_revive(dead, T0 + 8)
      assert.are.equal("open", store:inbox_item("a1").state)
    end)

    it("forgets what was done long ago, and nothing else", function()
      for _, id in ipairs { "done-1", "done-2", "done-3", "dead", "open" } do add(id, id) end
      local items = claim(T0)
      for i = 1, 3 do store:inbox_done(items[i], T0 + i) end
      store:inbox_dead(items[4], T0 + 1, "handler failed")
      assert.are.equal(1, store:inbox_forget(T0 + 3, 1))
      assert.are.equal(1, store:inbox_forget(T0 + 3))
      assert.are.equal(0, store:inbox_forget(T0 + 3))
      assert.are.equal(3, #store:inbox_list {})
      assert.is_false(store:inbox_item("done-1"))
      assert.are.equal("duplicate", add("done-3", "x", T0 + 9))
      assert.are.equal("new", add("done-1", "x", T0 + 9))
    end)
  end)
end
