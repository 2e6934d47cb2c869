-- One odd thing stops nothing else: whatever one client's answers and webhooks hold, nothing
-- raises, what cannot be read is given up with a reason, and the other clients arrive.

local backends = require("spec.support.backends")
local core = require("debitura.core")
local odd_answers = require("spec.support.odd_answers")
local odd_life = require("spec.support.odd_life")
local rig = require("spec.support.rig")
local open_store = require("debitura.store").open

local KEY = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE="
local live, check, payload_of = odd_life.live, odd_life.check, odd_life.payload_of
local FAST = rawget(_G, "jit") ~= nil

--- What the recipes ask of Debitura.
local OPERATIONS = {
  "partner.clients.create", "partner.clients.get", "partner.clients.submit_kyc",
  "partner.cases.list", "partner.tokens.create", "customer.cases.create",
  "customer.cases.by_creditor_reference", "customer.cases.get", "customer.cases.contract_status",
  "customer.cases.preview", "customer.contracts.status",
}

local EVENTS = {
  "client.linked", "case.created", "cases.replay_failed", "client.link_expired",
  "client.link_declined", "client.onboarding.contract_signed", "client.onboarding.poa_signed",
  "client.link_requested",
}

--- Answers of an operation with one odd body after the other, from the one at `first`.
local function odd_bodies(operation, first)
  local at = first - 1
  return function(called, body, is_good)
    if not is_good then return nil end
    -- The contracts of a case are asked for when the case itself does not say where to sign.
    if operation == "customer.cases.contract_status" and called == "customer.cases.get" then
      body.signingHandoff = core.null
      return core.json.encode(body)
    end
    if called ~= operation then return nil end
    at = at % #odd_answers.BODIES + 1
    return odd_answers.BODIES[at]
  end
end

describe("one client's odd answers stop nothing else:", function()
  it("as they should be they bring all clients to their end", function()
    local bench = live(function() end)
    check(bench)
    assert.are.same({ "carried", 2, 0, 0 }, bench:standing("odd-old"))
  end)

  for _, operation in ipairs(OPERATIONS) do
    it("those of " .. operation, function()
      for first = 1, #odd_answers.BODIES, FAST and 1 or 8 do
        local bench, called = live(odd_bodies(operation, first))
        assert.is_truthy(called[operation], "was not asked for")
        check(bench)
      end
    end)
  end

  --- A life in which all answers and webhooks of the odd ones are changed by chance.
  local function live_by_chance(seed, store)
    local chance = seed * 7919 % 2147483647 + 1
    local function random(n)
      chance = chance * 16807 % 2147483647
      return chance % n + 1
    end
    return live(function(_, body, is_good)
      if is_good or random(4) == 1 then
        return core.json.encode((odd_answers.mutated(body, random)))
      end
    end, function(bench, hour)
      for i, name in ipairs(EVENTS) do
        local data = {
          externalTenantId = "odd-old", creditorReference = "odd-old/1", caseId = "c1",
          reference = "X1", failedCases = { { creditorReference = "odd-old/2" }, "odd" },
        }
        assert(bench.recipes:handle {
          id = ("odd-%d-%d"):format(hour, i), event = name,
          timestamp = odd_answers.mutated("2026-01-05T08:00:00Z", random),
          data = odd_answers.mutated(data, random),
        })
      end
    end, store)
  end

  for seed = 1, FAST and 60 or 10 do
    it(("all of them and the webhooks, changed by chance, seed %d"):format(seed), function()
      check(live_by_chance(seed))
    end)
  end

  for name, backend in pairs(FAST and backends or {}) do
    local describe_store = backend.missing and pending or describe
    describe_store(("in the %s store, sealed%s,"):format(name, backend.missing or ""), function()
      setup(backend.setup)
      teardown(backend.teardown)

      it("names that no store can keep", function()
        local store, close = backend.open { encryption_key = KEY }
        finally(close)
        local names = { "a\0b", ("x"):rep(3000), ("é"):rep(1001), "" }
        local bench = live(function(operation, body, is_good)
          if operation ~= "partner.clients.create" or not is_good then return nil end
          for i, row in ipairs(body.caseResults.successfulCases) do
            row.creditorReference = names[i]
          end
          for i, reference in ipairs(names) do
            table.insert(body.caseResults.failedCases, { caseIndex = i, errorType = "Odd",
              creditorReference = reference })
          end
          return core.json.encode(body)
        end, function(world, hour)
          for at, each in ipairs(names) do
            for i, event in ipairs { "client.linked", "case.created" } do
              local data = { externalTenantId = i == 1 and each or "odd-old", caseId = "c1",
                creditorReference = each }
              local word = world.recipes:handle {
                id = ("name-%d-%d-%d"):format(hour, at, i), event = event, data = data,
              }
              assert.are.equal("unknown", word)
            end
          end
        end, store)
        check(bench)
      end)

      for seed = 101, 102 do
        it(("all of them and the webhooks, seed %d"):format(seed), function()
          local store, close = backend.open { encryption_key = KEY }
          finally(close)
          check(live_by_chance(seed, store))
        end)
      end
    end)
  end
end)

describe("an odd answer", function()
  local bench

  local function job_of(tenant, kind)
    return assert(bench:jobs(tenant, kind)[1])
  end

  it("postpones its job, which is given up with the reason after eight attempts", function()
    bench = odd_life.open()
    odd_answers.interpose(bench.debitura, function(operation, tenant)
      return operation == "partner.clients.create" and tenant == "odd-new" and '{"a":1}' or nil
    end)
    local began = bench.debitura:now()
    local outcome = assert(bench.recipes.approval:request(payload_of("odd-new")))
    assert.are.same({ "requesting", "malformed" }, { outcome.state, outcome.failure.kind })
    assert(bench.recipes.approval:request(payload_of("fine-new")))
    local reason = "clients.create: malformed: Debitura's answer has not the shape of its documents"
    local job = job_of("odd-new", "request_link")
    assert.are.same({ "open", 1, began + 60, reason },
      { job.state, job.attempt, job.due_at, job.result })
    for attempt = 2, 8 do
      bench:advance("1h")
      assert.are.equal(attempt, job_of("odd-new", "request_link").attempt)
    end
    job = job_of("odd-new", "request_link")
    assert.are.same({ "dead", 8, reason }, { job.state, job.attempt, job.result })
    bench:advance("30d")
    assert.are.equal(8, job_of("odd-new", "request_link").attempt)
    -- Its cases have been heard of: what webhooks say counts all the same.
    assert.are.same({ "requesting", 2, 0, 0 }, bench:standing("odd-new"))
    assert.are.equal("onboarding", bench:standing("fine-new")[1])
    assert.are.equal("done", job_of("fine-new", "deliver").state)
  end)
end)

describe("a sealed row that does not open", function()
  local bench, sealed

  --- Puts a text into a column that is not sealed, as a hand in the database would.
  local function spoil(kind, tenant, name, set)
    local record = assert(sealed:record(kind, tenant, name))
    assert(sealed.backend:record_move({ tenant = tenant, moves = { {
      kind = kind, name = name, version = record.version, set = set, entry = { event = "spoiled" },
    } } }, bench.debitura:now()))
  end

  before_each(function()
    sealed = assert(open_store("memory:", { encryption_key = KEY }))
    bench = odd_life.open(sealed)
  end)

  it("of a client stops no other, and is given up with a reason", function()
    bench.debitura.interfere = function()
      return { code = "transport", message = "no route", sent = false }
    end
    for _, tenant in ipairs(odd_life.TENANTS) do
      assert.are.equal("requesting",
        assert(bench.recipes.approval:request(payload_of(tenant))).state)
    end
    bench.debitura.interfere = nil
    spoil("link", "odd-old", "", { payload = "no seal" })
    for _ = 1, 8 do bench:advance("1h") end
    for _, tenant in ipairs { "fine-old", "odd-new", "fine-new" } do
      assert.are.equal(2, sealed:record("link", tenant, "").payload and bench:standing(tenant)[2])
      assert.are_not.equal("requesting", bench:standing(tenant)[1])
    end
    local record, err = bench.recipes.runner:record("link", "odd-old", "")
    assert.are.same({ nil, "unreadable" }, { record, err.kind })
    local job = bench:jobs("odd-old", "request_link")[1]
    assert.are.same({ "dead", 8 }, { job.state, job.attempt })
    assert.is_truthy(job.result:find("^unreadable: the payload of link of odd%-old is not sealed"))
    local outcome
    outcome, err = bench.recipes.approval:request(payload_of("odd-old"))
    assert.are.same({ nil, "unreadable" }, { outcome, err.kind })
  end)

  it("of a case holds up no other case of its client", function()
    local payload = payload_of("fine-old")
    payload.cases[3] = rig.case("fine-old/3")
    assert(bench.recipes.approval:request(payload))
    bench:work()
    bench:control("requests", { externalTenantId = "fine-old", action = "approve" })
    for i = #bench.debitura.inbox, 1, -1 do
      if bench.debitura.inbox[i].event == "case.created" then
        table.remove(bench.debitura.inbox, i)
      end
    end
    bench:work()
    spoil("case", "fine-old", "fine-old/1", { reason = "no seal" })
    bench:advance("1h")
    assert.are.same({ "linked", 3, 1, 0 }, bench:standing("fine-old"))
    local job = bench:jobs("fine-old", "reconcile")[1]
    assert.are.same({ "open", 1 }, { job.state, job.attempt })
    assert.is_truthy(job.result:find("^unreadable: the reason of case fine%-old/1 of fine%-old "))
    for _ = 1, 8 do bench:advance("1h") end
    assert.are.equal("dead", bench:jobs("fine-old", "reconcile")[1].state)
  end)

  it("of a job or an event neither", function()
    for _, tenant in ipairs { "fine-old", "fine-new" } do
      assert(bench.recipes.approval:request(payload_of(tenant)))
    end
    for _, job in pairs(sealed.backend.jobs_by_key) do
      if job.state == "open" then job.result = "no seal" end
    end
    bench:advance("7d1h")
    assert.are.same({ "pending", 2, 2, 0 }, bench:standing("fine-old"))

    local handled = {}
    for i = 1, 10 do
      assert(sealed:inbox_add({ id = "evt-" .. i, tenant = "tenant-" .. i, event = "client.linked",
        body = ('{"id":"evt-%d","event":"client.linked","data":{}}'):format(i) },
        bench.debitura:now()))
    end
    sealed.backend.events["evt-1"].body = "no seal"
    local now = bench.debitura:now()
    local receiver = require("debitura.webhook").receiver {
      secret = false, store = sealed, clock = function() return now end,
      on = { ["*"] = function(event) handled[#handled + 1] = event.id end },
    }
    assert(receiver:work { once = true })
    assert.are.equal(9, #handled)
    local item = sealed:inbox_list({ tenant = "tenant-1" })[1]
    assert.are.same({ "open", 0 }, { item.state, item.attempt })
  end)
end)
