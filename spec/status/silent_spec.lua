-- What once went wrong in silence: each of it is a failure, on every store, and stands first.

local backends = require("spec.support.backends")
local command = require("spec.support.command")
local core = require("debitura.core")
local operators_desk = require("debitura.status.desk")
local rows = require("spec.support.store_rows")
local status = require("debitura.status")

local DAY = 86400
local move, change, job = rows.move, rows.change, rows.job

--- Each is given a store and the time, and leaves it as it was found.
local CASES = {
  {
    "links whose customers never got their mail", "undelivered",
    "4 URLs have not reached their customers, the first for 2d",
    function(store, now)
      for i = 1, 4 do
        assert(store:record_move(change("t" .. i, { move("link", "", 0, {
          state = "pending", generation = 1, undelivered_since = now - 2 * DAY,
        }) }), now))
      end
    end,
  },
  {
    "a link that is 24 days overdue", "overdue_jobs",
    "jobs are overdue for up to 24d: recover",
    function(store, now)
      rows.enqueue(store, "t1", { job("a", now - 24 * DAY, { kind = "recover" }) })
    end,
  },
  {
    "webhooks that have waited for three days", "overdue_events",
    "2 webhooks wait, the first for 3d",
    function(store, now)
      rows.add(store, "evt-1", "t1", now - 3 * DAY)
      rows.add(store, "evt-2", "t1", now - 2 * DAY)
    end,
  },
  {
    "deliveries that were given up", "dead_jobs", "1 job was given up, the first 1h ago",
    function(store, now)
      rows.enqueue(store, "t1", { job("a", now - 7200) })
      local held = store:jobs_claim({ now = now - 7200, lease = 60 })[1]
      assert(store:job_dead(held, now - 3600, "no such mailbox"))
    end,
  },
}

--- Without the seconds that have passed since it was made.
local function steady(text) return (text:gsub("(%d[dhm]) %d+s", "%1")) end

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  describe_store(("the %s store%s"):format(name, backend.missing or ""), function()
    local desk

    setup(function()
      backend.setup()
      desk = command.desk()
    end)
    teardown(function()
      desk:close()
      backend.teardown()
    end)

    for _, row in ipairs(CASES) do
      local what, cause, said, make = row[1], row[2], row[3], row[4]
      it("turns red for " .. what, function()
        local store, close, place = backend.open()
        finally(close)
        local now = core.system.now()
        make(store, now)
        local of_store = status.new { store = store, clock = function() return now end }
        local seen = assert(of_store:read())
        assert.equal("fail", seen.level)
        assert.same({ cause, "fail", said },
          { seen.causes[1].cause, seen.causes[1].level, seen.causes[1].said })
        assert.truthy(seen.causes[1].type:find("^debitura "))
        local page = select(2, operators_desk.new {
          status = of_store, authorize = function() return "read" end,
        }:handle { method = "GET", path = "/", headers = {} })
        local first = page:match("<tbody>\n<tr>(.-)</tr>")
        assert.truthy(first:find('<b class="fail">fail</b>', 1, true), page)
        assert.truthy(first:find(said, 1, true), first)
        if not place then return end -- memory is gone with its process
        local file = desk:file("debitura.json", core.json.encode {
          environment = "test", api_key = "sample-key", base_url = "http://127.0.0.1:9",
          store = { address = place.address, schema = place.options.schema,
            prefix = place.options.prefix, volatile = place.options.volatile },
        })
        assert(os.execute("chmod 600 " .. file))
        local environment = { DEBITURA_CONFIG = file, DEBITURA_API_KEY = "",
          DEBITURA_ENVIRONMENT = "", DEBITURA_BASE_URL = "" }
        local shown = desk:run("status --fail-on fail", { environment = environment })
        assert.equal(4, shown.status, shown.out .. shown.err)
        assert.truthy(steady(shown.out):find(said, 1, true), shown.out)
        local told
        for _, line in ipairs(desk:objects(desk:run("doctor --json",
          { environment = environment }).out)) do
          if line.check == cause then told = line end
        end
        assert.same({ "fail", said }, { told.result, steady(told.said) })
      end)
    end
  end)
end
