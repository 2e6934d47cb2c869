local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local operators = require "spec.support.operators"
local rows = require "spec.support.store_rows"
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

  it("takes any name for what it is, and prints none that moves the cursor", function()
    local lines, kept = {}, { operators.HOSTILE, operators.UPWARDS, operators.LONG, "%" }
    for _, tenant in ipairs(kept) do
      assert(store:record_move(rows.change(tenant, {
        rows.move("link", "", 0, { state = "declined", payload = "personal" }) }), 1))
    end
    for i, tenant in ipairs { "a\0b", "\27[31m", ("x"):rep(2001), "\226\128\174x" } do
      kept[4 + i] = tenant
    end
    for i, tenant in ipairs(kept) do lines[i] = core.json.encode { forget = tenant } end
    local done = desk:run("forget --replay -", { input = table.concat(lines, "\n") })
    assert.equal(0, done.status, done.err)
    assert.equal(8, select(2, done.err:gsub("\n", "")))
    assert.is_nil(done.err:find("[%z\1-\9\11-\31]"))
    assert.is_nil(done.err:find("\226\128\174", 1, true))
    for i = 1, 4 do
      local link = store:record("link", kept[i], "")
      assert.same({ "forgotten", nil }, { link.state, link.payload })
      local exported = desk:run(("export -- '%s'"):format(kept[i]:gsub("'", "'\\''")))
      assert.equal(kept[i], desk:objects(exported.out)[1].tenant)
    end
    assert.equal("pending", state())
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
