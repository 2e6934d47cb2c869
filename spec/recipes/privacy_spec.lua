-- Forgetting a client, and giving out what is kept of it.
local core = require "debitura.core"
local debitura = require "debitura"
local channels = require "debitura.channels"
local sandbox = require "debitura.sandbox"
local support = require "spec.support.desk"

local MARKERS = {
  "office@existing.example", "nora@new.example", "Nora New", "Existing Customer",
  "Dana Debtor", "debtor@debtor.example", "Sample Street",
}

describe("A client", function()
  local server, store, platform, path

  before_each(function()
    server = assert(sandbox.start { seed = 1 })
    path = os.tmpname()
    os.remove(path)
    platform = debitura.platform {
      api_key = server.api_key, base_url = server.url, store = "sqlite://" .. path,
      channels = { channels.callback(function() return true end, { name = "mail" }) },
      webhook = { secret = "c2FtcGxlLXdlYmhvb2stc2VjcmV0" },
    }
    store = platform.store
  end)

  after_each(function()
    platform:close()
    server:stop()
    for _, tail in ipairs { "", "-wal", "-shm" } do os.remove(path .. tail) end
  end)

  local function request()
    return assert(platform.recipes.approval:request(support.payload()))
  end

  local function state() return store:record("link", "acme-1", "").state end

  --- How often what is personal stands in the file of the store.
  local function found()
    local sql = require("luasql.sqlite3").sqlite3()
    local connection = assert(sql:connect(path))
    for _, statement in ipairs { "vacuum", "pragma wal_checkpoint(truncate)" } do
      local cursor = assert(connection:execute(statement))
      if type(cursor) == "userdata" then cursor:close() end
    end
    connection:close()
    sql:close()
    local file, count = assert(io.open(path, "rb")), 0
    local text = file:read("*a")
    file:close()
    for _, marker in ipairs(MARKERS) do
      for _ in text:gmatch((marker:gsub("%p", "%%%0"))) do count = count + 1 end
    end
    return count
  end

  it("is forgotten so that nothing personal is left in the file, and told apart from unknown ones",
    function()
    request()
    assert(server:control("POST", "requests", { externalTenantId = "acme-1", action = "decline" }))
    platform.recipes.approval:handle { id = "evt-1", event = "client.link_declined",
      timestamp = "2030-01-01T00:00:00Z", data = { externalTenantId = "acme-1" } }
    assert(store:inbox_add({ id = "evt-2", tenant = "acme-1", event = "client.link_declined",
      body = '{"data":{"creditor":{"companyName":"Existing Customer Ltd"}}}' }, core.system.now()))
    assert.is_true(found() > 5)
    assert.is_true(assert(platform.recipes:forget("acme-1", { now = true })) >= 5)
    assert.equal(0, found())
    local history = store:record_history { kind = "link", tenant = "acme-1", name = "" }
    assert.equal("forget", history[#history].event)
    assert.equal("forgotten", state())
    assert.equal(0, platform.recipes:forget("unknown"))
  end)

  it("is not forgotten while something is under way, unless now is asked for", function()
    request()
    local done, err = platform.recipes:forget("acme-1")
    assert.is_nil(done)
    assert.same({ "conflict", "UnderWay" }, { err.kind, err.type })
    assert.truthy(err.message:find("nothing was forgotten: ", 1, true))
    assert.equal("pending", state())
    assert.is_true(platform.recipes:forget("acme-1", { now = true }) > 0)
    assert.equal("forgotten", state())
    assert.is_true(platform.recipes:forget("acme-1") > 0) -- again, as after a restore
  end)

  it("that is forgotten is not brought back by what comes late, and nothing is done for it",
    function()
    request()
    platform.recipes:forget("acme-1", { now = true })
    for _, event in ipairs { "client.linked", "client.link_expired", "cases.replay_failed",
      "case.created", "client.onboarding.contract_signed" } do
      assert(platform.recipes:handle { id = "late-" .. event, event = event,
        timestamp = "2030-01-01T00:00:00Z",
        data = { externalTenantId = "acme-1", caseId = "c", creditorReference = "INV-1" } })
    end
    assert.equal("forgotten", state())
    assert.equal(0, assert(platform.recipes:sweep()).total)
    assert.is_nil(store:record("link", "acme-1", "").payload)
  end)

  it("that is forgotten begins anew when it is asked for again, with its cases", function()
    request()
    platform.recipes:forget("acme-1", { now = true })
    local outcome = request()
    assert.same({ "pending", 3, 3, 0 },
      { outcome.state, outcome.cases, outcome.awaited, outcome.failed })
    assert.is_true(outcome.generation > 1)
    assert.equal("delivered", outcome.deliveries.mail.state)
    assert(server:control("POST", "requests", { externalTenantId = "acme-1", action = "approve" }))
    assert(platform.recipes:handle { id = "evt-9", event = "client.linked",
      timestamp = "2030-01-01T00:00:00Z", data = { externalTenantId = "acme-1" } })
    assert.equal("linked", state())
  end)

  it("has webhooks that are done dropped by a sweep after seven days, or as retention says",
    function()
    local now = 1893456000
    local function platform_at(retention)
      return debitura.platform {
        api_key = server.api_key, base_url = server.url, store = "sqlite://" .. path,
        clock = function() return now end, retention = retention,
        channels = { channels.callback(function() return true end, { name = "mail" }) },
      }
    end
    assert(store:inbox_add({ id = "evt-1", tenant = "t", event = "e", body = "{}" }, now))
    assert(store:inbox_add({ id = "evt-2", tenant = "u", event = "e", body = "{}" }, now))
    assert(store:inbox_done(store:inbox_claim({ now = now, lease = 60, limit = 1 })[1], now))
    local own, short = platform_at(), platform_at { inbox = 86400 }
    now = now + 86401
    assert(own.recipes:sweep())
    assert.equal("done", store:inbox_item("evt-1").state)
    assert(short.recipes:sweep { dry_run = true })
    assert.equal("done", store:inbox_item("evt-1").state)
    assert(short.recipes:sweep())
    assert.is_false(store:inbox_item("evt-1"))
    assert.equal("open", store:inbox_item("evt-2").state)
    own:close()
    short:close()
    for _, wrong in ipairs { { inbox = 0 }, { inbox = "7d" }, { outbox = 86400 } } do
      local made, err = pcall(platform_at, wrong)
      assert.is_false(made)
      assert.truthy(tostring(err):find("option 'retention': ", 1, true), tostring(err))
    end
  end)

  it("is given out with all that is kept of it", function()
    request()
    assert(store:inbox_add({ id = "evt-2", tenant = "acme-1", event = "client.linked",
      body = '{"event":"client.linked"}' }, core.system.now()))
    local given = assert(platform.recipes:export("acme-1"))
    assert.equal("acme-1", given.tenant)
    local kinds = {}
    for _, record in ipairs(given.records) do
      kinds[record.kind] = (kinds[record.kind] or 0) + 1
      assert.is_true(#record.history > 0)
    end
    assert.same({ link = 1, case = 3 }, kinds)
    assert.is_true(#given.jobs > 1)
    assert.equal('{"event":"client.linked"}', given.events[1].body)
    assert(core.json.encode(given))
    assert.is_false(platform.recipes:export("unknown"))
    platform.recipes:forget("acme-1", { now = true })
    local text = assert(core.json.encode(platform.recipes:export("acme-1")))
    for _, marker in ipairs(MARKERS) do assert.is_nil(text:find(marker, 1, true), marker) end
  end)
end)
