-- The platform's function on_alert is told once for each cause and day, by a process that has it.

local core = require("debitura.core")
local debitura = require("debitura")
local rows = require("spec.support.store_rows")
local sandbox = require("debitura.sandbox")

local T0 = rows.T0
local HOUR, DAY = 3600, 86400

describe("on_alert", function()
  local place, now, told, closers

  before_each(function()
    local path = os.tmpname()
    os.remove(path)
    place, now, told, closers = "sqlite://" .. path, T0, {}, {}
  end)
  after_each(function()
    for _, close in ipairs(closers) do close() end
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(place:sub(10) .. suffix) end
  end)

  --- A process of the platform, with or without the function.
  local function process(has_function, more)
    local given = {
      environment = "test", api_key = "sample-key", store = place,
      base_url = "http://127.0.0.1:9", clock = function() return now end,
      channels = { debitura.channels.callback(function() return true end) },
      on_alert = has_function and function(alert) told[#told + 1] = alert end or nil,
    }
    for name, value in pairs(more or {}) do given[name] = value end
    local defined = debitura.platform(given)
    closers[#closers + 1] = function() defined:close() end
    return defined
  end

  local function sweep(defined)
    return assert(defined.recipes:sweep())
  end

  --- Gives up a job.
  local function give_up(defined, key)
    rows.enqueue(defined.store, "t1", { rows.job(key, now) })
    local held = defined.store:jobs_claim({ now = now, lease = 60, keys = { key } })[1]
    assert(defined.store:job_dead(held, now, "x"))
  end

  it("hears of what was given up, once a day", function()
    local defined = process(true)
    sweep(defined)
    assert.same({}, told)
    give_up(defined, "a")
    now = now + 2 * 60
    sweep(defined)
    assert.equal(1, #told)
    local alert = told[1]
    assert.same({ "dead_jobs", "fail", 1, "1 job was given up, the first 2m ago" },
      { alert.cause, alert.level, alert.count, alert.said })
    assert.truthy(alert.type:find("^debitura jobs "))
    give_up(defined, "b")
    for _ = 1, 3 do
      now = now + HOUR
      sweep(defined)
    end
    assert.equal(1, #told)
    now = T0 + DAY + HOUR
    sweep(defined)
    assert.same({ 2, 2 }, { #told, told[2].count })
  end)

  it("hears of links that had their last URL", function()
    local defined = process(true)
    assert(defined.store:record_move(rows.change("t1", {
      rows.move("link", "", 0, { state = "exhausted" }),
    }), now))
    sweep(defined)
    assert.equal("exhausted", told[1].cause)
  end)

  it("is called by a process that has it, whichever saw the cause", function()
    local here, there = process(true), process(false)
    give_up(here, "a")
    sweep(here)
    assert.equal(1, #told)
    now = now + DAY
    sweep(there)
    assert.equal(1, #told)
    local open = here.store:jobs { needs = "on_alert" }
    assert.same({ 1, 0 }, { #open, open[1].attempt })
    sweep(here)
    assert.equal(2, #told)
  end)

  it("leaves nothing to do where no process has it", function()
    local defined = process(false)
    give_up(defined, "a")
    sweep(defined)
    assert.same({}, defined.store:jobs { needs = "on_alert" })
  end)

  it("is tried again when it fails, and holds up nothing", function()
    local fails = true
    local defined = process(false, { on_alert = function(alert)
      told[#told + 1] = alert
      if fails then error("the pager is away") end
    end })
    give_up(defined, "a")
    rows.enqueue(defined.store, "t1", { rows.job("b", now, { kind = "deliver" }) })
    assert.equal(1, sweep(defined).failed)
    assert.equal("done", defined.store:jobs_named({ "b" })[1].state)
    fails, now = false, now + HOUR
    sweep(defined)
    assert.equal(2, #told)
    assert.same(core.json.encode(told[1]), core.json.encode(told[2]))
  end)

  it("is left alone by a dry run", function()
    local defined = process(true)
    give_up(defined, "a")
    assert(defined.recipes:sweep { dry_run = true })
    assert.same({}, defined.store:jobs { needs = "on_alert" })
  end)

  it("hears of a subscription that Debitura has switched off", function()
    local service = assert(sandbox.start())
    closers[#closers + 1] = function() service:stop() end
    local url = "https://platform.example/webhooks"
    local defined = process(true, {
      base_url = service.url, api_key = service.api_key, webhook = { url = url },
    })
    local made = assert(defined.partner.webhooks:create {
      url = url, events = { "client.link_requested" }, isTestMode = false,
    })
    sweep(defined)
    assert.same({}, told)
    assert(defined.partner.webhooks:update(made.id, { isActive = false }))
    now = now + HOUR - 1
    sweep(defined) -- Debitura is asked once an hour
    assert.same({}, told)
    now = now + 60
    sweep(defined)
    assert.equal("subscription", told[1] and told[1].cause)
  end)
end)
