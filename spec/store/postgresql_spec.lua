-- What holds for a ledger in PostgreSQL beyond what holds for all.

local address_of = require("debitura.store.sql.address")
local backlog = require("spec.support.backlog")
local core = require("debitura.core")
local first_version = require("spec.support.first_version")
local postgresql = require("spec.support.postgresql")
local store = require("debitura.store")

local T0 = 1767225600 -- 2026-01-01T00:00:00Z

local function new_link(ledger, tenant, effects)
  return ledger:link_move(tenant, 0, {
    set = { state = "requesting", payload = "{}" }, effects = effects, entry = { event = "request" },
  }, T0)
end

local EFFECTS = { { key = "a", kind = "deliver", generation = 1, due_at = T0 } }
local CLAIM = { now = T0, lease = 60, kinds = { "deliver" } }

local missing = postgresql.missing()
local describe_server = missing and pending or describe

describe_server("the postgresql store" .. (missing or ""), function()
  local server, place, ledgers

  setup(function() server = postgresql.start() end)
  teardown(function() server:stop() end)

  --- Another connection to the same ledger.
  local function open(options)
    local all = { schema = place.options.schema }
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

  it("keeps everything when it is closed and opened again", function()
    local ledger = open()
    new_link(ledger, "acme-1", EFFECTS)
    ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0)
    ledger:close()
    ledger:close()
    ledger = open()
    assert.are.equal("requesting", ledger:link("acme-1").state)
    assert.are.equal(1, #ledger:effects { tenant = "acme-1" })
    assert.are.equal(1, #ledger:inbox_claim { now = T0, lease = 30 })
  end)

  it("leaves the application's own tables alone", function()
    server:execute("create table if not exists public.cases (mine text)")
    new_link(open(), "acme-1")
    assert.are.same({}, server:execute("select * from public.cases"))
    assert.are.equal("1", server:execute("select count(*) as n from " .. place.options.schema .. ".links")[1].n)
  end)

  it("lets two connections race for one link and one effect, and one wins", function()
    local one, two = open(), open()
    new_link(one, "acme-1", EFFECTS)
    assert.are.equal("stale", select(2, new_link(two, "acme-1")))
    assert.are.equal(1, #two:effects_claim(CLAIM))
    assert.are.equal(0, #one:effects_claim(CLAIM))
  end)

  it("finds the effects of one kind without looking through all that is due", function()
    local ledger, plan = open(), {}
    backlog.fill(ledger, 2000)
    local connection = ledger.backend.connection
    local run = connection.run
    function connection:run(statement, values)
      if statement:find(self.for_claim, 1, true) then
        for _, row in ipairs(assert(run(self, "explain " .. statement, values))) do plan[#plan + 1] = row["QUERY PLAN"] end
      end
      return run(self, statement, values)
    end
    assert.are.equal(0, #ledger:effects_claim { kinds = { "request" }, now = backlog.NOW, lease = 60 })
    assert.matches("Index Scan using effects_open_of_kind", table.concat(plan, "\n"), 1, true)
  end)

  it("does not wait for a row that another worker is about to claim", function()
    local ledger = open()
    ledger:inbox_add("evt-1", "a", "client.linked", "{}", T0)
    ledger:inbox_add("evt-2", "b", "client.linked", "{}", T0)
    server:execute(("begin; select 1 from %s.inbox where id = 'evt-1' for update"):format(place.options.schema))
    local items = ledger:inbox_claim { now = T0, lease = 30 }
    server:execute("rollback")
    assert.are.same({ "evt-2", 1 }, { items[1].id, #items })
    assert.are.equal("evt-1", ledger:inbox_claim({ now = T0, lease = 30 })[1].id)
  end)

  it("takes the steps of one tenant one after the other, and waits no longer than the busy timeout", function()
    local ledger = open { busy_timeout = 0.05 }
    server:execute("begin; select pg_advisory_xact_lock(1684173921, hashtext('acme-1'))")
    local added, why = ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0)
    assert.are.equal("new", ledger:inbox_add("evt-2", "acme-2", "client.linked", "{}", T0))
    server:execute("rollback")
    assert.is_nil(added)
    assert.are.same({ "store", true }, { why.kind, why.retryable })
    assert.are.equal("store: PostgreSQL ledger: canceling statement due to lock timeout", tostring(why))
    assert.are.equal("new", ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0))
  end)

  it("undoes all of a step that fails in the middle", function()
    local ledger = open()
    assert.has_error(function()
      new_link(ledger, "acme-1", { EFFECTS[1], { key = "b", kind = "deliver", generation = 1, due_at = 0 / 0 } })
    end)
    assert.is_false(ledger:link("acme-1"))
    assert.are.same({}, ledger:effects {})
    assert.is_truthy(new_link(ledger, "acme-1"))
  end)

  it("says what was wrong with a row, and not what was in it", function()
    local _, why = open():link_move("acme-1", 0, {
      set = { state = "requesting", url = "https://referral.example/secret" }, entry = { event = "request" },
    }, T0)
    assert.are.equal('store: PostgreSQL ledger: null value in column "payload" of relation "links" violates not-null constraint',
      tostring(why))
  end)

  it("refuses an id that PostgreSQL cannot keep, and goes on", function()
    local ledger = open()
    for id, problem in pairs {
      ["evt\0"] = "id holds a NUL, which PostgreSQL cannot keep in an id",
      ["evt\255"] = "id is not valid UTF-8, which PostgreSQL asks of an id",
    } do
      local added, why = ledger:inbox_add(id, "acme-1", "client.linked", "{}", T0)
      assert.is_nil(added)
      assert.is_false(why.retryable)
      assert.are.equal("store: PostgreSQL ledger: " .. problem, tostring(why))
    end
    assert.are.equal("new", ledger:inbox_add("evt", "acme-1", "client.linked", "{}", T0))
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
      assert.matches("Connection refused", tostring(why))
    end
    server:start()
    assert.are.equal("new", ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0))
  end)

  it("undoes a step in whose middle the server went away", function()
    local ledger = open()
    local connection = ledger.backend.connection
    local done, why = connection:atomically(function()
      assert(connection:run("insert into tokens (key, token, expires_at) values ('k', :token, 0)", { token = "t" }))
      server:halt("KILL")
      server:start()
      return connection:run("delete from tokens where expires_at > 0")
    end)
    assert.is_nil(done)
    assert.are.same({ "store", true }, { why.kind, why.retryable })
    assert.is_false(ledger:token("k", -1))
  end)

  it("brings tables of the first version forward, and keeps what is in them", function()
    local name = place.options.schema
    server:execute(("create schema %s; set search_path = %s; create table ledger (version integer not null)"):format(name, name))
    server:execute("insert into ledger (version) values (1)")
    local types = { id = 'text collate "C"', bytes = "bytea", seq = "bigint generated by default as identity primary key" }
    for _, statement in ipairs(first_version(types)) do server:execute(statement) end
    server:execute("reset search_path")

    local ledger = open()
    assert.are.equal("2", server:execute(("select version from %s.ledger"):format(name))[1].version)
    local link = ledger:link("acme-1")
    assert.are.same({ "pending", 2, '{"name":"Sample Ltd"}' }, { link.state, link.version, link.payload })
    assert.are.equal("evt-1", ledger:link_history("acme-1")[1].event_id)
    assert.are.equal("evt-2", ledger:inbox_claim({ now = T0 + 2, lease = 30 })[1].id)
    local held = ledger:effects_claim { tenant = "acme-1", now = T0 + 1, lease = 30 }
    assert.are.same({ 1, "deliver/1/email/acme-1" }, { #held, held[1].key })
    assert.is_nil(held[1].matter)
    assert.are.equal(2, #ledger:effects { tenant = "acme-1" })
    assert.are.equal("submitting", ledger:matter_move("acme-1", "case", "R1", 0, {
      set = { state = "submitting" }, entry = { event = "submit" },
    }, T0).state)
    assert.are.equal("submitting", open():matter("acme-1", "case", "R1").state)
  end)

  it("refuses tables that a newer release wrote, and leaves them alone", function()
    open():close()
    server:execute(("update %s.ledger set version = 99"):format(place.options.schema))
    local ledger, why = store.open(place.address, place.options)
    assert.is_nil(ledger)
    assert.is_false(why.retryable)
    assert.are.equal("store: PostgreSQL ledger: its tables have version 99 and this release knows up to 2; "
      .. "use the newer release of debitura", tostring(why))
  end)

  it("says what keeps it from opening, without the password", function()
    local refused = {
      [server:address { password = "sample-wrong-password" }] =
        { false, '^store: PostgreSQL ledger: connection to server .* password authentication failed for user "debitura"$' },
      [server:address { database = "nowhere" }] = { false, 'database "nowhere" does not exist$' },
      ["postgresql://debitura:sample-wrong-password@127.0.0.1:1/x"] = { true, "Connection refused$" },
      ["postgresql://debitura:sample-wrong-password@[127.0.0.1:1/x"] = { false, 'matching "%]" in IPv6 host address in URI: ' },
      ["postgresql://debitura:sample-wrong-password@127.0.0.1/x?nonsense=1"] = { false, 'invalid URI query parameter: "nonsense"$' },
      ["postgresql://debitura:sample-wrong/password@127.0.0.1/x"] = { false, "must be percent%-encoded, such as %%40 for @$" },
      ["postgresql://debitura:sample-wrong@password@127.0.0.1/x"] = { false, "must be percent%-encoded, such as %%40 for @$" },
      ["postgresql:debitura"] = { false, "write its address as postgresql://user:password@host/database$" },
    }
    for address, expected in pairs(refused) do
      local ledger, why = store.open(address)
      assert.is_nil(ledger)
      assert.are.equal("store", why.kind)
      assert.are.equal(expected[1], why.retryable, tostring(why))
      assert.matches(expected[2], tostring(why))
      assert.is_nil(tostring(why):find("sample-wrong", 1, true))
    end
  end)

  it("refuses a database that cannot keep every text", function()
    server:execute("create database plain template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'")
    local _, why = store.open(server:address { database = "plain" })
    assert.are.equal("store: PostgreSQL ledger: the database is encoded as SQL_ASCII and must be UTF8", tostring(why))
  end)

  it("names the package to install when LuaSQL is missing", function()
    local loaded = package.loaded["luasql.postgres"]
    package.loaded["luasql.postgres"] = nil
    package.preload["luasql.postgres"] = function() error("module 'luasql.postgres' not found") end
    local _, why = store.open(place.address)
    package.preload["luasql.postgres"], package.loaded["luasql.postgres"] = nil, loaded
    assert.are.equal("store: PostgreSQL ledger: install LuaSQL for PostgreSQL: apt-get install lua-sql-postgres, "
      .. "or luarocks install luasql-postgres", tostring(why))
  end)
end)

describe_server("the postgresql store on a full disk" .. (missing or ""), function()
  it("says so, loses nothing, and goes on with what fits", function()
    local server = postgresql.start { limit = 2048 } -- KiB in one file
    local place = server:place()
    local ledger = assert(store.open(place.address, place.options))
    local body = {}
    for i = 1, 240 do body[i] = core.system.random(250) end -- does not compress
    body = table.concat(body)
    local kept, added, why = 0
    repeat
      added, why = ledger:inbox_add("evt-" .. kept, nil, "client.linked", body, T0)
      if added then kept = kept + 1 end
    until not added or kept == 100
    local known = #ledger:inbox_list { limit = 5000 }
    local link = ledger:link("acme-1")
    ledger:close()
    server:stop()
    assert.is_nil(added)
    assert.are.same({ "store", true }, { why.kind, why.retryable })
    assert.matches("^store: PostgreSQL ledger: could not extend file", tostring(why))
    assert.are.equal(kept, known)
    assert.is_false(link)
  end)
end)

describe("a postgresql address", function()
  local function read(rest)
    return (assert(address_of.read(rest)))
  end
  local PATIENCE = "connect_timeout=10&tcp_user_timeout=30000&fallback_application_name=debitura"

  it("asks for TLS that is verified, unless the server is this machine", function()
    assert.are.equal("postgresql://u@db.example/x?" .. PATIENCE .. "&sslmode=verify-full", read("//u@db.example/x"))
    assert.are.equal("postgresql://u@127.0.0.1:5432,[::1]/x?" .. PATIENCE, read("//u@127.0.0.1:5432,[::1]/x"))
    assert.matches("sslmode=verify%-full$", read("//u@localhost,db.example/x"))
    assert.matches("sslmode=verify%-full$", read("//localhost/x?host=db.example"))
    assert.matches("sslmode=verify%-full$", read("///x"))
  end)

  it("leaves what is said in it as it is", function()
    assert.are.equal("postgresql://db.example/x?sslmode=disable&connect_timeout=3&tcp_user_timeout=30000"
      .. "&fallback_application_name=debitura", read("//db.example/x?sslmode=disable&connect_timeout=3"))
  end)

  it("keeps its secrets out of what libpq says", function()
    local _, secrets = address_of.read("//u:a%2Bb@localhost/x?sslpassword=c.d")
    assert.are.equal('bad "[redacted]" and "[redacted]" in [redacted]', address_of.scrub('bad "a%2Bb" and "a+b" in c.d', secrets))
  end)
end)
