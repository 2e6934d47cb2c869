-- A platform is killed before each of its steps, one after the other: each statement that it sends
-- to its store, and each effect. Whatever it had acknowledged is in the inbox, and after the lease
-- another does what was left.

local backends = require "spec.support.backends"
local core = require "debitura.core"
local debitura = require "debitura"
local platform = require "spec.support.platform"
local server = require "spec.support.server"

local T0, LEASE = 1769860800, 300

local webhook = debitura.webhook

local function engine()
  local name = os.getenv("DEBITURA_ENGINE")
  return name == "luajit" and "jit" or name:match("%d.*")
end

for name, backend in pairs(backends) do
  if name ~= "memory" then
    describe("a platform with the " .. name .. " store that is killed between any two statements",
      function()
      local store, close, place, directory, effects

      setup(backend.setup)
      teardown(backend.teardown)
      before_each(function()
        store, close, place = backend.open()
        directory = server.run("mktemp -d"):gsub("%s+$", "")
        effects = platform.effects(directory .. "/effects.db")
      end)
      after_each(function()
        effects.close()
        server.run("rm -rf " .. directory)
        close()
      end)

      local function delivery_of(id, tenant, now)
        local _, body = webhook.example("case.created",
          { id = id, data = { externalTenantId = tenant } })
        return { body = body,
          headers = { ["X-Debitura-Signature"] = webhook.sign(body, platform.SECRET, now) } }
      end

      --- How many deliveries a process acknowledged before it died, and all that it said.
      local function run(deliveries, dies_before, now)
        local text = assert(core.json.encode {
          address = place.address, options = place.options, effects = directory .. "/effects.db",
          deliveries = deliveries, dies_before = dies_before, now = now, lease = LEASE,
        })
        local said = server.run(("scripts/lua %s spec/support/dying_platform.lua %s")
          :format(engine(), server.quote(text)))
        local _, acknowledged = said:gsub("200\t", "")
        return acknowledged, said
      end

      --- What Debitura and another worker do about it later.
      local function come_again(tenant, deliveries, now)
        local receiver = webhook.receiver {
          secret = platform.SECRET, store = store, tolerance = LEASE, clock = function()
            return now
          end,
          on = { ["*"] = function(event) platform.note(effects, event) end },
        }
        for _, delivery in ipairs(deliveries) do
          assert.equal(200,
            (receiver:handle { method = "POST", headers = delivery.headers, body = delivery.body }))
        end
        -- PostgreSQL notices a moment later that the dead one's transaction has ended, and until
        -- then its rows are passed over.
        assert.is_true(server.wait_until(function()
          assert(receiver:work { once = true })
          return not store:inbox_waiting(tenant)
        end))
      end

      it("loses nothing, does nothing twice, and keeps the order", function()
        local number, alive = 0
        repeat
          number = number + 1
          local now, tenant = T0 + number * 10 * LEASE, "tenant-" .. number
          local ids = { tenant .. "-a", tenant .. "-b" }
          local deliveries = { delivery_of(ids[1], tenant, now), delivery_of(ids[2], tenant, now) }
          local acknowledged, said = run(deliveries, number, now)
          alive = said:find("alive\n", 1, true) ~= nil
          assert.is_true(alive or said:find("Killed", 1, true) ~= nil, said)
          for i = 1, acknowledged do assert.is_table(store:inbox_item(ids[i])) end
          come_again(tenant, deliveries, now + LEASE)
          local done = {}
          for _, row in ipairs(
            effects.run(("select id from effects where tenant = '%s' order by seq")
              :format(tenant))) do
            done[#done + 1] = row.id
          end
          assert.same(ids, done)
          assert.same({ "done", "done" },
            { store:inbox_item(ids[1]).state, store:inbox_item(ids[2]).state })
        until alive
        assert.is_true(number > 8) -- each receipt, claim, effect and end is a step at least
      end)
    end)
  end
end
