-- What holds for a ledger in Redis beyond what holds for all.

local address_of = require("debitura.store.redis.address")
local redis = require("spec.support.redis")
local resp = require("debitura.store.redis.resp")
local socket = require("debitura.store.redis.socket")
local store = require("debitura.store")

local T0 = 1767225600 -- 2026-01-01T00:00:00Z
local EFFECTS = { { key = "a", kind = "deliver", generation = 1, due_at = T0 } }
local CLAIM = { now = T0, lease = 60, kinds = { "deliver" } }

local function new_link(ledger, tenant, effects)
  return ledger:link_move(tenant, 0, {
    set = { state = "requesting", payload = "{}" }, effects = effects, entry = { event = "request" },
  }, T0)
end

local missing = redis.missing()
local describe_server = missing and pending or describe

describe_server("the redis store" .. (missing or ""), function()
  local server, place, ledgers

  setup(function() server = redis.start() end)
  teardown(function() server:stop() end)

  --- Another connection to the same ledger.
  local function open(options)
    local all = { prefix = place.options.prefix }
    for name, value in pairs(options or {}) do all[name] = value end
    local ledger = assert(store.open(place.address, all))
    ledgers[#ledgers + 1] = ledger
    return ledger
  end

  before_each(function()
    place, ledgers = server:place(), {}
  end)
  after_each(function()
    for _, ledger in ipairs(ledgers) do ledger:close() end
  end)

  it("keeps everything when the server dies, and when the ledger is closed and opened again", function()
    local ledger = open()
    new_link(ledger, "acme-1", EFFECTS)
    ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0)
    ledger:close()
    ledger:close()
    server:halt("KILL")
    server:start()
    ledger = open()
    assert.are.equal("requesting", ledger:link("acme-1").state)
    assert.are.equal(1, #ledger:effects { tenant = "acme-1" })
    assert.are.equal(1, #ledger:inbox_claim { now = T0, lease = 30 })
  end)

  it("writes behind its prefix only", function()
    new_link(open(), "acme-1", EFFECTS)
    for _, key in ipairs(server:command("KEYS", "*")) do assert.matches("^ledger_%d+:", key) end
  end)

  it("lets two connections race for one link and one effect, and one wins", function()
    local one, two = open(), open()
    new_link(one, "acme-1", EFFECTS)
    assert.are.equal("stale", select(2, new_link(two, "acme-1")))
    assert.are.equal(1, #two:effects_claim(CLAIM))
    assert.are.equal(0, #one:effects_claim(CLAIM))
  end)

  it("tells tenants and references apart, whatever colons are in them", function()
    local ledger = open()
    for _, case in ipairs { { "a:b", "c" }, { "a", "b:c" }, { "a:b:c", "c" } } do
      ledger:link_move(case[1], 0, {
        set = { state = "requesting", payload = "{}" }, awaited = { case[2] }, entry = { event = "request" },
      }, T0)
    end
    assert.are.equal("c", ledger:link_case("a:b", "c").creditor_reference)
    assert.are.equal("b:c", ledger:link_case("a", "b:c").creditor_reference)
    assert.is_false(ledger:link_case("a", "c"))
  end)

  it("lists effects of many kinds in one order, page after page", function()
    local ledger, effects = open(), {}
    for i = 1, 30 do
      effects[i] = { key = ("e%02d"):format(i), kind = "kind-" .. i % 3, generation = 1, due_at = T0 + math.floor(i / 4) }
    end
    new_link(ledger, "acme-1", effects)
    for _, filter in ipairs { {}, { tenant = "acme-1" }, { due_by = T0 + 99 } } do
      local seen = {}
      filter.limit = 7
      repeat
        local page = ledger:effects(filter)
        for _, effect in ipairs(page) do seen[#seen + 1] = effect.key end
        filter.after = page[#page]
      until #page < 7
      local expected = {}
      for i = 1, 30 do expected[i] = effects[i].key end
      assert.are.same(expected, seen)
    end
    assert.are.equal(10, #ledger:effects { kinds = { "kind-1" } })
  end)

  it("changes nothing when a number is none", function()
    local ledger = open()
    assert.has_error(function()
      new_link(ledger, "acme-1", { EFFECTS[1], { key = "b", kind = "deliver", generation = 1, due_at = 0 / 0 } })
    end)
    assert.is_false(ledger:link("acme-1"))
    assert.are.same({}, ledger:effects {})
  end)

  it("connects again when the server was restarted between two verbs", function()
    local ledger = open()
    new_link(ledger, "acme-1", EFFECTS)
    local effect
    local verbs = {
      function() return ledger:link("acme-1") end,
      function() return ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0) end,
      function()
        effect = ledger:effects_claim(CLAIM)[1]
        return effect
      end,
      function() return ledger:effect_done(effect, T0 + 1) end,
      function() return ledger:link_move("acme-1", 1, { set = { state = "pending" }, entry = { event = "e" } }, T0) end,
    }
    for i, verb in ipairs(verbs) do
      server:halt(i % 2 == 0 and "KILL" or nil)
      server:start()
      assert.is_truthy(verb())
    end
    assert.are.equal("pending", ledger:link("acme-1").state)
  end)

  it("fails while the server is away, and works when it is back", function()
    local ledger = open()
    server:halt()
    for _ = 1, 2 do
      local added, why = ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0)
      assert.is_nil(added)
      assert.are.same({ "store", true }, { why.kind, why.retryable })
      assert.are.equal(("store: Redis ledger: 127.0.0.1:%d: connection refused"):format(server.port), tostring(why))
    end
    server:start()
    assert.are.equal("new", ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0))
  end)

  it("does not wait for ever for a server that does not answer", function()
    local ledger = open { timeout = 0.05 }
    server:command("CLIENT", "PAUSE", "60000", "WRITE")
    local link, why = ledger:link("acme-1")
    server:command("CLIENT", "UNPAUSE")
    assert.is_nil(link)
    assert.is_true(why.retryable)
    assert.matches(": timeout$", tostring(why))
    assert.is_false(ledger:link("acme-1"))
  end)

  it("says so when the server's memory is full, changes nothing, and still reads", function()
    local ledger = open()
    new_link(ledger, "acme-1")
    server:command("CONFIG", "SET", "maxmemory", "1")
    local added, why = ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0)
    local moved = ledger:link_move("acme-1", 1, { set = { state = "pending" }, entry = { event = "e" } }, T0)
    local link = ledger:link("acme-1")
    server:command("CONFIG", "SET", "maxmemory", "0")
    assert.is_nil(added)
    assert.is_nil(moved)
    assert.are.same({ "store", true }, { why.kind, why.retryable })
    assert.are.equal("store: Redis ledger: OOM command not allowed when used memory > 'maxmemory'.", tostring(why))
    assert.are.same({ 1, "requesting" }, { link.version, link.state })
    assert.are.equal("new", ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0))
  end)

  it("connects anew when its server has become a replica", function()
    local ledger = open()
    server:command("CONFIG", "SET", "replica-read-only", "yes")
    server:command("REPLICAOF", "127.0.0.1", "1")
    local added, why = ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0)
    assert.is_nil(added)
    assert.matches("^store: Redis ledger: READONLY", tostring(why))
    assert.is_nil(ledger.backend.transport.connection)
    server:command("REPLICAOF", "NO", "ONE")
    assert.are.equal("new", ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0))
  end)

  it("refuses a server that would forget what was acknowledged, unless that is wanted", function()
    local forgetful = assert(redis.start { appendonly = "no" })
    local address = forgetful:address()
    local refused, why = store.open(address)
    local taken = store.open(address, { volatile = true })
    forgetful:stop()
    assert.is_nil(refused)
    assert.is_false(why.retryable)
    assert.are.equal("store: Redis ledger: the server keeps no log of its writes, so that a restart would lose webhooks that were "
      .. "acknowledged; set appendonly to yes, or open the store with volatile = true", tostring(why))
    assert.is_truthy(taken)
    taken:close()
  end)

  it("refuses a server that makes room by dropping any key", function()
    server:command("CONFIG", "SET", "maxmemory", "1gb", "maxmemory-policy", "allkeys-lru")
    local ledger, why = store.open(place.address, { volatile = true })
    server:command("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction")
    assert.is_nil(ledger)
    assert.is_false(why.retryable)
    assert.are.equal("store: Redis ledger: the server drops any key when its memory is full (maxmemory-policy allkeys-lru); "
      .. "set it to noeviction", tostring(why))
  end)

  it("brings keys of the first version forward, and keeps what is in them", function()
    local prefix = place.options.prefix
    local function put(name, ...) server:command(name, prefix .. ..., select(2, ...)) end
    put("SET", "version", "1")
    put("HSET", "link:acme-1", "tenant", "acme-1", "state", "pending", "generation", "1", "base", "0", "version", "2", "payload", "{}",
      "created_at", "1767225600", "updated_at", "1767225601")
    put("ZADD", "links", "0", "acme-1")
    put("ZADD", "links_in:pending", "0", "acme-1")
    for i, kind in ipairs { "deliver", "expire", "request" } do
      local key, due_at = kind .. "/1/acme-1", ("%d"):format(T0 + i)
      put("HSET", "effect:" .. key, "key", key, "tenant", "acme-1", "kind", kind, "generation", "1", "state", i < 3 and "open" or "done",
        "attempt", "0", "due_at", due_at, "created_at", "1767225600")
      put("SADD", "kinds", kind)
      put("ZADD", "effects", due_at, key)
      put("ZADD", "effects_of:acme-1", due_at, key)
      if i < 3 then put("ZADD", "open:" .. kind, due_at, key) end
    end

    local ledger = open()
    assert.are.equal("2", server:command("GET", prefix .. "version"))
    assert.are.same({ "pending", 2 }, { ledger:link("acme-1").state, ledger:link("acme-1").version })
    local held = ledger:effects_claim { tenant = "acme-1", now = T0 + 9, lease = 30 }
    assert.are.same({ 2, "deliver/1/acme-1", "expire/1/acme-1" }, { #held, held[1].key, held[2].key })
    assert.is_true(ledger:effect_done(held[1], T0 + 10))
    held = open():effects_claim { tenant = "acme-1", now = T0 + 99, lease = 30 }
    assert.are.same({ 1, "expire/1/acme-1" }, { #held, held[1].key })
  end)

  it("refuses keys that a newer release wrote, and leaves them alone", function()
    open():close()
    server:command("SET", place.options.prefix .. "version", "99")
    local ledger, why = store.open(place.address, place.options)
    assert.is_nil(ledger)
    assert.is_false(why.retryable)
    assert.are.equal("store: Redis ledger: its keys have version 99 and this release knows up to 2; "
      .. "use the newer release of debitura", tostring(why))
  end)

  it("says what keeps it from opening, without the password", function()
    local refused = {
      [server:address { password = "sample-wrong-password" }] =
        { false, "^store: Redis ledger: WRONGPASS invalid username%-password pair or user is disabled%.$" },
      [("redis://127.0.0.1:%d"):format(server.port)] = { false, "^store: Redis ledger: NOAUTH Authentication required%.$" },
      ["redis://:sample-wrong-password@127.0.0.1:1/0"] = { true, "^store: Redis ledger: 127%.0%.0%.1:1: connection refused$" },
      [server:address { database = "99" }] = { true, "DB index is out of range$" },
      ["redis://:sample-wrong/password@127.0.0.1/0"] = { false, "write its address as redis://:password@host:port/database$" },
      ["redis://:sample-wrong@password@127.0.0.1/0"] = { false, "must be percent%-encoded, such as %%40 for @$" },
      ["redis://:sample-wrong-password@/0"] = { false, "its address names no host$" },
      ["redis://:sample-wrong-password@127.0.0.1/name"] = { false, "the database in its address is a number$" },
      ["rediss://:sample-wrong-password@127.0.0.1/0"] =
        { false, "rediss:// needs nginx; outside of it, put a TLS tunnel in front of Redis$" },
    }
    for address, expected in pairs(refused) do
      local ledger, why = store.open(address)
      assert.is_nil(ledger)
      assert.are.equal("store", why.kind)
      assert.matches(expected[2], tostring(why))
      assert.are.equal(expected[1], why.retryable, tostring(why))
      assert.is_nil(tostring(why):find("sample-wrong", 1, true))
    end
  end)

  it("names the package to install when LuaSocket is missing", function()
    local loaded = package.loaded.socket
    package.loaded.socket = nil
    package.preload.socket = function() error("module 'socket' not found") end
    local _, why = store.open(place.address)
    package.preload.socket, package.loaded.socket = nil, loaded
    assert.are.equal("store: Redis ledger: install LuaSocket: apt-get install lua-socket, or luarocks install luasocket", tostring(why))
  end)
end)

describe("a connection to Redis that breaks before the reply", function()
  --- A driver whose connections say in turn what they are told to: a reply, or nil for one that breaks.
  local function scripted(replies)
    local sent, opened = {}, 0
    local driver = {
      tcp = function()
        opened = opened + 1
        return {
          settimeout = function() end,
          setoption = function() end,
          connect = function() return 1 end,
          close = function() end,
          send = function(_, text)
            sent[#sent + 1] = text:match("%$%d+\r\n(%u+)\r\n")
            return #text
          end,
          receive = function(_, pattern)
            if pattern == 1 then return nil, "timeout" end
            local reply = table.remove(replies, 1)
            if reply == "broken" then return nil, "closed" end
            return reply
          end,
        }
      end,
    }
    local transport = socket.new({ host = "localhost", port = 1 }, {}, 1)
    transport.driver = driver
    return transport, sent, function() return opened end
  end

  it("lets the command be sent once more when that is harmless", function()
    local transport, sent, opened = scripted { "+one", "broken", "+two" }
    assert.are.equal("one", transport:call({ "GET" }, true))
    assert.are.equal("two", transport:call({ "GET" }, true))
    assert.are.same({ "GET", "GET", "GET" }, sent)
    assert.are.equal(2, opened())
  end)

  it("fails otherwise, and the next command connects anew", function()
    local transport, sent, opened = scripted { "+one", "broken", "+two" }
    assert.are.equal("one", transport:call({ "GET" }, true))
    assert.are.same({ nil, "closed" }, { transport:call({ "MOVE" }, false) })
    assert.are.equal("two", transport:call({ "GET" }, true))
    assert.are.same({ "GET", "MOVE", "GET" }, sent)
    assert.are.equal(2, opened())
  end)

  it("is not tried for ever", function()
    local transport, sent = scripted { "+one", "broken", "broken" }
    assert.are.equal("one", transport:call({ "GET" }, true))
    assert.are.same({ nil, "closed" }, { transport:call({ "GET" }, true) })
    assert.are.equal(3, #sent)
  end)
end)

describe("Redis's protocol", function()
  local function read(text)
    local position = 1
    return resp.read {
      receive = function(_, pattern)
        local piece
        if pattern == "*l" then
          piece = text:match("^([^\r\n]*)\r\n", position)
          if not piece then return nil, "closed" end
          position = position + #piece + 2
        else
          piece = text:sub(position, position + pattern - 1)
          if #piece < pattern then return nil, "closed" end
          position = position + pattern
        end
        return piece
      end,
    }
  end

  it("carries texts of any bytes", function()
    assert.are.equal("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\n\0\r\n", resp.encode { "SET", "", "a\r\n\0" })
    assert.are.equal("a\r\n\0", read("$4\r\na\r\n\0\r\n"))
  end)

  it("reads every kind of reply", function()
    assert.are.equal("OK", read("+OK\r\n"))
    assert.are.equal(-7, read(":-7\r\n"))
    assert.are.equal("", read("$0\r\n\r\n"))
    assert.is_false(read("$-1\r\n"))
    assert.is_false(read("*-1\r\n"))
    assert.are.same({ "a", { 1, {} } }, read("*2\r\n$1\r\na\r\n*2\r\n:1\r\n*0\r\n"))
    assert.are.same({ nil, "ERR no", true }, { read("-ERR no\r\n") })
  end)

  it("refuses what is no reply, or too large to be one", function()
    for text, problem in pairs {
      ["HTTP/1.1 400 Bad Request\r\n"] = "what it says is not Redis's protocol",
      ["\r\n"] = "what it says is not Redis's protocol",
      ["$536870913\r\n"] = "a text of an impossible length",
      ["$x\r\n"] = "a text of an impossible length",
      ["*99999999999\r\n"] = "an array of an impossible length",
      [("*1\r\n"):rep(9)] = "an array of an impossible length",
      ["$5\r\nab"] = "closed",
      ["*2\r\n:1\r\n"] = "closed",
      ["+OK"] = "closed",
    } do
      assert.are.same({ nil, problem }, { read(text) })
    end
  end)
end)

describe("a redis address", function()
  it("names the place, with defaults for what it leaves open", function()
    assert.are.same({ host = "localhost", port = 6379, database = 0, tls = false }, address_of.read("redis", "//localhost"))
    assert.are.same({ host = "::1", port = 7000, database = 3, user = "u", password = "a/b:c", tls = true },
      address_of.read("rediss", "//u:a%2Fb:c@[::1]:7000/3"))
    assert.are.same({ host = "db.example", port = 6379, database = 0, password = "p", tls = false },
      address_of.read("redis", "//:p@db.example/"))
  end)
end)
