-- What an encryption key promises, in the same sentences for every backend.

local backends = require("spec.support.backends")
local debitura = require("debitura")
local sealed = require("debitura.store.encrypted")
local store = require("debitura.store")

local T0 = 1767225600 -- 2026-01-01T00:00:00Z
local KEY_1 = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE=" -- its id is 51d16184
local KEY_2 = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDI=" -- its id is 5575d86e
local PAYLOAD, URL, BODY = '{"name":"Sample Ltd"}', "https://referral.example/approve/1", '{"id":"evt-1"} \255\0'

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  describe_store(("the sealed %s store%s"):format(name, backend.missing or ""), function()
    local ledger, close

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() ledger, close = backend.open { encryption_key = KEY_1 } end)
    after_each(function() close() end)

    --- The same ledger as others see it: with other keys, or with none.
    local function seen_with(options)
      return assert(sealed.prepare(options))(ledger.backend)
    end

    local function new_link(tenant, ledger_of)
      return assert((ledger_of or ledger):link_move(tenant, 0, {
        set = { state = "pending", payload = PAYLOAD, url = URL }, entry = { event = "request" },
      }, T0))
    end

    local function overwrite(tenant, set)
      local version = ledger.backend:link(tenant).version
      assert(ledger.backend:link_move(tenant, version, { set = set, entry = { event = "tampering" } }, T0))
    end

    it("gives back what it was given, byte for byte", function()
      local link = new_link("acme-1")
      assert.are.same({ PAYLOAD, URL }, { link.payload, link.url })
      link = ledger:link("acme-1")
      assert.are.same({ PAYLOAD, URL }, { link.payload, link.url })
      assert.are.equal(PAYLOAD, ledger:links({})[1].payload)
      ledger:inbox_add("evt-1", "acme-1", "client.linked", BODY, T0)
      assert.are.equal(BODY, ledger:inbox_item("evt-1").body)
      assert.are.equal(BODY, ledger:inbox_claim({ now = T0, lease = 30 })[1].body)
      ledger:token_put("acme-1", "sample-token", T0 + 60, T0)
      assert.are.equal("sample-token", ledger:token("acme-1", T0))
    end)

    it("keeps payloads, URLs, bodies and tokens from who reads the backend, and nothing else", function()
      new_link("acme-1")
      ledger:inbox_add("evt-1", "acme-1", "client.linked", BODY, T0)
      ledger:token_put("acme-1", "sample-token", T0 + 60, T0)
      local link, item = ledger.backend:link("acme-1"), ledger.backend:inbox_item("evt-1")
      for _, text in ipairs { link.payload, link.url, item.body, (ledger.backend:token("acme-1", T0)) } do
        assert.matches("^s1%.51d16184%.[%w+/]+=*$", text)
      end
      assert.are.same({ "acme-1", "pending", T0 }, { link.tenant, link.state, link.updated_at })
      assert.are.same({ "evt-1", "acme-1", "client.linked" }, { item.id, item.tenant, item.event })
    end)

    it("clears a URL and leaves what is not touched", function()
      new_link("acme-1")
      local link = ledger:link_move("acme-1", 1, { set = { url = false }, entry = { event = "e" } }, T0)
      assert.is_nil(link.url)
      assert.are.equal(PAYLOAD, link.payload)
    end)

    it("opens what was sealed with a key that has been replaced, and seals with the new one", function()
      new_link("acme-1")
      local renewed = seen_with { encryption_key = debitura.secret(KEY_2), encryption_keys = { KEY_1 } }
      assert.are.equal(PAYLOAD, renewed:link("acme-1").payload)
      new_link("acme-2", renewed)
      assert.matches("^s1%.5575d86e%.", ledger.backend:link("acme-2").payload)
      assert.are.equal(PAYLOAD, seen_with({ encryption_keys = { KEY_1, KEY_2 } }):link("acme-1").payload)
    end)

    it("names the key that is missing, and loses no webhook for it", function()
      new_link("acme-1")
      ledger:inbox_add("evt-1", "acme-1", "client.linked", BODY, T0)
      for _, other in ipairs { seen_with {}, seen_with { encryption_key = KEY_2 } } do
        local link, why = other:link("acme-1")
        assert.is_nil(link)
        assert.is_false(why.retryable)
        assert.are.equal("store: links/payload/acme-1 is sealed with the key 51d16184; give it as encryption_key, "
          .. "or in encryption_keys if it has been replaced", tostring(why))
        assert.is_nil((other:inbox_item("evt-1")))
      end
      assert.is_nil((seen_with({}):inbox_claim { now = T0, lease = 30 }))
      assert.are.equal(BODY, ledger:inbox_claim({ now = T0 + 30, lease = 30 })[1].body)
    end)

    it("notices a record that was changed or put into another's place", function()
      new_link("acme-1")
      new_link("acme-2")
      local record = ledger.backend:link("acme-1").payload
      overwrite("acme-2", { payload = record })
      local link, why = ledger:link("acme-2")
      assert.is_nil(link)
      assert.are.equal("store: links/payload/acme-2 was changed after it had been sealed, or comes from another record", tostring(why))
      overwrite("acme-2", { payload = record .. "?" })
      assert.are.equal("store: links/payload/acme-2 was changed after it had been sealed", tostring(select(2, ledger:link("acme-2"))))
      overwrite("acme-2", { payload = PAYLOAD })
      assert.are.equal("store: links/payload/acme-2 is not sealed; to read what was kept before there was an encryption key, "
        .. "open the store with accept_unsealed", tostring(select(2, ledger:link("acme-2"))))
    end)

    it("still lists the links when one of them was tampered with", function()
      new_link("acme-1")
      new_link("acme-2")
      overwrite("acme-1", { payload = "s1.51d16184.AAAA" })
      local page = ledger:links {}
      assert.are.same({ "acme-1", nil, URL }, { page[1].tenant, page[1].payload, page[1].url })
      assert.are.equal("store", page[1].unreadable.kind)
      assert.are.equal(PAYLOAD, page[2].payload)
      assert.is_nil(page[2].unreadable)
    end)

    describe("with matters", function()
      local function new_matter(tenant, kind, matter_name, ledger_of)
        return assert((ledger_of or ledger):matter_move(tenant, kind, matter_name, 0, {
          set = { state = "submitting", payload = PAYLOAD, url = URL, key = "key-1", reason = "kyc" }, entry = { event = "submit" },
        }, T0))
      end

      local function put_payload(tenant, kind, matter_name, record)
        local version = ledger.backend:matter(tenant, kind, matter_name).version
        assert(ledger.backend:matter_move(tenant, kind, matter_name, version, {
          set = { payload = record }, entry = { event = "tampering" },
        }, T0))
      end

      it("keeps payloads and URLs from who reads the backend, and nothing else", function()
        local moved = new_matter("acme-1", "case", "R1")
        for _, matter in ipairs { moved, ledger:matter("acme-1", "case", "R1"), ledger:matters({ kind = "case" })[1] } do
          assert.are.same({ PAYLOAD, URL }, { matter.payload, matter.url })
        end
        local kept = ledger.backend:matter("acme-1", "case", "R1")
        assert.matches("^s1%.51d16184%.[%w+/]+=*$", kept.payload)
        assert.matches("^s1%.51d16184%.[%w+/]+=*$", kept.url)
        assert.are.same({ "acme-1", "case", "R1", "submitting", "key-1", "kyc" },
          { kept.tenant, kept.kind, kept.name, kept.state, kept.key, kept.reason })
        assert.is_nil(ledger:matter_move("acme-1", "case", "R1", 1, { set = { url = false }, entry = { event = "e" } }, T0).url)
        assert.are.equal(PAYLOAD, ledger:matter("acme-1", "case", "R1").payload)
        assert.are.equal("submit", ledger:matter_history("acme-1", "case", "R1")[1].event)
      end)

      it("notices a record of another matter, however alike their names are", function()
        new_matter("a", "case", "b/1:c")
        local record = ledger.backend:matter("a", "case", "b/1:c").payload
        local others = { { "a", "signing", "b/1:c" }, { "a/4:case/b", "case", "c" }, { "b", "case", "b/1:c" }, { "a", "case", "b" } }
        for _, place in ipairs(others) do
          new_matter(place[1], place[2], place[3])
          put_payload(place[1], place[2], place[3], record)
          local matter, why = ledger:matter(place[1], place[2], place[3])
          assert.is_nil(matter)
          assert.matches("was changed after it had been sealed, or comes from another record$", tostring(why))
        end
        assert.are.equal(PAYLOAD, ledger:matter("a", "case", "b/1:c").payload)
      end)

      it("still lists them when one was tampered with, and says which", function()
        new_matter("acme-1", "case", "R1")
        new_matter("acme-1", "case", "R2")
        put_payload("acme-1", "case", "R1", "s1.51d16184.AAAA")
        local page = ledger:matters { kind = "case" }
        assert.are.same({ "R1", nil, URL }, { page[1].name, page[1].payload, page[1].url })
        assert.are.equal("store: matters/payload/6:acme-1/4:case/R1 was changed after it had been sealed", tostring(page[1].unreadable))
        assert.are.equal(PAYLOAD, page[2].payload)
        assert.is_nil(page[2].unreadable)
      end)

      it("names the key that is missing", function()
        new_matter("acme-1", "case", "R1")
        local matter, why = seen_with({ encryption_key = KEY_2 }):matter("acme-1", "case", "R1")
        assert.is_nil(matter)
        assert.are.equal("store: matters/payload/6:acme-1/4:case/R1 is sealed with the key 51d16184; give it as encryption_key, "
          .. "or in encryption_keys if it has been replaced", tostring(why))
        assert.are.equal(PAYLOAD, seen_with({ encryption_key = KEY_2, encryption_keys = { KEY_1 } }):matter("acme-1", "case", "R1").payload)
      end)
    end)

    it("gives up a webhook that was tampered with, and goes on with the others", function()
      ledger.backend:inbox_add("evt-1", "acme-1", "client.linked", "s1.51d16184.AAAA", T0)
      ledger:inbox_add("evt-2", "acme-2", "client.linked", BODY, T0)
      local items = ledger:inbox_claim { now = T0, lease = 30 }
      assert.are.same({ "evt-2", 1 }, { items[1].id, #items })
      local dead = ledger:inbox_list({ state = "dead" })[1]
      assert.are.same({ "evt-1", "inbox/body/evt-1 was changed after it had been sealed" }, { dead.id, dead.result })
    end)

    it("reads what was kept before there was a key, when asked to", function()
      new_link("acme-1", seen_with {})
      assert.are.equal(PAYLOAD, ledger.backend:link("acme-1").payload)
      local tolerant = seen_with { encryption_key = KEY_1, accept_unsealed = true }
      assert.are.equal(PAYLOAD, tolerant:link("acme-1").payload)
    end)
  end)
end

describe("opening a sealed store", function()
  it("refuses a key that is none, without showing it", function()
    local ledger, why = store.open("memory:", { encryption_key = KEY_1, encryption_keys = { "sample-key" } })
    assert.is_nil(ledger)
    assert.is_false(why.retryable)
    assert.are.equal("store: encryption key 2 of 2 is not 32 bytes in Base64 (44 characters, nothing around them)", tostring(why))
    assert.has_error(function() store.open("memory:", { encryption_key = 42 }) end)
  end)
end)
