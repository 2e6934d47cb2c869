-- What a ledger promises, in the same sentences for every backend.

local backends = require("spec.support.backends")
local store = require("debitura.store")

local T0 = 1767225600 -- 2026-01-01T00:00:00Z

local function new_link(ledger, tenant, change)
  change = change or {}
  return ledger:link_move(tenant, 0, {
    set = { state = "requesting", payload = change.payload or "{}" },
    awaited = change.awaited,
    effects = change.effects,
    entry = { event = "request" },
  }, T0)
end

local function effect(key, due_at, kind, channel)
  return { key = key, kind = kind or "deliver", generation = 1, channel = channel, due_at = due_at or T0 }
end

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  describe_store(("the %s store%s"):format(name, backend.missing or ""), function()
    local ledger, close

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() ledger, close = backend.open() end)
    after_each(function() close() end)

    describe("links", function()
      it("has no link for a tenant it never heard of", function()
        assert.is_false(ledger:link("acme-1"))
      end)

      it("gives back a payload byte for byte, and a tenant of any spelling", function()
        local payload = '{"name":"O\'Brien & S\195\184n \\u0000 \\"x\\"", "n":1000.10}'
        for _, tenant in ipairs { "acme 1/\195\169", "x'; drop table links; --", "ACME", "acme" } do
          local link = assert(new_link(ledger, tenant, { payload = payload }))
          assert.are.equal(payload, link.payload)
          assert.are.equal(tenant, ledger:link(tenant).tenant)
        end
        assert.are.equal(4, #ledger:links {})
      end)

      it("keeps a text that holds a NUL", function()
        local link = assert(new_link(ledger, "acme-1", { payload = "a\0b" }))
        assert.are.equal("a\0b", link.payload)
      end)

      it("moves a link only for whoever saw its latest version", function()
        local link = new_link(ledger, "acme-1")
        assert.are.equal(1, link.version)
        local moved = ledger:link_move("acme-1", 1, { set = { state = "pending", generation = 1 }, entry = { event = "e" } }, T0 + 1)
        assert.are.equal("pending", moved.state)
        assert.are.equal(2, moved.version)
        assert.are.same({ false, "stale" },
          { ledger:link_move("acme-1", 1, { set = { state = "linked" }, entry = { event = "e" } }, T0 + 2) })
        assert.are.equal("pending", ledger:link("acme-1").state)
        assert.are.same({ false, "stale" }, { new_link(ledger, "acme-1") })
      end)

      it("sets and clears columns and leaves the others", function()
        new_link(ledger, "acme-1")
        ledger:link_move("acme-1", 1, {
          set = { url = "https://example.test/a", variant = "choice", expires_at = T0 + 0.5 }, entry = { event = "e" },
        }, T0)
        local link = ledger:link_move("acme-1", 2, { set = { url = false }, entry = { event = "e" } }, T0 + 9)
        assert.is_nil(link.url)
        assert.are.equal("choice", link.variant)
        assert.are.equal(T0 + 0.5, link.expires_at)
        assert.are.equal(T0, link.created_at)
        assert.are.equal(T0 + 9, link.updated_at)
      end)

      it("lists links by state, page after page", function()
        for i = 1, 5 do new_link(ledger, "t" .. i) end
        ledger:link_move("t3", 1, { set = { state = "expired" }, entry = { event = "e" } }, T0)
        local first = ledger:links { state = "requesting", limit = 2 }
        assert.are.same({ "t1", "t2" }, { first[1].tenant, first[2].tenant })
        local rest = ledger:links { state = "requesting", limit = 9, after = "t2" }
        assert.are.same({ "t4", "t5" }, { rest[1].tenant, rest[2].tenant })
        assert.are.equal(2, #rest)
      end)

      it("lists links by the bytes of their tenants, not by the rules of a language", function()
        for _, tenant in ipairs { "b", "\195\169", "a", "B", "A-1", "A1" } do new_link(ledger, tenant) end
        local tenants = {}
        for i, link in ipairs(ledger:links {}) do tenants[i] = link.tenant end
        assert.are.equal("A-1 A1 B a b \195\169", table.concat(tenants, " "))
      end)

      it("takes an event once, and undoes nothing of the first time", function()
        new_link(ledger, "acme-1")
        local change = { set = { state = "linked" }, entry = { event = "client.linked", event_id = "evt-1" } }
        assert.are.equal("linked", ledger:link_move("acme-1", 1, change, T0).state)
        assert.are.same({ false, "duplicate" }, { ledger:link_move("acme-1", 2, change, T0) })
        assert.are.equal(2, ledger:link("acme-1").version)
      end)

      it("writes what fits nowhere to the history and changes nothing", function()
        new_link(ledger, "acme-1")
        local entry = { event = "client.link_expired", event_id = "evt-2", note = "not from here" }
        assert.is_true(ledger:link_note("acme-1", entry, T0 + 5))
        assert.are.same({ false, "duplicate" }, { ledger:link_note("acme-1", entry, T0 + 6) })
        assert.is_true(ledger:link_note("acme-2", entry, T0 + 7))
        assert.are.equal(1, ledger:link("acme-1").version)
        assert.are.same({
          { at = T0, event = "request", to_state = "requesting", generation = 0 },
          {
            at = T0 + 5, event = "client.link_expired", event_id = "evt-2", from_state = "requesting",
            generation = 0, note = "not from here",
          },
        }, ledger:link_history("acme-1"))
      end)

      it("counts the cases that are awaited and those that failed", function()
        local link = new_link(ledger, "acme-1", { awaited = { "R1", "R2", "R3" } })
        assert.are.equal(3, link.cases)
        assert.are.equal(3, link.awaited)
        link = ledger:link_move("acme-1", 1, {
          cases = {
            { creditor_reference = "R2", state = "created", case_id = "c-2", reference = "Q2" },
            { creditor_reference = "unheard", state = "created" },
          },
          entry = { event = "case.created" },
        }, T0 + 1)
        assert.are.same({ 3, 2, 0 }, { link.cases, link.awaited, link.failed })
        assert.are.same({
          tenant = "acme-1", creditor_reference = "R2", state = "created", case_id = "c-2", reference = "Q2", updated_at = T0 + 1,
        }, ledger:link_case("acme-1", "R2"))
        assert.is_false(ledger:link_case("acme-1", "unheard"))
        link = ledger:link_move("acme-1", 2, {
          cases = { { creditor_reference = "R1", state = "failed", problem = "NoPartnerAvailable" } },
          entry = { event = "cases.replay_failed" },
        }, T0 + 2)
        assert.are.same({ 3, 1, 1 }, { link.cases, link.awaited, link.failed })
        assert.are.equal("NoPartnerAvailable", ledger:link_case("acme-1", "R1").problem)
        local page = ledger:link_cases { tenant = "acme-1", after = "R1", limit = 1 }
        assert.are.same({ "R2", 1 }, { page[1].creditor_reference, #page })
      end)

      it("replaces the awaited cases of a changed payload and keeps those that were created", function()
        new_link(ledger, "acme-1", { awaited = { "R1", "R2" } })
        ledger:link_move("acme-1", 1, {
          cases = { { creditor_reference = "R1", state = "created" } }, entry = { event = "case.created" },
        }, T0)
        local link = ledger:link_move("acme-1", 2, { awaited = { "R1", "R9" }, entry = { event = "again" } }, T0)
        assert.are.equal(2, link.cases)
        assert.are.equal(1, link.awaited)
        assert.are.equal("created", ledger:link_case("acme-1", "R1").state)
      end)
    end)

    describe("matters", function()
      local function new_matter(matter_name, set, more)
        more = more or {}
        return ledger:matter_move(more.tenant or "acme-1", more.kind or "case", matter_name, 0, {
          set = set or { state = "submitting" }, effects = more.effects, entry = { event = "submit" },
        }, T0)
      end

      local function names(filter)
        local found = {}
        local page = ledger:matters(filter)
        for i, matter in ipairs(page) do found[i] = matter.tenant .. "/" .. matter.name end
        return table.concat(found, " "), page
      end

      it("are none before somebody makes one", function()
        assert.is_false(ledger:matter("acme-1", "case", "R1"))
        assert.are.same({}, ledger:matters { kind = "case" })
        assert.are.same({}, ledger:matter_history("acme-1", "case", "R1"))
      end)

      it("keep all that they are made with, byte for byte", function()
        local set = {
          state = "parked", generation = 2, url = "https://example.test/\0", payload = '{"a":"\195\169"}\255\0', key = "key-1",
          reason = "signing\n", result = "{}",
        }
        local matter = assert(new_matter("R1", set))
        local expected = { tenant = "acme-1", kind = "case", name = "R1", version = 1, created_at = T0, updated_at = T0 }
        for column, value in pairs(set) do expected[column] = value end
        assert.are.same(expected, matter)
        assert.are.same(expected, ledger:matter("acme-1", "case", "R1"))
        assert.are.same({ expected }, ledger:matters { kind = "case" })
      end)

      it("need neither a payload nor a link, and are none", function()
        assert.are.same({
          tenant = "acme-1", kind = "signing", name = "1", state = "submitting", generation = 0, version = 1,
          created_at = T0, updated_at = T0,
        }, new_matter("1", nil, { kind = "signing" }))
        assert.is_false(ledger:link("acme-1"))
        assert.are.same({}, ledger:links {})
        assert.are.same({}, ledger:link_history("acme-1"))
      end)

      it("are told apart, whatever their tenants, kinds and names are", function()
        local places = {
          { "a", "case", "b" }, { "a", "signing", "b" }, { "a/b", "case", "c" }, { "a", "case", "b/c" }, { "a:b", "case", "c" },
          { "a", "case", "b:c" }, { "1:a", "case", "b" }, { "a ", "case", "b" }, { "a", "case", " b" }, { "A", "case", "b" },
          { "\195\169", "case", "\195\169" }, { "x'; drop table matters; --", "case", "\"" }, { "a\1", "case", "b" },
          { "a", "case", "\1b" },
        }
        for i, place in ipairs(places) do
          assert(ledger:matter_move(place[1], place[2], place[3], 0, {
            set = { state = "submitting", payload = tostring(i) }, entry = { event = "e" .. i },
          }, T0))
        end
        for i, place in ipairs(places) do
          local matter = ledger:matter(place[1], place[2], place[3])
          assert.are.same({ place[1], place[2], place[3], tostring(i) }, { matter.tenant, matter.kind, matter.name, matter.payload })
          local lines = ledger:matter_history(place[1], place[2], place[3])
          assert.are.same({ "e" .. i, 1 }, { lines[1].event, #lines })
        end
        assert.are.equal(#places - 1, #ledger:matters { kind = "case" })
        assert.are.equal("a/\1b a/ b a/b a/b/c a/b:c", (names { kind = "case", tenant = "a" }))
      end)

      it("take names of 2,000 bytes with their tenants", function()
        local tenant, matter_name = "", ""
        for i = 1, 70 do tenant = tenant .. ("%x"):format(i * i * 7919):sub(-4) end -- little to compress
        for i = 1, 500 do matter_name = matter_name .. ("%x"):format(i * i * i * 104729):sub(-4) end
        matter_name = matter_name:sub(1, 2000 - #tenant)
        local key = ("submit/1/%s/%s"):format(tenant, matter_name)
        assert(ledger:matter_move(tenant, "case", matter_name, 0, {
          set = { state = "submitting" }, entry = { event = "submit" },
          effects = { { key = key, kind = "submit", generation = 1, due_at = T0, matter = "case", name = matter_name } },
        }, T0))
        assert.are.equal(matter_name, ledger:matters({ kind = "case", state = "submitting" })[1].name)
        assert.are.equal(key, ledger:effects({ tenant = tenant })[1].key)
      end)

      it("move only for whoever saw the latest version", function()
        new_matter("R1")
        assert.are.same({ false, "stale" }, { new_matter("R1") })
        local moved = ledger:matter_move("acme-1", "case", "R1", 1, { set = { state = "created" }, entry = { event = "answer" } }, T0 + 1)
        assert.are.same({ "created", 2, T0, T0 + 1 }, { moved.state, moved.version, moved.created_at, moved.updated_at })
        local change = { set = { state = "rejected" }, entry = { event = "answer" } }
        assert.are.same({ false, "stale" }, { ledger:matter_move("acme-1", "case", "R1", 1, change, T0 + 2) })
        assert.are.same({ false, "stale" }, { ledger:matter_move("acme-1", "case", "R9", 1, change, T0 + 2) })
        assert.are.equal("created", ledger:matter("acme-1", "case", "R1").state)
        assert.is_false(ledger:matter("acme-1", "case", "R9"))
      end)

      it("set and clear columns and leave the others", function()
        new_matter("R1", { state = "submitting", payload = "{}", key = "key-1", url = "https://example.test/a" })
        local moved = ledger:matter_move("acme-1", "case", "R1", 1, {
          set = { url = false, payload = false, reason = "kyc", generation = 3 }, entry = { event = "e" },
        }, T0)
        assert.are.same({ "submitting", "key-1", "kyc", 3 }, { moved.state, moved.key, moved.reason, moved.generation })
        assert.is_nil(moved.url)
        assert.is_nil(moved.payload)
      end)

      it("have a history of their own", function()
        new_link(ledger, "acme-1")
        new_matter("R1")
        ledger:matter_move("acme-1", "case", "R1", 1, {
          set = { state = "parked", generation = 1 }, entry = { event = "answer", note = "signing required" },
        }, T0 + 1)
        ledger:matter_move("acme-1", "case", "R1", 2, { entry = { event = "again" } }, T0 + 2)
        assert.are.same({
          { at = T0, event = "submit", to_state = "submitting", generation = 0 },
          { at = T0 + 1, event = "answer", from_state = "submitting", to_state = "parked", generation = 1, note = "signing required" },
          { at = T0 + 2, event = "again", from_state = "parked", to_state = "parked", generation = 1 },
        }, ledger:matter_history("acme-1", "case", "R1"))
        assert.are.equal(1, #ledger:link_history("acme-1"))
        assert.are.same({}, ledger:matter_history("acme-1", "signing", "R1"))
      end)

      it("are listed by tenant, then name, byte by byte, and page after page", function()
        local expected = { "B/a", "a/B", "a/a", "a/b", "a/\195\169", "a-1/a", "a1/a", "\195\169/a" }
        for i = #expected, 1, -1 do
          local tenant, matter_name = expected[i]:match("^(.*)/(.*)$")
          new_matter(matter_name, nil, { tenant = tenant })
        end
        new_matter("a", nil, { tenant = "a", kind = "signing" })
        assert.are.equal(table.concat(expected, " "), (names { kind = "case" }))
        for limit = 1, 4 do
          local seen, filter = {}, { kind = "case", limit = limit }
          repeat
            local text, page = names(filter)
            seen[#seen + 1], filter.after = #page > 0 and text or nil, page[#page]
          until #page < limit
          assert.are.equal(table.concat(expected, " "), table.concat(seen, " "))
        end
      end)

      it("are listed by state and tenant, as they are now", function()
        for _, tenant in ipairs { "t1", "t2", "t3" } do
          for i = 1, 3 do new_matter("R" .. i, nil, { tenant = tenant }) end
        end
        ledger:matter_move("t2", "case", "R2", 1, { set = { state = "created" }, entry = { event = "answer" } }, T0)
        ledger:matter_move("t3", "case", "R3", 1, { set = { state = "created" }, entry = { event = "answer" } }, T0)
        assert.are.equal("t2/R2 t3/R3", (names { kind = "case", state = "created" }))
        assert.are.equal("t2/R1 t2/R3", (names { kind = "case", state = "submitting", tenant = "t2" }))
        assert.are.equal("t2/R1 t2/R2 t2/R3", (names { kind = "case", tenant = "t2" }))
        local after = ledger:matter("t2", "case", "R2")
        assert.are.equal("t2/R3", (names { kind = "case", tenant = "t2", after = after }))
        assert.are.equal("t2/R3 t3/R1", (names { kind = "case", state = "submitting", after = after, limit = 2 }))
        assert.are.equal("", (names { kind = "case", tenant = "t", state = "submitting" }))
        assert.are.equal("", (names { kind = "case", tenant = "t1", after = after }))
        assert.are.equal("t3/R1 t3/R2", (names { kind = "case", tenant = "t3", state = "submitting", after = after }))
      end)

      it("owe effects, which say whose they are beside the link's own", function()
        new_link(ledger, "acme-1", { effects = { effect("deliver/1/acme-1") } })
        local owed = { key = "submit/1/R1", kind = "submit", generation = 0, due_at = T0 + 1, matter = "case", name = "R1" }
        new_matter("R1", nil, { effects = { owed } })
        ledger:matter_move("acme-1", "case", "R1", 1, {
          effects = { { key = "submit/1/R1", kind = "submit", generation = 0, due_at = T0 + 99 } }, entry = { event = "e" },
        }, T0 + 1)
        local expected = {
          key = "submit/1/R1", tenant = "acme-1", kind = "submit", matter = "case", name = "R1", generation = 0, state = "open",
          attempt = 0, due_at = T0 + 1, created_at = T0,
        }
        local listed = ledger:effects { tenant = "acme-1" }
        assert.are.same({ nil, nil }, { listed[1].matter, listed[1].name })
        assert.are.same(expected, listed[2])
        local claimed = ledger:effects_claim { tenant = "acme-1", kinds = { "submit" }, now = T0 + 1, lease = 60 }
        assert.are.same({ 1, 1, "case", "R1" }, { #claimed, claimed[1].attempt, claimed[1].matter, claimed[1].name })
      end)

      it("move and complete an effect in one step, or neither", function()
        new_matter("R1", nil, { effects = { effect("submit/1/R1", T0, "submit") } })
        local claim = { tenant = "acme-1", kinds = { "submit" }, now = T0, lease = 60 }
        local slow = ledger:effects_claim(claim)[1]
        claim.now = T0 + 61
        local quick = ledger:effects_claim(claim)[1]
        local change = {
          set = { state = "created" }, done = slow, result = "201", entry = { event = "answer" }, effects = { effect("follow/1/R1") },
        }
        assert.are.same({ false, "lost" }, { ledger:matter_move("acme-1", "case", "R1", 1, change, T0 + 62) })
        assert.are.same({ false, "lost" }, { ledger:matter_move("acme-1", "signing", "1", 0, change, T0 + 62) })
        assert.are.equal("submitting", ledger:matter("acme-1", "case", "R1").state)
        assert.is_false(ledger:matter("acme-1", "signing", "1"))
        assert.are.equal(1, #ledger:matter_history("acme-1", "case", "R1"))
        assert.are.equal(0, #ledger:matter_history("acme-1", "signing", "1"))
        assert.are.equal(1, #ledger:effects { tenant = "acme-1" })
        change.done = quick
        assert.are.equal("created", ledger:matter_move("acme-1", "case", "R1", 1, change, T0 + 63).state)
        local ended = ledger:effects({ tenant = "acme-1", kinds = { "submit" } })[1]
        assert.are.same({ "done", "201", T0 + 63 }, { ended.state, ended.result, ended.ended_at })
        assert.are.equal(2, #ledger:effects { tenant = "acme-1" })
      end)
    end)

    describe("effects", function()
      local KINDS = { "deliver" }

      it("records an effect once, whatever is tried later under its key", function()
        new_link(ledger, "acme-1", { effects = { effect("deliver/1/print/acme-1", T0, "deliver", "print") } })
        ledger:link_move("acme-1", 1, { effects = { effect("deliver/1/print/acme-1", T0 + 99) }, entry = { event = "e" } }, T0)
        assert.are.same({
          {
            key = "deliver/1/print/acme-1", tenant = "acme-1", kind = "deliver", generation = 1, channel = "print", state = "open",
            attempt = 0, due_at = T0, created_at = T0,
          },
        }, ledger:effects { tenant = "acme-1" })
      end)

      it("lends out what is due, to one at a time, until the lease ends", function()
        new_link(ledger, "acme-1", { effects = { effect("a", T0 + 10), effect("b", T0 + 20) } })
        assert.are.equal(0, #ledger:effects_claim { now = T0 + 9, lease = 60, kinds = KINDS })
        local held = ledger:effects_claim { now = T0 + 10, lease = 60, kinds = KINDS }
        assert.are.same({ "a", 1, 1 }, { held[1].key, held[1].attempt, #held })
        assert.are.equal(0, #ledger:effects_claim { now = T0 + 11, lease = 60, kinds = KINDS })
        local again = ledger:effects_claim { now = T0 + 70, lease = 60, kinds = KINDS, limit = 9 }
        assert.are.same({ "b", "a" }, { again[1].key, again[2].key })
        assert.are.equal(2, again[2].attempt)
      end)

      it("lets only the latest holder end an effect", function()
        new_link(ledger, "acme-1", { effects = { effect("a") } })
        local slow = ledger:effects_claim({ now = T0, lease = 60, kinds = KINDS })[1]
        local quick = ledger:effects_claim({ now = T0 + 61, lease = 60, kinds = KINDS })[1]
        assert.are.same({ false, "lost" }, { ledger:effect_done(slow, T0 + 62) })
        assert.is_true(ledger:effect_done(quick, T0 + 63, "sent"))
        assert.are.same({ false, "lost" }, { ledger:effect_retry(quick, T0 + 64, "x") })
        local row = ledger:effects({ tenant = "acme-1" })[1]
        assert.are.same({ "done", "sent", T0 + 63 }, { row.state, row.result, row.ended_at })
      end)

      it("postpones an effect and gives one up", function()
        new_link(ledger, "acme-1", { effects = { effect("a"), effect("b") } })
        local held = ledger:effects_claim { now = T0, lease = 60, kinds = KINDS }
        assert.is_true(ledger:effect_retry(held[1], T0 + 300, "refused"))
        assert.is_true(ledger:effect_dead(held[2], T0 + 1, "no such channel"))
        assert.are.equal(0, #ledger:effects_claim { now = T0 + 299, lease = 60, kinds = KINDS })
        local row = ledger:effects_claim({ now = T0 + 300, lease = 60, kinds = KINDS })[1]
        assert.are.same({ "a", 2, "refused" }, { row.key, row.attempt, row.result })
      end)

      it("completes an effect and moves its link in one step, or neither", function()
        new_link(ledger, "acme-1", { effects = { effect("request/1/acme-1", T0, "request") } })
        local claim = { now = T0, lease = 60, kinds = { "request" } }
        local slow = ledger:effects_claim(claim)[1]
        claim.now = T0 + 61
        local quick = ledger:effects_claim(claim)[1]
        local change = { set = { state = "pending" }, done = slow, result = "409", entry = { event = "answer" } }
        assert.are.same({ false, "lost" }, { ledger:link_move("acme-1", 1, change, T0 + 62) })
        assert.are.equal("requesting", ledger:link("acme-1").state)
        assert.are.equal(1, #ledger:link_history("acme-1"))
        change.done = quick
        assert.are.equal("pending", ledger:link_move("acme-1", 1, change, T0 + 63).state)
        assert.are.equal("done", ledger:effects({ tenant = "acme-1" })[1].state)
      end)

      it("claims and lists by tenant and kind, page after page", function()
        new_link(ledger, "t1", { effects = { effect("a", T0 + 3), effect("b", T0 + 1, "expire"), effect("c", T0 + 1) } })
        new_link(ledger, "t2", { effects = { effect("d", T0 + 2) } })
        local first = ledger:effects { kinds = KINDS, due_by = T0 + 3, limit = 2 }
        assert.are.same({ "c", "d" }, { first[1].key, first[2].key })
        local rest = ledger:effects { kinds = KINDS, due_by = T0 + 3, limit = 2, after = first[2] }
        assert.are.same({ "a", 1 }, { rest[1].key, #rest })
        local claimed = ledger:effects_claim { tenant = "t1", kinds = KINDS, now = T0 + 9, lease = 60, limit = 1 }
        assert.are.same({ "c", 1 }, { claimed[1].key, #claimed })
      end)
    end)

    describe("the inbox", function()
      it("keeps a webhook once, byte for byte", function()
        assert.are.equal("new", ledger:inbox_add("evt-1", "acme-1", "client.linked", '{"id":"evt-1"} \255', T0, true))
        assert.are.equal("duplicate", ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0 + 60))
        local items = ledger:inbox_claim { now = T0 + 61, lease = 30 }
        assert.are.equal(1, #items)
        assert.are.same({ "evt-1", "acme-1", "client.linked", '{"id":"evt-1"} \255', T0, 1, 1 }, {
          items[1].id, items[1].tenant, items[1].event, items[1].body, items[1].received_at, items[1].attempt, items[1].replay,
        })
      end)

      it("hands out a tenant's events one after the other, and different tenants side by side", function()
        ledger:inbox_add("a1", "a", "client.linked", "{}", T0)
        ledger:inbox_add("a2", "a", "case.created", "{}", T0)
        ledger:inbox_add("b1", "b", "client.linked", "{}", T0 + 1)
        ledger:inbox_add("n1", nil, "odd", "{}", T0 + 2)
        ledger:inbox_add("n2", nil, "odd", "{}", T0 + 2)
        local function claimed(now)
          local ids = {}
          local items = ledger:inbox_claim { now = now, lease = 30 }
          for i, item in ipairs(items) do ids[i] = item.id end
          return table.concat(ids, " "), items
        end
        local ids, items = claimed(T0 + 5)
        assert.are.equal("a1 b1 n1 n2", ids)
        assert.are.equal("", (claimed(T0 + 6)))
        assert.is_true(ledger:inbox_retry(items[1], T0 + 20, "handler failed"))
        assert.is_true(ledger:inbox_done(items[2], T0 + 6))
        assert.is_true(ledger:inbox_done(items[3], T0 + 6))
        assert.is_true(ledger:inbox_done(items[4], T0 + 6))
        assert.are.equal("", (claimed(T0 + 19)))
        ids, items = claimed(T0 + 20)
        assert.are.equal("a1", ids)
        assert.is_true(ledger:inbox_dead(items[1], T0 + 21, "handler failed again"))
        assert.are.equal("a2", (claimed(T0 + 22)))
      end)

      it("knows whether a tenant's events are all worked off", function()
        assert.is_false(ledger:inbox_waiting("a"))
        ledger:inbox_add("evt-1", "a", "client.linked", "{}", T0)
        local item = ledger:inbox_claim({ now = T0, lease = 30 })[1]
        assert.is_true(ledger:inbox_waiting("a"))
        assert.is_false(ledger:inbox_waiting("b"))
        ledger:inbox_done(item, T0 + 1)
        assert.is_false(ledger:inbox_waiting("a"))
      end)

      it("lends an event out again when its worker died", function()
        ledger:inbox_add("evt-1", "a", "client.linked", "{}", T0)
        local lost = ledger:inbox_claim({ now = T0, lease = 30 })[1]
        local again = ledger:inbox_claim({ now = T0 + 30, lease = 30 })[1]
        assert.are.equal(2, again.attempt)
        assert.are.same({ false, "lost" }, { ledger:inbox_done(lost, T0 + 31) })
        assert.is_true(ledger:inbox_done(again, T0 + 32))
      end)

      it("lets whoever lost the answer end an event once more, and nobody else", function()
        ledger:inbox_add("evt-1", "a", "client.linked", "{}", T0)
        local item = ledger:inbox_claim({ now = T0, lease = 30 })[1]
        assert.is_true(ledger:inbox_done(item, T0 + 1))
        assert.is_true(ledger:inbox_done(item, T0 + 2))
        assert.are.same({ false, "lost" }, { ledger:inbox_retry(item, T0 + 3, "x") })
        assert.are.same({ false, "lost" }, { ledger:inbox_dead(item, T0 + 3, "x") })
      end)

      it("keeps a tenant's order whatever comes in while an event is worked on", function()
        for i = 1, 3 do ledger:inbox_add("a" .. i, "a", "case.created", "{}", T0) end
        local order = {}
        for i = 1, 5 do
          local items = ledger:inbox_claim { now = T0 + i, lease = 30 }
          assert.are.equal(1, #items)
          if i <= 2 then ledger:inbox_add("a" .. (i + 3), "a", "case.created", "{}", T0 - 100) end
          order[i] = items[1].id
          assert.is_true(ledger:inbox_done(items[1], T0 + i))
        end
        assert.are.equal("a1 a2 a3 a4 a5", table.concat(order, " "))
        assert.is_false(ledger:inbox_waiting("a"))
      end)

      it("lists events without their bodies, in the order of arrival", function()
        ledger:inbox_add("b1", "b", "client.linked", "{}", T0 + 9)
        ledger:inbox_add("a1", "a", "client.linked", "{}", T0)
        ledger:inbox_add("a2", "a", "case.created", "{}", T0)
        local dead = ledger:inbox_claim({ now = T0, lease = 30 })[1]
        ledger:inbox_dead(dead, T0 + 1, "handler failed")
        local function ids(filter)
          local found = {}
          for i, item in ipairs(ledger:inbox_list(filter)) do found[i] = item.id end
          return table.concat(found, " ")
        end
        assert.are.equal("b1 a1 a2", ids {})
        assert.are.equal("a1 a2", ids { tenant = "a" })
        assert.are.equal("a1", ids { state = "dead" })
        local first = ledger:inbox_list({ limit = 1 })[1]
        assert.are.equal("a1", ids { after = first.seq, limit = 1 })
        local row = ledger:inbox_list({ state = "dead" })[1]
        row.seq = nil
        assert.are.same({
          id = "a1", tenant = "a", event = "client.linked", received_at = T0, replay = 0, state = "dead", attempt = 1, due_at = T0 + 30,
          ended_at = T0 + 1, result = "handler failed",
        }, row)
        assert.are.equal("{}", ledger:inbox_item("a1").body)
        assert.is_false(ledger:inbox_item("a9"))
      end)

      it("gives a dead event another attempt, when it is its tenant's turn", function()
        ledger:inbox_add("a1", "a", "client.linked", "{}", T0)
        ledger:inbox_add("a2", "a", "case.created", "{}", T0)
        ledger:inbox_dead(ledger:inbox_claim({ now = T0, lease = 30 })[1], T0 + 1, "handler failed")
        local second = ledger:inbox_claim({ now = T0 + 2, lease = 30 })[1]
        local dead = ledger:inbox_item("a1")
        assert.is_true(ledger:inbox_revive(dead, T0 + 3))
        assert.is_false(ledger:inbox_revive(dead, T0 + 3))
        assert.is_false(ledger:inbox_revive({ id = "a9", tenant = "a" }, T0 + 3))
        assert.are.same({}, ledger:inbox_claim { now = T0 + 4, lease = 30 })
        ledger:inbox_done(second, T0 + 5)
        local again = ledger:inbox_claim({ now = T0 + 6, lease = 30 })[1]
        assert.are.same({ "a1", 2 }, { again.id, again.attempt })
      end)

      it("forgets what was done long ago, and nothing else", function()
        for _, id in ipairs { "done-1", "done-2", "done-3", "dead", "open" } do ledger:inbox_add(id, id, "client.linked", "{}", T0) end
        local items = ledger:inbox_claim { now = T0, lease = 30 }
        ledger:inbox_done(items[1], T0 + 1)
        ledger:inbox_done(items[2], T0 + 2)
        ledger:inbox_done(items[3], T0 + 3)
        ledger:inbox_dead(items[4], T0 + 1, "handler failed")
        assert.are.equal(1, ledger:inbox_forget(T0 + 3, 1))
        assert.are.equal(1, ledger:inbox_forget(T0 + 3))
        assert.are.equal(0, ledger:inbox_forget(T0 + 3))
        assert.are.equal(3, #ledger:inbox_list {})
        assert.is_false(ledger:inbox_item("done-1"))
        assert.are.equal("duplicate", ledger:inbox_add("done-3", "x", "client.linked", "{}", T0 + 9))
        assert.are.equal("new", ledger:inbox_add("done-1", "x", "client.linked", "{}", T0 + 9))
      end)
    end)

    describe("tokens", function()
      it("are kept until they expire", function()
        assert.is_false(ledger:token("acme-1", T0))
        assert.is_true(ledger:token_put("acme-1", "first", T0 + 60, T0))
        assert.are.equal("first", ledger:token("acme-1", T0 + 59))
        assert.is_false(ledger:token("acme-1", T0 + 60))
        assert.is_false(ledger:token("acme-2", T0))
      end)

      it("are replaced by newer ones", function()
        ledger:token_put("acme-1", "first", T0 + 60, T0)
        ledger:token_put("acme-2", "another", T0 + 600, T0)
        ledger:token_put("acme-1", "second", T0 + 120, T0 + 61)
        assert.are.equal("second", ledger:token("acme-1", T0 + 61))
        assert.are.equal("another", ledger:token("acme-2", T0 + 61))
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
        assert.is_true(ledger:counter_add("key", windows(100)))
        assert.is_true(ledger:counter_add("key", windows(100)))
        assert.is_true(ledger:counter_add("key", windows(101)))
        local counted, full = ledger:counter_add("key", windows(102))
        assert.is_false(counted)
        assert.are.same({ minute = { sum = 3, slots = { [100] = 2, [101] = 1 } } }, full)
        assert.is_true(ledger:counter_add("another key", windows(102)))
      end)

      it("slide, and count in all windows or in none", function()
        for _ = 1, 3 do assert.is_true(ledger:counter_add("key", windows(100))) end
        assert.is_false((ledger:counter_add("key", windows(160))))
        assert.is_true(ledger:counter_add("key", windows(161)))
        local counted, full = ledger:counter_add("key", windows(162))
        assert.is_false(counted)
        assert.are.same({ hour = { sum = 4, slots = { [7] = 4 } } }, full)
      end)
    end)

    describe("leases", function()
      it("are held by one at a time, until they end or are given back", function()
        assert.is_true(ledger:lease("sweep", "worker-1", 60, T0))
        assert.is_false(ledger:lease("sweep", "worker-2", 60, T0 + 59))
        assert.is_true(ledger:lease("sweep", "worker-1", 60, T0 + 59))
        assert.is_false(ledger:lease("sweep", "worker-2", 60, T0 + 118))
        assert.is_true(ledger:lease("another", "worker-2", 60, T0))
        assert.is_true(ledger:lease("sweep", "worker-2", 60, T0 + 119))
        assert.is_false(ledger:lease_release("sweep", "worker-1"))
        assert.is_true(ledger:lease_release("sweep", "worker-2"))
        assert.is_false(ledger:lease_release("sweep", "worker-2"))
        assert.is_true(ledger:lease("sweep", "worker-1", 60, T0 + 119))
      end)
    end)
  end)
end

describe("opening a store", function()
  it("refuses an address of a kind it does not know", function()
    local ledger, why = store.open("mysql://localhost")
    assert.is_nil(ledger)
    assert.are.equal('store: unknown kind of store "mysql"; use memory:, sqlite:///path, postgresql://… or redis://…', tostring(why))
    assert.has_error(function() store.open(nil) end)
  end)
end)
