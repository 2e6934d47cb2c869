local command = require("spec.support.command")
local core = require("debitura.core")
local debitura = require("debitura")

local later = { environment = { LUA_INIT = 'require "spec.support.later_release"' } }

describe("debitura store migrate", function()
  local desk, platform

  before_each(function()
    desk = command.desk()
    local address = "sqlite://" .. desk.directory .. "/store.db"
    desk.environment = { DEBITURA_STORE = address, DEBITURA_ENVIRONMENT = "test" }
    platform = debitura.platform { environment = "test", store = address }
    assert(platform.store:open())
  end)

  after_each(function()
    platform:close()
    desk:close()
  end)

  local function answered(input)
    return { environment = later.environment, terminal = true, input = input }
  end

  it("has nothing to do where the store has this release's layout", function()
    local ended = desk:run("store migrate")
    assert.same({ 0, "The store has layout 1 already.\n", "Layout\t1\nWas\t1\n" },
      { ended.status, ended.err, ended.out })
  end)

  it("says in a dry run what it would do, and does it after a question", function()
    local tried = desk:run("store migrate --dry-run", later)
    assert.same({ 0, "Layout 2: the colour of records, grey at first.\n"
      .. "The store would go from layout 1 to 2.\n" }, { tried.status, tried.err })
    assert.equal(1, platform.store:layout())

    local refused = desk:run("store migrate", later)
    assert.equal(1, refused.status)
    assert.truthy(refused.err:find("The store goes from layout 1 to 2, which releases before 1.1.0 "
      .. "do not read. This must be confirmed: add --yes", 1, true), refused.err)
    assert.equal(1, desk:run("store migrate", answered("no\n")).status)
    assert.equal(1, platform.store:layout())
    local ended = desk:run("store migrate", answered("yes\n"))
    assert.equal(0, ended.status, ended.out)
    ended = desk:run("store migrate --yes --json", later)
    assert.same({ 0, { was = 2, layout = 2 } }, { ended.status, core.json.decode(ended.out) })
  end)

  it("waits until no process runs that does not read the new layout", function()
    local process = { id = "worker/h/7", role = "worker", host = "h", pid = 7, release = "1.0.0",
      about = "{}", started_at = 0 }
    assert(platform.store:beat(process, core.system.now() + 3600)) -- alive for long
    for _, flag in ipairs { "--yes", "--dry-run" } do
      local refused = desk:run("store migrate " .. flag, later)
      assert.equal(1, refused.status)
      assert.truthy(refused.err:find("processes run that do not read layout 2: worker on h, "
        .. "process 7, 1.0.0; end them, or upgrade them, and try again in a minute", 1, true),
        refused.err)
    end
    process.ended_at = core.system.now()
    assert(platform.store:beat(process, core.system.now()))
    assert.equal(0, desk:run("store migrate --yes", later).status)
  end)

  it("is advised by the doctor of a release with a later layout", function()
    local function store_line(options)
      for _, line in ipairs(desk:objects(desk:run("doctor --json", options).out)) do
        if line.check == "store" then return line end
      end
    end
    local line = store_line(later)
    assert.same({ "warn", "sqlite, layout 1, and this release has layout 2",
      "When all processes run this release, type: debitura store migrate" },
      { line.result, line.said, line.advice })
    assert.equal(0, desk:run("store migrate --yes", later).status)
    assert.truthy(store_line().said:find("it has layout 2, and debitura 1.0.0 reads layout 1 alone",
      1, true))
  end)
end)
