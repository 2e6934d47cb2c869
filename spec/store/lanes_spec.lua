-- SQL stores in nginx: no worker waits for a database, what came together is kept together, and
-- each request hears of its own.

local in_nginx = require("spec.support.store_in_nginx")
local lua_text = require("spec.support.lua_text")
local postgresql = require("spec.support.postgresql")
local rows = require("spec.support.store_rows")
local server = require("spec.support.server")
local store = require("debitura.store")

local T0, AT_ONCE = rows.T0, 40

--- The databases: `place` of a new store; `hold` keeps others from writing to it until the function
-- that it gives is called.
local databases = {}

function databases.sqlite()
  local directory, count = server.run("mktemp -d"):gsub("%s+$", ""), 0
  return {
    place = function()
      count = count + 1
      return { address = ("sqlite://%s/%d.db"):format(directory, count), options = {} }
    end,
    hold = function(place)
      local environment = require("luasql.sqlite3").sqlite3()
      local connection = assert(environment:connect((place.address:gsub("^sqlite://", ""))))
      assert(connection:execute("begin immediate"))
      return function()
        connection:execute("rollback")
        connection:close()
        environment:close()
      end
    end,
    stop = function() server.run("rm -rf " .. directory) end,
  }
end

function databases.postgresql()
  local running = postgresql.start()
  return {
    running = running,
    place = function() return running:place() end,
    hold = function(place)
      running:execute("begin")
      running:execute(("lock table %s.inbox in exclusive mode"):format(place.options.schema))
      return function() running:execute("rollback") end
    end,
    stop = function() running:stop() end,
  }
end

local function event(id, tenant, body)
  return { id = id, tenant = tenant, event = "case.created", body = body or "{}" }
end

for _, name in ipairs { "sqlite", "postgresql" } do
  local missing = name == "postgresql" and postgresql.missing()
  local describe_store = missing and pending or describe
  describe_store(("a store in %s inside nginx%s"):format(name, missing or ""), function()
    local database, web, place, opened, beside

    setup(function() database = databases[name]() end)
    teardown(function() database.stop() end)

    local function start(options)
      web = in_nginx.start(options)
      place = database.place()
      place.options.busy_timeout = 50 -- while another process keeps the database
      beside = assert(store.open(place.address, place.options))
      opened = web:open(place)
      assert.is_false(opened:inbox_last())
    end

    after_each(function()
      beside:close()
      web:stop()
    end)

    --- Begins so many verbs and waits until the worker has all of them.
    local function begin_all(calls)
      local transfers, before = {}, tonumber(web:fetch("/begun"))
      for i, call in ipairs(calls) do
        transfers[i] = opened:begin("inbox_add", call[1], call[2] or T0)
      end
      assert.is_true(server.wait_until(function()
        return tonumber(web:fetch("/begun")) == before + #calls
      end))
      return transfers
    end

    local function words_of(transfers)
      local words = {}
      for i, transfer in ipairs(transfers) do words[i] = tostring((opened:finish(transfer))) end
      return words
    end

    --- Adds events while another process keeps the database, so that they gather.
    local function add_together(calls)
      local release = database.hold(place)
      local transfers = begin_all(calls)
      release()
      return transfers
    end

    it("keeps what came together, each once, and a tenant's events one after the other", function()
      start()
      local calls, expected = {}, {}
      for i = 1, AT_ONCE do
        local body = i % 4 == 0 and rows.every_byte() or "50 % :id 'x' \\ " .. i
        calls[i] = { event("evt-" .. math.ceil(i / 2), "t" .. math.ceil(i / 2) % 3, body), T0 + i }
      end
      local words = words_of(add_together(calls))
      for i = 1, AT_ONCE, 2 do
        local pair = { words[i], words[i + 1] }
        table.sort(pair)
        expected[#expected + 1] = table.concat(pair, " ")
      end
      assert.are.equal(("duplicate new "):rep(AT_ONCE / 2), table.concat(expected, " ") .. " ")
      local open, kept = {}, assert(beside:inbox_list {})
      assert.are.equal(AT_ONCE / 2, #kept)
      for _, item in ipairs(kept) do
        assert.are.equal(open[item.tenant] and "waiting" or "open", item.state)
        open[item.tenant] = true
        local number = tonumber(item.id:match("%d+"))
        local body = beside:inbox_item(item.id).body
        assert.is_true(body == calls[number * 2][1].body or body == calls[number * 2 - 1][1].body)
      end
      if database.running then
        local commits = database.running:execute(
          ("select count(distinct xmin::text) as n from %s.inbox"):format(place.options.schema))
        assert.is_true(tonumber(commits[1].n) <= 2)
      end
    end)

    it("answers another request while the database gives no answer", function()
      start()
      local release = database.hold(place)
      local transfers = begin_all { { event("evt-1", "a") }, { event("evt-2", "a") } }
      assert.are.equal("pong", web:fetch("/ping"))
      if name == "sqlite" then assert.are.same({}, opened:inbox_list {}) end -- reads go beside
      for _, transfer in ipairs(transfers) do assert.is_false(transfer:done()) end
      release()
      assert.are.same({ "new", "new" }, words_of(transfers))
    end)

    it("fails one event of 64 that cannot be kept, and no other of its batch", function()
      start()
      local calls = {}
      for i = 1, 64 do calls[i] = { event("evt-" .. i, "a") } end
      calls[5][2] = 0 / 0
      if name == "postgresql" then calls[7][1].id = "evt-\255" end
      local release = database.hold(place)
      local transfers = begin_all(calls)
      release()
      for i, transfer in ipairs(transfers) do
        local sound, added, err = pcall(opened.finish, opened, transfer)
        if i == 5 then
          assert.is_false(sound)
          assert.matches("a number in the store must be finite", added)
        elseif calls[i][1].id == "evt-\255" then
          assert.are.same({ "store", false }, { err.kind, err.retryable })
        else
          assert.are.equal("new", added)
        end
      end
      assert.are.equal(name == "postgresql" and 62 or 63, #beside:inbox_list {})
    end)

    it("carries a hundred bodies of a megabyte", function()
      start()
      -- Twenty at a time, which are several batches.
      for first = 1, 100, 20 do
        local transfers = {}
        for i = first, first + 19 do
          local body = ("%03d"):format(i) .. ("x"):rep(2 ^ 20)
          transfers[#transfers + 1] = opened:begin("inbox_add",
            event("evt-" .. i, "t" .. i % 7, body), T0)
        end
        for _, transfer in ipairs(transfers) do assert.are.equal("new", opened:finish(transfer)) end
      end
      assert.are.equal("077" .. ("x"):rep(2 ^ 20), opened:inbox_item("evt-77").body)
    end)

    for _, signal in ipairs { "HUP", "QUIT" } do
      it("answers what it has begun when nginx is sent " .. signal, function()
        start()
        local release = database.hold(place)
        local transfers = begin_all { { event("evt-1", "a") }, { event("evt-2", "b") } }
        web.server:signal(signal)
        release()
        assert.are.same({ "new", "new" }, words_of(transfers))
        assert.are.equal(2, #beside:inbox_list {})
      end)
    end

    it("blocks without threads, and says once which line is missing", function()
      start { main = "" }
      for i = 1, 3 do assert.are.equal("new", opened:inbox_add(event("evt-" .. i, "a"), T0)) end
      local _, said = web.server:log():gsub("thread_pool debitura threads=2;", "")
      assert.are.equal(1, said)
    end)

    it("serves phases of nginx that cannot wait, and survives the fork of the workers", function()
      local given = database.place()
      start { http = ([[
        lua_shared_dict notes 1m;
        init_by_lua_block {
          store = assert(require("debitura.store").open(%s))
          assert(store:inbox_add({ id = "init", event = "e", body = "1" }, 1))
        }
        init_worker_by_lua_block {
          local said = store:inbox_add({ id = "worker", event = "e", body = "" }, 2)
          ngx.shared.notes:set("said", said)
        }
      ]]):format(lua_text.of {
        address = given.address, schema = given.options.schema,
      }), more = [[
        location = /phases {
          content_by_lua_block {
            local sorted = {}
            table.sort({ 1, 2 }, function(a, b)
              sorted[1] = store:inbox_item("init").body
              return a < b
            end)
            ngx.print(ngx.shared.notes:get("said"), sorted[1], #store:inbox_list {})
          }
          log_by_lua_block { store:inbox_add({ id = "log", event = "e", body = "" }, 3) }
        }
      ]] }
      assert.are.equal("new12", web:fetch("/phases"))
      assert.is_true(server.wait_until(function() return web:fetch("/phases") == "new13" end))
    end)

    it("blocks where it was told to, and says nothing", function()
      start { main = "" }
      place.options.blocking = true
      assert.are.equal("new", opened:inbox_add(event("evt-1", "a"), T0))
      local _, said = web.server:log():gsub("thread_pool", "")
      assert.are.equal(1, said) -- of the store that was opened before
    end)
  end)
end
