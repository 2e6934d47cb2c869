-- What holds for a store in a SQLite file beyond what holds for all.

local core = require("debitura.core")
local personal_bytes = require("spec.support.personal_bytes")
local rows = require("spec.support.store_rows")
local server = require("spec.support.server")
local store = require("debitura.store")

local T0 = rows.T0
local move, change, job = rows.move, rows.change, rows.job
local CLAIM = { now = T0, lease = 60 }

local UNCHANGED = "; nothing was changed: "
local CHECKOUT = "a checkout before 1.0.0 made it, and no release reads that" .. UNCHANGED
  .. "name another place"
local NEWER = "it has layout 99, and debitura 1.0.0 reads layout 1 alone" .. UNCHANGED
  .. "install the release that migrated it, or a later one"
local OLDER = "it has layout 0, and debitura 1.0.0 reads layout 1 alone" .. UNCHANGED
  .. "migrate it with an earlier release first"

--- A path for a store of its own, and a function that removes what SQLite left there.
local function temporary_path()
  local path = os.tmpname()
  os.remove(path)
  return path, function()
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
  end
end

local function new_link(opened, tenant, jobs)
  return opened:record_move(change(tenant, { move("link", "", 0, { state = "requesting" }) }, jobs),
    T0)
end

--- Runs statements on a file without this library.
local function execute(path, statements)
  local environment = require("luasql.sqlite3").sqlite3()
  local handle = assert(environment:connect(path))
  for _, statement in ipairs(statements) do assert(handle:execute(statement)) end
  handle:close()
  environment:close()
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

describe("the sqlite store", function()
  local path, remove, stores

  before_each(function()
    path, remove = temporary_path()
    stores = {}
  end)
  after_each(function()
    for _, opened in ipairs(stores) do opened:close() end
    remove()
  end)

  local function open(options)
    local opened = assert(store.open("sqlite://" .. path, options))
    stores[#stores + 1] = opened
    return opened
  end

  it("has no byte in its file of a tenant who is forgotten, sealed or not", function()
    for _, options in ipairs { {}, { encryption_key = ("QUFB"):rep(10) .. "QUE=" } } do
      local opened = assert(store.open("sqlite://" .. path, options))
      personal_bytes.check(opened, function()
        execute(path, { "vacuum" })
        assert(opened.backend.connection:run("pragma wal_checkpoint(truncate)"))
        return read(path)
      end)
      opened:close()
      remove()
    end
  end)

  it("keeps everything when it is closed and opened again", function()
    local opened = open()
    new_link(opened, "acme-1", { job("a") })
    rows.add(opened, "evt-1", "acme-1")
    opened:stamp("test")
    opened:close()
    opened:close()
    assert.has_error(function() opened:record("link", "acme-1", "") end)
    opened = open()
    assert.are.equal("requesting", opened:record("link", "acme-1", "").state)
    assert.are.equal(1, #opened:jobs { tenant = "acme-1" })
    assert.are.equal(1, #opened:inbox_claim(CLAIM))
    assert.are.equal("test", opened:stamp())
  end)

  it("lets two connections race for one record and one job, and one wins", function()
    local one, two = open(), open()
    new_link(one, "acme-1", { job("a") })
    assert.are.equal("stale", select(2, new_link(two, "acme-1")))
    assert.are.equal(1, #two:jobs_claim(CLAIM))
    assert.are.equal(0, #one:jobs_claim(CLAIM))
  end)

  it("says so when another process holds the file for longer than the busy timeout", function()
    local one, two = open(), open { busy_timeout = 0 }
    assert(one.backend.connection:run("begin immediate"))
    local moved, err = new_link(two, "acme-1")
    assert.is_nil(moved)
    assert.is_true(err.retryable)
    assert.are.equal("store: SQLite: database is locked", tostring(err))
    assert(one.backend.connection:run("rollback"))
    assert.is_truthy(new_link(two, "acme-1"))
  end)

  it("waits for a process that writes to a new file before it can write ahead", function()
    local writer = assert(io.popen("scripts/lua 5.4 -e " .. server.quote(([[
      local file = require("luasql.sqlite3").sqlite3():connect("%s")
      file:execute("begin immediate")
      file:execute("select name from sqlite_master"):close()
      print("writes")
      io.stdout:flush()
      require("debitura.core").system.sleep(0.3)
      file:execute("commit")
    ]]):format(path))))
    assert.are.equal("writes", writer:read("*l"))
    local opened, err = store.open("sqlite://" .. path)
    writer:close()
    assert.is_nil(err)
    opened:close()
  end)

  it("tells what can pass from what stays", function()
    local connection = open().backend.connection
    for statement, retryable in pairs {
      ["select nothing from nowhere"] = false, ["select"] = false,
      ["insert into nowhere values (1)"] = false,
    } do
      local _, err = connection:execute(statement)
      assert.are.equal(retryable, err.retryable, tostring(err))
    end
    local _, err = store.open("sqlite:///nonexistent/store.db")
    assert.is_false(err.retryable)
    for message, retryable in pairs {
      ["database is locked"] = true, ["database table is locked: inbox"] = true,
      ["database or disk is full"] = true, ["disk I/O error"] = true,
      ["cannot create /x: No space left on device"] = true,
      ["cannot create /x: Permission denied"] = false,
      ["attempt to write a readonly database"] = false, ["file is not a database"] = false,
      ["database disk image is malformed"] = false, ["unable to open database file"] = false,
    } do
      assert.are.equal(retryable, connection.failure("LuaSQL: " .. message).retryable, message)
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

  it("writes texts as they are, unless they hold a quote or a NUL", function()
    local connection = open().backend.connection
    local text = '{"a":"\\u0041"}\195\169'
    assert.are.equal("'" .. text .. "'", connection:literal("url", text))
    assert.are.equal("'it''s'", connection:literal("url", "it's"))
    assert.are.equal("cast(x'610062' as text)", connection:literal("url", "a\0b"))
  end)

  describe("on a file that is there", function()
    --- Holds that a file is refused for a reason and stays as it is, byte for byte.
    local function refused(reason)
      local before = read(path)
      for _, create in ipairs { true, false } do
        local opened, err = store.open("sqlite://" .. path, { create = create })
        assert.is_nil(opened)
        assert.are.same({ "store", false }, { err.kind, err.retryable })
        assert.are.equal("store: SQLite: " .. reason, tostring(err))
        assert.are.equal(before, read(path))
      end
    end

    it("refuses tables of a checkout before 1.0.0", function()
      execute(path, {
        "create table links (tenant text primary key, state text not null)",
        "create table effects (key text primary key)",
      })
      refused(CHECKOUT)
    end)

    it("refuses a layout that it does not read", function()
      for layout, said in pairs { ["6"] = CHECKOUT, v0 = OLDER, v99 = NEWER } do
        remove()
        local opened = assert(store.open("sqlite://" .. path))
        assert(opened.backend.connection:run(
          "update meta set value = '" .. layout .. "' where name = 'layout'"))
        opened:close()
        refused(said)
      end
    end)

    it("refuses another program's tables", function()
      for _, name in ipairs { "customers", "meta", "records" } do
        remove()
        execute(path, { "create table " .. name .. " (mine text)" })
        refused("it holds tables of another program; nothing was changed: name a place of its own")
      end
    end)

    it("refuses what is no database", function()
      local file = assert(io.open(path, "wb"))
      file:write(("this is not a database "):rep(100))
      file:close()
      local opened, err = store.open("sqlite://" .. path)
      assert.is_nil(opened)
      assert.are.equal("store: SQLite: file is not a database", tostring(err))
    end)

    it("takes an empty one", function()
      assert(io.open(path, "wb")):close()
      assert.is_truthy(new_link(open(), "acme-1"))
    end)
  end)

  describe("of permissions", function()
    local function permissions()
      local modes = {}
      for i, suffix in ipairs { "", "-wal", "-shm" } do
        modes[i] = ("%o"):format((core.system.permissions(path .. suffix)))
      end
      return table.concat(modes, " ")
    end

    it("makes files for the user alone", function()
      new_link(open(), "acme-1")
      assert.are.equal("600 600 600", permissions())
    end)

    it("makes files for the user's group as well, when asked to", function()
      new_link(open { group = true }, "acme-1")
      assert.are.equal("660 660 660", permissions())
    end)

    it("leaves those of a file that is there as they are", function()
      open():close()
      server.run("chmod 640 " .. path)
      new_link(open(), "acme-1")
      assert.are.equal("640 640 640", permissions())
    end)
  end)

  it("makes none when told not to, and says that there is none", function()
    for _ = 1, 2 do
      local opened, err = store.open("sqlite://" .. path, { create = false })
      assert.is_nil(opened)
      assert.are.same({ "store", false, true }, { err.kind, err.retryable, err.missing })
      assert.are.equal("store: SQLite: the store does not exist yet", tostring(err))
    end
    assert.is_nil((core.system.permissions(path)))
    open():close()
    assert.is_truthy(open { create = false }:record("link", "acme-1", "") == false)
  end)

  it("says so when the disk is full, and loses nothing that it acknowledged", function()
    local name = os.getenv("DEBITURA_ENGINE")
    local engine = name == "luajit" and "jit" or name:match("%d.*")
    -- The largest file a process may write stands for the disk; its signal is ignored, so that
    -- writing fails.
    local pipe = assert(io.popen(([[trap '' XFSZ; ulimit -f 1000;
      scripts/lua %s spec/support/inbox_filler.lua sqlite://%s 2>&1]]):format(engine, path)))
    local said = pipe:read("*a")
    pipe:close()
    local kept, still_there, kind, retryable, message =
      said:match("^(%d+)\t(%d+)\t(%S+)\t(%S+)\t(.-)\n$")
    assert.is_truthy(kept, said)
    assert.are.equal(kept, still_there)
    assert.are.same({ "store", "true" }, { kind, retryable })
    assert.is_truthy(message:find("disk", 1, true), message)
    local opened = open()
    assert.are.equal(tonumber(kept), #opened:inbox_list { limit = 2000 })
    assert.are.equal("new", rows.add(opened, "evt-after"))
  end)

  it("says what is wrong with a path it cannot open", function()
    local function said(address) return tostring(select(2, store.open(address))) end
    assert.are.equal("store: SQLite: cannot create /nowhere/at/all/store.db: No such file or "
      .. "directory", said("sqlite:///nowhere/at/all/store.db"))
    assert.are.equal("store: SQLite: cannot open /tmp: unable to open database file",
      said("sqlite:///tmp"))
    assert.are.equal("store: SQLite: write its address as sqlite:///absolute/path",
      said("sqlite://relative.db"))
  end)

  it("names the package to install when LuaSQL is missing", function()
    local searched = package.preload["luasql.sqlite3"]
    local loaded = package.loaded["luasql.sqlite3"]
    package.loaded["luasql.sqlite3"] = nil
    package.preload["luasql.sqlite3"] = function() error("module 'luasql.sqlite3' not found") end
    local _, err = store.open("sqlite://" .. path)
    package.preload["luasql.sqlite3"], package.loaded["luasql.sqlite3"] = searched, loaded
    assert.are.equal("store: SQLite: install LuaSQL for SQLite: apt-get install lua-sql-sqlite3, "
      .. "or luarocks install luasql-sqlite3", tostring(err))
    assert.is_nil((core.system.permissions(path)))
  end)
end)
