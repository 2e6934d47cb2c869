-- The programs in examples/, run as a partner runs them, against the sandbox.

local core = require("debitura.core")
local debitura = require("debitura")
local mail_server = require("spec.support.mail_server")
local origin = require("spec.support.origin")
local redis = require("spec.support.redis")
local rig = require("spec.support.rig")
local sandbox = require("debitura.sandbox")
local server = require("spec.support.server")
local support = require("spec.support.desk")

local ENGINE = os.getenv("DEBITURA_ENGINE")
local DAY = 86400

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

describe("the example", function()
  local service, directory, remove, address, store

  before_each(function()
    service = assert(sandbox.start())
    directory, remove = origin.directory()
    address = "sqlite://" .. directory .. "/store.db"
    store = assert(debitura.store.open(address))
  end)

  after_each(function()
    store:close()
    service:stop()
    remove()
  end)

  --- Runs a program; its exit status and what it said.
  local function run(line)
    local environment = (
      "DEBITURA_API_KEY=%s DEBITURA_BASE_URL=%s DEBITURA_STORE=%s DEBITURA_LINKS=%s/links"):format(
      service.api_key, service.url, address, directory)
    local text = server.run(("%s scripts/lua %s examples/%s 2>&1; echo $?"):format(
      environment, ENGINE == "luajit" and "jit" or ENGINE:match("%d.*"), line))
    local said, status = text:match("^(.-)(%d+)\n$")
    return tonumber(status), said
  end

  --- Recipes as examples/platform.lua has them, with a clock of their own.
  local function recipes(ahead)
    return debitura.recipes.new {
      partner = debitura.partner { api_key = service.api_key, base_url = service.url },
      store = store,
      clock = function() return core.system.now() + (ahead or 0) end,
      channels = { { name = "outbox", deliver = function() return true end } },
    }
  end

  it("create_and_verify creates a client and verifies a webhook", function()
    assert.are.same({
      0, "created; the customer goes on at the onboarding page\nclient.linked of customer-1 is "
        .. "verified\n",
    }, { run("create_and_verify.lua customer-1") })
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    assert.are.equal("customer-1", partner:get_client("customer-1").externalTenantId)
  end)

  it("sweep renews what has expired, says nothing when all is well, and what has failed", function()
    assert(recipes(-8 * DAY).approval:request(support.payload()))
    assert(service:advance("8d"))
    assert.are.same({ 0, "" }, { run("sweep.lua") })
    assert.are.same({ "pending", 2 },
      { store:record("link", "acme-1", "").state, store:record("link", "acme-1", "").generation })
    assert.is_truthy(read(directory .. "/links")
      :find("^acme%-1\tapproval\t" .. service.url:gsub("%p", "%%%0") .. "/link/%w+\n$"))
    assert.are.same({ 0, "" }, { run("sweep.lua") })
    assert(recipes(-8 * DAY).approval:request(support.payload { externalTenantId = "acme-2" }))
    assert(service:advance("8d"))
    directory = directory .. "/nowhere"
    local status, said = run("sweep.lua")
    directory = directory:gsub("/nowhere$", "")
    assert.are.same({ 1, "acme-2: deliver failed and is tried again later\n" }, { status, said })
  end)

  it("bulk_import submits a file and says what is wrong with which line", function()
    local payload = support.payload { externalTenantId = "acme-1", cases = core.json.array {} }
    payload.client.supportEmail, payload.users[1].email = "office@acme.example",
      "ann@onboarded.example"
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    assert(partner:create_client(payload))
    local case = rig.case("FIRST")
    case.allowPendingContracts = true
    assert(partner:customer("acme-1").cases:create(case))
    assert(service:control("POST", "clients", { externalTenantId = "acme-1", action = "sign" }))
    origin.write(directory .. "/cases.csv",
      "creditorReference,currencyCode,amountToRecover,debtor.type,debtor.name,debtor.contactPerson,"
        .. "debtor.address,debtor.city,debtor.countryAlpha2,date\n"
        .. "INV-1,EUR,100,Company,Sample,Dana,Sample Street 1,Copenhagen,DK,2025-10-01\n"
        .. "INV-2,EUR,ten,Company,Sample,Dana,Sample Street 1,Copenhagen,DK,2025-10-01\n")
    local status, said = run(("bulk_import.lua acme-1 %s/cases.csv"):format(directory))
    assert.are.same({ 1, 'line 3: amountToRecover: "ten" (column 3) is no number such as 1000.10\n'
      .. "2 records: 1 created, 0 waiting for a signature, 1 wrong\n" }, { status, said })
    assert.are.equal("INV-1",
      partner:customer("acme-1").cases:by_creditor_reference("INV-1").creditorReference)
    status, said = run("bulk_import.lua acme-1 /nonexistent.csv")
    assert.are.equal(1, status)
    assert.is_truthy(said:find("No such file", 1, true))
    assert.are.equal(2, (run("bulk_import.lua")))
  end)

  describe("openresty", function()
    local application = require("spec.support.application")
    local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
    local engine, mail, place, public, private

    before_each(function()
      engine, mail = assert(core.engine {}), mail_server.start("plain")
      place = directory .. "/application"
      local ports = application.copy(place)
      public, private = "http://127.0.0.1:" .. ports.public, "http://127.0.0.1:" .. ports.private
      origin.write(directory .. "/secret", SECRET .. "\n")
    end)

    after_each(function()
      application.stop(place)
      engine:close()
      mail:stop()
    end)

    local function start()
      application.start(place, {
        DEBITURA_API_KEY = service.api_key, DEBITURA_BASE_URL = service.url,
        DEBITURA_STORE = address, DEBITURA_WEBHOOK_SECRET_FILE = directory .. "/secret",
        PLATFORM_URL = public, PLATFORM_MAIL = "smtp://127.0.0.1:" .. mail.port,
      })
    end

    local function call(method, url, body, headers)
      return assert(origin.fetch(engine, { method = method, url = url, body = body,
        headers = headers }))
    end

    local function hear(name, data)
      local _, body = debitura.webhook.example(name, { data = data })
      return call("POST", public .. "/debitura/webhooks", body,
        { ["X-Debitura-Signature"] = debitura.webhook.sign(body, SECRET) })
    end

    local function bring_a_customer()
      start()
      local customer
      -- The sweep of the first worker may have taken the request, and be at it still: then the same
      -- again has the answer.
      server.wait_until(function()
        local answer = call("POST", private .. "/customers",
          assert(core.json.encode(support.payload())))
        assert.are.equal(200, answer.status, answer.body .. read(place .. "/error.log"))
        customer = core.json.decode(answer.body)
        return customer.state ~= "requesting"
      end)
      assert.are.equal("pending", customer.state)
      assert.are.equal(public .. "/debitura/h/", customer.link:match("^.*/"))
      -- The sweep of the first worker may have taken the delivery, and be at it still.
      assert.is_truthy(server.wait_until(function() return mail:message(1) end))
      assert.is_truthy(mail:parsed(1).bodies["text/plain"]:find(customer.link, 1, true))

      assert.are.equal(200, call("GET", customer.link).status)
      local led = call("POST", customer.link)
      assert.are.equal(303, led.status)
      assert.is_truthy(led.headers.location:find(service.url .. "/link/", 1, true))

      assert.are.equal(200, hear("client.linked", { externalTenantId = "acme-1" }).status)
      assert.is_truthy(server.wait_until(function()
        return store:record("link", "acme-1", "").state == "linked"
      end))
    end

    it("writes to customers, hands their links over, and hears of their answers", bring_a_customer)

    it("shows operators how it stands", function()
      bring_a_customer()
      local text = call("GET", private .. "/metrics").body
      assert.is_truthy(text:find('\ndebitura_links{state="linked"} 1\n', 1, true), text)
      assert.is_truthy(text:find('\ndebitura_processes{role="work"} [12]\n'), text)
    end)

    it("does so on a store in Redis, where nothing blocks its workers", function()
      local redis_server = redis.start()
      finally(function()
        application.stop(place)
        redis_server:stop()
      end)
      store:close()
      address = redis_server:address()
      store = assert(debitura.store.open(address))
      bring_a_customer()
    end)

    it("takes customers from its own side only, and says what is wrong with a payload", function()
      start()
      assert.are.equal(404, call("POST", public .. "/customers", "{}").status)
      for _, body in ipairs { "{}", "", "no JSON", "1", "[]" } do
        assert.are.equal(400, call("POST", private .. "/customers", body).status, body)
      end
      local answer = call("POST", private .. "/customers",
        assert(core.json.encode(support.payload { client = { country = "Denmark" } })))
      assert.are.equal(400, answer.status, answer.body)
      assert.is_table(core.json.decode(answer.body).fields["client.name"], answer.body)
      local large = support.payload { cases = {} }
      for index = 1, 100 do
        large.cases[index] = support.payload().cases[1]
        large.cases[index].creditorReference = "INV-" .. index
      end
      answer = call("POST", private .. "/customers", assert(core.json.encode(large)))
      assert.are.equal(200, answer.status, answer.body)
    end)

    it("renews what has expired", function()
      assert(recipes(-8 * DAY).approval:request(support.payload { externalTenantId = "acme-2" }))
      assert(service:advance("8d"))
      start()
      assert.is_truthy(
        server.wait_until(function() return store:record("link", "acme-2", "").generation == 2 end),
        read(place .. "/error.log"))
    end)
  end)
end)
