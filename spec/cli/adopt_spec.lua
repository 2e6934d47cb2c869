local command = require "spec.support.command"
local core = require "debitura.core"
local sandbox = require "debitura.sandbox"
local support = require "spec.support.desk"

describe("debitura adopt", function()
  local service, desk, row

  before_each(function()
    service = assert(sandbox.start())
    desk = command.desk(service)
    desk.environment.DEBITURA_CONFIG = desk:file("config.json", '{"channels": [{"type": "print"}]}')
    assert(os.execute("chmod 600 " .. desk.directory .. "/config.json"))
    desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/yesterday.db"
    local payload = support.payload { externalTenantId = "waits" }
    row = assert(core.json.encode { payload = payload })
    assert.equal(0, desk:run("links request -", { input = core.json.encode(payload) }).status)
    payload = support.payload { externalTenantId = "new", cases = core.json.array {} }
    payload.client.supportEmail = "office@new.example"
    assert.equal(0, desk:run("links request -", { input = core.json.encode(payload) }).status)
    desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db"
  end)

  after_each(function()
    desk:close()
    service:stop()
  end)

  it("prints what became of each, prints no letter, and goes on from where it is", function()
    local dry = desk:run("adopt - --dry-run", { input = row })
    assert.same({ 0, "Would adopt 2 of 2 clients and 0 cases; there already: 0, refused: 0.\n",
      "new\tonboarding\tadopted\t\t\nwaits\tpending\tadopted\t\t\n" },
      { dry.status, dry.err, dry.out })
    assert.is_nil(io.open(desk.directory .. "/store.db"))
    local done = desk:run("adopt -", { input = row .. "\n\n{}\n" })
    assert.same({ 4, "Adopted 2 of 3 clients and 0 cases; there already: 0, refused: 1.\n",
      "\t\trefused\t2\tpayload: CreateClientRequest is missing\nnew\tonboarding\tadopted\t\t\n"
        .. "waits\tpending\tadopted\t\t\n" }, { done.status, done.err, done.out })
    local again = desk:run("adopt - --json", { input = "[" .. row .. "]" })
    assert.equal(0, again.status, again.err)
    local rows = desk:objects(again.out)
    assert.same({ "known", "onboarding" }, { rows[1].result, rows[1].state })
    assert.same({ total = 2, adopted = 0, known = 2, refused = 0, cases = 0, unnamed = 0 }, rows[3])
    local swept = desk:run("sweep")
    assert.same({ 0, "" }, { swept.status, swept.out })
  end)

  it("refuses what is no file of links before anything is asked", function()
    for input, said in pairs {
      ["{}\n5\n"] = "standard input: line 2 is no JSON object",
      ["[1,"] = "standard input: no JSON: ",
    } do
      local refused = desk:run("adopt -", { input = input })
      assert.equal(2, refused.status)
      assert.truthy(refused.err:find(said, 1, true), refused.err)
    end
    assert.equal(2, desk:run("adopt " .. desk.directory .. "/none").status)
    local all = desk:run("adopt -", { input = '[{}, "text"]' })
    assert.equal(4, all.status) -- Debitura's client is adopted
    assert.equal(1, desk:run("adopt -", { input = "[{}]",
      environment = { DEBITURA_API_KEY = "wrong" } }).status)
  end)
end)
