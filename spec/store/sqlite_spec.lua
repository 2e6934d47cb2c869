-- What holds for a ledger in a SQLite file beyond what holds for all.

local core = require("debitura.core")
local first_version = require("spec.support.first_version")
local schema = require("debitura.store.sql.schema")
local store = require("debitura.store")

local T0 = 1767225600 -- 2026-01-01T00:00:00Z

--- A path for a database of its own, and a function that removes what SQLite left there.
local function temporary_path()
  local path = os.tmpname()
  return path, function()
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
  end
end

local function new_link(ledger, tenant, change)
  change = change or {}
  return ledger:link_move(tenant, 0, {
    set = { state = "requesting", payload = "{}" }, awaited = change.awaited, effects = change.effects, entry = { event = "request" },
  }, T0)
end

local function effect(key, due_at)
  return { key = key, kind = "deliver", generation = 1, due_at = due_at or T0 }
end

describe("the sqlite store", function()
  local path, remove

  before_each(function() path, remove = temporary_path() end)
  after_each(function() remove() end)

  it("keeps everything when it is closed and opened again", function()
    local ledger = assert(store.open("sqlite://" .. path))
    new_link(ledger, "acme-1", { awaited = { "R1" }, effects = { effect("a") } })
    ledger:inbox_add("evt-1", "acme-1", "client.linked", "{}", T0)
    ledger:close()
    ledger:close()
    ledger = assert(store.open("sqlite://" .. path))
    assert.are.equal(1, ledger:link("acme-1").awaited)
    assert.are.equal(1, #ledger:effects { tenant = "acme-1" })
    assert.are.equal(1, #ledger:inbox_claim { now = T0, lease = 30 })
    ledger:close()
  end)

  it("lets two connections race for one link and one effect, and one wins", function()
    local one, two = assert(store.open("sqlite://" .. path)), assert(store.open("sqlite://" .. path))
    new_link(one, "acme-1", { effects = { effect("a") } })
    assert.are.equal("stale", select(2, new_link(two, "acme-1")))
    assert.are.equal(1, #two:effects_claim { now = T0, lease = 60, kinds = { "deliver" } })
    assert.are.equal(0, #one:effects_claim { now = T0, lease = 60, kinds = { "deliver" } })
    one:close()
    two:close()
  end)

  it("says so when another process holds the file for longer than the busy timeout", function()
    local one = assert(store.open("sqlite://" .. path))
    local two = assert(store.open("sqlite://" .. path, { busy_timeout = 0 }))
    assert(one.backend.connection:run("begin immediate"))
    local link, why = new_link(two, "acme-1")
    assert.is_nil(link)
    assert.are.equal("store", why.kind)
    assert.is_true(why.retryable)
    assert.are.equal("store: SQLite ledger: database is locked", tostring(why))
    assert(one.backend.connection:run("rollback"))
    assert.is_truthy(new_link(two, "acme-1"))
    one:close()
    two:close()
  end)

  it("undoes all of a step that fails in the middle", function()
    local ledger = assert(store.open("sqlite://" .. path))
    assert.has_error(function()
      new_link(ledger, "acme-1", { effects = { effect("a"), effect("b", 0 / 0) } })
    end)
    assert.is_false(ledger:link("acme-1"))
    assert.are.same({}, ledger:effects {})
    assert.is_truthy(new_link(ledger, "acme-1"))
    ledger:close()
  end)

  it("brings a file of the first version forward, and keeps what is in it", function()
    local driver = require("luasql.sqlite3")
    local environment = driver.sqlite3()
    local handle = assert(environment:connect(path))
    for _, statement in ipairs(first_version { id = "text", bytes = "text", seq = "integer primary key" }) do
      assert(handle:execute(statement))
    end
    assert(handle:execute("pragma user_version = 1"))
    handle:close()
    environment:close()

    local ledger = assert(store.open("sqlite://" .. path))
    assert.are.equal(2, ledger.backend.connection:run("pragma user_version")[1].user_version)
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
    ledger:close()
    ledger = assert(store.open("sqlite://" .. path))
    assert.are.equal("submitting", ledger:matter("acme-1", "case", "R1").state)
    ledger:close()
  end)

  it("makes the tables of each released version as that release made them", function()
    local released = { "3a2fc42afb94cb058c4327848040acef04eb49eb5409f76b24da14b45bf40e4a" }
    for version, digest in ipairs(released) do
      assert.are.equal(digest, core.digest.sha256(table.concat(schema[version], ";\n")))
    end
  end)

  it("refuses a file whose tables a newer release wrote, and leaves it alone", function()
    local ledger = assert(store.open("sqlite://" .. path))
    assert(ledger.backend.connection:run("pragma user_version = 99"))
    ledger:close()
    local refused, why = store.open("sqlite://" .. path)
    assert.is_nil(refused)
    assert.is_false(why.retryable)
    assert.are.equal(
      "store: SQLite ledger: its tables have version 99 and this release knows up to 2; use the newer release of debitura",
      tostring(why))
  end)

  it("says so when the disk is full, and loses nothing that it acknowledged", function()
    local name = os.getenv("DEBITURA_ENGINE")
    local engine = name == "luajit" and "jit" or name:match("%d.*")
    -- The largest file a process may write stands for the disk; its signal is ignored, so that writing fails.
    local pipe = assert(io.popen(("trap '' XFSZ; ulimit -f 1000; scripts/lua %s spec/support/inbox_filler.lua sqlite://%s 2>&1")
      :format(engine, path)))
    local said = pipe:read("*a")
    pipe:close()
    local kept, still_there, kind, retryable, message = said:match("^(%d+)\t(%d+)\t(%S+)\t(%S+)\t(.-)\n$")
    assert.is_truthy(kept, said)
    assert.are.equal(kept, still_there)
    assert.are.same({ "store", "true" }, { kind, retryable })
    assert.is_truthy(message:find("disk", 1, true), message)
    local ledger = assert(store.open("sqlite://" .. path))
    assert.are.equal(tonumber(kept), #ledger:inbox_list { limit = 2000 })
    assert.are.equal("new", ledger:inbox_add("evt-after", nil, "client.linked", "{}", T0))
    ledger:close()
  end)

  it("says what is wrong with a path it cannot open", function()
    local _, why = store.open("sqlite:///nowhere/at/all/ledger.db")
    assert.are.equal("store: SQLite ledger: cannot open /nowhere/at/all/ledger.db: unable to open database file", tostring(why))
    _, why = store.open("sqlite:///proc/ledger.db")
    assert.are.equal("store: SQLite ledger: cannot open /proc/ledger.db: unable to open database file", tostring(why))
    _, why = store.open("sqlite://relative.db")
    assert.are.equal("store: SQLite ledger: write its address as sqlite:///absolute/path", tostring(why))
  end)

  it("says what is wrong with a file that is no database", function()
    local file = assert(io.open(path, "wb"))
    file:write(("this is not a database "):rep(100))
    file:close()
    local _, why = store.open("sqlite://" .. path)
    assert.are.equal("store: SQLite ledger: file is not a database", tostring(why))
  end)

  it("names the package to install when LuaSQL is missing", function()
    local searched = package.preload["luasql.sqlite3"]
    local loaded = package.loaded["luasql.sqlite3"]
    package.loaded["luasql.sqlite3"] = nil
    package.preload["luasql.sqlite3"] = function() error("module 'luasql.sqlite3' not found") end
    local _, why = store.open("sqlite://" .. path)
    package.preload["luasql.sqlite3"], package.loaded["luasql.sqlite3"] = searched, loaded
    assert.are.equal("store: SQLite ledger: install LuaSQL for SQLite: apt-get install lua-sql-sqlite3, "
      .. "or luarocks install luasql-sqlite3", tostring(why))
  end)
end)
