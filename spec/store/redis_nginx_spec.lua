-- The Redis store inside nginx: the same store, and no worker is ever blocked by it.

local core = require("debitura.core")
local nginx = require("debitura.nginx_app")
local redis = require("spec.support.redis")

local CONFIGURATION = [[
  lua_socket_log_errors off;
  lua_shared_dict notes 1m;
  init_worker_by_lua_block {
    local _, why = require("debitura.store").open("$ADDRESS")
    ngx.shared.notes:set("init_worker", tostring(why))
  }
  server {
    listen 127.0.0.1:$PORT;
    location = /ping { content_by_lua_block { ngx.print("pong") } }
    location = /init_worker {
      content_by_lua_block { ngx.print(ngx.shared.notes:get("init_worker")) }
    }
    location = /add {
      content_by_lua_block {
        local kept = package.loaded
        kept.store = kept.store or assert(require("debitura.store").open("$ADDRESS"))
        local event = { id = ngx.var.arg_id, tenant = "acme-1", event = "e", body = "{}" }
        local added, why = kept.store:inbox_add(event, 0)
        ngx.print(tostring(added or why))
      }
    }
    location = /alone {
      content_by_lua_block {
        local kept = package.loaded
        kept.alone = kept.alone or assert(require("debitura.store").open("$ADDRESS", { batch = 1 }))
        local event = { id = ngx.var.arg_id, event = "e", body = "{}" }
        ngx.print(tostring(kept.alone:inbox_add(event, 0)))
      }
    }
    location = /move {
      content_by_lua_block {
        local store = assert(require("debitura.store").open("$ADDRESS"))
        local settable = require("debitura.store.contract").settable
        local long, moves, jobs = ("x"):rep(100), {}, {}
        for i = 1, 101 do
          local set = {}
          for _, column in ipairs(settable) do set[column] = long end
          set.generation, set.requested_at, set.expires_at = 1, 1, 2
          set.undelivered_since = 3
          moves[i] = {
            kind = "case", name = "R" .. i, version = 0, set = set,
            entry = { event = "e", event_id = "1" },
          }
          jobs[i] = {
            key = "j" .. i, kind = "k", record = "case", name = "R" .. i, generation = 1,
            due_at = 0,
          }
        end
        local moved, why = store:record_move({ tenant = "t", moves = moves, jobs = jobs }, 0)
        if not moved then return ngx.print(tostring(why)) end
        local job = store:jobs_claim({ now = 0, lease = 9, limit = 1 })[1]
        local name = store:record("case", "t", "R101").name
        ngx.print(tostring(moved), " ", name, " ", job.key, " ", tostring(job.channel))
      }
    }
    location = /tls {
      content_by_lua_block {
        local address = ("$ADDRESS"):gsub("^redis:", "rediss:")
        local opened, why = require("debitura.store").open(address, { timeout = 0.5 })
        ngx.print(tostring(opened or why))
      }
    }
  }
]]

local missing = redis.missing()
local describe_server = missing and pending or describe

describe_server("the redis store in nginx" .. (missing or ""), function()
  local server, web, engine

  setup(function()
    server = redis.start()
    local address = server:address():gsub("%%", "%%%%")
    web = assert(nginx.start { http = (CONFIGURATION:gsub("%$ADDRESS", address)) })
    engine = core.engine {}
  end)
  teardown(function()
    engine:close()
    web:stop()
    server:stop()
  end)

  local function get(path)
    return assert(engine:submit { method = "GET", url = web.url .. path })
  end

  local function body(transfer)
    while not transfer:done() do engine:wait(1) end
    return assert(transfer:result()).body
  end

  it("keeps what it is given", function()
    assert.are.equal("new", body(get("/add?id=evt-1")))
    assert.are.equal("duplicate", body(get("/add?id=evt-1")))
    assert.are.equal("acme-1", server:command("HGET", "debitura:event:evt-1", "tenant"))
  end)

  it("carries the largest change, and reads columns that are not set", function()
    assert.are.equal("true R101 j1 nil", body(get("/move")))
  end)

  it("leaves the worker to others while Redis takes its time", function()
    server:command("CLIENT", "PAUSE", "60000", "WRITE")
    local slow = get("/add?id=evt-2")
    assert.are.equal("pong", body(get("/ping")))
    assert.is_false(slow:done())
    server:command("CLIENT", "UNPAUSE")
    assert.are.equal("new", body(slow))
  end)

  it("sends what came together over sixteen connections, however many requests wait", function()
    body(get("/add?id=first"))
    server:command("SCRIPT", "FLUSH") -- which each of them has to find out
    server:command("CLIENT", "PAUSE", "60000", "WRITE")
    local slow = {}
    for i = 1, 60 do slow[i] = get("/add?id=many-" .. math.ceil(i / 2)) end
    assert.are.equal("pong", body(get("/ping")))
    local connections = server:command("INFO", "clients"):match("connected_clients:(%d+)")
    assert.is_true(tonumber(connections) <= 16 + 1, connections) -- and the one that asks
    server:command("CLIENT", "UNPAUSE")
    local words = {}
    for i, transfer in ipairs(slow) do
      local word = body(transfer)
      words[word] = (words[word] or 0) + 1
      if i % 2 == 0 then assert.are.equal(words.new, words.duplicate) end
    end
    assert.are.same({ new = 30, duplicate = 30 }, words)
  end)

  it("opens no more than 64 connections, also where each verb goes alone", function()
    assert.are.equal("new", body(get("/alone?id=alone")))
    server:command("CLIENT", "PAUSE", "60000", "WRITE")
    local slow = {}
    for i = 1, 100 do slow[i] = get("/alone?id=alone-" .. i) end
    assert.are.equal("pong", body(get("/ping")))
    local connections = server:command("INFO", "clients"):match("connected_clients:(%d+)")
    server:command("CLIENT", "UNPAUSE")
    assert.is_true(tonumber(connections) <= 64 + 2 + 1, connections)
    for _, transfer in ipairs(slow) do assert.are.equal("new", body(transfer)) end
    local stats = server:command("INFO", "clients"):match("connected_clients:(%d+)")
    assert.is_true(tonumber(stats) <= 64 + 2 + 1, stats)
  end)

  it("connects again when Redis was restarted", function()
    body(get("/add?id=evt-3"))
    server:halt("KILL")
    assert.matches("^store: Redis: 127%.0%.0%.1:%d+: connection refused$",
      body(get("/add?id=evt-4")))
    server:start()
    assert.are.equal("new", body(get("/add?id=evt-4")))
    assert.are.equal("duplicate", body(get("/add?id=evt-3")))
  end)

  it("fails where nginx cannot wait", function()
    assert.matches("a call has to wait, which nginx's phase init_worker cannot",
      body(get("/init_worker")))
  end)

  it("never speaks plain text when TLS was asked for", function()
    local said = body(get("/tls"))
    assert.matches("^store: Redis: 127%.0%.0%.1:%d+: ", said)
  end)
end)
