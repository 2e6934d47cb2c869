local checks = require "debitura.cli.checks"
local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local mail_server = require "spec.support.mail_server"
local postgresql = require("spec.support.backends").postgresql
local rows = require "spec.support.store_rows"
local sandbox = require "debitura.sandbox"
local support = require "spec.support.desk"

local URL = "http://127.0.0.1:9/webhooks"
local DATE = "Sat, 31 Jan 2026 12:00:00 GMT"
local TIME = 1769860800 -- the same moment

describe("debitura doctor", function()
  local service, desk

  setup(function()
    service = assert(sandbox.start { settings = { webhooks = { travel_disables = true } } })
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
    for _, name in ipairs(checks.order) do
      assert.equal(name == "mail" and "skip" or "ok", told[name].result, name)
    end
    assert.equal("accepted: Sample Partner (test)", told.key.said)
    assert.truthy(told.store.said:find("^sqlite, layout %d+, encrypted$"))
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
    assert.same({ 1, "fail" }, { code, told.store.result })
    local address = "sqlite://" .. desk.directory .. "/other.db"
    local store = assert(debitura.store.open(address))
    assert(store:inbox_add({ id = "evt-1", event = "client.linked", body = "{}" }, 1))
    assert(store:inbox_dead(store:inbox_claim({ limit = 1, now = 2, lease = 60 })[1], 2,
      "sample problem"))
    store:close()
    told, code = examine(nil, { environment = { DEBITURA_STORE = address } })
    assert.same({ 1, "warn", "fail" }, { code, told.store.result, told.dead_events.result })
    assert.truthy(told.dead_events.said:find("^1 webhook was given up"))
    assert.truthy(told.dead_events.advice:find("debitura inbox retry --all", 1, true))
  end)

  it("tells of a store that does not exist yet, and makes none", function()
    local path = desk.directory .. "/none-yet.db"
    local told, code = examine("--catch-up",
      { environment = { DEBITURA_STORE = "sqlite://" .. path } })
    assert.same({ 0, "warn", "sqlite: does not exist yet" },
      { code, told.store.result, told.store.said })
    assert.is_nil((core.system.permissions(path)))
  end)

  it("fails when every user of the machine may read a store's files, or the secrets", function()
    local path = desk.directory .. "/open.db"
    local store = assert(debitura.store.open("sqlite://" .. path))
    finally(function() store:close() end)
    local secret = desk:file("secret", "c2FtcGxlLXdlYmhvb2stc2VjcmV0\n")
    local config = desk:file("modes.json", core.json.encode {
      base_url = service.url, api_key = service.api_key, store = "sqlite://" .. path,
      webhook = { secret_file = secret },
    })
    os.execute(("chmod 600 '%s' '%s'"):format(config, secret))
    local function files()
      local told, code = examine(nil, { environment = { DEBITURA_CONFIG = config } })
      return told.files, code
    end
    assert.same({ "ok", "closed to other users of this machine" },
      { files().result, files().said })
    os.execute("chmod 640 " .. path)
    assert.equal("ok", files().result)
    os.execute("chmod o+r " .. path .. "-wal " .. secret)
    local told, code = files()
    assert.same({ "fail", 1 }, { told.result, code })
    assert.equal("open to every user of this machine: " .. path .. "-wal " .. secret, told.said)
    assert.equal("chmod o= " .. path .. "-wal " .. secret, told.advice)
  end)

  it("has a line for each thing that `status` knows to be wrong", function()
    local address = "sqlite://" .. desk.directory .. "/jobs.db"
    local store = assert(debitura.store.open(address))
    finally(function() store:close() end)
    local function owe(name, needs, age)
      rows.enqueue(store, name, { rows.job(name, core.system.now() - age, { needs = needs }) })
    end
    local function found()
      local told, code = examine(nil, { environment = { DEBITURA_STORE = address } })
      return told, code
    end
    assert.same({ "ok", "nothing is overdue, given up or undelivered" },
      { found().status.result, found().status.said })
    owe("tenant-1", "", -3600)
    assert.equal("ok", found().status.result)
    owe("tenant-2", "channel:letters", 3600)
    local told, code = found()
    assert.same({ "warn", 0, nil }, { told.overdue_jobs.result, code, told.status })
    assert.matches("^jobs are overdue for up to 1h[ %ds]*: deliver$", told.overdue_jobs.said)
    owe("tenant-3", "escalate", 86400 + 60)
    told, code = found()
    assert.same({ "fail", 1, "debitura sweep" },
      { told.overdue_jobs.result, code, told.overdue_jobs.advice })
    assert.equal("warn", told.no_sweep.result)
  end)

  it("says which processes are at work, and tells releases apart", function()
    local address = "sqlite://" .. desk.directory .. "/processes.db"
    local store = assert(debitura.store.open(address))
    finally(function() store:close() end)
    local function found()
      return (examine(nil, { environment = { DEBITURA_STORE = address } }))
    end
    assert.equal("none has ever worked on this store", found().processes.said)
    for i, release in ipairs { "1.0.0", "1.1.0" } do
      assert(store:beat({ id = "w" .. i, role = "worker", host = "web-1", pid = i,
        release = release, about = "{}", started_at = 1 }, core.system.now()))
    end
    local told = found()
    assert.truthy(told.processes.said:find("worker on web-1 (1.0.0)", 1, true))
    assert.equal("processes of different releases are at work: 1.0.0, 1.1.0", told.releases.said)
  end)

  it("greets mail servers, and fails when one refuses; nothing is sent", function()
    local server = mail_server.start("plain")
    local function mail(channel)
      channel.type, channel.from = "email", "notes@platform.example"
      local config = desk:file("mail.json", core.json.encode {
        base_url = service.url, api_key = service.api_key, name = "Sample Platform",
        channels = { channel },
      })
      os.execute(("chmod 600 '%s'"):format(config))
      local told, code = examine(nil, { environment = { DEBITURA_CONFIG = config } })
      return told.mail, code
    end
    local url = "smtp://127.0.0.1:" .. server.port
    local told, code = mail { url = url, username = "sample", password = "sample password" }
    assert.same({ "ok", 0 }, { told.result, code })
    told, code = mail { url = url, username = "sample", password = "another one" }
    assert.same({ "fail", 3 }, { told.result, code })
    assert.truthy(told.said:find("535", 1, true), told.said)
    assert.is_nil(told.said:find("another one", 1, true))
    assert.is_nil(server:message(1))
    server:stop()
    told, code = mail { url = url }
    assert.same({ "fail", 3 }, { told.result, code })
    assert.equal("skip", examine().mail.result)
  end)

  local with_postgresql = postgresql.missing and pending or it

  with_postgresql("fails where PostgreSQL's log could show what is personal", function()
    postgresql.setup()
    local opened, close, place = postgresql.open()
    finally(function()
      close()
      postgresql.teardown()
    end)
    assert.is_table(opened)
    local store = { address = place.address, schema = place.options.schema }
    local function kept()
      local config = desk:file("postgresql.json", core.json.encode {
        base_url = service.url, api_key = service.api_key, store = store,
      })
      os.execute(("chmod 600 '%s'"):format(config))
      return examine(nil, { environment = { DEBITURA_CONFIG = config } }).store
    end
    assert.equal("fail", kept().result)
    assert.truthy(kept().advice:find("those of its log", 1, true))
    store.encryption_key = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE="
    assert.equal("ok", kept().result)
  end)

  it("fails where something leaves this machine that is not encrypted", function()
    local function tls(webhook, address)
      return (checks.tls { settings = {
        webhook = webhook and { url = webhook }, store = address and { address = address },
      } })
    end
    for _, sound in ipairs {
      { "https://platform.example/hooks", "sqlite:///a" },
      { "http://127.0.0.1:8788/", "redis://127.0.0.1:6379/0" },
      { nil, "postgresql://app:p@db.example/app?sslmode=verify-full" },
      { nil, "postgresql://localhost/app" }, { nil, "postgresql:///app" },
      -- The store asks for verify-full by itself.
      { nil, "postgresql://app:p@db.example/app" },
      { nil, "postgresql://localhost:5432,127.0.0.1/app?sslmode=disable" },
      { nil, "rediss://:p@cache.example/0" }, { nil, "redis://[::1]:6379" },
      { nil, "redis://127.0.0.2:6379" },
    } do assert.equal("ok", tls(sound[1], sound[2]), sound[2]) end
    for _, bare in ipairs {
      { "http://platform.example/hooks" }, { nil, "redis://:p@cache.example:6379/0" },
      { nil, "postgresql://app:p@db.example/app?sslmode=disable" },
      { nil, "postgresql://localhost:5432,db.example/app?sslmode=allow" },
      { nil, "postgresql://localhost@db.example/app?sslmode=prefer" },
    } do assert.equal("fail", tls(bare[1], bare[2]), bare[2] or bare[1]) end
  end)

  it("tells a subscription for test events from one for real ones", function()
    local url = "https://platform.example/tested"
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    assert(partner.webhooks:create { url = url, events = { "client.linked" }, isTestMode = true })
    local told, code = examine("--url " .. url)
    assert.same({ "fail", 1 }, { told.subscription.result, code })
    assert.equal("test events alone are sent to " .. url .. ", 1 kinds of them",
      told.subscription.said)
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
