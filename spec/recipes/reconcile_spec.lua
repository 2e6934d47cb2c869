-- What happens once a customer has approved, against the sandbox's own behaviour: cases that never
-- came, signatures, the identity check that carried-through cases skip, webhooks that never came.

local core = require("debitura.core")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

describe("following a link", function()
  local bench

  --- A customer who has an account already, asked with cases in these countries.
  local function ask(countries, changes)
    local payload = support.payload(changes)
    payload.cases = core.json.array {}
    for i, country in ipairs(countries) do payload.cases[i] = rig.case("INV-" .. i, country) end
    assert(bench.recipes.approval:request(payload))
    bench:work()
  end

  local function link() return bench.store:record("link", "acme-1", "") end

  local function standing() return bench:standing("acme-1") end

  before_each(function() bench = rig.new() end)

  it("asks the customer to sign, once, when cases wait for it and the customer has left the "
    .. "walk-through", function()
    ask { "DK", "SE" }
    bench:approve("acme-1")
    assert.are.same({ "approval" }, bench:variants())
    bench:advance("1h")
    assert.are.same({ "approval", "signing" }, bench:variants())
    assert.are.same({ "acme-1", "nora@new.example" },
      { bench.mail[2].tenant, bench.mail[2].recipient.email })
    bench:advance("1d")
    assert.are.equal(2, #bench.mail)
    bench:sign("acme-1")
    bench:advance("1h")
    assert.are.equal("done", bench.store:record("signing", "acme-1", "").state)
    bench:advance("30d")
    assert.are.equal(2, #bench.mail)
  end)

  it("asks nothing of a customer who has signed in the walk-through", function()
    ask { "DK" }
    bench:approve("acme-1")
    bench:sign("acme-1")
    bench:advance("2d")
    assert.are.same({ "approval" }, bench:variants())
    assert.is_false(bench.store:record("signing", "acme-1", ""))
  end)

  it("reminds of a signature that is outstanding, and stops when it is given without a webhook",
    function()
    ask { "DK" }
    bench:approve("acme-1")
    bench:advance("1h")
    bench:advance("3d")
    assert.are.same({ "approval", "signing", "signing reminder" }, bench:variants())
    bench:control("clients", { externalTenantId = "acme-1", action = "sign" })
    bench.debitura.inbox = {}
    bench:advance("5d")
    assert.are.equal(3, #bench.mail)
    assert.are.equal("done", bench.store:record("signing", "acme-1", "").state)
  end)

  it("finds cases whose webhooks never came", function()
    ask { "DK", "SE" }
    bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
    for i = #bench.debitura.inbox, 1, -1 do
      if bench.debitura.inbox[i].event == "case.created" then
        table.remove(bench.debitura.inbox, i)
      end
    end
    bench:work()
    assert.are.same({ "linked", 2, 2, 0 }, standing())
    bench:advance("1h")
    assert.are.same({ "carried", 2, 0, 0 }, standing())
    assert.are.same({ 1, 1 }, { bench:count("INV-1"), bench:count("INV-2") })
    assert.is_string(bench.recipes.submission:status("acme-1", "INV-1").case_id)
  end)

  it("sees by asking that a customer has approved whose webhooks never came at all", function()
    ask { "DK" }
    bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
    bench.debitura.inbox = {}
    bench:advance("3d12h")
    assert.are.equal("linked", link().state)
    bench:advance("1h")
    assert.are.equal("carried", link().state)
    assert.are.same({ "approval", "signing" }, bench:variants())
  end)

  it("submits again what Debitura could not carry through, and is complete with it", function()
    ask { "DK", "SE" }
    bench:control("requests", { externalTenantId = "acme-1", action = "approve" })
    -- As if the replay of the second case had failed: it is not there, and Debitura says so.
    local state = bench.debitura.state
    for _, event in ipairs(bench.debitura.inbox) do
      if event.event == "case.created" and event.data.creditorReference == "INV-2" then
        local creditor = state.creditors.by_id[state.cases.by_id[event.data.caseId].creditor_id]
        for i, id in ipairs(creditor.case_ids) do
          if id == event.data.caseId then table.remove(creditor.case_ids, i) end
        end
        creditor.references["INV-2"] = nil
        require("debitura.sandbox.model.records").remove(state.cases, event.data.caseId)
        event.event = "cases.replay_failed"
        event.data = { externalTenantId = "acme-1",
          failedCases = { { creditorReference = "INV-2", errorType = "UnexpectedError" } } }
      end
    end
    bench:work()
    -- A customer who has signed nothing yet has no token: the case waits for the agreement.
    assert.are.same({ "linked", 2, 1, 0 }, standing())
    local case = bench.recipes.submission:status("acme-1", "INV-2")
    assert.are.same({ "parked", "link" }, { case.state, case.origin })
    bench:sign("acme-1")
    bench:advance("1h")
    assert.are.same({ "carried", 2, 0, 0 }, standing())
    assert.are.equal(1, bench:count("INV-2"))
    assert.are.equal("created", bench.recipes.submission:status("acme-1", "INV-2").state)
  end)

  it("leaves alone what no partner takes", function()
    ask { "DK", "BR" }
    bench:approve("acme-1")
    bench:advance("2d")
    assert.are.same({ "incomplete", 2, 0, 1 }, standing())
    local case = bench.recipes.submission:status("acme-1", "INV-2")
    assert.are.same({ "failed", "NoPartnerAvailable", "link" },
      { case.state, case.reason, case.origin })
    assert.are.equal("This jurisdiction is not currently supported.", case.advice)
  end)

  describe("of a British customer without an identity check", function()
    local function british(options, fault)
      bench = rig.new(options)
      if fault then bench:control("faults", fault) end
      ask({ "GB", "DK" }, {
        client = { name = "Kyc Needed Ltd", country = "United Kingdom",
          supportEmail = "office@kyc.example" },
        users = { { name = "Nora New", email = "nora@new.example" } },
      })
      bench:approve("acme-1")
      bench:sign("acme-1")
      bench:advance("1h")
    end

    it("notices that carried-through cases wait for it, and flags it", function()
      british()
      assert.are.equal("outstanding", bench.store:record("kyc", "acme-1", "").state)
    end)

    it("submits the director's data that the platform has", function()
      local asked = {}
      british { directors = function(tenant)
        asked[#asked + 1] = tenant
        return { directorFullName = "Dana Director", directorHomeAddress = "1 Sample Street",
          directorDateOfBirth = "1980-01-01" }
      end }
      assert.are.same({ "acme-1" }, asked)
      assert.are.equal("submitted", bench.store:record("kyc", "acme-1", "").state)
      local state = bench.debitura.state
      local creditor =
        state.creditors.by_id[state.links.by_id[state.link_of_tenant["acme-1"]].creditor_id]
      assert.are.equal("Dana Director", creditor.contracts.kyc.name)
    end)

    it("asks the customer when the platform's function raises to the last", function()
      british { directors = function() error("no data") end }
      assert.is_truthy(bench:jobs("acme-1", "submit_kyc")[1].result:find("^directors raised"))
      assert.are.same({ "approval" }, bench:variants())
      for _ = 1, 8 do bench:advance("1h") end
      assert.are.same({ "approval", "kyc" }, bench:variants())
      assert.are.equal("done", bench:jobs("acme-1", "submit_kyc")[1].state)
    end)

    it("asks the customer when Debitura does not take the data", function()
      british({ directors = function()
        return { directorFullName = "Dana Director", directorHomeAddress = "1 Sample Street",
          directorDateOfBirth = "1980-01-01" }
      end }, { operation = "clients.submit_kyc", status = 403 })
      assert.are.same({ "approval", "kyc" }, bench:variants())
    end)

    it("takes them by hand, too", function()
      british()
      local submitted = assert(bench.recipes.signing:identify("acme-1", {
        directorFullName = "Dana Director", directorHomeAddress = "1 Sample Street",
        directorDateOfBirth = "1980-01-01",
      }))
      assert.are.equal("Dana Director", submitted.directorFullName)
      assert.are.equal("submitted", bench.store:record("kyc", "acme-1", "").state)
    end)
  end)

  it("asks again later when Debitura cannot be reached", function()
    ask { "DK" }
    bench:approve("acme-1")
    bench.debitura.interfere = function()
      return { code = "transport", message = "no route", sent = false }
    end
    bench:advance("1h")
    assert.are.same({ "approval" }, bench:variants())
    bench.debitura.interfere = nil
    bench:advance("1h")
    assert.are.same({ "approval", "signing" }, bench:variants())
  end)
end)

describe("signing", function()
  local bench

  before_each(function()
    bench = rig.new()
    bench:client("acme")
    bench.mail = {}
  end)

  it("finds by asking what is open, and hands it over once", function()
    assert.are.equal("outstanding", bench.recipes.signing:check("acme"))
    assert.are.equal("outstanding", bench.recipes.signing:check("acme"))
    assert.are.same({ "signing" }, bench:variants())
    bench:control("clients", { externalTenantId = "acme", action = "sign" })
    assert.are.equal("done", bench.recipes.signing:check("acme"))
    assert.are.equal("done", bench.store:record("signing", "acme", "").state)
  end)

  it("hands over once more when asked to", function()
    bench.recipes.signing:check("acme")
    assert.are.equal("moved", bench.recipes.signing:deliver("acme"))
    assert.are.equal("moved", bench.recipes.signing:deliver("acme", { channel = "mail" }))
    assert.are.same({ "signing", "signing", "signing" }, bench:variants())
    local keys = {}
    for _, message in ipairs(bench.mail) do keys[message.key] = true end
    local count = 0
    for _ in pairs(keys) do count = count + 1 end
    assert.are.equal(3, count)
    assert.are.equal("unknown", bench.recipes.signing:deliver("acme", { kind = "kyc" }))
  end)

  it("asks anew for what becomes due after everything was signed", function()
    bench.recipes.signing:check("acme")
    bench:sign("acme")
    bench:control("contracts", { action = "new_version" })
    assert.are.equal("outstanding", bench.recipes.signing:check("acme"))
    assert.are.same({ "signing", "signing" }, bench:variants())
    assert.are.equal(2, bench.store:record("signing", "acme", "").generation)
  end)

  it("knows nothing of other events, and fails as a call fails", function()
    assert.are.equal("unknown", bench.recipes.signing:handle { id = "evt-1", event = "case.closed",
      data = {} })
    bench.debitura.interfere = function()
      return { code = "transport", message = "no route", sent = false }
    end
    local word, err = bench.recipes.signing:check("acme")
    assert.is_nil(word)
    assert.are.equal("transport", err.kind)
    assert.has_error(function() bench.recipes.signing:check("") end,
      "the client's externalTenantId expected")
  end)
end)
