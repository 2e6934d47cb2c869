-- What the Redis store refuses at opening, and how it says so.

local redis = require("spec.support.redis")
local server_support = require("spec.support.server")
local store = require("debitura.store")

local OPENERS = 4

-- A process that opens a store; filled in are its address and its prefix.
local OPENER = [[
  local store = assert(require("debitura.store").open(%q, { prefix = %q }))
  print(store:inbox_add({ id = "evt-1", event = "e", body = "{}" }, 0))]]

local missing = redis.missing()
local describe_server = missing and pending or describe

describe_server("opening a store in Redis" .. (missing or ""), function()
  local server, place

  setup(function() server = redis.start() end)
  teardown(function() server:stop() end)
  before_each(function() place = server:place() end)

  local function contents()
    local keys, kept = server:command("KEYS", place.options.prefix .. "*"), {}
    for _, key in ipairs(keys) do kept[key] = server:command("DUMP", key) end
    return kept
  end

  it("refuses a server that would forget what was acknowledged, unless that is wanted", function()
    local forgetful = assert(redis.start { appendonly = "no" })
    local address = forgetful:address()
    local refused, err = store.open(address)
    local taken = store.open(address, { volatile = true })
    forgetful:stop()
    assert.is_nil(refused)
    assert.is_false(err.retryable)
    assert.are.equal("store: Redis: the server keeps no log of its writes, so that a restart would "
      .. "lose webhooks that were acknowledged; set appendonly to yes, or open the store with "
      .. "volatile = true", tostring(err))
    assert.is_truthy(taken)
    taken:close()
  end)

  it("refuses a server that makes room by dropping any key", function()
    server:command("CONFIG", "SET", "maxmemory", "1gb", "maxmemory-policy", "allkeys-lru")
    local opened, err = store.open(place.address, { volatile = true })
    server:command("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction")
    assert.is_nil(opened)
    assert.is_false(err.retryable)
    assert.are.equal("store: Redis: the server drops any key when its memory is full "
      .. "(maxmemory-policy allkeys-lru); set it to noeviction", tostring(err))
  end)

  it("refuses keys of another layout, older or newer, and leaves them as they are", function()
    local prefix = place.options.prefix
    for version, said in pairs {
      ["6"] = "a checkout before 1.0.0 made it, and no release reads that; nothing was changed: "
        .. "name another place",
      v2 = "it has layout 2, and debitura 1.0.0 reads layout 1 alone; nothing was changed: install "
        .. "the release that migrated it, or a later one",
    } do
      server:command("SET", prefix .. "version", version)
      server:command("HSET", prefix .. "link:acme-1", "tenant", "acme-1", "state", "pending")
      local kept = contents()
      local opened, err = store.open(place.address, place.options)
      assert.is_nil(opened)
      assert.is_false(err.retryable)
      assert.are.equal("store: Redis: " .. said, tostring(err))
      assert.are.same(kept, contents())
    end
  end)

  it("makes no store when it is asked not to, and opens one that is there", function()
    local options = { prefix = place.options.prefix, create = false }
    local opened, err = store.open(place.address, options)
    assert.is_nil(opened)
    assert.are.same({ true, false }, { err.missing, err.retryable })
    assert.are.equal("store: Redis: the store does not exist yet", tostring(err))
    assert.are.same({}, contents())
    store.open(place.address, place.options):close()
    opened = assert(store.open(place.address, options))
    assert.is_false(opened:stamp())
    opened:close()
  end)

  it("takes what was opened by another process at the same time", function()
    local pipes, said = {}, {}
    for i = 1, OPENERS do
      pipes[i] = assert(io.popen(("%s -e %s 2>&1"):format(os.getenv("DEBITURA_ENGINE"),
        server_support.quote(OPENER:format(place.address, place.options.prefix)))))
    end
    for i, pipe in ipairs(pipes) do
      said[i] = pipe:read("*a")
      pipe:close()
    end
    table.sort(said)
    assert.are.equal(("duplicate\n"):rep(OPENERS - 1) .. "new\n", table.concat(said))
    assert.are.equal("v1", server:command("GET", place.options.prefix .. "version"))
  end)

  it("says what keeps it from opening, without the password", function()
    local refused = {
      [server:address { password = "sample-wrong-password" }] =
        { false, "^store: Redis: WRONGPASS invalid username%-password pair" },
      [("redis://127.0.0.1:%d"):format(server.port)] =
        { false, "^store: Redis: NOAUTH Authentication required%.$" },
      ["redis://:sample-wrong-password@127.0.0.1:1/0"] =
        { true, "^store: Redis: 127%.0%.0%.1:1: connection refused$" },
      [server:address { database = "99" }] = { false, "DB index is out of range$" },
      ["redis://:sample-wrong/password@127.0.0.1/0"] =
        { false, "write its address as redis://:password@host:port/database$" },
      ["redis://:sample-wrong@password@127.0.0.1/0"] =
        { false, "must be percent%-encoded, such as %%40 for @$" },
      ["redis://:sample-wrong-password@/0"] = { false, "its address names no host$" },
      ["redis://:sample-wrong-password@127.0.0.1/name"] =
        { false, "the database in its address is a number$" },
    }
    for address, expected in pairs(refused) do
      local opened, err = store.open(address)
      assert.is_nil(opened)
      assert.are.equal("store", err.kind)
      assert.matches(expected[2], tostring(err))
      assert.are.equal(expected[1], err.retryable, tostring(err))
      assert.is_nil(tostring(err):find("sample-wrong", 1, true))
    end
  end)

  it("names the package to install when LuaSec is missing", function()
    local loaded = package.loaded.ssl
    package.loaded.ssl = nil
    package.preload.ssl = function() error("module 'ssl' not found") end
    local _, err = store.open("rediss://localhost")
    package.preload.ssl, package.loaded.ssl = nil, loaded
    assert.are.equal("store: Redis: install LuaSec: apt-get install lua-sec, "
      .. "or luarocks install luasec", tostring(err))
  end)

  it("names the package to install when LuaSocket is missing", function()
    local loaded = package.loaded.socket
    package.loaded.socket = nil
    package.preload.socket = function() error("module 'socket' not found") end
    local _, err = store.open(place.address)
    package.preload.socket, package.loaded.socket = nil, loaded
    assert.are.equal("store: Redis: install LuaSocket: apt-get install lua-socket, "
      .. "or luarocks install luasocket", tostring(err))
  end)
end)
