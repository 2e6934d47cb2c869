-- What the recipes make of names, payloads, lists, windows and channels that are not as one would
-- wish, against the sandbox's own behaviour.

local backends = require("spec.support.backends")
local core = require("debitura.core")
local debitura = require("debitura")
local operators = require("spec.support.operators")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")
local rows = require("spec.support.store_rows")
local support = require("spec.support.desk")

--- All in one store, so that one that is taken for another shows.
local TENANTS = {
  "acme", "ACME", "Åse & Søn / Köln", "a/b", "a", "a/b/c", " two  spaces ", "100%", "%2F",
  "a?b=c#d", "株式会社サンプル",
  "O'Neill \"Sons\"; --",
  "b\\c", "...", "*",
}

--- As long as a record of a case "R" can be called, and as an operator may be shown.
local HOSTILE = {
  operators.HOSTILE, operators.UPWARDS, operators.LONG:sub(2), operators.HEBREW, "%", "_", "a%_b",
}
local MANY_CASES = rawget(_G, "jit") and 5000 or 1000

--- A customer who has an account already, asked with these cases.
local function payload_of(bench, tenant, number, cases)
  local email = ("office-%d@sample.example"):format(number)
  if number > 0 then
    bench:control("accounts", {
      name = "Sample Ltd", email = email, country = "Denmark",
      users = { { name = "Sam Sample", email = "sam-" .. email } },
    })
  end
  local payload = support.payload { externalTenantId = tenant, cases = core.json.array(cases) }
  payload.client.supportEmail, payload.users[1].email = email, "new-" .. email
  return payload
end

describe("names that are hard to carry,", function()
  for name, backend in pairs(backends) do
    local describe_backend = backend.missing and pending or describe
    describe_backend(("on the %s store%s,"):format(name, backend.missing or ""), function()
      setup(backend.setup)
      teardown(backend.teardown)

      it("go through 409, expiry, recovery, approval, submission and signing like any other",
        function()
        local store, close = backend.open()
        finally(close)
        local bench = rig.new { store = store }
        for i, tenant in ipairs(TENANTS) do
          local outcome = assert(bench.recipes.approval:request(payload_of(bench, tenant, i,
            { rig.case("R/1 " .. tenant) })))
          assert.are.same({ tenant, "pending", 1 }, { outcome.external_tenant_id, outcome.state,
            outcome.awaited })
        end
        bench:advance("7d1h")
        for _, tenant in ipairs(TENANTS) do
          assert.are.same({ "pending", 2 }, { store:record("link", tenant, "").state,
            store:record("link", tenant, "").generation })
          bench:approve(tenant)
          assert.are.equal("carried", store:record("link", tenant, "").state)
          assert.are.equal("parked",
            assert(bench.recipes.submission:submit(tenant, rig.case("own/" .. tenant))).state)
        end
        for _ = 1, 2 do
          for _, tenant in ipairs(TENANTS) do bench:sign(tenant) end
          bench:advance("1h")
        end
        for _, tenant in ipairs(TENANTS) do
          assert.are.equal("created",
            assert(bench.recipes.submission:status(tenant, "own/" .. tenant)).state)
          assert.are.equal("done", store:record("signing", tenant, "").state)
          assert.are.same({ 1, 1 },
            { bench:count("R/1 " .. tenant), bench:count("own/" .. tenant) })
        end
        local received = {}
        for _, message in ipairs(bench.mail) do
          received[message.tenant] = received[message.tenant] or {}
          table.insert(received[message.tenant], message.variant)
        end
        for _, tenant in ipairs(TENANTS) do
          assert.are.same({ "approval", "approval", "signing" }, received[tenant])
        end
      end)

      it("are given out and forgotten, and known by what comes late and names a case alone",
        function()
        local store, close = backend.open()
        finally(close)
        local bench = rig.new { store = store }
        local secret = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
        local receiver = debitura.webhook.receiver {
          store = store, secret = secret, clock = bench.options.clock,
          on = { ["*"] = function(event, context) return bench.recipes:handle(event, context) end },
        }
        local function body_of(event, case)
          local given, body = debitura.webhook.example(event, { data = { caseId = case } })
          assert.are.equal(200, (receiver:handle { method = "POST", body = body, headers = {
            ["X-Debitura-Signature"] = debitura.webhook.sign(body, secret, bench.options.clock()),
          } }))
          assert(receiver:work { once = true })
          local item = store:inbox_item(given.id)
          assert.are.same({ "done", case }, { item.state, item.tenant })
          return item.body
        end
        for i, tenant in ipairs(HOSTILE) do
          assert(store:record_move(rows.change(tenant, {
            rows.move("link", "", 0, { state = "declined", payload = "personal" }),
            rows.move("case", "R", 0, { state = "created", payload = "personal",
              data = ('{"case_id":"case-%d","lifecycle":"Closed"}'):format(i) }),
          }), rows.T0))
          assert.truthy(body_of("chat.created", "case-" .. i))
        end
        for i, tenant in ipairs(HOSTILE) do
          assert.are.equal(2, #bench.recipes:export(tenant).records)
          assert.is_true(bench.recipes:forget(tenant) > 2)
          for n, other in ipairs(HOSTILE) do
            local link = store:record("link", other, "")
            assert.are.same(n <= i and { "forgotten" } or { "declined", "personal" },
              { link.state, link.payload })
          end
          for _, event in ipairs { "payment.created", "chat.created" } do
            assert.is_nil(body_of(event, "case-" .. i))
            assert.truthy(body_of(event, "case-" .. i + 1))
          end
        end
        for _, tenant in ipairs { "a\0b", ("x"):rep(2001), "unknown" } do
          assert.are.equal(0, bench.recipes:forget(tenant))
          assert.is_false(bench.recipes:export(tenant))
        end
      end)
    end)
  end

  it("are refused at once where no path could carry them later, or no store keep them", function()
    local bench = rig.new()
    for _, tenant in ipairs { ".", "..", "", "a\0b", ("x"):rep(2001) } do
      local outcome, err = bench.recipes.approval:request(payload_of(bench, tenant, 0, {}))
      assert.is_nil(outcome)
      assert.is_truthy(err.fields.externalTenantId, tenant)
    end
    bench:client("acme")
    for _, reference in ipairs { "a\0b", ("x"):rep(1997) } do
      local payload = payload_of(bench, "acme", 0, { rig.case(reference) })
      local outcome, err = bench.recipes.approval:request(payload, { again = true, check = false })
      assert.is_nil(outcome)
      assert.is_truthy(err.fields["cases[1].creditorReference"])
      outcome, err = bench.recipes.submission:submit("acme", rig.case(reference), { check = false })
      assert.is_nil(outcome)
      assert.is_truthy(err.fields.creditorReference)
    end
    assert.are.same({ 1, 1, 0 }, { #bench.debitura.sent, #bench.store:records { kind = "link" },
      #bench.store:records { kind = "case" } })
  end)
end)

describe("names in which a person cannot see all that is there", function()
  local INVISIBLE = {
    "A\226\128\1391", "A\194\1731", "\239\187\191A1", "A\194\1601", "A1\226\129\160",
  }

  it("are refused of a request as they are of an import, and nothing is sent", function()
    local bench = rig.new()
    local WHY = { "has an invisible character in it: type it again" }
    for i, name in ipairs(INVISIBLE) do
      local outcome, err = bench.recipes.approval:request(
        payload_of(bench, name, 0, { rig.case("ok"), rig.case(name) }), { check = i % 2 == 0 })
      assert.is_nil(outcome)
      assert.are.equal("validation", err.kind)
      assert.are.same({ externalTenantId = WHY, ["cases[2].creditorReference"] = WHY }, err.fields)
      outcome, err = bench.recipes.submission:submit("acme", rig.case(name),
        { check = i % 2 == 0 })
      assert.is_nil(outcome)
      assert.are.same({ creditorReference = WHY }, err.fields)
    end
    assert.are.equal(0, #bench.store:records { kind = "case" })
    assert.are.same({ 0, 0 }, { #bench.debitura.sent, #bench.store:records { kind = "link" } })
  end)

  it("are taken over where Debitura has them already", function()
    local bench = rig.new()
    local payload = payload_of(bench, INVISIBLE[1], 0, { rig.case(INVISIBLE[1]) })
    local counts = assert(bench.recipes:adopt { pending = { { payload = payload } } })
    assert.are.same({ 1, 0 }, { counts.adopted, counts.refused })
    local outcome = assert(bench.recipes.submission:submit(INVISIBLE[1], rig.case(INVISIBLE[1])))
    assert.are.equal("awaited", outcome.state)
  end)
end)

describe("a payload that changed between generations", function()
  local bench, approval, first, second

  before_each(function()
    bench = rig.new { pauses = { 86400 } }
    approval = bench.recipes.approval
    first = payload_of(bench, "acme", 1, { rig.case("OLD-1") })
    second = payload_of(bench, "acme", 0, { rig.case("NEW-1"), rig.case("NEW-2") })
    second.client.supportEmail, second.users = first.client.supportEmail, first.users
    assert(approval:request(first))
    bench:advance("7d1h")
    assert.are.equal("expired", bench.store:record("link", "acme", "").state)
  end)

  it("is refused, and the next generation is asked for with the first one", function()
    local outcome, err = approval:request(second)
    assert.is_nil(outcome)
    assert.are.same({ "conflict", "PayloadChanged" }, { err.kind, err.type })
    bench:advance("1d")
    bench:approve("acme")
    assert.are.same({ 1, 0 }, { bench:count("OLD-1"), bench:count("NEW-1") })
    assert.are.equal(bench.debitura.sent[1], bench.debitura.sent[2])
  end)

  it("is sent from now on when the platform says so, and nothing of the first arrives", function()
    assert(approval:request(second, { again = true }))
    bench:advance("7d1h")
    bench:advance("1d")
    assert.are.equal(bench.debitura.sent[2], bench.debitura.sent[3])
    bench:approve("acme")
    assert.are.same({ "carried", 2, 0, 0 }, bench:standing("acme"))
    assert.are.equal("replaced", bench.store:record("case", "acme", "OLD-1").state)
    assert.are.same({ 0, 1, 1 }, { bench:count("OLD-1"), bench:count("NEW-1"),
      bench:count("NEW-2") })
  end)
end)

it("a case whose body changed while it was parked is refused, or replaces the first when the "
  .. "platform says so", function()
  local bench = rig.new()
  bench:client("acme")
  local submission, changed = bench.recipes.submission, rig.case("INV-1")
  changed.amountToRecover = 77
  assert.are.equal("parked", assert(submission:submit("acme", rig.case("INV-1"))).state)
  local outcome, err = submission:submit("acme", changed)
  assert.is_nil(outcome)
  assert.are.equal("PayloadChanged", err.type)
  assert.are.equal("parked", assert(submission:submit("acme", changed, { again = true })).state)
  for _ = 1, 2 do
    bench:sign("acme")
    bench:advance("1h")
  end
  assert.are.equal("created", submission:status("acme", "INV-1").state)
  assert.are.equal(77,
    assert(bench.debitura:customer("acme").cases:by_creditor_reference("INV-1")).grossAmount)
  assert.are.equal(1, bench:count("INV-1"))
end)

describe("a list of cases", function()
  for what, cases in pairs { ["that is empty"] = {}, ["that is not there"] = false } do
    it(what .. " is carried through as soon as the customer approves", function()
      local bench = rig.new()
      local payload = payload_of(bench, "acme", 1, cases or {})
      if not cases then payload.cases = nil end
      assert.are.equal(0, assert(bench.recipes.approval:request(payload)).cases)
      bench:approve("acme")
      bench:advance("2h")
      assert.are.equal("carried", bench.store:record("link", "acme", "").state)
    end)
  end

  it(("of %d cases is carried through, and made up for when its webhooks are lost")
    :format(MANY_CASES), function()
    local bench, cases = rig.new(), {}
    for i = 1, MANY_CASES do cases[i] = rig.case("INV-" .. i) end
    assert.are.equal(MANY_CASES,
      assert(bench.recipes.approval:request(payload_of(bench, "acme", 1, cases))).awaited)
    bench:work()
    bench:control("requests", { externalTenantId = "acme", action = "approve" })
    local inbox = bench.debitura.inbox
    assert.are.equal(1 + MANY_CASES, #inbox)
    while #inbox > 10 do table.remove(inbox) end
    bench:work()
    assert.are.same({ "linked", MANY_CASES, MANY_CASES - 9, 0 }, bench:standing("acme"))
    bench:advance("1h")
    assert.are.same({ "carried", MANY_CASES, 0, 0 }, bench:standing("acme"))
  end)
end)

describe("a window", function()
  it("that is not from 1 to 30 days is a mistake", function()
    for _, days in ipairs { 0, 31, -1, 0 / 0, math.huge, "7" } do
      local made, problem = pcall(rig.new, { window_days = days })
      assert.is_false(made)
      assert.is_truthy(tostring(problem):find("option 'window_days': ", 1, true), problem)
    end
  end)

  it("that is shorter here than at Debitura goes on with the URL that is still good", function()
    local bench = rig.new { window_days = 1 }
    assert(bench.recipes.approval:request(payload_of(bench, "acme", 1, { rig.case("INV-1") })))
    bench:advance("1d1h")
    assert.are.equal(1, bench.store:record("link", "acme", "").generation)
    bench:approve("acme")
    assert.are.same({ "carried", 1 }, { bench.store:record("link", "acme", "").state,
      bench:count("INV-1") })
  end)

  it("that is longer here than at Debitura ends with Debitura's", function()
    local bench = rig.new { window_days = 30 }
    assert(bench.recipes.approval:request(payload_of(bench, "acme", 1, { rig.case("INV-1") })))
    bench:advance("7d1h")
    assert.are.same({ "pending", 2 }, { bench.store:record("link", "acme", "").state,
      bench.store:record("link", "acme", "").generation })
  end)
end)

describe("a channel", function()
  local bench, calls, behave

  before_each(function()
    calls = {}
    bench = rig.new { channels = { { name = "odd", deliver = function(_, message)
      table.insert(calls, message.key)
      return behave(message)
    end } } }
  end)

  local function ask()
    assert(bench.recipes.approval:request(payload_of(bench, "acme", 1, {})))
    return bench:jobs("acme", "deliver")[1]
  end

  it("that fails in any way is tried again, and its words hold no URL", function()
    local ways = {
      [""] = function() end,
      no = function() return false, "no" end,
      ["at [redacted]"] = function(message) error("at " .. message.url, 0) end,
      ["[redacted]"] = function(message) return nil,
      setmetatable({}, { __tostring = function() return message.url end }) end,
    }
    for words, way in pairs(ways) do
      bench = rig.new { channels = { { name = "odd", deliver = function(_, message)
        return way(message)
      end } } }
      local job = ask()
      assert.are.same({ "open", 1 }, { job.state, job.attempt })
      assert.is_truthy(job.result:find(words, 1, true), job.result)
      assert.is_nil(job.result:find("http", 1, true))
    end
  end)

  it("that hangs for longer than its lease holds up no other process, and is repeated under the "
    .. "same key", function()
    local others = recipes.new(bench.options)
    behave = function()
      if #calls == 1 then -- as it were in another process, meanwhile
        bench.debitura:advance("11m")
        assert(others:sweep())
      end
      return true
    end
    local job = ask()
    local key = "deliver/link/1/odd/4:acme/0:"
    assert.are.same({ key, key }, calls)
    assert.are.same({ "done", 2, "delivered" }, { job.state, job.attempt, job.result })
    bench:advance("1h")
    assert.are.equal(2, #calls)
  end)
end)
