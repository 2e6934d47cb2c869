-- Several processes with other options on one store: what was promised stays with the record, and
-- what a process cannot do waits for the one that can.

local core = require("debitura.core")
local desk_support = require("spec.support.desk")
local origin = require("spec.support.origin")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")

local DAY, HOUR = 86400, 3600
local T0 = desk_support.T0
local URL = "https://referral.example.test/link/"
local swept = desk_support.swept

local function urls(count)
  local answers = {}
  for i = 1, count do answers[i] = desk_support.needs_linking(URL .. i) end
  return answers
end

describe("a process without channels", function()
  local desk, application, cron

  before_each(function()
    desk = desk_support.new()
    desk.answers = urls(3)
    application = recipes.new(desk:options { reminders = { 0.5 } })
    local options = desk:options()
    options.channels = nil
    cron = recipes.new(options)
  end)

  it("renews a URL, leaves its delivery to one that has the channel, and says so", function()
    assert(application.approval:request(desk_support.payload()))
    desk.now = T0 + 7 * DAY + HOUR
    local counts = assert(cron:sweep())
    assert.are.same({ total = 2, ["window.over"] = 1, ["answer.needs_linking"] = 1,
      missing = { { needs = "channel:notes", count = 2 } } }, counts)
    local function delivery()
      for _, job in ipairs(desk:jobs("deliver")) do
        if job.generation == 2 then return job end
      end
    end
    for _ = 1, 48 do
      desk.now = desk.now + HOUR
      assert.are.same({ { needs = "channel:notes", count = 2 } }, assert(cron:sweep()).missing)
      assert.are.same({ "open", 0, "channel:notes" },
        { delivery().state, delivery().attempt, delivery().needs })
    end
    assert.are.equal(1, #desk.delivered)
    counts = assert(application:sweep())
    assert.are.same({ 1, {} }, { counts.delivered, counts.missing })
    assert.are.same({ URL .. 2, 2 }, { desk.delivered[2].url, desk.delivered[2].generation })
    assert.are.same({ "done", 1 }, { delivery().state, delivery().attempt })
  end)

  it("leaves what a webhook leads to in the same way", function()
    assert(application.approval:request(desk_support.payload()))
    desk.now = T0 + 7 * DAY + HOUR
    assert(cron:handle(desk:event("client.link_expired")))
    assert.are.equal("moved", (cron.approval:deliver("acme-1")))
    assert.are.equal(1, #desk.delivered)
    assert.are.equal(2, swept(application).delivered)
    assert.are.same({ URL .. 2, URL .. 2 }, { desk.delivered[2].url, desk.delivered[3].url })
  end)

  it("starts no work that would owe a customer a URL: nothing is recorded, nothing sent", function()
    local path, remove = origin.directory()
    finally(remove)
    path = path .. "/cases.jsonl"
    local file = assert(io.open(path, "wb"))
    file:write(assert(core.json.encode(rig.case("INV-1"))), "\n")
    file:close()
    for _, refused in ipairs {
      { cron.approval:request(desk_support.payload()) },
      { cron.submission:submit("acme-1", rig.case("INV-1")) },
      { cron.submission:record("acme-1", rig.case("INV-1")) },
      { cron.submission:import(path, { external_tenant_id = "acme-1" }) },
      { cron.signing:check("acme-1") },
    } do
      assert.are.same({ nil, "configuration" }, { refused[1], refused[2].kind })
      assert.is_truthy(refused[2].message:find("configure channels", 1, true))
    end
    assert.are.equal(0, #desk.sent)
    for _, kind in ipairs { "link", "case", "signing" } do
      assert.are.same({}, desk.store:records { kind = kind })
    end
    assert.are.same({}, desk.store:counts())
  end)

  it("may take on work where a permalink stands for the channels", function()
    local options = desk:options()
    options.channels = nil
    options.permalink = require("debitura").permalink.new {
      url = "https://platform.example/h/", store = desk.store, brand = { name = "Sample" },
    }
    local outcome = assert(recipes.new(options).approval:request(desk_support.payload()))
    assert.are.equal("pending", outcome.state)
    assert.are.same({}, desk:jobs("deliver"))
  end)
end)

describe("a channel that no process has any more", function()
  it("is reported, and holds up no other", function()
    local desk = desk_support.new()
    desk.answers = urls(3)
    local fax = { name = "fax", deliver = function() return nil, "engaged" end }
    local before = recipes.new(desk:options { channels = { fax, desk.channel }, reminders = {} })
    assert(before.approval:request(desk_support.payload()))
    assert.are.equal(1, #desk.delivered)
    local after = recipes.new(desk:options())
    desk.now = T0 + HOUR
    assert.are.same({ total = 0, missing = { { needs = "channel:fax", count = 1 } } },
      assert(after:sweep()))
    local told = {}
    after:sweep { dry_run = true, on_progress = function(step)
      told[#told + 1] = { step.kind, step.channel, step.result }
    end }
    assert.are.same({ { "deliver", "fax", "waiting" } }, told)
  end)
end)

describe("a process with other terms", function()
  local desk, application, cron

  before_each(function()
    desk = desk_support.new()
    desk.answers = urls(9)
    application = recipes.new(desk:options {
      window_days = 30, reminders = { 0.5 }, max_generations = 4, pauses = { 0, 2 * DAY },
    })
    cron = recipes.new(desk:options())
  end)

  local function link() return cron.runner:record("link", "acme-1", "") end

  it("goes on under those that the link was requested under: window, reminders, pauses, "
    .. "generations", function()
    assert(application.approval:request(desk_support.payload()))
    local lives = {}
    for day = 1, 140 do
      desk.now = T0 + day * DAY
      assert(cron:sweep())
      local now_is = link()
      local life = ("%s %d"):format(now_is.state, now_is.generation)
      if lives[#lives] == nil or lives[#lives].life ~= life then
        lives[#lives + 1] = { life = life, day = day }
      end
    end
    assert.are.same({
      { life = "pending 1", day = 1 },
      { life = "pending 2", day = 31 }, -- at once
      { life = "expired 2", day = 62 },
      { life = "pending 3", day = 64 }, -- after a pause of two days
      { life = "expired 3", day = 95 },
      { life = "pending 4", day = 97 },
      { life = "exhausted 4", day = 128 },
    }, lives)
    local what = {}
    for i, message in ipairs(desk.delivered) do
      what[i] = message.generation .. (message.reminder and " reminder" or "")
    end
    assert.are.same({ "1", "1 reminder", "2", "2 reminder", "3", "3 reminder", "4", "4 reminder" },
      what)
  end)

  it("goes on so through a webhook, too", function()
    assert(application.approval:request(desk_support.payload()))
    desk.now = T0 + 30 * DAY + HOUR
    assert(cron:handle(desk:event("client.link_expired")))
    assert.are.same({ "pending", 2, desk.now + 30 * DAY },
      { link().state, link().generation, link().expires_at })
  end)

  it("requests under its own", function()
    assert(application.approval:request(desk_support.payload()))
    assert(cron.approval:request(desk_support.payload { externalTenantId = "acme-2" }))
    local other = cron.runner:record("link", "acme-2", "")
    assert.are.same({ 30, 7, T0 + 30 * DAY, T0 + 7 * DAY }, {
      link().terms.window_days, other.terms.window_days, link().expires_at, other.expires_at,
    })
    assert(cron.approval:request(desk_support.payload(), { again = true }))
    assert.are.same({ 7, T0 + 7 * DAY }, { link().terms.window_days, link().expires_at })
  end)
end)

describe("a function of the platform", function()
  local bench, calls

  before_each(function()
    calls = {}
    bench = rig.new()
    bench:client("acme", true)
    for _ = 1, 2 do
      bench:sign("acme")
      assert(bench.recipes.submission:submit("acme", rig.case("FIRST")))
      bench:advance("1h")
    end
  end)

  local function with_fallback()
    bench.options.fallback = function(given) calls[#calls + 1] = given.creditor_reference end
    local made = recipes.new(bench.options)
    bench.options.fallback = nil
    return made
  end

  it("is called by the process that has it for a case that was taken on with it", function()
    assert(with_fallback().submission:record("acme", rig.case("INV-1", "BR")))
    local counts = assert(bench.recipes:sweep())
    assert.are.same({ { needs = "fallback", count = 1 } }, counts.missing)
    bench:advance("2d")
    assert.are.same({ "unsupported", {} },
      { bench.recipes.submission:status("acme", "INV-1").state, calls })
    assert.are.equal(1, assert(with_fallback():sweep()).fallback)
    assert.are.same({ "INV-1" }, calls)
    assert.are.equal(1, bench:jobs("acme", "fallback")[1].attempt)
  end)

  it("is not called for a case that was taken on without it", function()
    assert(bench.recipes.submission:record("acme", rig.case("INV-1", "BR")))
    assert.are.same({}, assert(with_fallback():sweep()).missing)
    assert.are.same({ "unsupported", {} },
      { bench.recipes.submission:status("acme", "INV-1").state, calls })
  end)
end)
