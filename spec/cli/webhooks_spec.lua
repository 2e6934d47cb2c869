local command = require "spec.support.command"
local core = require "debitura.core"
local sandbox = require "debitura.sandbox"
local server = require "spec.support.server"

local URL = "http://127.0.0.1:9/webhooks"
local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"

describe("debitura webhooks", function()
  local service, desk

  before_each(function()
    service = assert(sandbox.start { situations = {} })
    desk = command.desk(service)
  end)

  after_each(function()
    desk:close()
    service:stop()
  end)

  local function secrets()
    local found = {}
    for line in desk:read(desk.directory .. "/secret"):gmatch("[^\n]+") do
      found[#found + 1] = line
    end
    return found
  end

  local function ensure(flags, options)
    return desk:run(("webhooks ensure --url %s --secret-file %s/secret %s")
      :format(URL, desk.directory, flags or ""), options)
  end

  local function id()
    return desk:objects(desk:run("webhooks list --json").out)[1].id
  end

  describe("ensure", function()
    it("subscribes to all events, puts the secret where only its owner can read it, and shows it "
      .. "nowhere", function()
      local ended = ensure("--json")
      assert.equal(0, ended.status, ended.err)
      assert.same({ 1, 10 }, { #secrets(), #desk:objects(ended.out)[1].events })
      assert.is_nil((ended.out .. ended.err):find(secrets()[1], 1, true))
      assert.same({ 384, true, (server.run("id -un"):gsub("%s", "")) },
        { core.system.permissions(desk.directory .. "/secret") }) -- 0600
      assert.truthy(ended.err:find("A subscription was made.", 1, true))
    end)

    it("changes nothing when it is called again, and only what is asked for", function()
      ensure()
      local before = secrets()
      assert.equal("Nothing was to be done.\n", ensure().err)
      assert.equal("Its events were changed.\n",
        ensure("--event client.linked --event client.link_expired").err)
      assert.same({ "client.linked", "client.link_expired" },
        desk:objects(desk:run("webhooks list --json").out)[1].events)
      assert.same(before, secrets())
    end)

    it("tells when the secret of the subscription that is there was never kept here", function()
      ensure()
      assert(os.remove(desk.directory .. "/secret"))
      local ended = ensure()
      assert.equal(0, ended.status)
      assert.truthy(ended.err:find("debitura webhooks rotate " .. id(), 1, true), ended.err)
      assert.is_nil((core.system.permissions(desk.directory .. "/secret")))
    end)

    it("only tells what it would do with --dry-run", function()
      assert.equal("A subscription would be made.\n", ensure("--dry-run").err)
      assert.is_nil((core.system.permissions(desk.directory .. "/secret")))
      ensure()
      assert.equal("Its events would be changed.\n", ensure("--dry-run --event client.linked").err)
      assert.equal(10, #desk:objects(desk:run("webhooks list --json").out)[1].events)
    end)

    it("asks for nothing that it could not keep", function()
      for flags, problem in pairs {
        [""] = "--secret-file FILE",
        ["--secret-file /nonexistent/secret"] = "/nonexistent/secret: No such file",
        ["--secret-file " .. desk.directory] = "directory",
      } do
        local ended = desk:run("webhooks ensure --url " .. URL .. " " .. flags)
        assert.equal(2, ended.status)
        assert.truthy(ended.err:find(problem, 1, true), ended.err)
      end
      assert.equal(2, ensure("--event client.vanished").status)
      assert.equal(2, desk:run("webhooks ensure --show").status)
      assert.equal("", desk:run("webhooks list").out)
    end)

    it("shows the secret when that is asked for", function()
      local ended = desk:run(("webhooks ensure --url %s --show"):format(URL))
      assert.truthy(ended.out:find("Secret\t[%w+/]+=*\n"), ended.out)
    end)

    it("takes URL, events and file from the configuration", function()
      local path = desk:file("config.json",
        ('{"webhook": {"url": "%s", "events": ["client.linked"], "secret_file": "%s"}}')
        :format(URL, desk.directory .. "/secret"))
      server.run("chmod 600 " .. server.quote(path))
      assert.equal(0,
        desk:run("webhooks ensure", { environment = { DEBITURA_CONFIG = path } }).status)
      assert.equal(1, #secrets())
      assert.same({ "client.linked" }, desk:objects(desk:run("webhooks list --json").out)[1].events)
    end)

    it("wakes a subscription that was switched off, and says why it had been", function()
      local port = core.system.free_port() -- where nobody listens
      local switched_off = desk:run(
        ("webhooks ensure --url http://127.0.0.1:%d/ --show --event client.link_requested")
          :format(port))
      assert.equal(0, switched_off.status)
      assert.equal(0,
        desk:run("clients create -",
          { input = [[{"externalTenantId": "tenant-1", "client": {"name": "Sample Ltd",
        "country": "Denmark", "supportEmail": "office@new.example"}, "users": [{"name": "Ann",
        "email": "ann@new.example"}]}]] }).status)
      assert.equal(1,
        desk:run("clients create -",
          { input = [[{"externalTenantId": "tenant-2", "client": {"name": "Sample Ltd",
        "country": "Denmark", "supportEmail": "office@new.example"}, "users": [{"name": "Bob",
        "email": "bob@new.example"}]}]] }).status)
      assert(service:control("POST", "settings", { webhooks = { travel_disables = true } }))
      assert(service:advance("3h"))
      local told = desk:objects(
        desk:run(
          ("webhooks ensure --url http://127.0.0.1:%d/ --show --event client.link_requested --json")
        :format(port)).out)[1]
      assert.same({ true, true, "string" },
        { told.enabled, told.isActive, type(told.disabled_reason) })
    end)
  end)

  it("rotate puts the new secret before the old one, or in its place", function()
    ensure()
    local first = secrets()[1]
    local ended = desk:run(("webhooks rotate %s --secret-file %s/secret")
      :format(id(), desk.directory))
    assert.equal(0, ended.status, ended.err)
    assert.same({ 2, first }, { #secrets(), secrets()[2] })
    local second = secrets()[1]
    assert.equal(0, desk:run(("webhooks rotate %s --secret-file %s/secret --replace")
      :format(id(), desk.directory)).status)
    assert.equal(1, #secrets())
    assert.not_equal(second, secrets()[1])
    assert.is_nil((ended.out .. ended.err):find(second, 1, true))
  end)

  it("rotate asks in production, and shows with --dry-run", function()
    ensure()
    local before = secrets()
    local line = ("webhooks rotate %s --secret-file %s/secret "):format(id(), desk.directory)
    assert.equal(1,
      desk:run(line, { environment = { DEBITURA_ENVIRONMENT = "production" } }).status)
    assert.equal(0, desk:run(line .. "--dry-run").status)
    assert.same(before, secrets())
  end)

  it("test tells when nobody would hear it", function()
    assert.equal(0,
      desk:run("clients create -",
        { input = [[{"externalTenantId": "tenant-1", "client": {"name": "Sample Ltd",
      "country": "Denmark", "supportEmail": "office@new.example"}, "users": [{"name": "Ann",
      "email": "ann@new.example"}]}]] }).status)
    local ended = desk:run("webhooks test client.linked --tenant tenant-1")
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("No subscription hears it", 1, true), ended.err)
    ensure()
    assert.equal(0, desk:run("webhooks test client.linked --tenant tenant-1").status)
    assert.equal(1, desk:run("webhooks test client.linked").status)
  end)
end)

describe("debitura webhooks, without Debitura,", function()
  local desk

  setup(function()
    desk = command.desk()
    desk.environment = { DEBITURA_WEBHOOK_SECRET = SECRET }
  end)

  teardown(function() desk:close() end)

  --- A signed event: its body in a file, and its signature.
  local function signed(flags)
    local made = desk:objects(desk:run("webhooks sign --json " .. (flags or "")).out)[1]
    return desk:file("body", made.body), made.headers["X-Debitura-Signature"], made
  end

  local function verify(path, signature, flags, options)
    return desk:run(("webhooks verify %s --signature '%s' %s"):format(path, signature, flags or ""),
      options)
  end

  it("verify tells which event it is", function()
    local path, signature = signed("--event client.link_expired --tenant tenant-7")
    local ended = verify(path, signature)
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("Event\tclient.link_expired\n", 1, true))
    assert.truthy(ended.out:find("Tenant\ttenant-7\n", 1, true))
    assert.equal("client.link_expired",
      desk:objects(verify(path, signature, "--json").out)[1].event)
  end)

  it("verify tells the likely cause when it does not pass", function()
    local path, signature = signed()
    local body = desk:read(path)
    for problem, case in pairs {
      ["white space was put around the body"] = { { "-" , signature, "" },
        { input = body .. "\n" } },
      ["the wrong secret"] = { { path, signature, "" },
        { environment = { DEBITURA_WEBHOOK_SECRET = "YW5vdGhlci1zZWNyZXQ=" } } },
      ["an item is not name=value"] = { { path, "sample", "" } },
    } do
      local ended = verify(case[1][1], case[1][2], case[1][3], case[2])
      assert.equal(1, ended.status)
      assert.truthy(ended.err:find(problem, 1, true), ended.err)
      assert.is_nil(ended.err:find("DEBITURA_API_KEY", 1, true))
      assert.is_nil(ended.err:find(SECRET, 1, true))
    end
  end)

  it("verify refuses what is old, unless it may be", function()
    local path, signature = signed("--age 2h")
    local ended = verify(path, signature)
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("signed 720%d seconds before this machine's clock"), ended.err)
    assert.equal(0, verify(path, signature, "--any-age").status)
  end)

  it("sign makes a request that a shell can send", function()
    local ended = desk:run("webhooks sign --url http://127.0.0.1:9/ --tenant \"o'neil\"")
    assert.equal(0, ended.status)
    local words = server.run("curl() { for word in \"$@\"; do echo \"$word\"; done; }; "
      .. ended.out)
    assert.truthy(words:find('"externalTenantId":"o\'neil"', 1, true), words)
    assert.truthy(words:find("\nX-Debitura-Event: client.linked\n", 1, true), words)
    assert.truthy(words:find("\nX%-Debitura%-Signature: t=%d+,v1=%x+\n"), words)
    assert.is_nil(ended.out:find(SECRET, 1, true))
  end)

  it("needs a secret that is one", function()
    for value, problem in pairs { [""] = "DEBITURA_WEBHOOK_SECRET", ["no base64!"] = "Base64" } do
      for _, line in ipairs { "webhooks sign", "webhooks verify --signature sample" } do
        local ended = desk:run(line, { environment = { DEBITURA_WEBHOOK_SECRET = value } })
        assert.equal(2, ended.status)
        assert.truthy(ended.err:find(problem, 1, true), ended.err)
      end
    end
  end)
end)
