local command = require "spec.support.command"
local debitura = require "debitura"
local rig = require "spec.support.rig"
local sandbox = require "debitura.sandbox"

local function client(tenant, changes)
  local text = ([[{"externalTenantId": "TENANT", "client": {"name": "TENANT Ltd",
    "country": "Denmark",
    "supportEmail": "office@TENANT.example"}, "users": [{"name": "Ann Example",
    "email": "ann@TENANT.example"}], "cases": []}]])
    :gsub("TENANT", tenant)
  for before, after in pairs(changes or {}) do text = text:gsub(before, after) end
  return text
end

describe("debitura clients", function()
  local service, desk

  before_each(function()
    service = assert(sandbox.start())
    desk = command.desk(service)
  end)

  after_each(function()
    desk:close()
    service:stop()
  end)

  local function create(text, flags)
    return desk:run("clients create " .. (flags or "") .. " -", { input = text })
  end

  it("create prints the URL that has to be delivered", function()
    local ended = create(client("tenant-1"))
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("Tenant\ttenant-1\n", 1, true))
    assert.truthy(ended.out:find("Onboarding URL\t" .. service.url .. "/onboarding/companydetails/",
      1, true))
  end)

  it("create prints the approval URL of a customer who is known, and refuses", function()
    local ended = create(client("tenant-1", { ["office@tenant%-1"] = "office@existing" }))
    assert.equal(1, ended.status)
    assert.truthy(ended.out:find("Approval URL\t" .. service.url .. "/link/", 1, true), ended.out)
    assert.truthy(ended.err:find("ClientExistsNeedsLinking", 1, true))
    assert.is_nil(ended.err:find("/link/", 1, true))
    ended = create(client("tenant-1", { ["office@tenant%-1"] = "office@existing" }), "--json")
    local shown = desk:objects(ended.out)[1]
    assert.same({ "tenant-1", "approval" }, { shown.externalTenantId, shown.variant })
    assert.truthy(shown.approvalUrl:find("/link/", 1, true))
  end)

  it("create tells which cases were refused", function()
    local case = [[{"creditorReference": "INV-1", "amountToRecover": 1000, "date": "2026-01-01",
      "dueDate": "2026-01-15",
      "currencyCode": "EUR", "debtor": {"type": "Company", "name": "Sample Debtor",
      "contactPerson": "Dan Debtor", "address": "Sample Street 1", "city": "Recife",
      "countryAlpha2": "BR"}}]]
    local ended = create(client("tenant-1", { ['"cases": %[%]'] = '"cases": [' .. case .. "]" }))
    assert.equal(4, ended.status, ended.err)
    assert.truthy(ended.out:find("INV-1\tNoPartnerAvailable\t", 1, true), ended.out)
  end)

  it("create sends nothing that is wrong, nothing with --dry-run, and reads files", function()
    local ended = create('{"externalTenantId": "tenant-1"}')
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("client: required", 1, true))
    assert.equal(2, create("no JSON").status)
    assert.equal(2, desk:run("clients create /nonexistent").status)
    ended = desk:run("clients create --dry-run " .. desk:file("client.json", client("tenant-1")))
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("would send: POST " .. service.url .. "/clients\n", 1, true))
    assert.equal(1, desk:run("clients show tenant-1").status)
    assert.equal(0, desk:run("clients create " .. desk.directory .. "/client.json").status)
    assert.equal(0, desk:run("clients show tenant-1").status)
  end)

  it("list goes through all pages, narrows, and stops where it is told to", function()
    for index = 1, 5 do
      assert.equal(0,
        create(client("tenant-" .. index, { ["ann@tenant%-5"] = "ann@onboarded" })).status)
    end
    local _, count = desk:run("clients list").out:gsub("\n", "")
    assert.equal(5, count)
    assert.equal(2, #desk:objects(desk:run("clients list --limit 2 --json").out))
    assert.truthy(desk:run("clients list --onboarded yes").out:find("^tenant%-5\t[^\n]*\n$"))
    assert.equal(4, #desk:objects(desk:run("clients list --onboarded no --json").out))
    assert.truthy(desk:run("clients list --query tenant-3").out:find("^tenant%-3\t[^\n]*\n$"))
    local none = desk:run("clients list --query nothing-like-that")
    assert.same({ 0, "", "There are none.\n" }, { none.status, none.out, none.err })
    assert.equal(1, desk:run("clients list --sort sideways").status)
  end)

  it("withdraw and delete say what they have done", function()
    create(client("tenant-1"))
    create(client("tenant-2"))
    assert.equal("tenant-1 is withdrawn.\n", desk:run("clients withdraw tenant-1").err)
    assert.same({ externalTenantId = "tenant-2", operation = "clients.delete" },
      desk:objects(desk:run("clients delete tenant-2 --json").out)[1])
    assert.equal("", desk:run("clients list").out)
    assert.equal(1, desk:run("clients withdraw nobody").status)
  end)

  it("delete names the cases that stand in the way", function()
    create(client("tenant-1", { ["ann@tenant%-1"] = "ann@onboarded" }))
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    local case = rig.case("INV-1")
    case.allowPendingContracts = true
    local created = assert(partner:customer("tenant-1").cases:create(case))
    assert(service:control("POST", "clients", { externalTenantId = "tenant-1", action = "sign" }))
    assert(service:control("POST", "cases", { id = created.id, action = "activate" }))
    local sentence = ("Case %s is Active."):format(created.reference)
    local ended = desk:run("clients delete tenant-1")
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("\n  " .. sentence .. "\n", 1, true), ended.err)
    ended = desk:run("clients delete tenant-1 --json")
    assert.same({ sentence }, desk:objects(ended.err)[1].error.blockers)
    assert.is_nil(desk:objects(desk:run("clients delete nobody --json").err)[1].error.blockers)
  end)

  it("takes ids with blanks, slashes and letters of any language", function()
    local tenant = "Kunde 7/Ærø"
    assert.equal(0,
      create(client("sample", { ['"externalTenantId": "sample"'] = '"externalTenantId": "' .. tenant
        .. '"' })).status)
    assert.equal(tenant,
      desk:objects(desk:run(("clients show '%s' --json"):format(tenant)).out)[1].externalTenantId)
  end)
end)

describe("debitura token", function()
  local service, desk

  setup(function()
    service = assert(sandbox.start())
    desk = command.desk(service)
    for tenant, user in pairs { ["tenant-1"] = "ann@onboarded.example",
      ["tenant-2"] = "ann@tenant-2.example" } do
      assert.equal(0,
        desk:run("clients create -",
          { input = client(tenant, { ["ann@tenant%-%d%.example"] = user }) }).status)
    end
  end)

  teardown(function()
    desk:close()
    service:stop()
  end)

  it("tells how long the token is good, and prints it only when asked to", function()
    local ended = desk:run("token tenant-1")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("valid for 1800 s", 1, true))
    assert.is_nil(ended.out:find("eyJ", 1, true))
    assert.truthy(desk:run("token tenant-1 --show").out:find("^eyJ[%w_.-]+\n$"))
    local told = desk:objects(desk:run("token tenant-1 --json").out)[1]
    assert.same({ "tenant-1", 1800 }, { told.externalTenantId, told.expiresIn })
    assert.is_nil(told.accessToken)
    assert.is_string(desk:objects(desk:run("token tenant-1 --json --show").out)[1].accessToken)
  end)

  it("tells a client that has not signed from one that is none", function()
    local ended = desk:run("token tenant-2")
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("onboarding_incomplete", 1, true), ended.err)
    assert.is_nil(ended.err:find("/companydetails/", 1, true))
    assert.truthy(desk:run("token nobody").err:find("not_found", 1, true))
  end)
end)
