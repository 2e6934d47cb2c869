local core = require("debitura.core")
local debitura = require("debitura")
local log = require("debitura.base.log")
local nginx = require("debitura.nginx_app")
local upstream = require("spec.support.upstream")

describe("a line of the log", function()
  it("tells what happened in a stable order", function()
    assert.equal(
      "debitura response operation=clients.get attempt=2 method=GET "
        .. "path=/clients/{externalTenantId} status=200"
        .. " seconds=0.052 bytes_up=210 bytes_down=1024 request_id=req-1",
      log.line("response", {
        operation = "clients.get", attempt = 2, method = "GET",
        path = "/clients/{externalTenantId}", status = 200,
        seconds = 0.0519, bytes_up = 210, bytes_down = 1024, request_id = "req-1",
      }))
  end)

  it("cannot be broken by what comes from outside", function()
    assert.equal([[debitura response request_id="a\x0d\x0aforged \x22line\x22 \xc3\xa5"]],
      log.line("response", { request_id = "a\r\nforged \"line\" å" }))
    assert.equal("debitura response request_id=" .. ("x"):rep(200),
      log.line("response", { request_id = ("x"):rep(10000) }))
    assert.equal('debitura response request_id=""', log.line("response", { request_id = "" }))
  end)

  it("keeps quiet of a path that the caller has filled in", function()
    assert.equal("debitura request operation=unlisted attempt=1 method=GET",
      log.line("request", {
        operation = "GET /people/ann@platform.example", path = "/people/ann@platform.example",
        unlisted = true, attempt = 1, method = "GET",
      }))
  end)
end)

describe("a session", function()
  local server

  local function partner_with(options)
    local settings = { api_key = "sample-key", base_url = server.url,
      random = function() return 0 end }
    for name, value in pairs(options) do settings[name] = value end
    return debitura.partner(settings)
  end

  --- Logs as lua-logging does: an object with a method for each level.
  local function recorder()
    local lines = {}
    local logger = {}
    for _, level in ipairs { "debug", "info", "warn", "error", "fatal" } do
      logger[level] = function(self, ...)
        assert.equal(logger, self)
        lines[#lines + 1] = level .. " " .. table.concat({ ... })
      end
    end
    return logger, lines
  end

  setup(function() server = upstream.start() end)
  teardown(function() server:stop() end)

  it("tells its hooks of each request, answer and repetition, with sizes and times", function()
    local seen = {}
    local function note(name) return function(event) seen[#seen + 1] = { name, event } end end
    server:answers { { status = 503, headers = { ["X-Request-Id"] = "req-1" } },
      { status = 201, body = "{}" } }
    partner_with({ on_request = note("request"), on_response = note("response"),
      on_retry = note("retry") })
      :create_token { externalTenantId = "tenant-1" }
    local names = {}
    for index, entry in ipairs(seen) do names[index] = entry[1] .. " " .. entry[2].attempt end
    assert.same({ "request 1", "response 1", "retry 1", "request 2", "response 2" }, names)
    assert.same({ operation = "tokens.create", attempt = 1, method = "POST",
      path = "/oauth/token" }, seen[1][2])
    assert.equal(503, seen[2][2].status)
    assert.equal("server", seen[2][2].kind)
    assert.equal("req-1", seen[2][2].request_id)
    assert.same({
      operation = "tokens.create", attempt = 1, method = "POST", path = "/oauth/token",
      status = 503, kind = "server", pause = 0,
      request_id = "req-1",
    }, seen[3][2])
    local answered = seen[5][2]
    assert.equal(201, answered.status)
    assert.is_nil(answered.kind)
    assert.is_true(answered.seconds > 0)
    assert.equal(31, answered.bytes_up)
    assert.equal(2, answered.bytes_down)
  end)

  it("tells its hooks of a call that was not answered", function()
    local seen
    partner_with({
      base_url = "http://127.0.0.1:" .. core.system.free_port(), attempts = 1,
      on_response = function(event) seen = event end,
    }):get_client("t")
    assert.same({ operation = "clients.get", attempt = 1, method = "GET",
      path = "/clients/{externalTenantId}", kind = "transport" }, seen)
  end)

  it("writes to a logger of the lua-logging kind, each event with its level", function()
    local logger, lines = recorder()
    server:answers { { status = 503 }, { status = 200, body = "{}" } }
    partner_with({ logger = logger }):get_client("tenant-1")
    for index, line in ipairs(lines) do lines[index] = line:gsub(" seconds=.*", "") end
    local about = "method=GET path=/clients/{externalTenantId}"
    assert.same({
      "debug debitura request operation=clients.get attempt=1 " .. about,
      "warn debitura response operation=clients.get attempt=1 " .. about
        .. " status=503 kind=server",
      "warn debitura retry operation=clients.get attempt=1 " .. about
        .. " status=503 kind=server pause=0",
      "debug debitura request operation=clients.get attempt=2 " .. about,
      "info debitura response operation=clients.get attempt=2 " .. about .. " status=200",
    }, lines)
  end)

  it("makes no line below the level that the logger is set to", function()
    local logger, lines = recorder()
    local partner = partner_with { logger = logger }
    local seen = {}
    for _, level in ipairs { "DEBUG", "INFO", "WARN", "ERROR", "OFF", "a level of its own" } do
      logger.level = level
      server:answers { { status = 503 }, { status = 200, body = "{}" } }
      partner:get_client("tenant-1")
      local levels = {}
      for index, line in ipairs(lines) do levels[index], lines[index] = line:match("^%a+"), nil end
      seen[level] = table.concat(levels, " ")
    end
    local every = "debug warn warn debug info"
    assert.same({ DEBUG = every, INFO = "warn warn info", WARN = "warn warn", ERROR = "", OFF = "",
      ["a level of its own"] = every }, seen)
  end)

  it("leaves a hook its events whatever the logger keeps", function()
    local logger, lines = recorder()
    logger.level = "OFF"
    server:answers { { status = 200, body = "{}" } }
    local seen
    partner_with({ logger = logger, on_response = function(event) seen = event.status end }):me()
    assert.equal(200, seen)
    assert.same({}, lines)
  end)

  it("writes to a function", function()
    local lines = {}
    server:answers { { status = 200, body = "{}" } }
    partner_with({ logger = function(level, line) lines[#lines + 1] = level .. " "
      .. line:match("^debitura %a+") end }):me()
    assert.same({ "debug debitura request", "info debitura response" }, lines)
  end)

  it("writes to nginx's log", function()
    server:answers { { status = 200, body = "{}" } }
    local application = assert(nginx.start { log_level = "info", http = ([[
      server {
        listen 127.0.0.1:$PORT;
        location / {
          content_by_lua_block {
            require("debitura").partner({
              api_key = "sample-key", base_url = "$UPSTREAM", logger = ngx.log,
            }):get_client("tenant-1")
            ngx.print("done")
          }
        }
      }
    ]]):gsub("%$UPSTREAM", server.url) })
    finally(function() application:stop() end)
    local engine = core.engine {}
    local transfer = engine:submit { method = "GET", url = application.url .. "/" }
    debitura.waiter.block.wait(engine, transfer)
    assert.equal("done", transfer:result().body)
    local written = application:log()
    assert.matches("%[info%].-debitura response operation=clients%.get .-status=200", written)
    assert.is_nil(written:find("debitura request", 1, true),
      "debug lines do not pass the level of info")
    assert.is_nil(written:find("tenant-1", 1, true))
  end)

  it("warns once of each field that it does not know", function()
    server:answers { { status = 200, body = "{}" } }
    local lines = {}
    local partner = partner_with { logger = function(level, line) lines[#lines + 1] = level .. " "
      .. line end }
    for _ = 1, 3 do
      assert(partner:create_client {
        externalTenantId = "tenant-1", users = { { name = "Ann", email = "ann@platform.example",
          colour = "red" } },
        client = { name = "Sample Ltd", country = "Denmark",
          supportEmail = "ann@platform.example" },
      })
    end
    local warnings = {}
    for _, line in ipairs(lines) do
      if line:find("^warn") then warnings[#warnings + 1] = line end
    end
    assert.same({ 'warn debitura unknown_field operation=clients.create field="users[].colour"' },
      warnings)
  end)

  it("asks for something that can log", function()
    local expected = "debitura.partner: option 'logger': an object with info, warn and debug, "
      .. "a function(level, line), or ngx.log expected, got "
    for got, wrong in pairs { string = "stdout", ["true"] = true, ["7"] = 7,
      ["a table without info"] = {} } do
      assert.has_error(function() partner_with { logger = wrong } end, expected .. got)
    end
  end)

  it("writes neither secrets nor personal data, whatever happens and however much is "
    .. "logged", function()
    local logger, lines = recorder()
    local secrets = {
      "sample-key", "sample-token", "c2FtcGxlLXNlY3JldA", "ann@platform.example", "Ann Sample",
      "tenant-1", "approve-me",
      "sign-here", "1970-01-31", "Sample Street", "salary", "quarterly",
    }
    local payload = {
      externalTenantId = "tenant-1", client = { name = "Sample Ltd", country = "Denmark",
        supportEmail = "ann@platform.example" },
      users = { { name = "Ann Sample", email = "ann@platform.example" } },
    }
    server:answers {
      { status = 409,
        body = '{"type":"ClientExistsNeedsLinking","message":"ann@platform.example is known",'
        .. '"data":{"externalTenantId":"tenant-1",'
          .. '"onboardingLinks":{"url":"https://referral.example/approve-me"}}}' },
      { status = 400, body = '{"users[0].email":["ann@platform.example is taken"]}' },
      { status = 503, body = "<title>ann@platform.example</title>" },
      { status = 200,
        body = '{"externalTenantId":"tenant-1",'
        .. '"onboardingLinks":{"url":"https://referral.example/sign-here"}}' },
      { status = 200,
        body = '{"id":"3b241101-e2bb-4255-8caf-4136c566a962","secret":"c2FtcGxlLXNlY3JldA=="}' },
      { status = 201, body = "{}" },
      { status = 200, body = '{"page":{"totalPages":1},"clients":[{"companyName":"Ann Sample"}]}' },
      { status = 200, body = '{"accessToken":"sample-token","expiresIn":1800}' },
      { status = 401 },
      { status = 200, body = '{"accessToken":"sample-token","expiresIn":1800}' },
      { status = 422,
        body = '{"businessErrors":[{"type":"MissingPowerOfAttorney","message":"Ann Sample",'
        .. '"solutionUrl":"https://x.example/sign-here"}],'
          .. '"signingHandoff":{"combinedSigningUrl":"https://x.example/sign-here"}}' },
      { status = 200, body = "{}" },
      { status = 404, body = '{"title":"tenant-1"}' },
    }
    local partner = partner_with { logger = logger }
    partner:create_client(payload)
    partner:create_client(payload)
    partner:get_client("tenant-1")
    partner:create_webhook { url = "https://platform.example/hooks/quarterly",
      events = { "client.linked" } }
    partner.clients:submit_kyc("tenant-1",
      { directorFullName = "Ann Sample", directorHomeAddress = "1 Sample Street",
        directorDateOfBirth = "1970-01-31" })
    partner.clients:list({ Query = "ann@platform.example" }):all()
    partner:customer("tenant-1").cases:by_creditor_reference("salary of Ann Sample")
    partner.cases:upload_file("3f2504e0-4f89-11d3-9a0c-0305e82c3301",
      { data = "salary", filename = "Ann Sample.txt" })
    partner:call("GET", "/people/ann@platform.example")
    assert.equal(13, #server:requests())
    assert.equal(26, #lines)
    for _, line in ipairs(lines) do
      for _, secret in ipairs(secrets) do assert.is_nil(line:find(secret, 1, true), line) end
    end
  end)
end)
