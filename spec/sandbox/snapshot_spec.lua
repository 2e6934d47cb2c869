local core = require "debitura.core"
local bare_sandbox = require "spec.support.bare_sandbox"
local dispatch = require "debitura.sandbox.server.dispatch"
local snapshot = require "debitura.sandbox.server.snapshot"

local samples = bare_sandbox.samples

describe("A sandbox that is kept in a file", function()
  local path, sandbox

  before_each(function()
    path = os.tmpname()
    sandbox = bare_sandbox.new()
  end)

  after_each(function()
    os.remove(path)
  end)

  local function restart_from_file(settings)
    sandbox.state = dispatch.new({ settings = settings, seed = 99 }, sandbox.wall)
    assert.is_true(snapshot.load(path, sandbox.state))
  end

  --- Writes the sandbox down and goes on with what is read back.
  local function restart(settings)
    assert(snapshot.save(path, sandbox.state))
    restart_from_file(settings)
  end

  it("goes on where it was: clients, cases, link requests, tokens, subscriptions, time", function()
    sandbox:subscribe { "client.link_expired" }
    local created = sandbox:partner("POST", "/clients",
      samples.client { cases = { samples.case {
        debtor = samples.debtor { type = "Person", name = "Zoë O'Neil" } } } })
    sandbox:sign_all(created.body.onboardingLinks.url)
    sandbox:partner("POST", "/clients", samples.existing { externalTenantId = "tenant-2" })
    sandbox:advance("3d")
    local before = { sandbox:partner("GET", "/cases").body,
      sandbox:partner("GET", "/clients/tenant-1").body }
    local token = sandbox:partner("POST", "/oauth/token",
      { externalTenantId = "tenant-1" }).body.accessToken
    restart()
    assert.same(before,
      { sandbox:partner("GET", "/cases").body, sandbox:partner("GET", "/clients/tenant-1").body })
    assert.equal(200,
      sandbox:send("GET", "/customer/me", "", { authorization = "Bearer " .. token }).status)
    assert.equal("2030-01-04T00:00:00Z", sandbox:control("GET", "clock").body.now)
    sandbox:advance("4d")
    assert.same({ "client.link_expired" }, sandbox:heard())
  end)

  it("makes deliveries again that were under way when it ended", function()
    sandbox:subscribe { "client.link_requested" }
    local request = { method = "POST", path = "/clients", query = "",
      body = assert(core.json.encode(samples.existing())),
      headers = { xapikey = "sandbox-key", ["content-type"] = "application/json" } }
    local _, effects = dispatch.handle(sandbox.state, request, sandbox.wall)
    assert.equal(1, #effects)
    restart()
    sandbox:advance("0s")
    assert.same({ "client.link_requested" }, sandbox:heard())
  end)

  it("is reached at its new address with its new key", function()
    restart { base_url = "http://127.0.0.1:9999", api_key = "other" }
    assert.equal("http://127.0.0.1:9999", sandbox.state.settings.base_url)
    assert.equal(401, sandbox:partner("GET", "/me").status)
  end)

  it("keeps what was saved before when saving fails", function()
    sandbox:partner("POST", "/clients", samples.client())
    assert(snapshot.save(path, sandbox.state))
    sandbox.state.unsaved = print
    local saved, err = snapshot.save(path, sandbox.state)
    assert.is_nil(saved)
    assert.truthy(err:find(path, 1, true))
    assert.is_nil(io.open(path .. ".new"))
    restart_from_file()
    assert.equal(200, sandbox:partner("GET", "/clients/tenant-1").status)
  end)

  it("is not read from a file that holds something else", function()
    local state = dispatch.new({}, 0)
    assert.is_false(snapshot.load(path .. ".none", state))
    local file = assert(io.open(path, "wb"))
    file:write(("no database "):rep(100))
    file:close()
    local loaded, reason = snapshot.load(path, state)
    assert.is_nil(loaded)
    assert.truthy(reason:find(path, 1, true))
    assert.is_nil((snapshot.save("/nonexistent/directory/file", state)))
  end)
end)
