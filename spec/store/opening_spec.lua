-- How a store is opened: its address, its options, and one that is opened when it is first used.

local contract = require("debitura.store.contract")
local rows = require("spec.support.store_rows")
local store = require("debitura.store")

local KEY = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE="

describe("opening a store", function()
  local path

  before_each(function()
    path = os.tmpname()
    os.remove(path)
  end)
  after_each(function()
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
  end)

  it("takes an address and options, or one table of both", function()
    for _, opened in ipairs {
      assert(store.open("memory:", { encryption_key = KEY })),
      assert(store.open { address = "memory:", encryption_key = KEY }),
    } do
      local set = { state = "x", url = "u" }
      opened:record_move(rows.change("t", { rows.move("link", "", 0, set) }), 0)
      assert.are.equal("u", opened:record("link", "t", "").url)
      assert.matches("^s1%.", opened.backend:record("link", "t", "").url)
    end
  end)

  it("refuses an address of a kind it does not know", function()
    local opened, err = store.open("mysql://localhost")
    assert.is_nil(opened)
    assert.are.equal('store: unknown kind of store "mysql"; use memory:, sqlite:///path, '
      .. "postgresql://… or redis://…", tostring(err))
    assert.is_nil((store.open("nonsense")))
  end)

  describe("reports mistakes at the caller's line:", function()
    local function complaint(...)
      local sound, message = pcall(store.open, ...)
      assert.is_false(sound)
      local rest = tostring(message):match("^%.?/?spec/store/opening_spec%.lua:%d+: (.*)$")
      assert.is_string(rest, message)
      return rest
    end

    it("an option whose name is written wrong", function()
      assert.are.equal("debitura.store.open: unknown option 'encryptionkey', did you mean "
        .. "'encryption_key'?", complaint("sqlite://" .. path, { encryptionkey = KEY }))
      assert.are.equal("debitura.store.open: unknown option 'adress'",
        (complaint { address = "memory:", adress = "memory:" }):gsub(", did you mean.*", ""))
    end)

    it("an option of another backend", function()
      assert.are.equal("debitura.store.open: option 'schema' is for postgresql:, not for sqlite:",
        complaint("sqlite://" .. path, { schema = "debitura" }))
      assert.are.equal("debitura.store.open: option 'busy_timeout' is for sqlite: and postgresql:, "
        .. "not for redis:", complaint("redis://localhost", { busy_timeout = 2 }))
      assert.are.equal("debitura.store.open: option 'prefix' is for redis:, not for memory:",
        complaint("memory:", { prefix = "x" }))
    end)

    it("values that make no sense", function()
      local address = "postgresql://localhost/x"
      assert.are.equal("debitura.store.open: option 'schema': at most 63 small letters, digits and "
        .. "underscores", complaint(address, { schema = 'public"; drop' }))
      assert.are.equal("debitura.store.open: option 'busy_timeout': a number of seconds "
        .. "expected, got -1", complaint(address, { busy_timeout = -1 }))
      assert.are.equal("debitura.store.open: option 'encryption_key': text or debitura.secret "
        .. "expected, got 42", complaint("memory:", { encryption_key = 42 }))
      assert.matches("^debitura.store.open: option 'address'", complaint(nil))
      assert.matches("^debitura.store.open: option 'address'", complaint(42))
    end)
  end)

  it("refuses a key that is none, without showing it", function()
    local opened, err = store.open("memory:", {
      encryption_key = KEY, encryption_keys = { "sample-key" },
    })
    assert.is_nil(opened)
    assert.is_false(err.retryable)
    assert.are.equal("store: encryption key 2 of 2 is not 32 bytes in Base64 "
      .. "(44 characters, nothing around them)", tostring(err))
  end)

  describe("lazily", function()
    it("has every verb, and opens nothing before one is called", function()
      local lazy = store.lazy("sqlite://" .. path)
      for _, verb in ipairs(contract.verbs) do assert.is_function(lazy[verb], verb) end
      assert.is_nil(io.open(path))
      assert.are.equal("new", rows.add(lazy, "evt-1", "a"))
      assert.is_truthy(io.open(path))
      assert.are.equal("evt-1", lazy:inbox_claim({ now = rows.T0, lease = 9 })[1].id)
      assert.are.same({ false, "lost" }, { lazy:inbox_done({ id = "evt-1", claim = 9 }, rows.T0) })
      lazy:close()
      lazy:close()
      assert.has_error(function() lazy:inbox_last() end)
    end)

    it("tries again when it could not be opened", function()
      local lazy = store.lazy { address = "sqlite://" .. path .. "/store.db" }
      for _, verb in ipairs { "record", "open" } do
        local found, err = lazy[verb](lazy, "link", "a", "")
        assert.is_nil(found)
        assert.are.equal("store", err.kind)
      end
      assert(os.execute("mkdir " .. path))
      assert.is_true(lazy:open())
      assert.is_false(lazy:record("link", "a", ""))
      lazy:close()
      os.execute("rm -r " .. path)
    end)

    it("opens nothing when it is closed", function()
      local lazy = store.lazy("sqlite://" .. path)
      lazy:close()
      assert.has_error(function() lazy:record("link", "a", "") end)
      assert.is_nil(io.open(path))
    end)

    it("checks its options at once", function()
      assert.has_error(function() store.lazy("sqlite://" .. path, { schema = "x" }) end)
      assert.has_error(function() store.lazy(nil) end)
    end)

    it("keeps one store when two coroutines open it at once", function()
      local lazy, opened, closed = require("debitura.store.lazy"), 0, 0
      local one = lazy.new(function()
        opened = opened + 1
        local number = opened
        coroutine.yield()
        return {
          record = function() return number end,
          close = function() closed = closed + 1 end,
        }
      end, {})
      local seen, threads = {}, {}
      for i = 1, 2 do
        threads[i] = coroutine.create(function() seen[i] = one:record("link", "a", "") end)
        coroutine.resume(threads[i])
      end
      for i = 1, 2 do assert(coroutine.resume(threads[i])) end
      assert.are.same({ 1, 1 }, seen)
      assert.are.same({ 2, 1 }, { opened, closed })
    end)
  end)
end)
