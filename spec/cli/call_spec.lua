local command = require "spec.support.command"
local core = require "debitura.core"
local sandbox = require "debitura.sandbox"

local CLIENT = [[{"externalTenantId": "tenant-1", "client": {"name": "Sample Trading Ltd",
  "country": "Denmark",
  "supportEmail": "office@new.example"}, "users": [{"name": "Ann Example",
  "email": "ann@onboarded.example"}]}]]
local CASE = [[{"allowPendingContracts": true, "creditorReference": "INV-1",
  "amountToRecover": 1000, "date": "2026-01-01",
  "dueDate": "2026-01-15", "currencyCode": "EUR",
  "debtor": {"type": "Company", "name": "Sample Debtor", "contactPerson": "Dan Debtor",
  "address": "Sample Street 1", "city": "Copenhagen", "countryAlpha2": "DK"}}]]

describe("debitura call", function()
  local service, desk

  setup(function()
    service = assert(sandbox.start())
    desk = command.desk(service)
    assert.equal(0, desk:run("call POST /clients --data -", { input = CLIENT }).status)
  end)

  teardown(function()
    desk:close()
    service:stop()
  end)

  it("prints the body, and its status beside it", function()
    local ended = desk:run("call GET /clients/tenant-1")
    assert.equal(0, ended.status, ended.err)
    assert.equal("tenant-1", desk:objects(ended.out)[1].externalTenantId)
    assert.truthy(ended.err:find("^200 clients%.get, %d+%.%d+ s"))
    assert.truthy(desk:run("call GET /clients/tenant-1",
      { terminal = true }).out:find('\n  "externalTenantId": "tenant-1"', 1, true))
  end)

  it("gives status and body together as JSON, for refusals too", function()
    local told = desk:objects(desk:run("call GET /me --json").out)[1]
    assert.same({ "me", 200, "Sample Partner" },
      { told.operation, told.status, told.body.companyName })
    local ended = desk:run("call GET /clients/nobody --json")
    told = desk:objects(ended.out)[1]
    assert.same({ 1, 404, "NotFound" }, { ended.status, told.status, told.body.error })
    ended = desk:run("call GET /clients/nobody")
    assert.equal("NotFound", desk:objects(ended.out)[1].error)
  end)

  it("reaches the Customer API for a client", function()
    assert.equal("Sample Trading Ltd",
      desk:objects(desk:run("call GET /me --as tenant-1").out)[1].companyName)
    local ended = desk:run("call GET /contracts/debt-collection/status")
    assert.equal(2, ended.status)
    assert.truthy(ended.err:find("add --as TENANT", 1, true))
  end)

  it("repeats nothing under another key, and the same under the same", function()
    local function create(key)
      local told = desk:run("call POST /cases --as tenant-1 --data - --idempotency-key " .. key,
        { input = CASE })
      assert.equal(0, told.status, told.err)
      return desk:objects(told.out)[1].id
    end
    assert.equal(create("sample-key-1"), create("sample-key-1"))
  end)

  it("checks before it sends, unless it is told not to", function()
    local ended = desk:run("call POST /clients --data -", { input = "{}" })
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("nothing was sent", 1, true))
    ended = desk:run("call POST /clients --data - --no-check", { input = "{}" })
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("clients.create: validation 400", 1, true), ended.err)
  end)

  it("takes parameters from the path and as options, as numbers where they are some", function()
    for _, line in ipairs { "'/clients?PageSize=1&Query=Sample+Trading'",
      "/clients --query PageSize=1 --query 'Query=Sample Trading'" } do
      local ended = desk:run("call GET " .. line)
      assert.equal(0, ended.status, ended.err)
      assert.same({ 1, 1 },
        { #desk:objects(ended.out)[1].clients, desk:objects(ended.out)[1].page.pageSize })
    end
    local ended = desk:run("call GET /clients --query PageSize=many")
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("PageSize: must be a whole number", 1, true), ended.err)
    local dry = desk:run(
      "call GET /cases --query Statuses=Active --query Statuses=Closed --query CountryIds=1 "
        .. "--dry-run")
    assert.truthy(dry.out:find("?Statuses=Active&Statuses=Closed&CountryIds=1\n", 1, true), dry.out)
    assert.equal(2, desk:run("call GET /clients --query nonsense").status)
  end)

  it("goes through all pages, row by row", function()
    local rows = desk:objects(desk:run("call GET /clients --query PageSize=1 --all").out)
    assert.same({ 1, "tenant-1" }, { #rows, rows[1].externalTenantId })
    assert.equal(2, desk:run("call GET /me --all").status)
  end)

  it("uploads a file", function()
    local cases = desk:objects(desk:run("call GET /cases --as tenant-1").out)[1]
    local id = cases.cases and cases.cases[1] and cases.cases[1].id
    assert.is_string(id)
    local ended = desk:run(("call POST /cases/%s/files --as tenant-1 --upload %s")
      :format(id, desk:file("note.txt", "sample")))
    assert.equal(0, ended.status, ended.err)
    assert.equal(2, desk:run("call GET /me --upload " .. desk.directory .. "/note.txt").status)
  end)

  it("reaches what this version does not know, and says so", function()
    local ended = desk:run("call GET /of-tomorrow")
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("No operation that this version knows", 1, true))
    assert.truthy(ended.err:find("not_found 404", 1, true))
  end)

  it("refuses what is no path", function()
    for _, path in ipairs { "clients", "https://referral.example/clients",
      "'/clients/{externalTenantId}'" } do
      assert.equal(2, desk:run("call GET " .. path).status, path)
    end
    assert.equal(2, desk:run("call FETCH /clients").status)
  end)

  it("prints what is no JSON as it came", function()
    assert(service:control("POST", "faults", { operation = "me", html = true, times = 6 }))
    local ended = desk:run("call GET /me")
    assert.equal(3, ended.status)
    assert.truthy(ended.out:find("<html", 1, true), ended.out)
    assert.is_string(desk:objects(desk:run("call GET /me --json").out)[1].body)
  end)

  it("shows what it would send", function()
    local told = desk:objects(desk:run("call POST /clients --data - --dry-run --json",
      { input = CLIENT }).out)[1]
    assert.same({ true, "POST", service.url .. "/clients", "clients.create" },
      { told.dry_run, told.method, told.url, told.operation })
    assert.same(core.json.decode(CLIENT), told.body)
  end)
end)
