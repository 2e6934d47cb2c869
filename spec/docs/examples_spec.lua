-- The applications in examples/, run as their README says, against the sandbox.

local backends = require("spec.support.backends")
local core = require("debitura.core")
local debitura = require("debitura")
local encoding = require("debitura.base.encoding")
local mail_server = require("spec.support.mail_server")
local origin = require("spec.support.origin")
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

  --- Recipes on the example's store, with a clock of their own.
  local function recipes(ahead)
    return debitura.recipes.new {
      partner = debitura.partner { api_key = service.api_key, base_url = service.url },
      store = store,
      clock = function() return core.system.now() + (ahead or 0) end,
      channels = { { name = "outbox", deliver = function() return true end } },
    }
  end

  describe("plain", function()
    local application, mail

    before_each(function()
      application, mail = directory .. "/app", mail_server.start("plain")
      local top = server.run("pwd"):gsub("%s+$", "")
      server.run(("cp -r examples/plain %s && mkdir %s/bin"):format(application, directory))
      local lua = ("cd %s && exec scripts/lua %s"):format(top,
        ENGINE == "luajit" and "jit" or ENGINE:match("%d.*"))
      for name, line in pairs { debitura = lua .. " bin/debitura", lua = lua } do
        origin.write(directory .. "/bin/" .. name, "#!/bin/sh\n" .. line .. ' "$@"\n')
      end
      local settings = read(application .. "/env"):gsub("/var/lib/app", directory)
        :gsub("127.0.0.1:25\n", "127.0.0.1:" .. mail.port .. "\n")
        :gsub("http://127.0.0.1:8787", service.url)
      origin.write(directory .. "/env", settings)
      server.run("chmod 755 " .. directory .. "/bin/*")
    end)

    after_each(function() mail:stop() end)

    --- Runs a line as the application's user does; what it printed.
    local function run(line)
      local text = server.run(("cd %s && PATH=%s/bin:$PATH APP_ENV=%s/env sh -c %s 2>&1; echo $?")
        :format(application, directory, directory, server.quote(line)))
      local said, status = text:match("^(.-)(%d+)\n$")
      return said, tonumber(status)
    end

    --- What cron does: every line of the crontab, with what it mails.
    local function cron()
      for line in read(application .. "/crontab"):gmatch("  /opt/app/([^\n]+)") do
        assert.are.same({ "", 0 }, { run("./" .. line) }, line)
      end
    end

    it("refers a customer, hears of the answer, and imports the cases", function()
      -- It listens at a port that is free, so that its address is known after it has begun.
      run("umask 077; echo YW5vdGhlciBzZWNyZXQ= >../webhook-secret")
      run("./run debitura receive --port 0 >receiver.log 2>&1 </dev/null & echo $! >receiver.pid")
      finally(function() run("kill $(cat receiver.pid)") end)
      local url
      assert(server.wait_until(function()
        url = read(application .. "/receiver.log"):match(" at (http[^,]*),")
        return url
      end))
      origin.write(directory .. "/env", read(directory .. "/env") .. "APP_WEBHOOKS=" .. url .. "\n")
      for _, line in ipairs { "webhooks ensure", "check" } do
        local said, status = run("./run debitura " .. line)
        assert.are.equal(0, status, said)
      end
      assert.are.equal("customer-1 is pending\n", (run("./run lua " .. application .. "/app.lua "
        .. "refer customer-1 Sample Denmark office@existing.example Ann ann@sample.example")))
      assert.is_truthy(mail:parsed(1).bodies["text/plain"]:find(service.url .. "/link/", 1, true))
      for _, action in ipairs { "approve", "sign" } do
        assert(service:control("POST", action == "sign" and "clients" or "requests",
          { externalTenantId = "customer-1", action = action }))
      end
      assert(service:advance("0s"))
      cron()
      assert.are.equal("customer-1\tcarried\n", (run("./run debitura links list | cut -f1,2")))
      assert.is_truthy(read(directory .. "/changes.log"):find("customer-1 link", 1, true))

      origin.write(directory .. "/cases.csv",
        "creditorReference,currencyCode,amountToRecover,debtor.type,debtor.name,"
          .. "debtor.contactPerson,debtor.address,debtor.city,debtor.countryAlpha2,date\n"
          .. "INV-1,EUR,100,Company,Sample,Dana,Sample Street 1,Copenhagen,DK,2025-10-01\n"
          .. "INV-2,EUR,ten,Company,Sample,Dana,Sample Street 1,Copenhagen,DK,2025-10-01\n")
      assert.are.equal('line 3: amountToRecover: "ten" (column 3) is no number such as 1000.10\n'
        .. "2 cases: 0 created, 1 waiting for a signature, 1 wrong\n",
        (run(("./run lua %s/app.lua import customer-1 %s/cases.csv"):format(application,
          directory))))
      assert.are.equal(1, select(2, run("./run lua " .. application .. "/app.lua")))
    end)
  end)

  it("specs passes, as its users run it", function()
    local text = server.run(("scripts/busted %s -C examples/specs 2>&1"):format(
      ENGINE == "luajit" and "jit" or ENGINE:match("%d.*")))
    assert.is_truthy(text:find("7 successes / 0 failures / 0 errors / 0 pending", 1, true), text)
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

    it("writes to customers, leads them on, hears of their answers, and shows it", function()
      bring_a_customer()
      assert.are.equal(401, call("GET", private .. "/desk/").status)
      local shown = call("GET", private .. "/desk/links", nil,
        { Authorization = "Basic " .. encoding.base64("nora:sample") })
      assert.are.equal(200, shown.status)
      assert.is_truthy(shown.body:find("acme-1", 1, true), shown.body)
      local text = call("GET", private .. "/metrics").body
      assert.is_truthy(text:find('\ndebitura_links{state="linked"} 1\n', 1, true), text)
      assert.is_truthy(text:find('\ndebitura_processes{role="work"} [1-4]\n'), text)
    end)

    if os.getenv("SPEC_EXAMPLES") == "1" then
      for _, name in ipairs { "postgresql", "redis" } do
        it("does so on a store in " .. name, function()
          local backend = backends[name]
          backend.setup()
          finally(function()
            application.stop(place)
            store:close()
            backend.teardown()
          end)
          store:close()
          address = backend.place().address
          store = assert(debitura.store.open(address))
          bring_a_customer()
        end)
      end
    end

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
