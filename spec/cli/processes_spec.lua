-- What the command's processes leave in the store for operators to see.

local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local sandbox = require "debitura.sandbox"
local server = require "spec.support.server"

describe("the command's processes", function()
  local service, desk, store

  setup(function()
    service = assert(sandbox.start())
    desk = command.desk(service)
    desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db"
    store = assert(debitura.store.open(desk.environment.DEBITURA_STORE))
  end)
  teardown(function()
    store:close()
    desk:close()
    service:stop()
  end)

  --- The row of a role, and what it says about itself.
  local function row_of(role)
    for _, row in ipairs(store:summary(core.system.now()).processes) do
      if row.role == role then return row, core.json.decode(row.about) end
    end
  end

  it("leave one row for all runs of a command, with how the last one has ended", function()
    assert.is_nil((row_of("sweep")))
    local first
    for run = 1, 2 do
      assert.equal(0, desk:run("sweep").status)
      local row, about = row_of("sweep")
      assert.is_number(row.ended_at)
      assert.same({ "exit status 0", { "sweep" } }, { about.outcome, about.does })
      if run == 2 then
        assert.is_true(row.pid ~= first.pid and row.beat_at > first.beat_at)
        assert.equal(1, #store:summary(core.system.now()).processes)
      end
      first = row
    end
    assert.is_number(store:summary(core.system.now()).marks.sweep)
  end)

  it("leave none when they have only looked", function()
    for _, line in ipairs { "status", "links list", "inbox list", "sweep --dry-run" } do
      assert.equal(0, desk:run(line).status, line)
    end
    local roles = {}
    for i, row in ipairs(store:summary(core.system.now()).processes) do roles[i] = row.role end
    assert.same({ "sweep" }, roles)
  end)

  it("are alive while they work, and have ended afterwards", function()
    local stop = desk:start("inbox work --follow --json", "")
    assert(server.wait_until(function() return row_of("inbox work") ~= nil end))
    local row, about = row_of("inbox work")
    assert.same({ nil, { "work" } }, { row.ended_at, about.does })
    assert.equal(0, stop().status)
    assert.is_number(row_of("inbox work").ended_at)
  end)

  it("add up what they have counted", function()
    local config = desk:file("channels.json", core.json.encode {
      channels = { { type = "print" } }, name = "Sample Platform",
    })
    assert(os.execute("chmod 600 " .. config))
    assert.equal(0, desk:run("links request -", {
      environment = { DEBITURA_CONFIG = config },
      input = [[{"externalTenantId": "t1", "client": {"name": "Sample Ltd", "country": "Denmark",
        "supportEmail": "office@existing.example"}, "users": [{"name": "Ann",
        "email": "ann@new.example"}], "cases": []}]],
    }).status)
    local totals = {}
    for _, total in ipairs(store:totals()) do
      totals[total.of .. " " .. total.kind .. " " .. total.state] = total.count
    end
    assert.equal(1, totals["requested  refused"]) -- the customer has to approve the link
    assert.equal(1, totals["performed request_link done"])
    assert.equal(1, totals["performed deliver done"])
  end)
end)
