-- Sweeps of many links by several processes, against a sandbox, while processes die and stores go
-- away.

local backlog = require("spec.support.backlog")
local core = require("debitura.core")
local counting_store = require("spec.support.counting_store")
local debitura = require("debitura")
local expired_link_recovery = require("debitura.recipes.verbs.recovery")
local sandbox = require("debitura.sandbox")
local server = require("spec.support.server")

local ENGINE = rawget(_G, "jit") and "jit" or _VERSION:match("%d.%d")
-- The interpreters share the work: one of them tries the large number.
local MANY = ENGINE == "jit" and 10000 or 1000
local SOME = 60
local LEASE = 600
--- The key of the delivery of a tenant's second URL.
local DELIVERED = "deliver/link/2/notes/17:%s/0:"

local service, directory, places

--- A new store's file.
local function new_place()
  places = places + 1
  return { address = ("sqlite://%s/store-%d.db"):format(directory, places) }
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local text = file:read("*a")
  file:close()
  return text
end

--- Starts a process that sweeps.
-- @treturn function that waits for its end and gives its counts, or what it said instead
local function start_sweep(place, options)
  options.address, options.options, options.url = place.address, place.options, service.url
  options.now, options.quick = options.now or backlog.NOW, true
  local pipe = assert(io.popen(("scripts/lua %s spec/support/sweep_worker.lua %s 2>&1"):format(
    ENGINE, server.quote(assert(core.json.encode(options))))))
  return function()
    local said = pipe:read("*a")
    pipe:close()
    return core.json.decode(said) or said
  end
end

local function sweep(place, options)
  return start_sweep(place, options)()
end

--- What processes have noted: how often each tenant was asked for, and how often each message was
-- delivered, by its key.
local function happened(...)
  local asked, delivered, urls = {}, {}, {}
  for _, path in ipairs { ... } do
    for line in read(path):gmatch("[^\n]+") do
      local tenant = line:match("^asked (%S+)$")
      local key, url = line:match("^delivered %S+ 2 (%S+) (%S+)$")
      if tenant then asked[tenant] = (asked[tenant] or 0) + 1 end
      if key then delivered[key], urls[key] = (delivered[key] or 0) + 1, url end
    end
  end
  return asked, delivered, urls
end

--- What is there when each of some tenants has come to pass so many times.
local function each_once(count, name)
  local all = {}
  for n = 1, count do all[(name or "%s"):format(backlog.tenant(n))] = 1 end
  return all
end

--- How often each was more than once.
local function repeated(counts)
  local times = 0
  for key, count in pairs(counts) do
    times = times + count - 1
    counts[key] = 1
  end
  return times
end

--- How many links are in each state and generation; hosted URLs that are there twice are told as
-- well.
local function standing(store)
  local counts, seen, last = {}, {}, nil
  repeat
    local page = assert(store:records { kind = "link", after = last })
    for _, link in ipairs(page) do
      local what = ("%s, generation %d"):format(link.state, link.generation)
      counts[what] = (counts[what] or 0) + 1
      if link.url and seen[link.url] then
        counts["the URL of another"] = (counts["the URL of another"] or 0) + 1
      end
      seen[link.url or ""], last = true, link
    end
  until #page == 0
  return counts
end

describe("a sweep", function()
  setup(function()
    service = assert(sandbox.start { seed = 1, situations = { "existing_customer" } })
    directory, places = server.run("mktemp -d"):gsub("%s+$", ""), 0
  end)

  teardown(function()
    service:stop()
    server.run("rm -rf " .. directory)
  end)

  local place, store, journals

  local function open(count)
    place, journals = new_place(), {}
    store = assert(debitura.store.open(place.address))
    backlog.fill(store, count)
    for i = 1, 4 do journals[i] = ("%s/journal-%d-%d"):format(directory, places, i) end
  end

  after_each(function()
    if store then store:close() end
    store = nil
  end)

  it(("of %d links by two processes asks for each once, and delivers each URL once"):format(MANY),
    function()
    open(MANY)
    local waits = {
      start_sweep(place, { journal = journals[1], with = journals[2] }),
      start_sweep(place, { journal = journals[2], with = journals[1] }),
    }
    local counts = { total = 0 }
    for i, wait in ipairs(waits) do
      local said = wait()
      assert.is_table(said, tostring(said))
      assert.is_true(said.total > 0, ("process %d did nothing"):format(i))
      said.missing = nil
      for word, count in pairs(said) do counts[word] = (counts[word] or 0) + count end
    end
    assert.are.same({ total = 3 * MANY, ["window.over"] = MANY, ["answer.needs_linking"] = MANY,
      delivered = MANY }, counts)
    local asked, delivered = happened(journals[1], journals[2])
    assert.are.same(each_once(MANY), asked)
    assert.are.same(each_once(MANY, DELIVERED), delivered)
    assert.are.same({ ["pending, generation 2"] = MANY }, standing(store))
    assert.are.same({ total = 0, missing = {} }, sweep(place, { journal = journals[3] }))
  end)

  for what, where in pairs { limit = "a limit of steps", steps = "on_progress" } do
    it(("that was stopped by %s is carried on by another process at once"):format(where), function()
      open(SOME)
      assert.are.equal(50, sweep(place, { journal = journals[1], [what] = 50 }).total)
      assert.are.equal(3 * SOME - 50, sweep(place, { journal = journals[2] }).total)
      local asked, delivered = happened(journals[1], journals[2])
      assert.are.same(each_once(SOME), asked)
      assert.are.same(each_once(SOME, DELIVERED), delivered)
      assert.are.same({ ["pending, generation 2"] = SOME }, standing(store))
    end)
  end

  it("that was killed, in a call and in a delivery, is carried on after its lease, and repeats "
    .. "these two alone", function()
    open(SOME)
    -- The first process dies with an answer in its hands and keeps 32 from the second, which asks
    -- for the others and dies while it delivers.
    assert.is_string(sweep(place, { journal = journals[1], die_at = 1 + 10 }))
    assert.is_string(sweep(place,
      { journal = journals[2], die_at = 1 + SOME - 32 + 10, now = backlog.NOW + LEASE - 1 }))
    assert.is_table(sweep(place, { journal = journals[3], now = backlog.NOW + 2 * LEASE }))
    local asked, delivered = happened(journals[1], journals[2], journals[3])
    assert.are.same({ 1, 1 }, { repeated(asked), repeated(delivered) })
    assert.are.same(each_once(SOME), asked)
    assert.are.same(each_once(SOME, DELIVERED), delivered)
    assert.are.same({ ["pending, generation 2"] = SOME }, standing(store))
  end)

  it("changes nothing when it only tells what is due", function()
    open(SOME)
    local function contents()
      local tables = {}
      for _, relation in ipairs { "records", "jobs", "history", "counts" } do
        tables[relation] = assert(store.backend.connection:run("select * from " .. relation))
      end
      return tables
    end
    local before = contents()
    local recovery = expired_link_recovery.new { partner = {}, store = store, clock = function()
      return backlog.NOW
    end }
    assert.are.same({ total = SOME, due = SOME, missing = {} }, recovery:sweep { dry_run = true })
    assert.are.same(before, contents())
  end)

  --- Makes the recipe in this process, with a count of what it delivers; `on_delivery` is told of
  -- each.
  local function in_process(own_store, clock, on_delivery)
    local delivered = {}
    return expired_link_recovery.new {
      partner = debitura.partner { api_key = service.api_key, base_url = service.url },
      store = own_store, clock = clock,
      channels = { { name = "notes", deliver = function(_, message)
        delivered[message.key] = (delivered[message.key] or 0) + 1
        if on_delivery then on_delivery() end
        return true
      end } },
    }, delivered
  end

  local function some_tenants()
    local tenants = {}
    for n = 1, SOME do tenants[n] = backlog.tenant(n) end
    return tenants
  end

  it("loses nothing when the clock goes back, and goes on when it is right again", function()
    local own_store, now, steps = assert(debitura.store.open("memory:")), backlog.NOW, 0
    backlog.ask(own_store, some_tenants())
    local recovery, delivered = in_process(own_store, function() return now end)
    assert(recovery:sweep { on_progress = function()
      steps = steps + 1
      if steps == 10 then now = now - 30 * 86400 end
    end })
    assert.is_true(steps < 3 * SOME)
    now = backlog.NOW + LEASE
    assert(recovery:sweep())
    assert.are.same(each_once(SOME, DELIVERED), delivered)
    assert.are.same({ ["pending, generation 2"] = SOME }, standing(own_store))
  end)

  for _, name in ipairs { "postgresql", "redis" } do
    local backend = require("spec.support." .. name)
    local missing = backend.missing()
    local describe_backend = missing and pending or describe
    describe_backend(("on %s%s"):format(name, missing or ""), function()
      it("fails when the server goes away, and a later one brings all to an end", function()
        local running, now, count = backend.start(), backlog.NOW, 0
        finally(function() running:stop() end)
        local away = running:place()
        local own_store = assert(debitura.store.open(away.address, away.options))
        backlog.ask(own_store, some_tenants())
        local recovery, delivered = in_process(own_store, function() return now end, function()
          count = count + 1
          if count == 10 then running:halt() end
        end)
        for _ = 1, 2 do
          local counts, err = recovery:sweep()
          assert.is_nil(counts)
          assert.are.same({ "store", true }, { err.kind, err.retryable })
        end
        running:start()
        now = now + LEASE
        assert(recovery:sweep())
        assert.are.equal(1, repeated(delivered)) -- the one that was under way
        assert.are.same(each_once(SOME, DELIVERED), delivered)
        assert.are.same({ ["pending, generation 2"] = SOME }, standing(own_store))
        own_store:close()
      end)
    end)
  end

  it("takes 14 statements and three reads of its record for a link, at most", function()
    open(SOME)
    local counting, statements = counting_store.new(store), 0
    local connection = store.backend.connection
    local execute = connection.execute
    function connection:execute(statement)
      statements = statements + 1
      return execute(self, statement)
    end
    local recovery = in_process(counting.store, function() return backlog.NOW end)
    local calls = counting:during(function() assert(recovery:sweep()) end)
    assert.are.same({ ["pending, generation 2"] = SOME }, standing(store))
    assert.is_true(statements > SOME and statements <= 14 * SOME, statements .. " statements")
    for n = 1, SOME do
      local reads = counting_store.reads(calls, "link", backlog.tenant(n), "")
      assert.is_true(reads > 0 and reads <= 3, reads .. " reads")
    end
  end)

  it("delivers what leads to Debitura", function()
    open(3)
    sweep(place, { journal = journals[1] })
    local _, _, urls = happened(journals[1])
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    local engine = core.engine {}
    for n = 1, 3 do
      local transfer = engine:submit { method = "POST",
        url = urls[DELIVERED:format(backlog.tenant(n))] .. "/approve", body = "" }
      while not transfer:done() do engine:wait(1) end
      assert.is_true(transfer:result().status < 400)
      assert.are.equal(backlog.tenant(n),
        assert(partner:get_client(backlog.tenant(n))).externalTenantId)
    end
    engine:close()
  end)
end)
