-- Several processes on one ledger.

local postgresql = require("spec.support.postgresql")
local redis = require("spec.support.redis")
local server = require("spec.support.server")
local store = require("debitura.store")

local PER_ADDER, ADDERS, WORKERS, TENANTS = 10, 2, 4, 5

local sqlite = {
  missing = function() end,
  start = function()
    local directory = server.directory()
    return {
      place = function() return { address = "sqlite://" .. directory .. "/ledger.db", options = {} } end,
      stop = function() server.run("rm -rf " .. directory) end,
    }
  end,
}

local function engine()
  local name = os.getenv("DEBITURA_ENGINE")
  return name == "luajit" and "jit" or name:match("%d.*")
end

for name, backend in pairs { sqlite = sqlite, postgresql = postgresql, redis = redis } do
  local missing = backend.missing()
  local describe_backend = missing and pending or describe
  describe_backend(("workers of several processes on one %s ledger%s"):format(name, missing or ""), function()
    it("work every event once, and each tenant's one after the other in the order of arrival", function()
      local running = backend.start()
      local place = running:place()
      local journal = os.tmpname()
      local own_place = (place.options.schema or place.options.prefix or "ledger"):gsub(":$", "")
      local events = PER_ADDER * ADDERS * TENANTS
      store.open(place.address, place.options):close() -- so that the tables are there

      local pipes = {}
      for i = 1, ADDERS + WORKERS do
        local job, count = "work", events
        if i <= ADDERS then job, count = "add", PER_ADDER end
        pipes[i] = assert(io.popen(("scripts/lua %s spec/support/inbox_worker.lua %s %s %s p%d %s %d 2>&1"):format(
          engine(), server.quote(place.address), own_place, journal, i, job, count)))
      end
      local said = {}
      for i, pipe in ipairs(pipes) do
        said[i] = pipe:read("*a")
        pipe:close()
      end

      local ledger = assert(store.open(place.address, place.options))
      local _, worked = ledger:counter_add("worked", { { name = "all", slot = 1, first = 1, limit = 0 } })
      local arrived = {}
      for _, item in ipairs(ledger:inbox_list { limit = events + 1 }) do
        arrived[item.tenant] = arrived[item.tenant] or {}
        table.insert(arrived[item.tenant], ("begin %s"):format(item.id))
        table.insert(arrived[item.tenant], ("end %s"):format(item.id))
      end
      ledger:close()
      running:stop()
      local happened = {}
      for line in io.lines(journal) do
        local what, tenant, id = line:match("^(%l+) (%S+) (%S+)")
        happened[tenant] = happened[tenant] or {}
        table.insert(happened[tenant], what .. " " .. id)
      end
      os.remove(journal)

      assert.are.same(("ready\n"):rep(#pipes), table.concat(said))
      assert.are.equal(events, worked.all.sum)
      assert.are.same(arrived, happened)
    end)
  end)
end
