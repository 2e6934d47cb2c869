local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local sandbox = require "debitura.sandbox"
local support = require "spec.support.desk"

describe("debitura forget", function()
  local service, desk, store

  before_each(function()
    service = assert(sandbox.start())
    desk = command.desk(service)
    desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db"
    desk.environment.DEBITURA_CONFIG = desk:file("config.json", '{"channels": [{"type": "print"}]}')
    assert(os.execute("chmod 600 " .. desk.directory .. "/config.json"))
    store = assert(debitura.store.open(desk.environment.DEBITURA_STORE))
    local payload = assert(core.json.encode(support.payload { externalTenantId = "tenant-1" }))
    assert.equal(0, desk:run("links request -", { input = payload }).status)
  end)

  after_each(function()
    store:close()
    desk:close()
    service:stop()
  end)

  local function state() return store:record("link", "tenant-1", "").state end

  it("refuses while something is under way, names it, and forgets with --now", function()
    local refused = desk:run("forget tenant-1")
    assert.equal(1, refused.status)
    assert.truthy(refused.err:find("nothing was forgotten: ", 1, true), refused.err)
    assert.equal("pending", state())
    local dry = desk:run("forget tenant-1 --now --dry-run")
    assert.same({ 0, "Would forget 1 clients.\n" }, { dry.status, dry.err })
    assert.equal("pending", state())
    local done = desk:run("forget tenant-1 --now --json")
    assert.equal(0, done.status, done.err)
    assert.equal("tenant-1", desk:objects(done.out)[1].external_tenant_id)
    assert.equal("forgotten", state())
    assert.truthy(desk:run("forget tenant-2").err:find("Nothing is kept of tenant-2.", 1, true))
  end)

  it("writes the request down before anything is blanked, and does it again from there", function()
    local log = desk.directory .. "/forgotten.jsonl"
    assert.equal(1, desk:run("forget tenant-1 --log " .. log).status)
    assert.truthy(desk:read(log):find('"forget":"tenant-1"', 1, true))
    assert.equal("pending", state())
    assert.equal(0, desk:run("forget --replay " .. log).status)
    assert.equal("forgotten", state())
    local wrong = desk:run("forget --replay -", { input = "{}\n" })
    assert.equal(2, wrong.status)
    assert.truthy(wrong.err:find("line 1 is no request to forget", 1, true), wrong.err)
    assert.equal(2, desk:run("forget").status)
  end)

  it("has export beside it, which prints what is kept", function()
    local exported = desk:run("export tenant-1")
    assert.equal(0, exported.status, exported.err)
    local given = desk:objects(exported.out)[1]
    assert.same({ "tenant-1", 4 }, { given.tenant, #given.records })
    assert.truthy(exported.out:find("nora@new.example", 1, true))
    local none = desk:run("export tenant-2")
    assert.same({ 1, "", "Nothing is kept of tenant-2.\n" }, { none.status, none.out, none.err })
  end)
end)
