-- Several processes on one store.

local backends = require("spec.support.backends")
local server = require("spec.support.server")
local store = require("debitura.store")

local PER_ADDER, ADDERS, WORKERS, TENANTS = 10, 2, 4, 5
local MOVERS, MOVES, MOVED_TENANTS = 5, 6, 3

local function engine()
  local name = os.getenv("DEBITURA_ENGINE")
  return name == "luajit" and "jit" or name:match("%d.*")
end

--- Starts a program with its arguments.
local function start(program, ...)
  local words = { ("scripts/lua %s spec/support/%s.lua"):format(engine(), program) }
  for _, argument in ipairs { ... } do words[#words + 1] = server.quote(argument) end
  return assert(io.popen(table.concat(words, " ") .. " 2>&1"))
end

--- What programs said, each of them in one text.
local function said(pipes)
  local texts = {}
  for i, pipe in ipairs(pipes) do
    texts[i] = pipe:read("*a")
    pipe:close()
  end
  return texts
end

for _, name in ipairs { "sqlite", "postgresql", "redis" } do
  local backend = backends[name]
  local describe_backend = backend.missing and pending or describe
  describe_backend(("processes on one %s store%s"):format(name, backend.missing or ""), function()
    local opened, close, place

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function() place, close = backend.place() end)
    after_each(function()
      if opened then opened:close() end
      opened = nil
      close()
    end)

    local function open()
      opened = assert(store.open(place.address, place.options))
      return opened
    end

    it("process every event once, and each tenant's in the order of arrival", function()
      local journal, events = os.tmpname(), PER_ADDER * ADDERS * TENANTS
      open():close() -- so that the tables are there
      local pipes = {}
      for i = 1, ADDERS + WORKERS do
        local role, count = "work", events
        if i <= ADDERS then role, count = "add", PER_ADDER end
        pipes[i] = start("inbox_worker", place.address, place.name, journal, "p" .. i, role, count)
      end
      local texts = said(pipes)

      open()
      local window = { name = "all", slot = 1, first = 1, limit = 0 }
      local _, worked = opened:counter_add("worked", { window })
      local arrived = {}
      for _, item in ipairs(opened:inbox_list { limit = events + 1 }) do
        arrived[item.tenant] = arrived[item.tenant] or {}
        table.insert(arrived[item.tenant], "begin " .. item.id)
        table.insert(arrived[item.tenant], "end " .. item.id)
      end
      local happened = {}
      for line in io.lines(journal) do
        local what, tenant, id = line:match("^(%l+) (%S+) (%S+)")
        happened[tenant] = happened[tenant] or {}
        table.insert(happened[tenant], what .. " " .. id)
      end
      os.remove(journal)

      assert.are.same(("ready\n"):rep(#pipes), table.concat(texts))
      assert.are.equal(events, worked.all.sum)
      assert.are.same(arrived, happened)
      assert.are.same({}, opened:counts())
    end)

    it("make it together, move records and end jobs, and the counts are right", function()
      local go, pipes = os.tmpname(), {}
      os.remove(go)
      for i = 1, MOVERS do
        pipes[i] = start("record_mover", place.address, place.name, go, "p" .. i, MOVES)
      end
      assert(io.open(go, "w")):close()
      local texts, ended = said(pipes), 0
      os.remove(go)
      for _, text in ipairs(texts) do
        assert.matches("^%d+\n$", text)
        ended = ended + tonumber(text)
      end

      open()
      local counts = {}
      for _, row in ipairs(opened:counts()) do
        local key = row.of .. " " .. row.kind .. (row.of == "job" and " " .. row.state or "")
        counts[key] = (counts[key] or 0) + row.count
      end
      local moves = MOVERS * MOVES * MOVED_TENANTS
      local undelivered = #opened:records { kind = "link", undelivered = true }
      assert.are.same({
        ["record case"] = moves, ["record link"] = MOVED_TENANTS,
        ["job deliver open"] = moves + MOVED_TENANTS - ended,
        ["undelivered link"] = undelivered > 0 and undelivered or nil,
      }, counts)
      for _, total in ipairs(opened:totals()) do assert.are.equal(MOVERS * MOVES, total.count) end
      assert.are.equal(MOVERS, #opened:summary(0).processes)
      for i = 1, MOVED_TENANTS do
        assert.are.equal(MOVERS * MOVES, opened:record("link", "tenant-" .. i, "").version)
      end
    end)
  end)
end
