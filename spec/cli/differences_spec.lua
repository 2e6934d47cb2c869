-- What `debitura differences` shows of answers that other runs of the command have had.

local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local sandbox = require "debitura.sandbox"
local upstream = require "spec.support.upstream"

describe("debitura differences", function()
  local server, desk, address

  setup(function() server = upstream.start() end)
  teardown(function() server:stop() end)

  before_each(function()
    desk = command.desk()
    address = "sqlite://" .. desk.directory .. "/store.db"
    assert(debitura.store.open(address)):close()
    desk.environment = { DEBITURA_CONFIG = desk:file("config.json", assert(core.json.encode {
      api_key = "sample-key", base_url = server.url, environment = "test",
      store = address, partner = { observe = true },
    })) }
    os.execute("chmod 600 " .. desk.environment.DEBITURA_CONFIG)
  end)

  after_each(function() desk:close() end)

  --- Has the application ask, which observes.
  local function answered(body)
    server:answers { { status = 200, body = assert(core.json.encode(body)) } }
    local store = assert(debitura.store.open(address))
    local partner = debitura.partner { api_key = "k", base_url = server.url, store = store,
      observe = true }
    assert(partner:me())
    store:close()
  end

  it("lists what differs, with how often, and exits with 4 when something fails", function()
    server:answers { { status = 200, body = '{"companyName":"Sample","plan":"gold"}' } }
    local ended = desk:run("call GET /me")
    assert.equal(0, ended.status, ended.err)
    answered { companyName = "Sample", isActive = true, plan = "gold" }
    ended = desk:run("differences --json")
    assert.equal(0, ended.status, ended.err)
    local first
    for line in ended.out:gmatch("[^\n]+") do
      local one = assert(core.json.decode(line))
      if one.kind == "unknown" then first = one end
    end
    assert.same({ "me", 200, "plan", "noted", 2 },
      { first.operation, first.status, first.path, first.severity, first.count })

    answered { companyName = "Sample", isActive = "yes" }
    ended = desk:run("differences", { terminal = true, columns = 80,
      environment = { NO_COLOR = "1" } })
    assert.equal(4, ended.status)
    assert.truthy(ended.out:find("fails  me 200: isActive a text, documented as true or false\n"
      .. "       once, first seen", 1, true), ended.out)
    assert.is_nil(ended.out:find("gold", 1, true))

    assert.equal(0, desk:run("differences --clear").status)
    ended = desk:run("differences")
    assert.same({ 0, "" }, { ended.status, ended.out })
  end)

  it("shows what answers are built of", function()
    answered { companyName = "Sample", isActive = core.null }
    local ended = desk:run("differences --shapes")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("partner me 200\tcompanyName\tstring\t1\t0\t\n", 1, true))
    assert.truthy(ended.out:find("partner me 200\tisActive\tnull\t1\t0\t\n", 1, true))
    assert.truthy(ended.out:find("partner me 200\tlogoUrl\t\t0\t1\t\n", 1, true))
    assert.is_nil(ended.out:find("Sample", 1, true))
  end)

  it("lists what a rehearsal has seen", function()
    local service = assert(sandbox.start { settings = { fields = "extra" } })
    desk.environment = { DEBITURA_API_KEY = service.api_key, DEBITURA_BASE_URL = service.url,
      DEBITURA_STORE = address }
    desk:run("rehearse --unattended --file " .. desk:file("rehearsal.json"))
    local ended = desk:run("differences")
    service:stop()
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("clients.create\t202\tnoted\t%d+\t.-\tsandboxExtra\t"),
      ended.out)
  end)
end)
