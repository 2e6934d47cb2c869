-- A process that uses its store says that it is alive, and no beat is in the way of its work.

local contract = require("debitura.store.contract")
local core = require("debitura.core")
local failure = require("debitura.base.failure")
local presence = require("debitura.status.presence")
local rows = require("spec.support.store_rows")
local store = require("debitura.store")

local T0 = rows.T0

describe("the presence of a process", function()
  local kept, now, present, watched

  before_each(function()
    kept, now = assert(store.open("memory:")), T0
    present = presence.new { clock = function() return now end, can = { "channel:email" } }
    watched = present:watch(kept)
  end)

  local function rows_kept() return kept:summary(now).processes end

  local function about() return core.json.decode(rows_kept()[1].about) end

  local function total(of, kind, state)
    for _, row in ipairs(kept:totals()) do
      if row.of == of and row.kind == kind and row.state == state then return row.count end
    end
    return 0
  end

  it("begins with what a process does, and not with what it looks at", function()
    watched:counts()
    watched:record("link", "t1", "")
    watched:stamp("test")
    assert.same({}, rows_kept())
    watched:inbox_claim { now = now, lease = 60 }
    local host, pid = core.system.process()
    local row = rows_kept()[1]
    assert.same({ "application", host, pid, T0 }, { row.role, row.host, row.pid, row.beat_at })
    assert.same({ can = { "channel:email" }, does = { "work" } }, about())
  end)

  it("tells what it does, and marks when it was done", function()
    rows.add(watched, "evt-1", "t1")
    watched:jobs_claim { now = now, lease = 60, keys = {} }
    watched:jobs_claim { now = now, lease = 60 }
    present:beat()
    assert.same({ "ask", "receive", "sweep" }, about().does)
    assert.same({ receive = T0, ask = T0, sweep = T0, ["can:channel:email"] = T0 },
      kept:summary(now).marks)
  end)

  it("beats no oftener than every ten seconds", function()
    local beats, real = 0, kept.beat
    function kept.beat(...)
      beats = beats + 1
      return real(...)
    end
    for _ = 1, 50 do watched:inbox_claim { now = now, lease = 60 } end
    assert.equal(1, beats)
    now = now + 10
    watched:counts()
    assert.equal(2, beats)
  end)

  it("counts what is done to jobs and webhooks", function()
    rows.add(watched, "evt-1", "t1", T0)
    rows.add(watched, "evt-1", "t1", T0)
    rows.add(watched, "evt-2", "t2", T0, { event = "made.up" })
    for _, item in ipairs(watched:inbox_claim { now = T0, lease = 60 }) do
      watched:inbox_done(item, T0 + 2)
    end
    rows.enqueue(watched, "t1", { rows.job("a"), rows.job("b"), rows.job("c") })
    local held = watched:jobs_claim { now = T0, lease = 60 }
    watched:job_done(held[1], T0)
    watched:job_dead(held[2], T0, "x")
    watched:job_retry(held[3], T0, "x")
    present:beat()
    assert.same({ 1, 1, 1 }, { total("received", "client.linked", "new"),
      total("received", "client.linked", "duplicate"), total("received", "other", "new") })
    assert.same({ 2, 4000 }, { total("waited", "", "5"), total("waited", "", "milliseconds") })
    assert.same({ 1, 1, 1 }, { total("performed", "deliver", "done"),
      total("performed", "deliver", "dead"), total("performed", "deliver", "retried") })
  end)

  it("counts how long jobs have taken from their claim on", function()
    rows.enqueue(kept, "t1", { rows.job("a", T0), rows.job("b", T0) })
    local claimed = watched:jobs_claim { now = now, lease = 60 }
    watched:job_done(claimed[1], now, "done")
    watched:job_retry(claimed[2], now + 1, "not yet")
    watched:record_move({ tenant = "t1", moves = {}, jobs = {}, done = claimed[2] }, now)
    present:beat()
    local count = 0
    for _, row in ipairs(kept:totals()) do
      if row.of == "took" and row.state ~= "milliseconds" then count = count + row.count end
    end
    assert.equal(3, count)
  end)

  it("counts many webhooks in one step as it does one by one", function()
    local events = {}
    for i = 1, 3 do events[i] = { id = "evt-" .. i, event = "client.linked", body = "{}" } end
    watched:inbox_add_many(events, T0)
    watched:inbox_add_many(events, T0)
    local items = watched:inbox_claim { now = T0, lease = 60 }
    items[3].claim = 9 -- another process has it by now
    assert.same({ true, true, false }, watched:inbox_done_many(items, T0 + 1))
    present:beat()
    assert.same({ 3, 3, 2 }, { total("received", "client.linked", "new"),
      total("received", "client.linked", "duplicate"),
      total("processed", "client.linked", "done") })
    assert.equal(2, total("waited", "", "1"))
  end)

  it("has a count for each verb that takes in, ends or puts off", function()
    for _, verb in ipairs(contract.verbs) do
      local ends = verb:find("_done") or verb:find("_dead$") or verb:find("_retry$")
      if ends or verb:find("^inbox_add") then assert.is_function(presence.counted[verb], verb) end
    end
  end)

  it("fails nothing when the store takes no beat, and loses nothing that was counted", function()
    local real = kept.beat
    function kept.beat() return nil, failure.new { kind = "store", message = "away" } end
    assert.equal("new", rows.add(watched, "evt-1", "t1"))
    assert.is_false(present:beat())
    function kept.beat() error("broken") end
    now = now + 10
    assert.equal("new", rows.add(watched, "evt-2", "t2"))
    assert.same({}, rows_kept())
    kept.beat = real
    assert.is_true(present:beat())
    assert.equal(2, total("received", "client.linked", "new"))
  end)

  it("gives what verbs give, both results of them", function()
    assert.same({ false, "lost" }, { watched:job_done({ key = "x", claim = 1, kind = "k" }, now) })
    assert.same({ false }, { watched:record("link", "t1", "") })
  end)

  it("has one row for the runs of a command on a machine, which stays when it has ended", function()
    for run = 1, 2 do
      now = T0 + run
      local each = presence.new { clock = function() return now end, can = {} }
      each.role, each.command = "sweep", true
      each:watch(kept):jobs_claim { now = now, lease = 60 }
      each:finish("exit status 0")
      each:finish("exit status 1")
    end
    local found = rows_kept()
    assert.same({ 1, "sweep", T0 + 2, "exit status 0" },
      { #found, found[1].role, found[1].ended_at, about().outcome })
  end)

  it("says nothing at the end of a process that has done nothing", function()
    present:finish("exit status 0")
    assert.same({}, rows_kept())
  end)

  it("counts calls by what came of them, and how long they took", function()
    local heard = {}
    local hook = present:hearing(function(event) heard[#heard + 1] = event end)
    hook { operation = "clients.create", seconds = 0.3, status = 201 }
    hook { operation = "clients.create", seconds = 0.2, status = 409, kind = "conflict" }
    hook { operation = "clients.create", kind = "timeout" }
    hook { operation = "GET /x/tenant", unlisted = true, seconds = 99, status = 200 }
    watched:inbox_claim { now = now, lease = 60 }
    assert.equal(4, #heard)
    assert.same({ 2, 1, 1 }, { total("requested", "", "ok"), total("requested", "", "refused"),
      total("requested", "", "timeout") })
    assert.same({ 1, 1, 500 }, { total("called", "clients.create", "0.25"),
      total("called", "clients.create", "0.5"), total("called", "clients.create", "milliseconds") })
    assert.equal(1, total("called", "unlisted", "more"))
  end)

  it("counts what a receiver refuses", function()
    local receiver = present:receiving {
      handle = function(_, delivery) return delivery.code, "", {} end,
      refuse_large = function() return 413, "", {} end,
    }
    for _, code in ipairs { 200, 401, 401, 503, 405 } do
      assert.equal(code, (receiver:handle { code = code }))
    end
    receiver:refuse_large()
    watched:inbox_claim { now = now, lease = 60 }
    assert.same({ 2, 1, 1, 1 }, { total("refused", "", "signature"), total("refused", "", "store"),
      total("refused", "", "method"), total("refused", "", "size") })
  end)
end)
