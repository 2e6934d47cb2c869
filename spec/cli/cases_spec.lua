local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local rig = require "spec.support.rig"
local sandbox = require "debitura.sandbox"
local support = require "spec.support.desk"

describe("debitura cases", function()
  local service, desk, store

  setup(function()
    service = assert(sandbox.start())
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    local payload = support.payload { externalTenantId = "tenant-1", cases = core.json.array {} }
    payload.client.supportEmail, payload.users[1].email = "office@tenant-1.example",
      "ann@onboarded.example"
    assert(partner:create_client(payload))
    -- All that a Danish case needs is signed.
    local case = rig.case("FIRST")
    case.allowPendingContracts = true
    assert(partner:customer("tenant-1").cases:create(case))
    local engine = assert(core.engine {})
    local transfer = assert(engine:submit {
      method = "POST", url = service.url .. "/_sandbox/clients",
      headers = { ["Content-Type"] = "application/json" },
      body = '{"externalTenantId": "tenant-1", "action": "sign"}',
    })
    while not transfer:done() do engine:wait(1) end
    assert.equal(200, transfer:result().status)
    engine:close()
  end)

  teardown(function() service:stop() end)

  before_each(function()
    desk = command.desk(service)
    desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db"
    desk.environment.DEBITURA_CONFIG = desk:file("config.json", '{"channels": [{"type": "print"}]}')
    assert(os.execute("chmod 600 " .. desk.directory .. "/config.json"))
    store = assert(debitura.store.open(desk.environment.DEBITURA_STORE))
  end)

  after_each(function()
    store:close()
    desk:close()
  end)

  local references = 0

  --- A reference that no other spec uses.
  local function reference()
    references = references + 1
    return "INV-" .. references
  end

  local function submit(name, flags, country)
    local text = type(name) == "table" and name or rig.case(name, country)
    return desk:run("cases submit tenant-1 - " .. (flags or ""),
      { input = assert(core.json.encode(text)) })
  end

  it("submit brings a case to Debitura, once", function()
    local name = reference()
    local ended = submit(name)
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("State\tcreated: Debitura has the case\n", 1, true), ended.out)
    local again = desk:objects(submit(name, "--json").out)[1]
    assert.same({ "created", name }, { again.state, again.creditor_reference })
    assert.truthy(ended.out:find("Case id\t" .. again.case_id, 1, true))
  end)

  it("submit says what stands in the way, and exits with 1 when it will not pass", function()
    local ended = submit(reference(), nil, "BR")
    assert.equal(1, ended.status)
    assert.truthy(ended.out:find("Advice\tThis jurisdiction is not currently supported.\n", 1,
      true))
    for _, flags in ipairs { "", "--dry-run" } do
      ended = submit({ creditorReference = reference(), currencyCode = "EUR" }, flags)
      assert.equal(1, ended.status)
      assert.truthy(ended.err:find("debtor: required", 1, true), ended.err)
    end
    assert.equal(2, desk:run("cases submit tenant-1 /nonexistent").status)
    ended = submit(reference(), "--dry-run")
    assert.same({ 0, "The case would be recorded and sent.\n" }, { ended.status, ended.err })
  end)

  it("submit parks what has to be signed first, asks the customer, and shows the URL nowhere else",
    function()
    local ended = submit(reference(), nil, "DE")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("State\tparked: ", 1, true))
    assert.is_nil(ended.out:find("http", 1, true))
    assert.truthy(ended.err:find("For tenant-1 (signing, generation 1): " .. service.url, 1, true))
  end)

  it("submit exits with 3 when Debitura cannot be reached", function()
    desk.environment.DEBITURA_BASE_URL = "http://127.0.0.1:" .. core.system.free_port()
    local name = reference()
    local ended = submit(name)
    assert.equal(3, ended.status, ended.err)
    assert.equal("submitting", store:record("case", "tenant-1", name).state)
  end)

  it("show and submit tell what Debitura says of a refusal, and call prints it", function()
    local reason = "Outstanding invoices, see https://app.debitura.com/pay?token=s3cret please."
    local kept = "Outstanding invoices, see [redacted] please."
    assert(service:control("POST", "clients",
      { externalTenantId = "tenant-1", action = "block", reason = reason }))
    finally(function()
      assert(service:control("POST", "clients",
        { externalTenantId = "tenant-1", action = "unblock" }))
    end)
    local name = reference()
    local ended = submit(name)
    assert.truthy(ended.out:find("Debitura says\t" .. kept .. "\n", 1, true), ended.out)
    assert.equal(kept, desk:objects(submit(name, "--json").out)[1].detail)
    ended = desk:run("cases show tenant-1 " .. name)
    assert.truthy(ended.out:find("Debitura says\t" .. kept .. "\n", 1, true), ended.out)

    local body = assert(core.json.encode(rig.case(reference())))
    ended = desk:run("call POST /cases --as tenant-1 --data -", { input = body })
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("\n  CreditorBlocked: " .. kept .. "\n", 1, true), ended.err)
    ended = desk:run("call POST /cases --as tenant-1 --data - --json", { input = body })
    local shown = desk:objects(ended.err)[1].error
    assert.same({ { type = "CreditorBlocked", message = kept } }, shown.business_errors)
    assert.is_nil(ended.err:find("s3cret", 1, true))
  end)

  it("list, show and withdraw tell of what is in the store", function()
    local good, bad = reference(), reference()
    submit(good)
    submit(bad, nil, "BR")
    local ended = desk:run("cases list")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("tenant-1\t" .. good
      .. "\tcreated\tsubmitted\tPending Verification Internal\t\t", 1, true), ended.out)
    assert.equal(1,
      #desk:objects(desk:run("cases list --state unsupported --tenant tenant-1 --json").out))
    assert.equal("There are none.\n", desk:run("cases list --tenant nobody").err)
    ended = desk:run("cases show tenant-1 " .. bad)
    assert.truthy(ended.out:find("Reason\tNoPartnerAvailable\n", 1, true))
    assert.truthy(ended.out:find("answer.unsupported\t", 1, true))
    assert.equal("submit",
      desk:objects(desk:run(("cases show tenant-1 %s --json"):format(bad)).out)[1].history[1].event)
    assert.equal(1, desk:run("cases show tenant-1 nothing").status)
    assert.equal(0, desk:run(("cases withdraw tenant-1 %s --dry-run"):format(bad)).status)
    assert.equal(bad .. " is withdrawn.\n",
      desk:run(("cases withdraw tenant-1 %s --reason test"):format(bad)).err)
    ended = desk:run("cases withdraw tenant-1 " .. good)
    assert.same({ 1, good .. " is created: there is nothing to withdraw.\n" },
      { ended.status, ended.err })
  end)
end)
