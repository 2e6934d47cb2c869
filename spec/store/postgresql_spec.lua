-- What holds for a store in PostgreSQL beyond what holds for all.

local core = require("debitura.core")
local personal_bytes = require("spec.support.personal_bytes")
local pgbouncer = require("spec.support.pgbouncer")
local postgresql = require("spec.support.postgresql")
local rows = require("spec.support.store_rows")
local store = require("debitura.store")
local wait_until = require("spec.support.server").wait_until

local T0 = rows.T0
local move, change, job = rows.move, rows.change, rows.job
local CLAIM = { now = T0, lease = 60 }

local function new_link(opened, tenant, jobs)
  return opened:record_move(change(tenant, { move("link", "", 0, { state = "requesting" }) }, jobs),
    T0)
end

local missing = postgresql.missing()
local describe_server = missing and pending or describe

describe_server("the postgresql store" .. (missing or ""), function()
  local server, place, stores

  setup(function() server = postgresql.start() end)
  teardown(function() server:stop() end)

  --- Another connection to the same store.
  local function open(options)
    local all = { schema = place.options.schema }
    for name, value in pairs(options or {}) do all[name] = value end
    local opened = assert(store.open(place.address, all))
    stores[#stores + 1] = opened
    return opened
  end

  before_each(function()
    place, stores = server:place(), {}
  end)
  after_each(function()
    for _, opened in ipairs(stores) do opened:close() end
  end)

  it("gives no byte into a dump of a tenant who is forgotten, sealed or not", function()
    for _, options in ipairs { {}, { encryption_key = ("QUFB"):rep(10) .. "QUE=" } } do
      place = server:place()
      personal_bytes.check(open(options), function() return server:dump(place) end)
    end
  end)

  it("keeps everything when it is closed and opened again", function()
    local opened = open()
    new_link(opened, "acme-1", { job("a") })
    rows.add(opened, "evt-1", "acme-1")
    opened:close()
    opened:close()
    opened = open()
    assert.are.equal("requesting", opened:record("link", "acme-1", "").state)
    assert.are.equal(1, #opened:jobs { tenant = "acme-1" })
    assert.are.equal(1, #opened:inbox_claim(CLAIM))
  end)

  it("leaves the application's own tables alone", function()
    server:execute("create table if not exists public.records (mine text)")
    new_link(open(), "acme-1")
    assert.are.same({}, server:execute("select * from public.records"))
    local counted = server:execute(("select count(*) as n from %s.records")
      :format(place.options.schema))
    assert.are.equal("1", counted[1].n)
  end)

  it("adds many webhooks or none when another worker adds one of them meanwhile", function()
    local opened = open()
    server:execute((([[create function $s.rival() returns trigger language plpgsql as $$ begin
        insert into $s.inbox (id, tenant, event, received_at, replay, state, attempt, claim, due_at)
        values (new.id, 'other', 'e', 0, 0, 'open', 0, 0, 0); return new; end $$;
      create trigger rival before insert on $s.inbox for each row
        when (new.id = 'evt-1' and pg_trigger_depth() = 0) execute procedure $s.rival()]])
      :gsub("%$s", place.options.schema)))
    local events = {}
    for i = 1, 3 do
      events[i] = { id = "evt-" .. i, tenant = "acme-1", event = "e", body = "{}" }
    end
    local added, err = opened:inbox_add_many(events, T0)
    assert.is_nil(added)
    assert.are.same({ "store", true }, { err.kind, err.retryable })
    assert.are.same({}, opened:inbox_list {})
    server:execute(("drop trigger rival on %s.inbox"):format(place.options.schema))
    assert.are.same({ "new", "new", "new" }, opened:inbox_add_many(events, T0))
  end)

  it("lets two connections race for one record and one job, and one wins", function()
    local one, two = open(), open()
    new_link(one, "acme-1", { job("a") })
    assert.are.equal("stale", select(2, new_link(two, "acme-1")))
    assert.are.equal(1, #two:jobs_claim(CLAIM))
    assert.are.equal(0, #one:jobs_claim(CLAIM))
  end)

  it("does not wait for rows that another worker is about to claim", function()
    local opened, name = open(), place.options.schema
    rows.add(opened, "evt-1", "a")
    rows.add(opened, "evt-2", "b")
    rows.enqueue(opened, "a", { job("a"), job("b") })
    server:execute(([[begin; select 1 from %s.inbox where id = 'evt-1' for update;
      select 1 from %s.jobs where key = 'a' for update]]):format(name, name))
    local items, jobs = opened:inbox_claim(CLAIM), opened:jobs_claim(CLAIM)
    server:execute("rollback")
    assert.are.equal("evt-2", rows.ids(items))
    assert.are.equal("b", rows.keys(jobs))
    assert.are.equal("evt-1", rows.ids(opened:inbox_claim(CLAIM)))
    assert.are.equal("a", rows.keys(opened:jobs_claim(CLAIM)))
  end)

  it("takes a tenant's steps one after the other, no longer than the busy timeout", function()
    local opened = open { busy_timeout = 0.05 }
    server:execute("begin; select pg_advisory_xact_lock(1684173922, hashtext('acme-1') & 15)")
    local added, err = rows.add(opened, "evt-1", "acme-1")
    local moved = new_link(opened, "acme-1")
    assert.are.equal("new", rows.add(opened, "evt-2", "acme-2"))
    server:execute("rollback")
    assert.is_nil(added)
    assert.is_nil(moved)
    assert.are.same({ "store", true }, { err.kind, err.retryable })
    assert.are.equal("store: PostgreSQL: canceling statement due to lock timeout", tostring(err))
    assert.are.equal("new", rows.add(opened, "evt-1", "acme-1"))
  end)

  it("tells what can pass from what stays", function()
    local connection = open().backend.connection
    for statement, retryable in pairs {
      ["select nothing from nowhere"] = false, ["select from from"] = false,
      ["select 'ten'::integer"] = false, ["select 1e400::double precision"] = false,
      ["set statement_timeout = 1; select pg_sleep(5)"] = true,
    } do
      local _, err = connection:execute(statement)
      assert.are.equal(retryable, err.retryable, tostring(err))
      connection:execute("set statement_timeout = 0")
    end
    for message, retryable in pairs {
      ["permission denied for table record"] = false, ["deadlock detected"] = true,
      ["could not extend file \"base/1\": No space left on device"] = true,
      ["sorry, too many clients already"] = true, ["the database system is starting up"] = true,
    } do
      local err = connection.failure("LuaSQL: error executing statement. PostgreSQL: " .. message)
      assert.are.equal(retryable, err.retryable, message)
    end
  end)

  it("undoes all of a step that fails in the middle", function()
    local opened = open()
    assert.has_error(function() new_link(opened, "acme-1", { job("a"), job("b", 0 / 0) }) end)
    assert.is_false(opened:record("link", "acme-1", ""))
    assert.are.same({}, opened:jobs { tenant = "acme-1" })
    assert.are.same({}, opened:counts())
    assert.is_truthy(new_link(opened, "acme-1"))
  end)

  it("says what was wrong with a row, and not what was in it", function()
    local _, err = open().backend:record_move(change("acme-1", {
      move("link", "", 0, { url = "https://referral.example/secret" }),
    }), T0)
    assert.are.equal('store: PostgreSQL: null value in column "state" of relation "records" '
      .. "violates not-null constraint", tostring(err))
  end)

  it("refuses an id that PostgreSQL cannot keep, and goes on", function()
    local opened = open()
    for id, problem in pairs {
      ["evt\0"] = "id holds a NUL, which PostgreSQL cannot keep in an id",
      ["evt\255"] = "id is not valid UTF-8, which PostgreSQL asks of an id",
    } do
      local added, err = rows.add(opened, id, "acme-1")
      assert.is_nil(added)
      assert.is_false(err.retryable)
      assert.are.equal("store: PostgreSQL: " .. problem, tostring(err))
    end
    local moved, err = new_link(opened, "a\0")
    assert.is_nil(moved)
    assert.is_false(err.retryable)
    assert.are.equal("new", rows.add(opened, "evt", "acme-1"))
  end)

  it("sends printable ASCII as it is, and the rest escaped", function()
    local connection = open().backend.connection
    local body = '{"id":"evt-1","tenant":"[A-Z]~^_`|"}'
    assert.are.equal("'" .. body .. "'::bytea", connection:literal("body", body))
    assert.are.equal("'\\047\\134\\000\\011\\177\\303\\251'::bytea",
      connection:literal("body", "'\\\0\t\127\195\169"))
    assert.are.equal("'it''s'", connection:literal("tenant", "it's"))
  end)

  it("connects again when the server was restarted between two verbs", function()
    local opened = open()
    new_link(opened, "acme-1", { job("a") })
    local claimed
    local verbs = {
      function() return opened:record("link", "acme-1", "") end,
      function() return rows.add(opened, "evt-1", "acme-1") end,
      function()
        claimed = opened:jobs_claim(CLAIM)[1]
        return claimed
      end,
      function() return opened:job_done(claimed, T0 + 1) end,
      function()
        return opened:record_move(change("acme-1", { move("link", "", 1, { state = "x" }) }), T0)
      end,
    }
    for i, verb in ipairs(verbs) do
      server:halt(i % 2 == 0 and "KILL" or nil)
      server:start()
      assert.is_truthy(verb())
    end
    assert.are.equal("x", opened:record("link", "acme-1", "").state)
  end)

  it("fails while the server is away, and works when it is back", function()
    local opened = open()
    server:halt()
    local function beat()
      return opened:beat({ id = "p", role = "worker", host = "h", pid = 1, release = "1",
        about = "{}", started_at = T0 }, T0)
    end
    local function add() return rows.add(opened, "evt-1", "acme-1") end
    for _, verb in ipairs { beat, add, beat, add } do -- a transaction, and one statement
      local done, err = verb()
      assert.is_nil(done)
      assert.are.same({ "store", true }, { err.kind, err.retryable })
      assert.matches("Connection refused", tostring(err))
    end
    server:start()
    assert.is_true(beat())
    assert.are.equal("new", add())
  end)

  it("ends what takes too long", function()
    local opened = open { busy_timeout = 0 }
    local timeout = opened.backend.connection:run("show statement_timeout")
    assert.are.equal("30001ms", timeout[1].statement_timeout)
    assert(opened.backend.connection:run("set statement_timeout = 20"))
    local connection = opened.backend.connection
    local slept, err = pcall(connection.run, connection, "select pg_sleep(60)")
    assert.is_false(slept)
    assert.are.same({ "store", true }, { err.kind, err.retryable })
    assert.is_false(opened:record("link", "acme-1", ""))
  end)

  describe("with two servers", function()
    local other

    setup(function() other = postgresql.start() end)
    teardown(function() other:stop() end)

    --- Makes the first server a standby, as far as its clients can tell, or a primary again.
    local function demote(is_standby)
      local setting = is_standby and "on" or "off"
      server:execute("alter system set default_transaction_read_only = " .. setting)
      server:execute("select pg_reload_conf()")
      -- The server hears of it a while later; a new connection tells that it has.
      assert(wait_until(function()
        server:forget_connection()
        local shown = server:execute("show default_transaction_read_only")
        return shown[1].default_transaction_read_only == setting
      end))
      server:forget_connection()
    end

    --- Opens the store at both; the tables are at the second one as a failover would find them.
    local function open_both()
      assert(store.open(other:address(), place.options)):close()
      local both = (":%d,127.0.0.1:%d/"):format(server.port, other.port)
      place.address = place.address:gsub(":%d+/", both)
      return open()
    end

    local VERBS = {
      function(opened) return rows.add(opened, "evt-1", "acme-1") end,
      function(opened) return new_link(opened, "acme-1") end,
      function(opened) return opened:lease("sweep", "me", 60, T0) end,
      function(opened) return opened:token_put("key", "token", T0 + 60, T0) end,
    }

    for i, verb in ipairs(VERBS) do
      it("goes over to the one that is primary now, verb " .. i, function()
        local opened = open_both()
        assert.is_false(opened:record("link", "acme-1", ""))
        finally(function() demote(false) end)
        demote(true)
        -- A verb of several steps finds out by failing.
        if not verb(opened) then assert.is_truthy(verb(opened)) end
        local beside = assert(store.open(other:address(), place.options))
        assert.is_truthy(beside:inbox_item("evt-1") or beside:record("link", "acme-1", "")
          or beside:token("key", T0) or not beside:lease("sweep", "you", 60, T0))
        beside:close()
      end)
    end
  end)

  local no_pooler = pgbouncer.missing()
  local describe_pooler = no_pooler and pending or describe

  describe_pooler("behind PgBouncer" .. (no_pooler or ""), function()
    local poolers = {}

    setup(function()
      for _, mode in ipairs { "session", "transaction" } do
        poolers[mode] = pgbouncer.start(server, mode)
      end
    end)
    teardown(function()
      for _, pooler in pairs(poolers) do pooler:stop() end
    end)

    --- Does a little of everything, with two connections that take turns.
    local function live(options)
      local one, two = open(options), open(options)
      for i = 1, 20 do
        local tenant = "acme-" .. i
        assert.are.equal("new", rows.add(one, "evt-" .. i, tenant))
        assert.is_true(new_link(two, tenant, { job("a" .. i) }))
        assert.are.equal("requesting", one:record("link", tenant, "").state)
      end
      assert.are.equal(20, #two:jobs_claim(CLAIM))
      assert.are.equal("new duplicate", table.concat(one:inbox_add_many({
        { id = "evt-0", tenant = "acme-1", event = "e", body = rows.every_byte() },
        { id = "evt-1", tenant = "acme-1", event = "e", body = "" },
      }, T0), " "))
      assert.are.equal(rows.every_byte(), two:inbox_item("evt-0").body)
      assert.is_true(one:token_put("key", "token", T0 + 60, T0))
      return one
    end

    it("works where the pooler keeps sessions", function()
      place.address = poolers.session.address
      live()
    end)

    it("works where the pooler keeps none, when it is told so, and leaves nothing behind",
      function()
      place.address = poolers.transaction.address
      local opened = live { pooled = true }
      opened.backend.connection.pooled = false
      assert.are_not.equal(place.options.schema,
        opened.backend.connection:run("show search_path")[1].search_path)
    end)

    it("says so where the pooler keeps none, and writes nothing", function()
      place.address = poolers.transaction.address
      local opened = open()
      -- A client that has its own connection of the server meanwhile.
      local connection = open { pooled = true }.backend.connection
      assert(connection:atomically(function()
        assert(connection:run("select 1"))
        local added, err = rows.add(opened, "evt-1", "acme-1")
        assert.is_nil(added)
        assert.is_false(err.retryable)
        assert.are.equal("store: PostgreSQL: the connection does not keep its session, as behind "
          .. "PgBouncer with pool_mode = transaction; open the store with pooled = true",
          tostring(err))
        return true
      end))
    end)
  end)

  it("undoes a step in whose middle the server went away", function()
    local opened = open()
    local connection = opened.backend.connection
    local done, err = pcall(connection.atomically, connection, function()
      connection:run("insert into tokens (key, token, expires_at) values ('k', :token, 0)", {
        token = "t",
      })
      server:halt("KILL")
      server:start()
      return connection:run("delete from tokens where expires_at > 0")
    end)
    assert.is_false(done)
    assert.are.same({ "store", true }, { err.kind, err.retryable })
    assert.is_false(opened:token("k", -1))
  end)

  describe("in a schema that is there", function()
    --- Holds that a schema is refused for a reason, and stays as it is.
    local function refused(reason)
      local tables = ("select tablename from pg_tables where schemaname = '%s' order by 1")
        :format(place.options.schema)
      local before = server:execute(tables)
      local opened, err = store.open(place.address, place.options)
      assert.is_nil(opened)
      assert.is_false(err.retryable)
      assert.are.equal("store: PostgreSQL: " .. reason, tostring(err))
      assert.are.same(before, server:execute(tables))
    end

    it("refuses tables of a checkout before 1.0.0", function()
      local name = place.options.schema
      server:execute(([[create schema %s; create table %s.ledger (version integer not null);
        insert into %s.ledger values (2); create table %s.links (tenant text primary key);
        create table %s.effects (key text primary key)]]):gsub("%%s", name))
      refused("a checkout before 1.0.0 made it, and no release reads that; nothing was changed: "
        .. "name another place")
    end)

    it("refuses tables of a newer layout", function()
      open():close()
      server:execute(("update %s.meta set value = 'v99' where name = 'layout'")
        :format(place.options.schema))
      refused("it has layout 99, and debitura 1.0.0 reads layout 1 alone; nothing was changed: "
        .. "install the release that migrated it, or a later one")
    end)

    it("refuses another program's tables", function()
      server:execute(("create schema %s; create table %s.jobs (mine text)")
        :gsub("%%s", place.options.schema))
      refused("it holds tables of another program; nothing was changed: name a place of its own")
    end)

    it("makes its tables where there are none", function()
      server:execute("create schema " .. place.options.schema)
      assert.is_truthy(new_link(open(), "acme-1"))
    end)
  end)

  it("makes none when told not to, and says that there is none", function()
    place.options.create = false
    local opened, err = store.open(place.address, place.options)
    assert.is_nil(opened)
    assert.are.same({ "store", false, true }, { err.kind, err.retryable, err.missing })
    assert.are.equal("store: PostgreSQL: the store does not exist yet", tostring(err))
    assert.are.same({}, server:execute(("select 1 from pg_namespace where nspname = '%s'")
      :format(place.options.schema)))
    open():close()
    assert.is_false(open({ create = false }):record("link", "acme-1", ""))
  end)

  it("says what keeps it from opening, without the password", function()
    local refused = {
      [server:address { password = "sample-wrong-password" }] = {
        false,
        "^store: PostgreSQL: connection to server .* password authentication failed "
          .. 'for user "debitura"$',
      },
      [server:address { database = "nowhere" }] = { false, 'database "nowhere" does not exist$' },
      ["postgresql://debitura:sample-wrong-password@127.0.0.1:1/x"] =
        { true, "Connection refused$" },
      ["postgresql://debitura:sample-wrong-password@[127.0.0.1:1/x"] =
        { false, 'matching "%]" in IPv6 host address in URI: ' },
      ["postgresql://debitura:sample-wrong-password@127.0.0.1/x?nonsense=1"] =
        { false, 'invalid URI query parameter: "nonsense"$' },
      ["postgresql://debitura:sample-wrong/password@127.0.0.1/x"] =
        { false, "must be percent%-encoded, such as %%40 for @$" },
      ["postgresql://debitura:sample-wrong@password@127.0.0.1/x"] =
        { false, "must be percent%-encoded, such as %%40 for @$" },
      ["postgresql:debitura"] =
        { false, "write its address as postgresql://user:password@host/database$" },
    }
    for address, expected in pairs(refused) do
      local opened, err = store.open(address)
      assert.is_nil(opened)
      assert.are.equal("store", err.kind)
      assert.are.equal(expected[1], err.retryable, tostring(err))
      assert.matches(expected[2], tostring(err))
      assert.is_nil(tostring(err):find("sample-wrong", 1, true))
    end
  end)

  it("refuses a database that cannot keep every text", function()
    server:execute("create database plain template template0 encoding 'SQL_ASCII' "
      .. "locale_provider libc locale 'C'")
    local _, err = store.open(server:address { database = "plain" })
    assert.are.equal("store: PostgreSQL: the database is encoded as SQL_ASCII and must be UTF8",
      tostring(err))
  end)

  it("names the package to install when LuaSQL is missing", function()
    local loaded = package.loaded["luasql.postgres"]
    package.loaded["luasql.postgres"] = nil
    package.preload["luasql.postgres"] = function()
      error("module 'luasql.postgres' not found")
    end
    local _, err = store.open(place.address)
    package.preload["luasql.postgres"], package.loaded["luasql.postgres"] = nil, loaded
    assert.are.equal("store: PostgreSQL: install LuaSQL for PostgreSQL: apt-get install "
      .. "lua-sql-postgres, or luarocks install luasql-postgres", tostring(err))
  end)
end)

describe_server("the postgresql store on a full disk" .. (missing or ""), function()
  it("says so, loses nothing, and goes on with what fits", function()
    local server = postgresql.start { limit = 2048 } -- KiB in one file
    local place = server:place()
    local opened = assert(store.open(place.address, place.options))
    local body = {}
    for i = 1, 240 do body[i] = core.system.random(250) end -- does not compress
    body = table.concat(body)
    local kept, added, err = 0
    repeat
      added, err = rows.add(opened, "evt-" .. kept, nil, T0, { body = body })
      if added then kept = kept + 1 end
    until not added or kept == 100
    local known = #opened:inbox_list { limit = 5000 }
    local link = opened:record("link", "acme-1", "")
    opened:close()
    server:stop()
    assert.is_nil(added)
    assert.are.same({ "store", true }, { err.kind, err.retryable })
    assert.matches("^store: PostgreSQL: could not extend file", tostring(err))
    assert.are.equal(kept, known)
    assert.is_false(link)
  end)
end)
