local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local report = require "debitura.status.report"
local rows = require "spec.support.store_rows"
local screen = require "debitura.cli.status_screen"
local text = require "debitura.cli.text"

local DAY = 86400

describe("debitura status", function()
  local desk, store, environment, place

  setup(function() desk = command.desk() end)
  teardown(function() desk:close() end)
  before_each(function()
    place = os.tmpname()
    os.remove(place)
    environment = {
      DEBITURA_STORE = "sqlite://" .. place, DEBITURA_API_KEY = "sample-key",
      DEBITURA_ENVIRONMENT = "test",
    }
    store = assert(debitura.store.open(environment.DEBITURA_STORE))
  end)
  after_each(function()
    store:close()
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(place .. suffix) end
  end)

  local function run(flags, options)
    options = options or {}
    options.environment = environment
    return desk:run("status " .. (flags or ""), options)
  end

  local function overdue(days)
    rows.enqueue(store, "t1", { rows.job("late", core.system.now() - days * DAY) })
  end

  it("exits with 0 whenever the store could be read, and with 4 when it is told to", function()
    assert.same({ 0, 0, 0 }, { run().status, run("--fail-on warn").status,
      run("--fail-on fail").status })
    overdue(0.5)
    assert.same({ 0, 4, 0 }, { run().status, run("--fail-on warn").status,
      run("--fail-on fail").status })
    overdue(0.5)
    rows.enqueue(store, "t1", { rows.job("later", core.system.now() - 2 * DAY) })
    assert.same({ 0, 4, 4 }, { run().status, run("--fail-on warn").status,
      run("--fail-on fail").status })
  end)

  it("shows what is wrong first, and what to type; last where that makes it fail", function()
    overdue(24)
    local lines = {}
    for line in run().out:gmatch("[^\n]+") do lines[#lines + 1] = line end
    assert.truthy(lines[1]:find("^debitura .*, sqlite, test +%d.*Z +fail$"), lines[1])
    assert.matches("^fail  jobs are overdue for up to 24d[ %ds]*: deliver$", lines[2])
    assert.equal("      debitura sweep", lines[3])
    local out = run("--fail-on fail").out
    assert.matches("jobs are overdue for up to 24d[ %ds]*: deliver\n      debitura sweep\n", out)
    assert.truthy(out:find("processes 0 alive.*jobs are overdue"), out)
  end)

  it("is one object with --json", function()
    overdue(24)
    local seen = desk:objects(run("--json").out)
    assert.equal(1, #seen)
    assert.same({ "fail", "overdue_jobs", "test" },
      { seen[1].level, seen[1].causes[1].cause, seen[1].environment })
    assert.truthy(run("--json").out:find('"processes":%[%]'))
  end)

  it("is metrics with --prometheus", function()
    overdue(24)
    local ended = run("--prometheus --fail-on fail")
    assert.equal(4, ended.status)
    assert.truthy(ended.out:find('\ndebitura_jobs{kind="deliver",state="open"} 1\n', 1, true))
    assert.truthy(ended.out:find("\n$") and not ended.out:find("\n\n"))
    assert.equal(2, run("--prometheus --json").status)
  end)

  it("shows itself again with --watch, until it is stopped", function()
    overdue(24)
    for name, value in pairs(environment) do desk.environment[name] = value end
    local stop = desk:start("status --watch --every 1s", "processes 0 alive")
    local ended = stop()
    assert.equal(0, ended.status, ended.err)
    ended = run("--watch --every 0s")
    assert.equal(2, ended.status)
    assert.truthy(ended.err:find("--every: more than 0s expected", 1, true), ended.err)
  end)

  it("makes no store where there is none, and says so", function()
    environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/none-yet.db"
    local ended = run()
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("does not exist yet", 1, true))
    assert.is_nil((core.system.permissions(desk.directory .. "/none-yet.db")))
  end)

  it("is one screen, whatever there is", function()
    local now, long = core.system.now(), ("w"):rep(300)
    local counts, jobs, needs, processes = {}, {}, {}, {}
    for i = 1, 14 do
      counts[#counts + 1] = { of = "record", kind = "link", state = "state" .. i, count = 10 ^ i }
      counts[#counts + 1] = { of = "record", kind = "case", state = "state" .. i, count = 10 ^ i }
      counts[#counts + 1] = { of = "job", kind = "kind" .. i, state = "dead", count = 10 ^ i }
      jobs[i] = { kind = "kind" .. i, due_at = now - i * DAY }
      needs[i] = { needs = "channel:" .. i, due_at = now - i * DAY }
      processes[i] = {
        id = "p" .. i, role = "worker\27[31m" .. long, host = long, pid = i, release = "r" .. i,
        about = '{"does":["sweep","work"]}', started_at = 1, beat_at = now,
      }
    end
    counts[#counts + 1] = { of = "record", kind = "link", state = "exhausted", count = 3 }
    counts[#counts + 1] = { of = "record", kind = "link", state = "incomplete", count = 3 }
    counts[#counts + 1] = { of = "event", kind = "", state = "dead", count = 10 ^ 9 }
    local seen = report.of({
      counts = counts, jobs = jobs, needs = needs, expiring = 9999, processes = processes,
      last_event = now, marks = { ["subscription:off"] = now },
      oldest = { dead_job = 1, open_event = 1, waiting_event = 1, dead_event = 1, undelivered = 1 },
    }, now)
    assert.is_true(#seen.causes > 6)
    for _, last in ipairs { false, true } do
      local lines = screen.lines(seen, "sqlite, production", last)
      assert.is_true(#lines <= 23, #lines)
      for _, line in ipairs(lines) do
        assert.is_true(text.width(line[1]) <= 80, line[1])
        assert.is_nil(line[1]:find("\27", 1, true))
      end
      local said = {}
      for i, line in ipairs(lines) do said[i] = line[1] end
      assert.truthy(table.concat(said, "\n"):find("and %d+ more: debitura status %-%-json"))
    end
  end)
end)

describe("debitura jobs", function()
  local desk, store, environment

  setup(function()
    desk = command.desk()
    environment = {
      DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db",
      DEBITURA_API_KEY = "sample-key", DEBITURA_ENVIRONMENT = "test",
    }
    store = assert(debitura.store.open(environment.DEBITURA_STORE))
    rows.enqueue(store, "t1", {
      rows.job("a", 10), rows.job("b", 20, { needs = "channel:x" }), rows.job("c", 30),
    })
    for _, job in ipairs(store:jobs_claim { now = 40, lease = 60, keys = { "a", "c" } }) do
      assert(store:job_dead(job, 41, "no such mailbox"))
    end
  end)
  teardown(function()
    store:close()
    desk:close()
  end)

  local function run(line) return desk:run("jobs " .. line, { environment = environment }) end

  local function keys(line)
    local found = {}
    for i, job in ipairs(desk:objects(run(line .. " --json").out)) do found[i] = job.key end
    return table.concat(found, " ")
  end

  it("lists those that are open, dead, of a client, or in need of something", function()
    assert.equal("b", keys("list"))
    assert.equal("a c", keys("list --state dead"))
    assert.equal("b a c", keys("list --tenant t1"))
    assert.equal("b", keys("list --needs channel:x"))
    assert.equal("a", keys("list --state dead --limit 1"))
    assert.truthy(run("list --state dead").out:find("no such mailbox", 1, true))
    assert.equal(2, run("list --state dead --tenant t1").status)
  end)

  it("gives the dead ones another attempt", function()
    assert.equal(2, run("retry").status)
    assert.equal(2, run("retry a --all").status)
    assert.equal(0, run("retry --all --dry-run").status)
    assert.equal(1, run("retry b --dry-run").status)
    assert.equal("a c", keys("list --state dead"))
    assert.equal(0, run("retry a").status)
    assert.equal("c", keys("list --state dead"))
    assert.equal(1, run("retry b").status)
    assert.equal(0, run("retry --all").status)
    assert.equal("", keys("list --state dead"))
    assert.equal("a b c", keys("list --sort key"))
  end)
end)
