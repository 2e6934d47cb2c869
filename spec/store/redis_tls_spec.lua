-- The Redis store over TLS, and in a cluster.

local core = require("debitura.core")
local nginx = require("debitura.nginx_app")
local redis = require("spec.support.redis")
local rows = require("spec.support.store_rows")
local store = require("debitura.store")

local T0 = rows.T0

--- Does a little of everything.
local function live(opened)
  local body = rows.every_byte()
  assert.are.equal("new", rows.add(opened, "evt-1", "acme-1", T0, { body = body }))
  assert.is_true(opened:record_move(rows.change("acme-1", {
    rows.move("link", "", 0, { state = "requesting" }),
  }, { rows.job("a") }), T0))
  assert.are.equal("requesting", opened:record("link", "acme-1", "").state)
  assert.are.equal(1, #opened:jobs_claim { now = T0, lease = 60 })
  assert.are.equal(body, opened:inbox_claim({ now = T0, lease = 60 })[1].body)
end

local missing = redis.missing() or not pcall(require, "ssl") and ": LuaSec is not installed"
local describe_server = missing and pending or describe

describe_server("the redis store over TLS" .. (missing or ""), function()
  local server

  setup(function() server = redis.start { tls = true } end)
  teardown(function() server:stop() end)

  it("works with a server whose certificate is its own, by address and by name", function()
    for i, host in ipairs { "127.0.0.1", "localhost" } do
      local opened = assert(store.open(server:address { host = host },
        { ca_file = server.ca_file, prefix = i .. ":" }))
      live(opened)
      server:halt()
      server:start()
      assert.are.equal("new", rows.add(opened, "evt-2", "acme-2"))
      opened:close()
    end
  end)

  it("refuses a server that no trusted authority vouches for", function()
    local opened, err = store.open(server:address())
    assert.is_nil(opened)
    assert.matches("certificate verify failed", tostring(err))
    assert.is_nil(tostring(err):find("sample", 1, true))
  end)

  it("refuses a certificate that is for another name", function()
    local opened, err = store.open(server:address { host = "127.0.0.2" },
      { ca_file = server.ca_file })
    assert.is_nil(opened)
    assert.matches("127.0.0.2", tostring(err), 1, true)
  end)

  it("refuses a server that speaks plain text", function()
    local plain = redis.start()
    local opened, err = store.open(plain:address():gsub("^redis:", "rediss:"),
      { ca_file = server.ca_file })
    plain:stop()
    assert.is_nil(opened)
    assert.matches("TLS: ", tostring(err))
  end)

  describe("in nginx", function()
    local web, engine

    local CONFIGURATION = [[
      lua_ssl_trusted_certificate $CA;
      lua_ssl_verify_depth 2;
      server {
        listen 127.0.0.1:$PORT;
        location / {
          content_by_lua_block {
            local opened, err = require("debitura.store").open("$ADDRESS", { prefix = "web:" })
            local event = { id = "evt-" .. ngx.var.arg_id, event = "e", body = "{}" }
            if opened then opened, err = opened:inbox_add(event, 0) end
            ngx.print(tostring(opened or err))
          }
        }
      }
    ]]

    local function get(ca_file, id)
      web = assert(nginx.start { http = CONFIGURATION:gsub("%$(%u+)", {
        CA = ca_file, ADDRESS = server:address(),
      }) })
      engine = assert(core.engine {})
      local transfer = assert(engine:submit { method = "GET", url = web.url .. "/?id=" .. id })
      while not transfer:done() do engine:wait(1) end
      local said = transfer:result().body
      engine:close()
      web:stop()
      return said
    end

    it("works with a server whose certificate is its own, and with no other", function()
      assert.are.equal("new", get(server.ca_file, "web"))
      assert.matches("certificate", get("/etc/ssl/certs/ca-certificates.crt", "other"))
    end)
  end)
end)

local no_redis = redis.missing()
local describe_cluster = no_redis and pending or describe

describe_cluster("the redis store in a cluster" .. (no_redis or ""), function()
  local one, two

  --- Makes a cluster of nodes, which share the slots.
  local function join(nodes)
    local first = 0
    for i, node in ipairs(nodes) do
      local last = math.floor(16384 * i / #nodes) - 1
      node:command("CLUSTER", "ADDSLOTSRANGE", tostring(first), tostring(last))
      first = last + 1
      if i > 1 then
        local bus = node:command("CONFIG", "GET", "cluster-port")[2]
        nodes[1]:command("CLUSTER", "MEET", "127.0.0.1", tostring(node.port), bus)
      end
    end
    for _, node in ipairs(nodes) do
      repeat
        local info = node:command("CLUSTER", "INFO")
        core.system.sleep(0.01)
      until info:find("cluster_state:ok", 1, true) and info:find("cluster_slots_ok:16384", 1, true)
    end
  end

  before_each(function() one, two = redis.start { cluster = true }, nil end)
  after_each(function()
    one:stop()
    if two then two:stop() end
  end)

  it("refuses a prefix that leaves its keys in several slots, also with one shard", function()
    join { one }
    local opened, err = store.open(one:address())
    assert.is_nil(opened)
    assert.is_false(err.retryable)
    assert.are.equal("store: Redis: the server belongs to a cluster, where a store's keys must be "
      .. 'kept together: open the store with a prefix in braces, such as prefix = "{debitura}:"',
      tostring(err))
  end)

  it("works with a prefix in braces, whichever node has its keys", function()
    two = redis.start { cluster = true }
    join { one, two }
    for _, prefix in ipairs { "{a}:", "{b}:", "{c}:", "{debitura}:" } do
      for _, node in ipairs { one, two } do
        local opened = assert(store.open(node:address(), { prefix = prefix .. node.port }))
        live(opened)
        opened:close()
      end
    end
  end)
end)
