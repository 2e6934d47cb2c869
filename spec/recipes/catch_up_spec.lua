-- Catching up with what no webhook has told, against the sandbox's own behaviour.

local catch_up = require("debitura.recipes.catch_up")
local core = require("debitura.core")
local failure = require("debitura.base.failure")
local rig = require("spec.support.rig")
local open_store = require("debitura.store").open
local support = require("spec.support.desk")

describe("catching up", function()
  local bench

  before_each(function() bench = rig.new() end)

  local function ask(tenant, mail)
    local payload = support.payload { externalTenantId = tenant }
    if mail then payload.client.supportEmail = mail end
    for i, case in ipairs(payload.cases) do case.creditorReference = ("%s-%d"):format(tenant, i) end
    assert(bench.recipes.approval:request(payload))
    bench:work()
  end

  local function run(options)
    options = options or {}
    options.partner, options.store, options.clock = bench.debitura, bench.store,
      bench.options.clock
    return catch_up.run(options)
  end

  --- Handles what is in the inbox as a worker would.
  local function work_inbox()
    for item in function() return bench.store:inbox_claim({ now = bench.debitura:now(), lease = 60,
      limit = 1 })[1] end do
      assert(bench.recipes:handle(core.json.decode(item.body)))
      assert(bench.store:inbox_done(item, bench.debitura:now()))
    end
  end

  it("reports a mistake at the caller's line", function()
    local sound, said = pcall(function() return run { sinse = 5 }, nil end)
    assert.is_false(sound)
    assert.is_truthy(said:find("catch_up_spec.lua:%d+: catch_up.run: unknown option 'sinse', "
      .. "did you mean 'since'?"), said)
  end)

  it("tells of a new customer whom the platform has closed once that one has signed", function()
    bench:client("acme-1")
    bench.recipes.approval:close("acme-1")
    assert.are.equal(0, assert(run()).events)
    bench:control("clients", { externalTenantId = "acme-1", action = "sign" })
    bench.debitura.inbox = {}
    assert.are.equal(1, assert(run()).events)
    work_inbox()
    assert.are.equal("onboarded", bench.store:record("link", "acme-1", "").state)
  end)

  it("tells of approvals and cases whose webhooks were lost", function()
    ask("acme-1")
    bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
    local lost = bench.debitura.inbox
    bench.debitura.inbox = {}
    local seen = {}
    local counts = assert(run { on_progress = function(so_far) seen[#seen + 1] = so_far.cases end })
    assert.are.same({ 1, 3, 4 }, { counts.clients, counts.cases, counts.events })
    assert.are.equal(4, #seen)
    assert.are.equal("pending", bench.store:record("link", "acme-1", "").state)
    work_inbox()
    assert.are.same({ "carried", 3, 0, 0 }, bench:standing("acme-1"))
    local version = bench.store:record("link", "acme-1", "").version
    for _, event in ipairs(lost) do bench.recipes:handle(event) end
    assert.are.same({ "carried", version }, { bench.store:record("link", "acme-1", "").state,
      bench.store:record("link", "acme-1", "").version })
  end)

  it("counts once, however often it is run, and says nothing that is known", function()
    ask("acme-1")
    bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
    bench.debitura.inbox = {}
    assert.are.equal(4, assert(run()).events)
    assert.are.equal(0, assert(run()).events)
    work_inbox()
    assert.are.equal(0, assert(run()).events)
    assert.are.equal(4, #bench.store:inbox_list {})
  end)

  it("leaves clients and cases alone that are not in the store", function()
    bench:client("acme", true)
    assert(bench.debitura:customer("acme").cases:create((function()
      local case = rig.case("OTHER")
      case.allowPendingContracts = true
      return case
    end)()))
    bench.debitura.inbox = {}
    local counts = assert(run())
    assert.are.same({ 1, 1, 0 }, { counts.clients, counts.cases, counts.events })
  end)

  it("tells that a new customer has signed", function()
    bench:client("acme")
    bench:control("clients", { externalTenantId = "acme", action = "sign" })
    bench.debitura.inbox = {}
    assert.are.equal(1, assert(run()).events)
    work_inbox()
    assert.are.equal("onboarded", bench.store:record("link", "acme", "").state)
  end)

  it("looks back to the latest webhook that came in, or 30 days", function()
    local now = bench.debitura:now()
    assert.are.equal(now - 30 * 86400, assert(run()).since)
    for i = 1, 9 do
      bench.store:inbox_add({ id = "evt-" .. i, tenant = "acme", event = "case.created",
        body = "{}" }, now - 10000 + i)
    end
    assert.are.equal(now - 10000 + 9 - 3600, assert(run()).since)
    assert.are.equal(5, assert(run { since = 5 }).since)
  end)

  it("goes on past a client and a case that cannot be read, and counts them", function()
    local sealed = { encryption_key = ("QUFB"):rep(10) .. "QUE=" }
    bench = rig.new { store = assert(open_store("memory:", sealed)) }
    ask("acme-1")
    bench:control("accounts", {
      name = "Second Ltd", email = "office@second.example", country = "Denmark",
      users = { { name = "Sam Second", email = "sam@second.example" } },
    })
    ask("acme-2", "office@second.example")
    bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
    bench:control("requests", { externalTenantId = "acme-2", action = "approve" })
    bench.debitura.inbox = {}
    for _, at in ipairs { { "link", "acme-1", "" }, { "case", "acme-2", "acme-2-1" } } do
      local kind, tenant, name = at[1], at[2], at[3]
      local version = bench.store:record(kind, tenant, name).version
      assert(bench.store.backend:record_move({ tenant = tenant, moves = { {
        kind = kind, name = name, version = version, set = { reason = "no seal" },
        entry = { event = "e" },
      } } }, bench.debitura:now()))
    end
    local counts = assert(run())
    assert.are.same({ 2, 6, 6, 2 },
      { counts.clients, counts.cases, counts.events, counts.unreadable })
  end)

  it("takes nothing from rows of a listing that are not what the documents say", function()
    ask("acme-1")
    bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
    bench.debitura.inbox = {}
    local odd = { 1, "row", true, core.null, { externalTenantId = "a\0b" },
      { externalTenantId = 5, client = "acme-1" },
      { externalTenantId = "acme-1", dateLinked = {}, onboardingDone = "yes" },
      { id = {}, creditorReference = "acme-1-1", client = { externalTenantId = "acme-1" } },
      { id = "case-1", creditorReference = "acme-1-1", dateCreated = 5, reference = {},
        client = { externalTenantId = "acme-1" } } }
    local function listing()
      local at = 0
      return { next = function()
        at = at + 1
        return odd[at]
      end }
    end
    bench.debitura.clients = { list = listing }
    bench.debitura.cases = { list = listing }
    local counts = assert(run())
    assert.are.same({ 9, 9, 2 }, { counts.clients, counts.cases, counts.events })
    work_inbox()
    assert.are.same({ "linked", 3, 2, 0 }, bench:standing("acme-1"))
  end)

  it("fails as a call or the store fails", function()
    bench.debitura.interfere = function()
      return { code = "transport", message = "no route", sent = false }
    end
    local counts, err = run()
    assert.are.same({ nil, "transport" }, { counts, err.kind })
    bench.store.inbox_last = function()
      return nil, failure.new { kind = "store", message = "gone" }
    end
    counts, err = run()
    assert.are.same({ nil, "store" }, { counts, err.kind })
  end)
end)
