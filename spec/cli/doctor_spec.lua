local checks = require "debitura.cli.checks"
local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local sandbox = require "debitura.sandbox"
local support = require "spec.support.desk"

local URL = "http://127.0.0.1:9/webhooks"
local DATE = "Sat, 31 Jan 2026 12:00:00 GMT"
local TIME = 1769860800 -- the same moment

describe("debitura doctor", function()
  local service, desk

  setup(function()
    service = assert(sandbox.start())
    desk = command.desk(service)
  end)

  teardown(function()
    desk:close()
    service:stop()
  end)

  --- What the doctor says of each check.
  local function examine(flags, options)
    local ended, told = desk:run("doctor --json " .. (flags or ""), options), {}
    for _, line in ipairs(desk:objects(ended.out)) do told[line.check] = line end
    return told, ended.status, ended
  end

  it("finds all in place", function()
    local environment = {
      DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db",
      DEBITURA_ENCRYPTION_KEY = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE=",
      DEBITURA_WEBHOOK_SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0 YW5vdGhlci1zZWNyZXQ=",
    }
    assert.equal(0, desk:run(("webhooks ensure --url %s --show"):format(URL)).status)
    assert(debitura.store.open(environment.DEBITURA_STORE,
      { encryption_key = environment.DEBITURA_ENCRYPTION_KEY })):close()
    local told, code, ended = examine("--url " .. URL, { environment = environment })
    assert.equal(0, code, ended.out)
    for _, name in ipairs(checks.order) do assert.equal("ok", told[name].result, name) end
    assert.equal("accepted: Sample Partner (test)", told.key.said)
    assert.truthy(told.store.said:find("^sqlite, tables of layout %d+, encrypted$"))
    assert.equal("2 to verify webhooks with", told.secret.said)
    for _, name in ipairs { "libcurl %d", "OpenSSL %d", "cJSON %d", "Lua" } do
      assert.truthy(told.versions.said:find(name), name)
    end
    for _, value in pairs(environment) do
      if not value:find("^sqlite") then assert.is_nil(ended.out:find(value, 1, true)) end
    end
  end)

  it("makes up for webhooks that were missed", function()
    local environment = { DEBITURA_STORE = "sqlite://" .. desk.directory .. "/gap.db" }
    local store = assert(debitura.store.open(environment.DEBITURA_STORE))
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    local payload = support.payload { externalTenantId = "tenant-gap", cases = core.json.array {} }
    payload.client.supportEmail, payload.users[1].email = "office@gap.example",
      "ann@onboarded.example"
    local recipes = debitura.recipes.new { partner = partner, store = store,
      clock = core.system.now,
      channels = { debitura.channels.callback(function() return true end) } }
    assert(recipes.approval:request(payload))
    local link = store:record("link", "tenant-gap", "")
    assert(store:record_move({ tenant = "tenant-gap", moves = { {
      kind = "link", name = "", version = link.version, set = { state = "pending" },
      entry = { event = "sample" },
    } } }, 1))
    assert.truthy(examine(nil,
      { environment = environment })["last webhook"].said:find("none ever came in", 1, true))
    assert.equal(0, #store:inbox_list {})
    local told = examine("--catch-up", { environment = environment })["last webhook"]
    assert.truthy(told.said:find("1 events put into the inbox", 1, true), told.said)
    assert.equal("`debitura inbox work` processes them.", told.advice)
    assert.equal(0, desk:run("inbox work", { environment = environment }).status)
    assert.equal("carried", store:record("link", "tenant-gap", "").state)
    assert.truthy(examine("--catch-up",
      { environment = environment })["last webhook"].said:find("0 events", 1, true))
    store:close()
  end)

  it("is a line for each check", function()
    local ended = desk:run("doctor")
    local _, count = ended.out:gsub("\n%l+ +%l+ ", "")
    assert.equal(#checks.order - 1, count, ended.out)
  end)

  it("tells a key that is refused from a host that is away", function()
    local told, code = examine(nil, { environment = { DEBITURA_API_KEY = "sample-wrong-key" } })
    assert.same({ 1, "ok", "fail", "skip" }, { code, told.connection.result, told.key.result,
      told.subscription.result })
    assert.truthy(told.key.advice:find("DEBITURA_API_KEY", 1, true))
    told, code = examine(nil,
      { environment = { DEBITURA_BASE_URL = "http://127.0.0.1:" .. core.system.free_port() } })
    assert.same({ 3, "fail", "skip" }, { code, told.connection.result, told.key.result })
    assert.truthy(told.connection.said:find("no connection", 1, true))
  end)

  it("tells what is wrong with the configuration", function()
    local told, code = examine(nil, { environment = { DEBITURA_ENVIRONMENT = "staging" } })
    assert.same({ 2, "fail", "skip" }, { code, told.configuration.result, told.connection.result })
    told, code = examine(nil, { environment = { DEBITURA_API_KEY = "" } })
    assert.same({ 2, "fail" }, { code, told.connection.result })
    told, code = examine(nil, { environment = { DEBITURA_WEBHOOK_SECRET = "no base64!" } })
    assert.same({ 2, "fail" }, { code, told.secret.result })
  end)

  it("tells of a store that cannot be opened, of one that is not encrypted, and of webhooks that "
    .. "were given up", function()
    local told, code = examine(nil,
      { environment = { DEBITURA_STORE = "sqlite:///nonexistent/store.db" } })
    assert.same({ 3, "fail" }, { code, told.store.result })
    local address = "sqlite://" .. desk.directory .. "/other.db"
    local store = assert(debitura.store.open(address))
    assert(store:inbox_add({ id = "evt-1", event = "client.linked", body = "{}" }, 1))
    assert(store:inbox_dead(store:inbox_claim({ limit = 1, now = 2, lease = 60 })[1], 2,
      "sample problem"))
    store:close()
    told, code = examine(nil, { environment = { DEBITURA_STORE = address } })
    assert.same({ 0, "warn", "warn" }, { code, told.store.result, told.inbox.result })
    assert.equal("1 webhooks were given up", told.inbox.said)
  end)

  it("tells of a store that does not exist yet, and makes none", function()
    local path = desk.directory .. "/none-yet.db"
    local told, code = examine("--catch-up",
      { environment = { DEBITURA_STORE = "sqlite://" .. path } })
    assert.same({ 0, "warn", "sqlite: does not exist yet" },
      { code, told.store.result, told.store.said })
    assert.is_nil((core.system.permissions(path)))
  end)

  it("warns of a store's files that every user of the machine may read", function()
    local path = desk.directory .. "/open.db"
    local address = "sqlite://" .. path
    local store = assert(debitura.store.open(address))
    finally(function() store:close() end)
    local function said()
      local told = examine(nil, { environment = { DEBITURA_STORE = address } })
      return told.store.result, told.store.said, told.store.advice
    end
    assert.is_nil(select(2, said()):find("open to every user", 1, true))
    os.execute("chmod 640 " .. path)
    assert.is_nil(select(2, said()):find("open to every user", 1, true))
    os.execute("chmod o+r " .. path .. "-wal")
    local result, line, advice = said()
    assert.equal("warn", result)
    assert.truthy(line:find("open to every user of this machine: " .. path .. "-wal", 1, true))
    assert.equal("chmod o= " .. path .. "-wal", advice)
  end)

  it("names the jobs that wait and what they need, and fails when they wait for a day", function()
    local address = "sqlite://" .. desk.directory .. "/jobs.db"
    local store = assert(debitura.store.open(address))
    local function owe(name, needs, age)
      assert(store:record_move({
        tenant = name, moves = { { kind = "link", name = "", version = 0,
          set = { state = "pending" }, entry = { event = "sample" } } },
        jobs = { { key = name, kind = "deliver", tenant = name, record = "link", name = "",
          generation = 1, needs = needs, due_at = core.system.now() - age } },
      }, 1))
    end
    local function jobs()
      local told, code = examine(nil, { environment = { DEBITURA_STORE = address } })
      return told.jobs, code
    end
    assert.same({ "ok", "nothing that is due waits" }, { jobs().result, jobs().said })
    owe("tenant-1", "", -3600)
    assert.equal("ok", jobs().result)
    owe("tenant-2", "channel:letters", 60)
    local told, code = jobs()
    assert.same({ "warn", 0 }, { told.result, code })
    assert.truthy(told.said:find("^jobs that are due wait for channel:letters since "), told.said)
    owe("tenant-3", "escalate", 86400 + 60)
    told, code = jobs()
    assert.same({ "fail", 1 }, { told.result, code })
    assert.truthy(told.said:find("channel:letters since .*, escalate since "), told.said)
    store:close()
  end)

  it("tells when nothing is sent here, and why it was switched off; wakes it when asked to",
    function()
    local port = core.system.free_port() -- where nobody listens
    local url = ("http://127.0.0.1:%d/"):format(port)
    local told, code = examine("--url " .. url)
    assert.same({ 1, "fail" }, { code, told.subscription.result })
    assert.truthy(told.subscription.advice:find("webhooks ensure --url " .. url, 1, true))

    assert.equal(0, desk:run(("webhooks ensure --url %s --show --event client.link_requested")
      :format(url)).status)
    assert.equal(1,
      desk:run("clients create -",
        { input = [[{"externalTenantId": "tenant-1", "client": {"name": "Sample Ltd",
      "country": "Denmark", "supportEmail": "office@existing.example"}, "users": [{"name": "Ann",
      "email": "ann@new.example"}]}]] }).status)
    assert(service:advance("3h"))
    told, code = examine("--url " .. url)
    assert.same({ 1, "fail" }, { code, told.subscription.result })
    assert.truthy(told.subscription.said:find("switched off: .", 1), told.subscription.said)
    assert.equal("warn", examine("--enable --dry-run --url " .. url).subscription.result)
    told, code = examine("--enable --url " .. url)
    assert.same({ 0, "ok" }, { code, told.subscription.result })
    assert.truthy(told.subscription.said:find("woken", 1, true))
    assert.truthy(examine("--url " .. url).subscription.said:find("^active, 1 events"))
  end)

  it("compares the clocks", function()
    local function compare(ahead, date)
      local result, said = checks.clock {
        answer = { headers = { date = date or DATE } }, asked_at = TIME + ahead,
        answered_at = TIME + ahead + 1,
      }
      return result, said
    end
    assert.same({ "ok", "agrees with Debitura's" }, { compare(0) })
    assert.same({ "ok", "agrees with Debitura's" }, { compare(-2) })
    assert.same({ "warn", "this machine is 20 s ahead of Debitura" }, { compare(20) })
    assert.same({ "fail", "this machine is 3600 s behind Debitura" }, { compare(-3600) })
    assert.same({ "skip" }, { compare(0, "yesterday") })
    for date, time in pairs {
      ["Thu, 01 Jan 1970 00:00:00 GMT"] = 0, ["Thu, 29 Feb 2024 23:59:59 GMT"] = 1709251199,
      ["Fri, 01 Mar 2024 00:00:00 GMT"] = 1709251200,
      ["Tue, 31 Dec 2030 12:00:00 GMT"] = 1924948800,
    } do
      assert.equal("ok",
        (checks.clock { answer = { headers = { date = date } }, asked_at = time,
          answered_at = time + 1 }), date)
    end
  end)
end)
