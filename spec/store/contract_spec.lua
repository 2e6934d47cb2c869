-- What a store promises of records and their history, in the same sentences for every backend.

local backends = require("spec.support.backends_everywhere")
local contract = require("debitura.store.contract")
local rows = require("spec.support.store_rows")

local T0 = rows.T0
local move, change, job = rows.move, rows.change, rows.job

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  describe_store(("the %s store%s"):format(name, backend.missing or ""), function()
    local store, close

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() store, close = backend.open() end)
    after_each(function() close() end)

    local function new_record(kind, tenant, record_name, set)
      local made, err = store:record_move(change(tenant, {
        move(kind, record_name, 0, set or { state = "requesting" }),
      }), T0)
      return made and store:record(kind, tenant, record_name), err
    end

    --- Moves one record of a tenant, and reads it.
    local function moved_record(tenant, one, now)
      assert(store:record_move(change(tenant, { one }), now or T0))
      return store:record(one.kind, tenant, one.name)
    end

    it("has every verb of the contract", function()
      for _, verb in ipairs(contract.verbs) do
        assert.is_function(store[verb], verb)
        assert.is_function(store.backend[verb], verb)
      end
    end)

    describe("records", function()
      it("are none before a move makes one", function()
        assert.is_false(store:record("link", "acme-1", ""))
        assert.are.same({}, store:records { kind = "link" })
        assert.are.same({}, store:records_named("case", "acme-1", { "R1", "R2" }))
        assert.are.same({}, store:record_history { kind = "link", tenant = "acme-1", name = "" })
      end)

      it("keep all that they are made with, byte for byte", function()
        local set = {
          state = "parked", generation = 2, origin = "link", terms = '{"window":"\195\169"}',
          data = '{"looks":[]}', key = "key-1", url = "https://example.test/\0",
          payload = rows.every_byte(), reason = "signing'\n\\", result = "{}",
          requested_at = T0 + 0.25, expires_at = T0 + 1 / 3,
        }
        local record = assert(new_record("case", "acme-1", "R1", set))
        local expected = {
          kind = "case", tenant = "acme-1", name = "R1", version = 1, created_at = T0,
          updated_at = T0,
        }
        for column, value in pairs(set) do expected[column] = value end
        assert.are.same(expected, record)
        assert.are.same(expected, store:record("case", "acme-1", "R1"))
        assert.are.same({ expected }, store:records { kind = "case" })
        assert.are.same({ expected }, store:records_named("case", "acme-1", { "R1" }))
      end)

      it("need no more than a state", function()
        assert.are.same({
          kind = "link", tenant = "acme-1", name = "", state = "requesting", generation = 0,
          version = 1, created_at = T0, updated_at = T0,
        }, new_record("link", "acme-1", ""))
      end)

      it("are told apart, whatever their tenants, kinds and names are", function()
        local places = {
          { "a", "case", "b" }, { "a", "signing", "b" }, { "a/b", "case", "c" },
          { "a", "case", "b/c" }, { "a:b", "case", "c" }, { "a", "case", "b:c" },
          { "1:a", "case", "b" }, { "a ", "case", "b" }, { "a", "case", " b" },
          { "A", "case", "b" }, { "\195\169", "case", "\195\169" }, { "a\1", "case", "b" },
          { "x'; drop table records; --", "case", "\"" }, { "a", "case", "\1b" },
          { "a", "case", ":kind" }, { "a", "case", "%s%1" }, { "a", "case", "" },
        }
        for i, place in ipairs(places) do
          assert(store:record_move(change(place[1], {
            move(place[2], place[3], 0, { state = "submitting", payload = tostring(i) }, "e" .. i),
          }), T0))
        end
        for i, place in ipairs(places) do
          local tenant, kind, record_name = place[1], place[2], place[3]
          local record = store:record(kind, tenant, record_name)
          assert.are.same({ tenant, kind, record_name, tostring(i) },
            { record.tenant, record.kind, record.name, record.payload })
          local lines = store:record_history { kind = kind, tenant = tenant, name = record_name }
          assert.are.same({ "e" .. i, 1 }, { lines[1].event, #lines })
        end
        assert.are.equal(#places - 1, #store:records { kind = "case" })
        assert.are.equal("a/ a/\1b a/ b a/%s%1 a/:kind a/b a/b/c a/b:c",
          rows.names(store:records { kind = "case", tenant = "a" }))
      end)

      it("take names of 2,000 bytes with their tenants, and no longer ones", function()
        local tenant, record_name = rows.incompressible(280), rows.incompressible(1720)
        local made, err = new_record("case", tenant, record_name .. "x")
        assert.is_nil(made)
        assert.are.equal("limit: the tenant and the name of a record may have 2000 bytes "
          .. "together, not 2001", tostring(err))
        local key = ("submit/1/%s/%s"):format(tenant, record_name)
        assert(store:record_move(change(tenant, {
          move("case", record_name, 0, { state = "submitting" }, "submit", ("e"):rep(100)),
        }, { job(key, T0, { record = "case", name = record_name }) }), T0))
        local listed = store:records { kind = "case", state = "submitting" }
        assert.are.equal(record_name, listed[1].name)
        assert.are.equal(key, store:jobs({ tenant = tenant })[1].key)
      end)

      it("move only for the caller that saw the latest version", function()
        new_record("case", "acme-1", "R1")
        assert.are.same({ false, "stale" }, { new_record("case", "acme-1", "R1") })
        local moved = moved_record("acme-1", move("case", "R1", 1, { state = "created" }), T0 + 1)
        assert.are.same({ "created", 2, T0, T0 + 1 },
          { moved.state, moved.version, moved.created_at, moved.updated_at })
        for _, place in ipairs { "R1", "R9" } do
          assert.are.same({ false, "stale" }, { store:record_move(change("acme-1", {
            move("case", place, 1, { state = "rejected" }),
          }), T0 + 2) })
        end
        assert.are.same(moved, store:record("case", "acme-1", "R1"))
        assert.is_false(store:record("case", "acme-1", "R9"))
      end)

      it("have columns set and cleared, and the others left", function()
        new_record("case", "acme-1", "R1", {
          state = "submitting", payload = "{}", key = "key-1", url = "https://example.test/a",
        })
        local moved = moved_record("acme-1", move("case", "R1", 1,
          { url = false, payload = false, reason = "kyc", generation = 3 }))
        assert.are.same({ "submitting", "key-1", "kyc", 3 },
          { moved.state, moved.key, moved.reason, moved.generation })
        assert.is_nil(moved.url)
        assert.is_nil(moved.payload)
      end)

      it("have a state, and no column set that a move may not set", function()
        for _, column in ipairs { "variant", "tenant", "version" } do
          local set = { state = "x", [column] = "y" }
          assert.has_error(function() new_record("case", "acme-1", "R1", set) end)
        end
        assert.has_error(function() new_record("case", "acme-1", "R1", { url = "x" }) end)
        new_record("case", "acme-1", "R1")
        assert.has_error(function()
          store:record_move(change("acme-1", { move("case", "R1", 1, { state = false }) }), T0)
        end)
        assert.are.equal(1, store:record("case", "acme-1", "R1").version)
      end)

      it("move together or not at all", function()
        new_record("link", "acme-1", "", { state = "pending", payload = "{}" })
        new_record("case", "acme-1", "R1", { state = "created" })
        local together = change("acme-1", {
          move("case", "R1", 1, { state = "closed" }), move("link", "", 2, { state = "linked" }),
          move("case", "R2", 0, { state = "awaited" }),
        }, { job("look/acme-1") })
        assert.are.same({ false, "stale" }, { store:record_move(together, T0 + 1) })
        assert.are.equal("created", store:record("case", "acme-1", "R1").state)
        assert.is_false(store:record("case", "acme-1", "R2"))
        assert.are.same({}, store:jobs { tenant = "acme-1" })
        assert.are.equal(1, #store:record_history { kind = "case", tenant = "acme-1", name = "R1" })

        together.moves[2].version = 1
        assert.is_true(store:record_move(together, T0 + 1))
        local states = {}
        for i, each in ipairs(together.moves) do
          states[i] = store:record(each.kind, "acme-1", each.name).state
        end
        assert.are.same({ "closed", "linked", "awaited" }, states)
        assert.are.equal(1, #store:jobs { tenant = "acme-1" })
      end)

      it("move up to 101 at a time", function()
        local moves, again, names = {}, {}, {}
        for i = 1, 101 do
          names[i] = ("R%03d"):format(i)
          moves[i] = move("case", names[i], 0, { state = "awaited", payload = "{" .. i .. "}" })
          again[i] = move("case", names[i], 1, { state = i % 2 == 0 and "created" or "failed" })
        end
        assert.is_true(store:record_move(change("acme-1", moves), T0))
        assert.is_true(store:record_move(change("acme-1", again), T0 + 1))
        local last = store:record("case", "acme-1", "R101")
        assert.are.same({ "failed", 2, "{101}" }, { last.state, last.version, last.payload })
        local found = store:records_named("case", "acme-1", names)
        assert.are.equal(101, #found)
        assert.are.equal(50, #store:records { kind = "case", state = "created" })
      end)

      it("are found by several names, those that there are", function()
        for _, record_name in ipairs { "R1", "R2", "R3" } do
          new_record("case", "acme-1", record_name)
          new_record("case", "acme-2", record_name)
        end
        new_record("signing", "acme-1", "R4")
        local found = store:records_named("case", "acme-1", { "R3", "R4", "R1", "R'9" })
        table.sort(found, function(a, b) return a.name < b.name end)
        assert.are.equal("acme-1/R1 acme-1/R3", rows.names(found))
        assert.are.same({}, store:records_named("case", "acme-1", {}))
      end)

      it("take an event once, and undo nothing of the first time", function()
        new_record("link", "acme-1", "")
        new_record("case", "acme-1", "R1")
        local linked = change("acme-1", { move("link", "", 1, { state = "linked" }, "e", "evt-1") })
        assert.is_true(store:record_move(linked, T0))
        linked.moves[1].version = 2
        assert.are.same({ false, "duplicate" }, { store:record_move(linked, T0) })
        local both = change("acme-1", {
          move("case", "R1", 1, { state = "created" }, "e", "evt-1"),
          move("link", "", 2, { state = "expired" }, "e", "evt-1"),
        })
        assert.are.same({ false, "duplicate" }, { store:record_move(both, T0) })
        assert.are.equal(1, store:record("case", "acme-1", "R1").version)
        assert.are.equal(2, store:record("link", "acme-1", "").version)
        both.moves[2] = nil
        assert.is_true(store:record_move(both, T0))
      end)

      it("tell that they are stale before they tell of a duplicate", function()
        new_record("link", "acme-1", "")
        local linked = change("acme-1", { move("link", "", 1, { state = "linked" }, "e", "evt-1") })
        assert.is_true(store:record_move(linked, T0))
        assert.are.same({ false, "stale" }, { store:record_move(linked, T0) })
      end)

      it("are listed by tenant, then name, byte by byte, and page after page", function()
        local expected = { "B/a", "a/B", "a/a", "a/b", "a/\195\169", "a-1/a", "a1/a", "\195\169/a" }
        for i = #expected, 1, -1 do
          local tenant, record_name = expected[i]:match("^(.*)/(.*)$")
          new_record("case", tenant, record_name)
        end
        new_record("signing", "a", "a")
        assert.are.equal(table.concat(expected, " "), rows.names(store:records { kind = "case" }))
        for _, state in ipairs { "requesting", false } do
          for limit = 1, 4 do
            local seen = {}
            local filter = { kind = "case", limit = limit, state = state or nil }
            repeat
              local page = store:records(filter)
              seen[#seen + 1] = #page > 0 and rows.names(page) or nil
              filter.after = page[#page]
            until #page < limit
            assert.are.equal(table.concat(expected, " "), table.concat(seen, " "))
          end
        end
      end)

      it("are listed by state and tenant, as they are now", function()
        for _, tenant in ipairs { "t1", "t2", "t3" } do
          for i = 1, 3 do new_record("case", tenant, "R" .. i) end
        end
        for tenant, record_name in pairs { t2 = "R2", t3 = "R3" } do
          store:record_move(change(tenant, {
            move("case", record_name, 1, { state = "created" }),
          }), T0)
        end
        local function names(filter)
          filter.kind = "case"
          return rows.names(store:records(filter))
        end
        assert.are.equal("t2/R2 t3/R3", names { state = "created" })
        assert.are.equal("t2/R1 t2/R3", names { state = "requesting", tenant = "t2" })
        assert.are.equal("t2/R1 t2/R2 t2/R3", names { tenant = "t2" })
        local after = store:record("case", "t2", "R2")
        assert.are.equal("t2/R3", names { tenant = "t2", after = after })
        assert.are.equal("t2/R3 t3/R1", names { state = "requesting", after = after, limit = 2 })
        assert.are.equal("", names { tenant = "t", state = "requesting" })
        assert.are.equal("", names { tenant = "t1", after = after })
        assert.are.equal("t3/R1 t3/R2",
          names { tenant = "t3", state = "requesting", after = after })
        after = { tenant = "t2", name = "R2" }
        assert.are.equal("t3/R3", names { state = "created", after = after })
      end)
    end)

    describe("the history", function()
      local function lines_of(kind, tenant, record_name)
        local lines = store:record_history { kind = kind, tenant = tenant, name = record_name }
        for _, line in ipairs(lines) do line.seq = nil end
        return lines
      end

      it("of each record is its own, and tells the states before and after", function()
        new_record("link", "acme-1", "")
        new_record("case", "acme-1", "R1")
        store:record_move({ tenant = "acme-1", moves = { {
          kind = "case", name = "R1", version = 1, set = { state = "parked", generation = 1 },
          entry = { event = "answer", event_id = "evt-1", note = "signing required\0\255" },
        } } }, T0 + 0.5)
        store:record_move(change("acme-1", { move("case", "R1", 2, nil, "again") }), T0 + 2)
        local function line(at, event, from, to, generation, more)
          local all = {
            kind = "case", tenant = "acme-1", name = "R1", at = at, event = event,
            from_state = from, to_state = to, generation = generation,
          }
          for column, value in pairs(more or {}) do all[column] = value end
          return all
        end
        assert.are.same({
          line(T0, "e", nil, "requesting", 0),
          line(T0 + 0.5, "answer", "requesting", "parked", 1,
            { event_id = "evt-1", note = "signing required\0\255" }),
          line(T0 + 2, "again", "parked", "parked", 1),
        }, lines_of("case", "acme-1", "R1"))
        assert.are.equal(1, #lines_of("link", "acme-1", ""))
        assert.are.same({}, lines_of("signing", "acme-1", "R1"))
      end)

      it("takes what changes nothing, once an event, with or without a record", function()
        new_record("link", "acme-1", "")
        local entry = { event = "client.link_expired", event_id = "evt-2", note = "does not fit" }
        local function place(kind, tenant, record_name)
          return { kind = kind, tenant = tenant, name = record_name }
        end
        local link = place("link", "acme-1", "")
        assert.is_true(store:record_note(link, entry, T0 + 5))
        assert.are.same({ false, "duplicate" }, { store:record_note(link, entry, T0 + 6) })
        assert.is_true(store:record_note(place("link", "acme-2", ""), entry, T0))
        assert.is_true(store:record_note(place("case", "acme-1", "R1"), entry, T0))
        assert.are.equal(1, store:record("link", "acme-1", "").version)
        assert.is_false(store:record("link", "acme-2", ""))
        assert.are.same({
          kind = "link", tenant = "acme-1", name = "", at = T0 + 5, event = "client.link_expired",
          event_id = "evt-2", from_state = "requesting", generation = 0, note = "does not fit",
        }, lines_of("link", "acme-1", "")[2])
        assert.are.same({
          kind = "link", tenant = "acme-2", name = "", at = T0, event = "client.link_expired",
          event_id = "evt-2", note = "does not fit",
        }, lines_of("link", "acme-2", "")[1])
        local late = change("acme-1", { move("link", "", 1, { state = "x" }, "e", "evt-2") })
        assert.are.same({ false, "duplicate" }, { store:record_move(late, T0 + 7) })
      end)

      it("is read page after page", function()
        local link = { kind = "link", tenant = "acme-1", name = "" }
        for i = 1, 5 do store:record_note(link, { event = "e" .. i }, T0 - i) end
        local seen, filter = {}, { kind = "link", tenant = "acme-1", name = "", limit = 2 }
        repeat
          local page = store:record_history(filter)
          for _, line in ipairs(page) do seen[#seen + 1] = line.event end
          filter.after = page[#page] and page[#page].seq
        until #page < 2
        assert.are.equal("e1 e2 e3 e4 e5", table.concat(seen, " "))
      end)
    end)
  end)
end
