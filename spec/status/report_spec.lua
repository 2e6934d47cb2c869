local report = require("debitura.status.report")
local rows = require("spec.support.store_rows")
local rules = require("debitura.status.rules")
local status = require("debitura.status")
local store = require("debitura.store")

local T0 = rows.T0
local MINUTE, HOUR, DAY = 60, 3600, 86400
local move, change, job = rows.move, rows.change, rows.job

describe("what operators have to see", function()
  local kept, now

  before_each(function() kept, now = assert(store.open("memory:")), T0 end)

  local function read()
    return assert(status.new { store = kept, clock = function() return now end }:read())
  end

  --- The levels of what is wrong, by cause.
  local function levels()
    local found = {}
    for _, cause in ipairs(read().causes) do found[cause.cause] = cause.level end
    return found
  end

  local function beat(id, more)
    local row = {
      id = id, role = "sweep", host = "web-1", pid = 12, release = "1.0.0", started_at = now,
      about = '{"can":["channel:email"],"does":["sweep"]}',
    }
    for column, value in pairs(more or {}) do row[column] = value end
    assert(kept:beat(row, now))
  end

  local function make(tenant, set)
    assert(kept:record_move(change(tenant, { move("link", "", 0, set) }), now))
  end

  it("is nothing where nothing is wrong", function()
    local seen = read()
    assert.same({ "ok", {}, {}, {} }, { seen.level, seen.causes, seen.links, seen.jobs })
    assert.same({ open = 0, waiting = 0, dead = 0 }, seen.events)
    make("t1", { state = "pending", expires_at = T0 + HOUR })
    rows.enqueue(kept, "t1", { job("later", T0 + DAY) })
    assert.same({}, levels())
    assert.same({ { pending = 1 }, 1 }, { read().links, read().expiring })
  end)

  it("is said in whole sentences, also where it is not known since when", function()
    local summary = kept:summary(now)
    summary.counts = { { of = "job", kind = "look", state = "dead", count = 2 },
      { of = "event", kind = "", state = "dead", count = 1 } }
    local function said()
      local found = {}
      for i, cause in ipairs(report.of(summary, now).causes) do found[i] = cause.said end
      return found
    end
    assert.same({ "2 jobs were given up", "1 webhook was given up" }, said())
    summary.oldest = { dead_job = now - HOUR, dead_event = now - DAY }
    assert.same({ "2 jobs were given up, the first 1h ago",
      "1 webhook was given up, the first came 1d ago" }, said())
  end)

  it("is overdue work: a warning after an hour, a failure after a day", function()
    rows.enqueue(kept, "t1", { job("a", T0), job("b", T0 + 30, { kind = "look" }) })
    rows.add(kept, "evt-1", "t1", T0)
    beat("s", { about = '{"does":["sweep","work"]}', ended_at = T0,
      marks = { "sweep", "work" } })
    for after, level in pairs { [HOUR - 1] = false, [HOUR] = "warn", [DAY - 1] = "warn",
      [DAY] = "fail" } do
      now = T0 + after
      local found = levels()
      assert.same({ level, level }, { found.overdue_jobs or false, found.overdue_events or false },
        after)
    end
    now = T0 + 30 + HOUR
    assert.equal("jobs are overdue for up to 1h 30s: deliver, look", read().causes[1].said)
  end)

  it("is no job that waits on purpose", function()
    rows.enqueue(kept, "t1", { job("a", T0) })
    for day = 1, 30 do
      now = T0 + day * DAY
      local held = kept:jobs_claim({ now = now, lease = 60 })[1]
      kept:job_retry(held, now + DAY, "parked")
      assert.same({}, levels())
    end
  end)

  it("is what was given up", function()
    rows.enqueue(kept, "t1", { job("a") })
    kept:job_dead(kept:jobs_claim({ now = now, lease = 60 })[1], now, "x")
    rows.add(kept, "evt-1", "t1", T0)
    kept:inbox_dead(kept:inbox_claim({ now = now, lease = 60 })[1], now, "x")
    assert.same({ dead_jobs = "fail", dead_events = "fail" }, levels())
  end)

  it("is what no process can do that is there to do jobs", function()
    rows.enqueue(kept, "t1", { job("a", T0, { needs = "channel:letters" }) })
    local function served()
      local need = read().needs[1]
      return { need.needs, need.served, levels().unserved or false }
    end
    assert.same({ "channel:letters", "unknown", false }, served())
    beat("app", { role = "application", about = '{"can":["channel:letters"],"does":["ask"]}' })
    assert.same({ "channel:letters", "unknown", false }, served())
    beat("s")
    assert.same({ "channel:letters", "none", "warn" }, served())
    assert.equal("jobs wait for what no process here has: channel:letters", read().causes[1].said)
    beat("other", { about = '{"can":["channel:letters"],"does":["sweep"]}',
      marks = { "can:channel:letters" } })
    assert.same({ "channel:letters", "some", false }, served())
    now = T0 + 10 * MINUTE
    beat("s")
    assert.same({ "channel:letters", "none", "warn" }, served())
    now = T0 + DAY
    beat("s")
    assert.same({ "channel:letters", "none", "fail" }, served())
  end)

  it("is that no process does what is due", function()
    rows.enqueue(kept, "t1", { job("a", T0) })
    rows.add(kept, "evt-1", "t1", T0)
    now = T0 + 4 * MINUTE
    assert.same({}, levels())
    now = T0 + 5 * MINUTE
    assert.same({ no_sweep = "warn", no_worker = "warn" }, levels())
    beat("w", { about = '{"does":["sweep","work"]}', marks = { "sweep", "work" } })
    assert.same({}, levels())
    now = now + 4 * MINUTE
    assert.same({}, levels())
    now = now + MINUTE -- it has vanished
    assert.same({ no_sweep = "fail", no_worker = "fail" }, levels())
  end)

  it("counts a run of cron as there for a day", function()
    rows.enqueue(kept, "t1", { job("a", T0) })
    beat("sweep/web-1", { ended_at = T0, marks = { "sweep" } })
    now = T0 + DAY - 1
    assert.is_nil(levels().no_sweep)
    now = T0 + DAY
    assert.equal("fail", levels().no_sweep)
  end)

  it("is a subscription that was switched off, until it is seen to be on", function()
    beat("s", { marks = { "subscription:on" } })
    assert.same({}, levels())
    now = T0 + HOUR
    beat("s", { marks = { "subscription:off" } })
    assert.same({ subscription = "fail" }, levels())
    now = T0 + 2 * HOUR
    beat("s", { marks = { "subscription:on" } })
    assert.same({}, levels())
  end)

  it("is links that lead no further by themselves", function()
    make("t1", { state = "exhausted" })
    make("t2", { state = "incomplete" })
    make("t3", { state = "carried" })
    assert.same({ exhausted = "warn", incomplete = "warn" }, levels())
  end)

  it("is processes of different releases, while they are alive", function()
    beat("a")
    beat("b", { release = "1.1.0" })
    assert.same({ releases = "warn" }, levels())
    now = now + MINUTE
    beat("b", { release = "1.1.0" })
    assert.same({}, levels())
  end)

  it("puts the worst first, and says what to type for each", function()
    make("t1", { state = "exhausted" })
    rows.enqueue(kept, "t1", { job("a") })
    kept:job_dead(kept:jobs_claim({ now = now, lease = 60 })[1], now, "x")
    local seen = read()
    assert.equal("fail", seen.level)
    assert.same({ "dead_jobs", "exhausted" }, { seen.causes[1].cause, seen.causes[2].cause })
    for _, rule in ipairs(rules.list) do assert.truthy(rule.type ~= "", rule.cause) end
  end)

  it("tells how each process stands by its last beat", function()
    beat("a")
    for after, state in pairs { [0] = "alive", [59] = "alive", [60] = "late", [299] = "late",
      [300] = "gone" } do
      now = T0 + after
      assert.equal(state, read().processes[1].state, after)
    end
    beat("a", { ended_at = now })
    now = now + DAY
    assert.equal("ended", read().processes[1].state)
    assert.same({ { "channel:email" }, { "sweep" } },
      { read().processes[1].can, read().processes[1].does })
  end)

  it("leaves out a process that is gone where another has taken its place", function()
    beat("a/1", { pid = 1 })
    beat("b/1", { role = "worker" })
    now = T0 + 10 * MINUTE
    assert.equal(2, #read().processes)
    beat("a/2", { pid = 2 })
    local seen = read().processes
    assert.same({ 2, "a/2", "alive", "b/1", "gone" },
      { #seen, seen[1].id, seen[1].state, seen[2].id, seen[2].state })
  end)

  it("compares levels", function()
    assert.is_true(report.reaches("fail", "warn"))
    assert.is_true(report.reaches("warn", "warn"))
    assert.is_false(report.reaches("ok", "warn"))
  end)
end)
