-- What holds for a store in Redis beyond what holds for all.

local contract = require("debitura.store.contract")
local personal_bytes = require("spec.support.personal_bytes")
local redis = require("spec.support.redis")
local rows = require("spec.support.store_rows")
local scripts = require("debitura.store.redis.scripts")
local store = require("debitura.store")

local unpack = table.unpack or unpack -- luacheck: ignore

local T0 = rows.T0
local move, change, job = rows.move, rows.change, rows.job

-- What must not be sent twice, since the second time would do something else than the first.
local ONCE = { "beat", "inbox_revive", "job_revive", "record_move", "record_note" }

local function new_link(opened, tenant, jobs)
  return opened:record_move(change(tenant, {
    move("link", "", 0, { state = "requesting", payload = "{}" }),
  }, jobs), T0)
end

local function pend(opened, tenant)
  return opened:record_move(change(tenant, { move("link", "", 1, { state = "pending" }) }), T0)
end

local function claim(opened, now)
  return opened:jobs_claim { now = now or T0, lease = 60 }
end

--- The order of bytes, in which no language has a say.
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) end
  end
  return #a < #b
end

--- Reads page after page.
local function read_all(list, filter, key_of)
  local seen = {}
  repeat
    local page = list(filter)
    for _, row in ipairs(page) do seen[#seen + 1] = key_of(row) end
    filter.after = page[#page]
  until #page < filter.limit
  return seen
end

local missing = redis.missing()
local describe_server = missing and pending or describe

describe_server("the redis store" .. (missing or ""), function()
  local server, place, opened_stores

  setup(function() server = redis.start() end)
  teardown(function() server:stop() end)

  --- Another connection to the same store.
  local function open(options)
    local all = { prefix = place.options.prefix }
    for name, value in pairs(options or {}) do all[name] = value end
    local opened = assert(store.open(place.address, all))
    opened_stores[#opened_stores + 1] = opened
    return opened
  end

  before_each(function()
    place, opened_stores = server:place(), {}
  end)
  after_each(function()
    for _, opened in ipairs(opened_stores) do opened:close() end
  end)

  it("gives no byte into a dump of a tenant who is forgotten, sealed or not", function()
    for _, options in ipairs { {}, { encryption_key = ("QUFB"):rep(10) .. "QUE=" } } do
      place = server:place()
      personal_bytes.check(open(options), function() return server:dump() end)
      server:command("FLUSHALL")
    end
  end)

  it("keeps everything when the server dies, and when it is closed and opened again", function()
    local opened = open()
    new_link(opened, "acme-1", { job("a") })
    rows.add(opened, "evt-1", "acme-1")
    opened:close()
    opened:close()
    server:halt("KILL")
    server:start()
    opened = open()
    assert.are.equal("requesting", opened:record("link", "acme-1", "").state)
    assert.are.equal("a", rows.keys(opened:jobs { tenant = "acme-1" }))
    assert.are.equal("evt-1", rows.ids(opened:inbox_claim { now = T0, lease = 30 }))
    assert.are.equal(3, #opened:counts())
  end)

  it("raises an error at the caller's line when it is closed", function()
    local opened = open()
    opened:close()
    assert.matches("redis_spec.lua:%d+: the store is closed$",
      select(2, pcall(function() opened:counts() end)))
  end)

  it("writes behind its prefix only", function()
    new_link(open(), "acme-1", { job("a") })
    for _, key in ipairs(server:command("KEYS", "*")) do assert.matches("^store_%d+:", key) end
  end)

  it("lets two connections race for one link and one job, and one wins", function()
    local one, two = open(), open()
    new_link(one, "acme-1", { job("a") })
    assert.are.same({ false, "stale" }, { new_link(two, "acme-1") })
    assert.are.equal("a", rows.keys(claim(two)))
    assert.are.equal("", rows.keys(claim(one)))
  end)

  it("keeps apart and in order what has any bytes in its names", function()
    local opened, expected, places = open(), {}, {}
    local tenants = {
      "", "\0", "\0\0", "\0\1", "\1", "a", "a\0", "a\0\0", "a\0b", "a\1", "a:", "a:1", "ab", "b",
      "\255", "\255\0", "\255\255",
    }
    local names = { "", "\0", "\0\1", "\1", "a", ":", "\255", "\0a" }
    for i = #tenants, 1, -1 do
      for j = #names, 1, -1 do
        assert(opened:record_move(change(tenants[i], {
          move("case", names[j], 0, { state = "open", data = i .. "/" .. j }),
        }), T0))
      end
    end
    table.sort(tenants, before)
    table.sort(names, before)
    for _, tenant in ipairs(tenants) do
      for _, name in ipairs(names) do expected[#expected + 1] = ("%q %q"):format(tenant, name) end
    end
    local function quoted(record) return ("%q %q"):format(record.tenant, record.name) end
    local function list(filter) return opened:records(filter) end
    for _, state in ipairs { "open", false } do
      local filter = { kind = "case", state = state or nil, limit = 7 }
      assert.are.same(expected, read_all(list, filter, quoted))
    end
    for i, tenant in ipairs(tenants) do
      places[i] = read_all(list, { kind = "case", tenant = tenant, limit = 3 }, quoted)
      assert.are.same({ #names, expected[(i - 1) * #names + 1] }, { #places[i], places[i][1] })
      assert.are.equal(tenant, opened:record("case", tenant, "\0").tenant)
    end
  end)

  it("lists jobs exactly in the order in which they are due, whenever that is", function()
    local opened, jobs, expected = open(), {}, {}
    local times = {
      -1e9, -1.5, -1, -0.25, 0, 5e-324, 0.25, 1, 1.5, 255, 256, T0, T0 + 2 ^ -20, T0 + 1 / 3, 1e15,
    }
    for i, time in ipairs(times) do
      local key = ("j%02d"):format(i)
      jobs[#times + 1 - i] = job(key, time)
      expected[i] = key
    end
    rows.enqueue(opened, "acme-1", jobs)
    for limit = 1, 4 do
      assert.are.same(expected, read_all(function(filter) return opened:jobs(filter) end,
        { state = "open", limit = limit }, function(row) return row.key end))
    end
    for i, time in ipairs(times) do
      assert.are.equal(table.concat(expected, " ", 1, i),
        rows.keys(opened:jobs { needs = "", due_by = time }))
    end
    assert.are.equal(table.concat(expected, " ", 1, 12), rows.keys(claim(opened)))
  end)

  it("changes nothing when a number is none, or a record would have no state", function()
    local opened = open()
    local function enqueue(more)
      return function() new_link(opened, "acme-1", { job("a"), job("b", T0, more) }) end
    end
    local function make(set)
      return function() opened:record_move(change("acme-1", { move("link", "", 0, set) }), T0) end
    end
    for problem, call in pairs {
      ["a number in the store must be finite"] = enqueue { due_at = 0 / 0 },
      ["the store cannot hold a table"] = enqueue { args = {} },
      ["record_move: a record has a state from its first move on"] = make { url = "x" },
    } do
      assert.matches("redis_spec.lua:%d+: " .. problem .. "$", select(2, pcall(call)))
    end
    assert.are.same({}, opened:counts())
    assert.is_false(opened:record("link", "acme-1", ""))
    assert.are.same({}, opened:jobs { tenant = "acme-1" })
  end)

  it("connects again when the server was restarted between two verbs", function()
    local opened = open()
    new_link(opened, "acme-1", { job("a") })
    local held
    local verbs = {
      function() return opened:record("link", "acme-1", "") end,
      function() return rows.add(opened, "evt-1", "acme-1") end,
      function()
        held = claim(opened)[1]
        return held
      end,
      function() return opened:job_done(held, T0 + 1) end,
      function() return pend(opened, "acme-1") end,
    }
    for i, verb in ipairs(verbs) do
      server:halt(i % 2 == 0 and "KILL" or nil)
      server:start()
      assert.is_truthy(verb())
    end
    assert.are.equal("pending", opened:record("link", "acme-1", "").state)
  end)

  it("gives its scripts to a server that has forgotten them", function()
    local opened = open()
    new_link(opened, "acme-1")
    server:command("SCRIPT", "FLUSH")
    assert.is_true(pend(opened, "acme-1"))
    assert.are.equal("pending", opened:record("link", "acme-1", "").state)
  end)

  it("sends again what does no harm twice, and nothing else", function()
    local opened, once = open(), {}
    new_link(opened, "acme-1", { job("a") })
    rows.add(opened, "evt-1", "acme-1")
    local held, item = claim(opened)[1], opened:inbox_claim({ now = T0, lease = 30 })[1]
    local link = { kind = "link", tenant = "acme-1", name = "" }
    local arguments = {
      record = { "link", "acme-1", "" }, records_named = { "case", "acme-1", { "R1" } },
      records = { { kind = "link" } }, record_move = { change("acme-1", {}), T0 },
      record_note = { link, { event = "e" }, T0 }, record_history = { link },
      jobs = { { state = "open" } }, jobs_claim = { { now = T0, lease = 1 } },
      inbox_claim = { { now = T0, lease = 1 } }, inbox_list = { {} }, inbox_item = { "evt-1" },
      inbox_waiting = { "acme-1" }, inbox_forget = { T0 }, inbox_last = {}, counts = {},
      forget = { { tenant = "acme-9", kinds = { "link" }, now = T0 } },
      inbox_add = { { id = "evt-2", event = "e", body = "{}" }, T0 },
      inbox_add_many = { { { id = "evt-2", event = "e", body = "{}" } }, T0 },
      token = { "key", T0 }, token_put = { "key", "token", T0 + 9, T0 },
      token_add = { "key", "token", T0 + 9, T0 },
      counter_add = { "key", { { name = "minute", slot = 1, first = 0, limit = 9 } } },
      lease = { "name", "holder", 9, T0 }, lease_release = { "name", "holder" },
      summary = { T0 }, totals = {}, beat = { {
        id = "p", role = "worker", host = "h", pid = 1, release = "1", about = "{}",
        started_at = T0,
      }, T0 },
      stamp = { "test" }, restamp = { "test" },
    }
    local transport = opened.backend.transport
    for _, verb in ipairs(contract.verbs) do
      if verb ~= "close" then
        opened.backend.transport = {
          call = function(_, sent, repeatable)
            if sent[1] == "EVALSHA" and not repeatable then once[#once + 1] = verb end
            return transport:call(sent, repeatable)
          end,
        }
        opened.backend[verb](opened.backend, -- what is sealed is no matter here
          unpack(arguments[verb] or { verb:find("^job") and held or item, T0, "x" }, 1, 4))
      end
    end
    opened.backend.transport = transport
    table.sort(once)
    assert.are.same(ONCE, once)
  end)

  it("fails while the server is away, and works when it is back", function()
    local opened = open()
    server:halt()
    for _ = 1, 2 do
      local added, err = rows.add(opened, "evt-1", "acme-1")
      assert.is_nil(added)
      assert.are.same({ "store", true }, { err.kind, err.retryable })
      assert.are.equal(("store: Redis: 127.0.0.1:%d: connection refused"):format(server.port),
        tostring(err))
    end
    server:start()
    assert.are.equal("new", rows.add(opened, "evt-1", "acme-1"))
  end)

  it("does not wait for ever for a server that does not answer", function()
    local opened = open { timeout = 0.05 }
    server:command("CLIENT", "PAUSE", "60000", "WRITE")
    local link, err = opened:record("link", "acme-1", "")
    server:command("CLIENT", "UNPAUSE")
    assert.is_nil(link)
    assert.is_true(err.retryable)
    assert.matches(": timeout$", tostring(err))
    assert.is_false(opened:record("link", "acme-1", ""))
  end)

  it("says so when the server's memory is full, changes nothing, and still reads", function()
    local opened = open()
    new_link(opened, "acme-1")
    server:command("CONFIG", "SET", "maxmemory", "1")
    local added, err = rows.add(opened, "evt-1", "acme-1")
    local moved = pend(opened, "acme-1")
    local link = opened:record("link", "acme-1", "")
    server:command("CONFIG", "SET", "maxmemory", "0")
    assert.is_nil(added)
    assert.is_nil(moved)
    assert.are.same({ "store", true }, { err.kind, err.retryable })
    assert.are.equal("store: Redis: OOM command not allowed when used memory > 'maxmemory'.",
      tostring(err))
    assert.are.same({ 1, "requesting" }, { link.version, link.state })
    assert.are.equal("new", rows.add(opened, "evt-1", "acme-1"))
  end)

  it("connects anew when its server has become a replica", function()
    local opened = open()
    server:command("CONFIG", "SET", "replica-read-only", "yes")
    server:command("REPLICAOF", "127.0.0.1", "1")
    local added, err = rows.add(opened, "evt-1", "acme-1")
    assert.is_nil(added)
    assert.matches("^store: Redis: READONLY", tostring(err))
    assert.is_nil(opened.backend.transport.connection)
    server:command("REPLICAOF", "NO", "ONE")
    assert.are.equal("new", rows.add(opened, "evt-1", "acme-1"))
  end)
end)

describe("the redis store's scripts", function()
  it("read no index without a limit", function()
    for verb, text in pairs(scripts) do
      for call in text:gmatch("call(%b())") do
        if call:find("^%('ZRANGEBY") then assert.matches("'LIMIT', 0, ", call, verb) end
      end
    end
  end)
end)
