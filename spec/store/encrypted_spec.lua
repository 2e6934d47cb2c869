-- What an encryption key promises, in the same sentences for every backend.

local backends = require("spec.support.backends")
local contract = require("debitura.store.contract")
local debitura = require("debitura")
local encrypted = require("debitura.store.encrypted")
local rows = require("spec.support.store_rows")

local T0 = rows.T0
local move, change, job = rows.move, rows.change, rows.job

local KEY_1 = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE=" -- its id is 51d16184
local KEY_2 = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDI=" -- its id is 5575d86e
local SEALED = "^s1%.51d16184%.[%w+/]+=*$"
local PERSONAL = {
  payload = '{"name":"Sample Ltd"}', url = "https://referral.example/approve/1", reason = "kyc",
  result = rows.every_byte(),
}
local BODY = '{"id":"evt-1"} \255\0'
local BROKEN = "s1.51d16184.AAAA"

local MISSING_KEY = " is sealed with the key 51d16184; give it as encryption_key, "
  .. "or in encryption_keys if it has been replaced"

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  describe_store(("the sealed %s store%s"):format(name, backend.missing or ""), function()
    local store, close

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() store, close = backend.open { encryption_key = KEY_1 } end)
    after_each(function() close() end)

    --- The same store as others see it: with other keys, or with none.
    local function seen_with(options)
      return assert(encrypted.prepare(options))(store.backend)
    end

    local function new_record(kind, tenant, record_name, seen)
      local set = { state = "pending", key = "key-1", data = '{"caseId":"c-1"}' }
      for column, value in pairs(PERSONAL) do set[column] = value end
      local to = seen or store
      assert(to:record_move({ tenant = tenant, moves = { {
        kind = kind, name = record_name, version = 0, set = set,
        entry = { event = "answer", note = "signing required" },
      } } }, T0))
      return assert(to:record(kind, tenant, record_name))
    end

    --- Changes a record as a reader of the backend could, who has no key.
    local function tamper(kind, tenant, record_name, set)
      local version = store.backend:record(kind, tenant, record_name).version
      assert(store.backend:record_move(change(tenant, {
        move(kind, record_name, version, set),
      }), T0))
    end

    local function claim_job(seen, now)
      return seen:jobs_claim({ now = now or T0, lease = 60 })[1]
    end

    it("gives back what it was given, byte for byte", function()
      local moved = new_record("case", "acme-1", "R1")
      for _, record in ipairs {
        moved, store:record("case", "acme-1", "R1"), store:records({ kind = "case" })[1],
        store:records_named("case", "acme-1", { "R1" })[1],
      } do
        for column, value in pairs(PERSONAL) do assert.are.equal(value, record[column]) end
        assert.is_nil(record.unreadable)
      end
      local place = { kind = "case", tenant = "acme-1", name = "R1" }
      store:record_note(place, { event = "case.closed", note = "does not fit" }, T0)
      local lines = store:record_history(place)
      assert.are.same({ "signing required", "does not fit" }, { lines[1].note, lines[2].note })

      rows.add(store, "evt-1", "acme-1", T0, { body = BODY })
      assert.are.equal(BODY, store:inbox_item("evt-1").body)
      local item = store:inbox_claim({ now = T0, lease = 30 })[1]
      assert.are.equal(BODY, item.body)
      store:inbox_retry(item, T0, "handler failed")
      assert.are.equal("handler failed", store:inbox_list({})[1].result)
      assert.are.equal("handler failed", store:inbox_last().result)

      rows.enqueue(store, "acme-1", { job("a") })
      store:job_retry(claim_job(store), T0, "refused")
      local claimed = claim_job(store)
      assert.are.equal("refused", claimed.result)
      assert.are.equal("refused", store:jobs({ tenant = "acme-1" })[1].result)
      store:record_move({ tenant = "acme-1", moves = {}, done = claimed, result = "201" }, T0)
      assert.are.equal("201", store:jobs({ tenant = "acme-1" })[1].result)

      store:token_put("acme-1", "sample-token", T0 + 60, T0)
      assert.are.equal("sample-token", store:token("acme-1", T0))
    end)

    it("seals every column that the contract marks, and no other", function()
      new_record("case", "acme-1", "R1")
      rows.add(store, "evt-1", "acme-1", T0, { body = BODY })
      store:inbox_retry(store:inbox_claim({ now = T0, lease = 30 })[1], T0, "handler failed")
      rows.enqueue(store, "acme-1", { job("a") })
      store:job_dead(claim_job(store), T0, "refused")
      store:token_put("acme-1", "sample-token", T0 + 60, T0)
      local place = { kind = "case", tenant = "acme-1", name = "R1" }
      local kept = {
        record = store.backend:record("case", "acme-1", "R1"),
        history = store.backend:record_history(place)[1],
        event = store.backend:inbox_item("evt-1"),
        job = store.backend:jobs({ state = "dead" })[1],
      }
      for rows_of, row in pairs(kept) do
        for _, column in ipairs(contract[rows_of]) do
          local value = row[column[1]]
          local is_sealed = type(value) == "string" and value:find(SEALED) ~= nil
          assert.are.equal(column.sealed or false, is_sealed, rows_of .. "." .. column[1])
        end
      end
      assert.matches(SEALED, (store.backend:token("acme-1", T0)))
    end)

    it("clears what is sealed, and leaves what is not touched", function()
      new_record("link", "acme-1", "")
      assert(store:record_move(change("acme-1", { move("link", "", 1, { url = false }) }), T0))
      local record = store:record("link", "acme-1", "")
      assert.is_nil(record.url)
      assert.are.equal(PERSONAL.payload, record.payload)
    end)

    it("opens what was sealed with a replaced key, and seals with the new one", function()
      new_record("link", "acme-1", "")
      local renewed = seen_with {
        encryption_key = debitura.secret(KEY_2), encryption_keys = { KEY_1 },
      }
      assert.are.equal(PERSONAL.url, renewed:record("link", "acme-1", "").url)
      new_record("link", "acme-2", "", renewed)
      assert.matches("^s1%.5575d86e%.", store.backend:record("link", "acme-2", "").url)
      local reader = seen_with { encryption_keys = { KEY_1, KEY_2 } }
      assert.are.equal(PERSONAL.url, reader:record("link", "acme-1", "").url)
    end)

    it("names the key that is missing, and what is sealed with it", function()
      new_record("case", "acme-1", "R1")
      for _, other in ipairs { seen_with {}, seen_with { encryption_key = KEY_2 } } do
        local record, err = other:record("case", "acme-1", "R1")
        assert.is_nil(record)
        assert.are.same({ "unreadable", false }, { err.kind, err.retryable })
        assert.are.equal("unreadable: the url of case R1 of acme-1" .. MISSING_KEY, tostring(err))
      end
    end)

    it("notices what was changed, put into another place, or not sealed", function()
      new_record("link", "acme-1", "")
      new_record("link", "acme-2", "")
      local sealed = store.backend:record("link", "acme-1", "").url
      for text, said in pairs {
        [sealed] = "was changed after it had been sealed, or comes from another place; restore it "
          .. "from a backup",
        [BROKEN] = "was changed after it had been sealed; restore it from a backup",
        [PERSONAL.url] = "is not sealed; to read what was kept before there was an encryption key, "
          .. "open the store with accept_unsealed",
      } do
        tamper("link", "acme-2", "", { url = text })
        local record, err = store:record("link", "acme-2", "")
        assert.is_nil(record)
        assert.are.equal("unreadable: the url of link of acme-2 " .. said, tostring(err))
      end
    end)

    it("takes no field for another, however alike their places are", function()
      new_record("case", "a", "b/1:c")
      local kept = store.backend:record("case", "a", "b/1:c")
      for _, place in ipairs {
        { "signing", "a", "b/1:c" }, { "case", "a/4:case/b", "c" }, { "case", "b", "b/1:c" },
        { "case", "a", "b" },
      } do
        local kind, tenant, record_name = place[1], place[2], place[3]
        new_record(kind, tenant, record_name)
        tamper(kind, tenant, record_name, { url = kept.url })
        local record, err = store:record(kind, tenant, record_name)
        assert.is_nil(record)
        assert.matches("comes from another place", tostring(err))
      end
      tamper("case", "a", "b/1:c", { url = kept.payload })
      local _, err = store:record("case", "a", "b/1:c")
      assert.matches("comes from another place", tostring(err))
    end)

    it("lists rows without what cannot be opened, and says so", function()
      new_record("link", "acme-1", "")
      new_record("link", "acme-2", "")
      tamper("link", "acme-1", "", { payload = BROKEN })
      for _, page in ipairs {
        store:records { kind = "link" }, store:records_named("link", "acme-1", { "" }),
      } do
        assert.are.same({ "acme-1", "pending", PERSONAL.url },
          { page[1].tenant, page[1].state, page[1].url })
        assert.is_nil(page[1].payload)
        assert.are.equal("unreadable", page[1].unreadable.kind)
      end
      local whole = store:records({ kind = "link" })[2]
      assert.are.equal(PERSONAL.payload, whole.payload)
      assert.is_nil(whole.unreadable)
    end)

    it("moves a record of which something cannot be opened", function()
      new_record("link", "acme-1", "")
      tamper("link", "acme-1", "", { payload = BROKEN })
      assert(store:record_move(change("acme-1", { move("link", "", 2, { state = "linked" }) }), T0))
      local moved = store:records({ kind = "link" })[1]
      assert.are.same({ "linked", 3, PERSONAL.url }, { moved.state, moved.version, moved.url })
      assert.are.equal("unreadable", moved.unreadable.kind)
    end)

    it("gives a job without what went wrong before, when that cannot be opened", function()
      rows.enqueue(store, "acme-1", { job("a"), job("b") })
      local other = seen_with { encryption_key = KEY_2 }
      other:job_retry(claim_job(other), T0, "refused")
      local jobs = store:jobs_claim { now = T0 + 60, lease = 60 }
      assert.are.equal(2, #jobs)
      for _, claimed in ipairs(jobs) do
        assert.is_nil(claimed.result)
        assert.is_true(store:job_done(claimed, T0 + 61, "sent"))
      end
      assert.are.same({}, store:counts())
    end)

    it("gives the history without the notes that cannot be opened", function()
      new_record("link", "acme-1", "")
      local line = seen_with({ encryption_key = KEY_2 })
        :record_history({ kind = "link", tenant = "acme-1", name = "" })[1]
      assert.are.same({ "answer", "pending" }, { line.event, line.to_state })
      assert.is_nil(line.note)
      assert.are.equal("unreadable: the note of event answer of link of acme-1"
        .. MISSING_KEY, tostring(line.unreadable))
    end)

    it("processes the events that can be opened, and gives the others back", function()
      rows.add(store, "evt-1", "acme-1", T0, { body = BODY })
      rows.add(store.backend, "evt-2", "acme-2", T0, { body = BROKEN })
      local other = seen_with { encryption_key = KEY_2 }
      for i = 3, 5 do rows.add(other, "evt-" .. i, "acme-" .. i, T0, { body = BODY }) end
      local items = other:inbox_claim { now = T0, lease = 30 }
      assert.are.equal("evt-3 evt-4 evt-5", rows.ids(items))
      assert.are.equal(BODY, items[1].body)

      local late = T0 + encrypted.POSTPONED
      assert.are.equal("", rows.ids(store:inbox_claim { now = late - 1, lease = 1 }))
      for _, id in ipairs { "evt-1", "evt-2" } do
        local kept = store.backend:inbox_item(id)
        assert.are.same({ "open", 0, late }, { kept.state, kept.attempt, kept.due_at })
      end
      local released = other:inbox_list({ limit = 1 })[1]
      assert.are.equal("unreadable: the body of event evt-1" .. MISSING_KEY, released.result)

      local whole = seen_with { encryption_key = KEY_1, encryption_keys = { KEY_2 } }
      items = whole:inbox_claim { now = late, lease = 30 }
      assert.are.same({ "evt-1", BODY, 1 }, { items[1].id, items[1].body, items[1].attempt })
    end)

    it("looks past events that cannot be opened, however many a claim takes", function()
      for i = 1, 3 do rows.add(store, "old-" .. i, nil, T0 - 9, { body = BODY }) end
      local other = seen_with { encryption_key = KEY_2 }
      rows.add(other, "new", nil, T0, { body = BODY })
      assert.are.equal("new", rows.ids(other:inbox_claim { now = T0, lease = 30, limit = 1 }))
    end)

    it("does not give an event whose body cannot be opened", function()
      rows.add(store, "evt-1", "acme-1", T0, { body = BODY })
      local other = seen_with { encryption_key = KEY_2 }
      local item, err = other:inbox_item("evt-1")
      assert.is_nil(item)
      assert.are.equal("unreadable: the body of event evt-1" .. MISSING_KEY, tostring(err))
      assert.are.equal("evt-1", rows.ids(other:inbox_list {}))
    end)

    it("takes a token that cannot be opened for none", function()
      store:token_put("acme-1", "sample-token", T0 + 60, T0)
      local other = seen_with { encryption_key = KEY_2 }
      assert.is_false(other:token("acme-1", T0))
      other:token_put("acme-1", "new-token", T0 + 60, T0)
      assert.are.equal("new-token", other:token("acme-1", T0))
      assert.are.equal("newer-token", store:token_add("acme-1", "newer-token", T0 + 60, T0))
      assert.are.equal("newer-token", store:token_add("acme-1", "newest-token", T0 + 60, T0))
    end)

    it("reads what was kept before there was a key, when asked to", function()
      new_record("link", "acme-1", "", seen_with {})
      assert.are.equal(PERSONAL.url, store.backend:record("link", "acme-1", "").url)
      local tolerant = seen_with { encryption_key = KEY_1, accept_unsealed = true }
      assert.are.equal(PERSONAL.url, tolerant:record("link", "acme-1", "").url)
    end)
  end)
end
