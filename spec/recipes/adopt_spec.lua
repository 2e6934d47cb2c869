-- Taking over what exists at Debitura, against the sandbox's own behaviour: yesterday's code is a
-- rig with a store of its own.

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local operators = require("spec.support.operators")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")
local open_store = require("debitura.store").open
local support = require("spec.support.desk")

local DAY = 86400

describe("adopting", function()
  local yesterday, store, own, mail, told

  --- The recipes on a store of their own, and what their customers are sent.
  local function today(changes)
    local options = { partner = yesterday.debitura, store = store,
      clock = function() return yesterday.debitura:now() end, window_days = 30,
      channels = { { name = "mail", deliver = function(_, message)
        mail[#mail + 1] = message
        return true
      end } } }
    for name, value in pairs(changes or {}) do options[name] = value end
    return recipes.new(options)
  end

  before_each(function()
    yesterday, mail, told = rig.new { window_days = 30 }, {}, {}
    yesterday:control("settings", { ttl_days = 30 })
    store = assert(open_store("memory:"))
    own = today()
  end)

  local function payload(tenant, count)
    local made = support.payload { externalTenantId = tenant }
    for i = 1, count or 3 do
      made.cases[i] = made.cases[i] or rig.case("")
      made.cases[i].creditorReference = ("%s-%d"):format(tenant, i)
    end
    return made
  end

  --- A link that was requested yesterday, and what is known of it.
  local function ask(tenant, count)
    local given = payload(tenant, count)
    assert(yesterday.recipes.approval:request(given))
    return { payload = given }
  end

  local function adopt(pending, more)
    local options = { pending = pending, on_progress = function(step)
      told[#told + 1] = ("%s %s %s"):format(step.result, tostring(step.tenant),
        step.state or step.reason)
    end }
    for name, value in pairs(more or {}) do options[name] = value end
    return own:adopt(options)
  end

  local function counted(counts)
    return { counts.adopted, counts.known, counts.refused, counts.cases }
  end

  local function link(tenant) return own.runner:record("link", tenant, "") end

  local function standing(tenant)
    local record = assert(link(tenant))
    return { record.state, record.data.cases or 0, record.data.awaited or 0 }
  end

  --- Lets time pass, hands the webhooks of that time over, and sweeps.
  local function advance(duration)
    yesterday.debitura:advance(duration)
    while #yesterday.debitura.inbox > 0 do
      assert(own:handle(table.remove(yesterday.debitura.inbox, 1)))
    end
    return assert(own:sweep())
  end

  local function jobs(tenant)
    local kinds = {}
    for _, job in ipairs(store:jobs { tenant = tenant }) do kinds[#kinds + 1] = job.kind end
    table.sort(kinds)
    return kinds
  end

  --- All that there is: linked, in the onboarding, onboarded, and two that wait.
  local function all()
    ask("linked")
    yesterday:approve("linked")
    yesterday:client("new")
    yesterday:client("signed", true)
    local known, unknown = ask("waits"), ask("waits-too")
    known.requested_at = yesterday.debitura:now()
    known.url = "https://referral.example/approve/1"
    return { known, unknown }
  end

  it("takes clients, their cases and pending links over, each once, without a letter", function()
    local pending = all()
    yesterday.debitura.inbox = {}
    assert.same({ 5, 0, 0, 3 }, counted(assert(adopt(pending))))
    table.sort(told)
    assert.same({ "adopted linked carried", "adopted new onboarding", "adopted signed onboarded",
      "adopted waits pending", "adopted waits-too pending" }, told)
    assert.same({ 0, 5, 0, 0 }, counted(assert(adopt(pending))))
    assert.same({}, mail)
    for _, tenant in ipairs { "linked", "new", "signed", "waits", "waits-too" } do
      for _, kind in ipairs(jobs(tenant)) do assert.are_not.equal("deliver", kind) end
      assert.is_nil(link(tenant).undelivered_since)
    end
    for _ = 1, 3 do advance(3600) end
    assert.same({}, mail)
    assert.equal(0, store:summary(yesterday.debitura:now()).oldest.dead_job or 0)
  end)

  it("keeps of clients whom letters go to, and of cases how they stand", function()
    all()
    assert(adopt())
    local given = core.json.decode(link("new").payload)
    assert.same({ "new@new.example", "Denmark" }, { given.users[1].email, given.client.country })
    assert.same({ "yes", "no" }, { link("new").data.attributed, link("linked").data.attributed })
    local case = own.runner:record("case", "linked", "linked-1")
    assert.same({ "created", "submitted", "Pending contract signing" },
      { case.state, case.origin, case.data.lifecycle })
    assert.truthy(case.data.case_id)
    yesterday.debitura:advance(60)
    assert.equal("moved", (own:handle { id = "evt-1", event = "case.closed",
      timestamp = "2030-01-01T00:00:00Z", data = { externalTenantId = "linked",
        caseId = case.data.case_id, creditorReference = "linked-1", closeCode = "Paid" } }))
    case = own.runner:record("case", "linked", "linked-1")
    assert.same({ "Closed", "Paid" }, { case.data.lifecycle, case.data.close_code })
  end)

  it("has the window's end from the platform, by a webhook, or 30 days from now", function()
    local known, heard, unknown = ask("known"), ask("heard"), ask("unknown")
    local now = yesterday.debitura:now()
    known.requested_at, known.expires_at = now - 5 * DAY, "2026-01-20T00:00:00Z"
    assert(adopt { known, heard, unknown })
    assert.same({ 1768867200, now - 5 * DAY, 1, "approval" }, { link("known").expires_at,
      link("known").requested_at, link("known").generation, link("known").data.variant })
    assert.same({ now + 30 * DAY, nil }, { link("heard").expires_at, link("heard").requested_at })
    assert.same({ "pending", 3, 3 }, standing("known"))
    yesterday.debitura:advance(20 * DAY)
    assert(own:sweep())
    assert.same({ 2, 1 }, { link("known").generation, link("unknown").generation })
    assert(own:handle { id = "evt-1", event = "client.link_expired",
      timestamp = "2026-01-21T00:00:00Z", data = { externalTenantId = "heard" } })
    assert.equal(2, link("heard").generation)
    yesterday.debitura:advance(10 * DAY + 3601)
    assert(own:sweep())
    assert.equal(2, link("unknown").generation)
    for i, tenant in ipairs { "known", "heard", "unknown" } do
      assert.equal(tenant, mail[i].tenant)
    end
  end)

  it("reminds of a URL that is known, at those times that are to come", function()
    local row = ask("waits")
    row.url, row.requested_at = "https://referral.example/approve/1", yesterday.debitura:now()
    yesterday.debitura:advance(20 * DAY)
    assert(adopt { row })
    assert.same({ "expire", "remind" }, jobs("waits"))
    advance(9 * DAY)
    assert.same({ 1, 2, row.url }, { #mail, mail[1].reminder, mail[1].url })
  end)

  it("follows webhooks of what it has taken over", function()
    local pending = { ask("waits"), ask("other") }
    assert(adopt(pending))
    yesterday:control("requests", { externalTenantId = "waits", action = "approve" })
    yesterday:control("requests", { externalTenantId = "other", action = "decline" })
    advance(0)
    assert.same({ "carried", 3, 0 }, standing("waits"))
    assert.equal("declined", link("other").state)
    assert.same({}, mail)
  end)

  it("finds cases that came with a link whose webhooks were lost, and records what is to be signed",
    function()
    local row = ask("linked")
    yesterday:control("requests", { externalTenantId = "linked", action = "approve" })
    yesterday.debitura.inbox = {}
    assert.same({ 1, 0, 0, 0 }, counted(assert(adopt { row })))
    assert.same({ "linked", 3, 3 }, standing("linked"))
    advance(3601)
    assert.same({ "carried", 3, 0 }, standing("linked"))
    local signing = own.runner:record("signing", "linked", "")
    assert.same({ "outstanding", true }, { signing.state, signing.url ~= nil })
    assert.same({}, mail)
    assert(own.signing:deliver("linked"))
    assert.equal(1, #mail)
  end)

  it("takes over a link whose window has passed without asking for another URL", function()
    local row = ask("late")
    row.expires_at = yesterday.debitura:now() - 1
    assert(adopt { row })
    assert.same({ "exhausted", 3, 3 }, standing("late"))
    for _ = 1, 3 do advance(DAY) end
    assert.same({}, mail)
    assert.equal("moved", (own.recovery:recover("late")))
    assert.equal(1, #mail)
  end)

  it("takes over more cases than one step records", function()
    local row = ask("large", 230)
    assert(adopt { row })
    assert.same({ "pending", 230, 230 }, standing("large"))
    yesterday:control("requests", { externalTenantId = "large", action = "approve" })
    assert.same({ 0, 1, 0, 0 }, counted(assert(adopt { row })))
    yesterday.debitura.inbox = {}
    local other = ask("large-too", 101)
    yesterday:control("requests", { externalTenantId = "large-too", action = "approve" })
    yesterday.debitura.inbox = {}
    assert(adopt { row, other })
    assert.same({ "linked", 101, 101 }, standing("large-too"))
    advance(3601)
    assert.same({ "carried", 101, 0 }, standing("large-too"))
    assert.same({}, mail)
  end)

  it("reads page after page, of clients and of cases", function()
    for i = 1, 105 do yesterday:client(("new-%03d"):format(i), true) end
    ask("linked", 102)
    yesterday:approve("linked")
    assert.same({ 106, 0, 0, 102 }, counted(assert(adopt())))
    assert.equal("onboarded", link("new-105").state)
    assert.equal("created", own.runner:record("case", "linked", "linked-102").state)
    assert.same({ 0, 106, 0, 0 }, counted(assert(adopt())))
  end)

  it("goes on where a run was stopped, or its process died", function()
    local pending = all()
    local seen = 0
    local stopped = assert(adopt(pending, { on_progress = function()
      seen = seen + 1
      return seen < 2
    end }))
    assert.same({ 2, 0, 0, 0 }, counted(stopped))
    local writes = 0
    local dying = setmetatable({}, { __index = function(_, verb)
      return function(_, ...)
        if verb == "record_move" then writes = writes + 1 end
        if writes > 2 then
          return nil, failure.new { kind = "store", message = "the process died" }
        end
        return store[verb](store, ...)
      end
    end })
    local done, err, so_far = today { store = dying }:adopt { pending = pending }
    assert.is_nil(done)
    assert.equal("the process died", err.message)
    assert.same({ 2, 2, 0, 0 }, counted(so_far))
    assert.same({ 1, 4, 0, 3 }, counted(assert(adopt(pending))))
    assert.same({ 0, 5, 0, 0 }, counted(assert(adopt(pending))))
  end)

  it("leaves alone what is in the store, and what was forgotten", function()
    all()
    assert(adopt())
    own:forget("linked", { now = true })
    local version = link("linked").version
    store:record_move({ tenant = "new", moves = { { kind = "link", name = "", version = 1,
      set = { state = "closed" }, entry = { event = "close" } } } }, yesterday.debitura:now())
    told = {}
    assert.same({ 0, 3, 0, 0 }, counted(assert(adopt())))
    table.sort(told)
    assert.same({ "known linked forgotten", "known new closed", "known signed onboarded" }, told)
    assert.equal(version, link("linked").version)
    assert.is_nil(link("linked").payload)
  end)

  it("tells in a dry run what it would do, and does nothing", function()
    local pending = all()
    assert.same({ 5, 0, 0, 3 }, counted(assert(adopt(pending, { dry_run = true }))))
    assert.equal("adopted linked carried", told[1])
    assert.same({}, store:counts())
  end)

  it("refuses rows that are wrong, each with its reason, and adopts the others", function()
    yesterday:client("new")
    local twice, right = { payload = payload("twice") }, { payload = payload("right") }
    local function but(change)
      local row = { payload = payload("wrong") }
      change(row)
      return row
    end
    local rows = {
      twice, twice, right, {}, "text",
      but(function(row) row.payload.externalTenantId = "a\0b" end),
      but(function(row) row.payload.externalTenantId = ("x"):rep(2001) end),
      but(function(row) row.payload.externalTenantId = ".." end),
      but(function(row) row.payload.cases[2].creditorReference = nil end),
      but(function(row) row.payload.client = 5 end),
      but(function(row) row.expires_at = "tomorrow" end),
      but(function(row) row.url = "javascript:alert(1)" end),
      but(function(row) row.payload.externalTenantId, row.requested_at = "new", 0 / 0 end),
    }
    assert.same({ 2, 0, 11, 0 }, counted(assert(adopt(rows))))
    assert.equal("pending", link("right").state)
    assert.is_false(link("new"))
    local reasons = table.concat(told, "\n")
    for _, said in ipairs { "told of twice", "CreateClientRequest is missing", "must not hold NUL",
      "too long", "must not be . or ..", "cases[2].creditorReference: required",
      "expires_at: a time", "url: an http or https URL", "requested_at: a time", "client: " } do
      assert.truthy(reasons:find(said, 1, true), said .. "\n" .. reasons)
    end
  end)

  it("takes clients over whatever they are called", function()
    local names, pending = { operators.HOSTILE, operators.UPWARDS, operators.HEBREW,
      operators.LONG, "%", "_", "a%_b" }, {}
    for i, tenant in ipairs(names) do
      pending[i] = { payload = payload("any", tenant == operators.LONG and 0 or 3) }
      pending[i].payload.externalTenantId = tenant
      if tenant == operators.LONG then pending[i].payload.cases = core.json.array {} end
    end
    for i = 1, 2 do
      local given = payload("client " .. names[i])
      given.cases = core.json.array {}
      given.client.supportEmail = ("office-%d@new.example"):format(i)
      given.users[1].email = ("user-%d@onboarded.example"):format(i)
      assert(yesterday.recipes.approval:request(given))
    end
    pending[#pending + 1] = { payload = payload("no UTF-8") }
    pending[#pending].payload.externalTenantId = "\255"
    assert.same({ 9, 0, 1, 0 }, counted(assert(adopt(pending, { check = false }))))
    for _, tenant in ipairs(names) do
      local awaited = tenant == operators.LONG and 0 or 3
      assert.same({ "pending", awaited, awaited }, standing(tenant))
    end
    for i = 1, 2 do assert.equal("onboarded", link("client " .. names[i]).state) end
    assert.same({ 0, 9, 1, 0 }, counted(assert(adopt(pending, { check = false }))))
  end)

  it("needs a channel or a permalink, and tells what Debitura would not answer", function()
    local done, err = today { channels = {} }:adopt()
    assert.is_nil(done)
    assert.equal("configuration", err.kind)
    local away = setmetatable({ clients = { list = function()
      return { next = function() return nil, failure.new { kind = "server", message = "503" } end }
    end } }, { __index = yesterday.debitura })
    local counts
    done, err, counts = today { partner = away }:adopt { pending = { {} } }
    assert.is_nil(done)
    assert.same({ "server", 1 }, { err.kind, counts.refused })
    assert.has_error(function() own:adopt { pendng = {} } end)
  end)
end)
