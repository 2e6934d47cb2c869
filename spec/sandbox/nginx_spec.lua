local core = require "debitura.core"
local debitura = require "debitura"
local nginx = require "debitura.nginx_app"
local bare_sandbox = require "spec.support.bare_sandbox"
local sandbox = require "debitura.sandbox"
local socket = require "socket"

local samples = bare_sandbox.samples

-- A partner's endpoint that keeps what it is sent: POST adds, GET shows.
local RECEIVER = [[
  lua_shared_dict inbox 1m;
  server {
    listen 127.0.0.1:$PORT;
    location / {
      content_by_lua_block {
        local inbox = ngx.shared.inbox
        if ngx.req.get_method() == "POST" then
          ngx.req.read_body()
          local headers = ngx.req.get_headers()
          inbox:rpush("all", headers["x-debitura-signature"] .. "\n" .. ngx.req.get_body_data())
          return ngx.exit(200)
        end
        for _ = 1, inbox:llen("all") do
          local one = inbox:lpop("all")
          inbox:rpush("all", one)
          ngx.print(#one, "\n", one)
        end
      }
    }
  }
]]

describe("The sandbox under nginx", function()
  local server, receiver, engine

  setup(function()
    server = assert(sandbox.start { seed = 7 })
    receiver = assert(nginx.start { http = RECEIVER })
    engine = core.engine {}
  end)

  teardown(function()
    engine:close()
    server:stop()
    receiver:stop()
  end)

  local function fetch(request)
    local transfer = assert(engine:submit(request))
    while not transfer:done() do engine:wait(10) end
    return assert(transfer:result())
  end

  local function inbox(secret)
    local text, at, events = fetch({ method = "GET", url = receiver.url .. "/" }).body, 1, {}
    while at <= #text do
      local size, rest = text:match("^(%d+)\n()", at)
      local signature, body = text:sub(rest, rest + size - 1):match("^(.-)\n(.*)$")
      events[#events + 1] = assert(debitura.webhook.verify { body = body, signature = signature,
        secret = secret })
      at = rest + size
    end
    return events
  end

  it("plays the 409 path with this library on the other side", function()
    local partner = debitura.partner { api_key = server.api_key, base_url = server.url }
    local subscription = assert(partner:create_webhook {
      url = receiver.url .. "/hook", events = { "client.linked", "client.link_requested",
        "client.link_expired", "case.created" },
    })
    local payload = samples.existing { cases = { samples.case { isTest = false } } }
    local client, first = partner:create_client(payload)
    assert.is_nil(client)
    assert.same({ "conflict", "ClientExistsNeedsLinking", "approval" },
      { first.kind, first.type, first.variant })
    assert(server:advance("7d1h"))
    local _, second = partner:create_client(payload)
    assert.not_equal(first.approval_url, second.approval_url)
    assert.equal(200, fetch({ method = "GET", url = second.approval_url }).status)
    assert.equal(303, fetch({ method = "POST", url = second.approval_url .. "/approve" }).status)
    assert(server:advance("0s"))
    local names = {}
    for index, event in ipairs(inbox(subscription.secret)) do names[index] = event.event end
    assert.same({ "client.link_requested", "client.link_expired", "client.link_requested",
      "client.linked", "case.created" }, names)
    assert.is_false(assert(partner:get_client("tenant-1")).isAttributedClient)
    assert.equal("", server:log())
  end)

  it("answers hostile requests without failing", function()
    local headers = { XApiKey = server.api_key, ["Content-Type"] = "application/json" }
    local function post(body)
      return fetch({ method = "POST", url = server.url .. "/clients", headers = headers,
        body = body }).status
    end
    assert.equal(400, post("{"))
    assert.equal(400, post("[]"))
    assert.equal(400, post('"\255"'))
    assert.equal(400, post(("["):rep(10000)))
    assert.equal(400,
      fetch({ method = "GET", url = server.url .. "/%00", headers = headers }).status)
    assert.equal(404,
      fetch({ method = "GET", url = server.url .. "/%ff/..;/x?%zz&=&a=%",
        headers = headers }).status)
    assert.equal(413, post(("x"):rep(30 * 1024 * 1024)))
    assert.equal(200,
      fetch({ method = "GET", url = server.url .. "/me", headers = headers }).status)
    assert.is_nil(server:log():find("sandbox:", 1, true))
  end)

  it("carries out what is asked and loses the answer where a fault says so", function()
    local partner = debitura.partner { api_key = server.api_key, base_url = server.url }
    assert(server:control("POST", "faults", { operation = "clients.create", lost = true }))
    local headers = { XApiKey = server.api_key, ["Content-Type"] = "application/json" }
    local payload = samples.client { externalTenantId = "lost-answer" }
    payload.users[1].email, payload.client.supportEmail = "lena@lost.example", "office@lost.example"
    local transfer = assert(engine:submit { method = "POST", url = server.url .. "/clients",
      headers = headers, body = assert(core.json.encode(payload)) })
    while not transfer:done() do engine:wait(10) end
    local answer, problem = transfer:result()
    assert.is_nil(answer)
    assert.equal("transport", problem.code)
    assert.equal("lost-answer", assert(partner:get_client("lost-answer")).externalTenantId)
  end)

  it("answers to names of this machine alone, and to those it was given", function()
    local named = assert(sandbox.start { host_names = { "Sandbox.example" } })
    local function status(host)
      local client = assert(socket.connect("127.0.0.1", named.port))
      client:send(("GET /_sandbox HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n")
        :format(host))
      local line = assert(client:receive("*l"))
      client:close()
      return tonumber(line:match(" (%d+)"))
    end
    assert.same({ 200, 200, 200, 200, 421, 421, 421, 200 }, {
      status("localhost:" .. named.port), status("127.0.0.1"), status("[::1]:80"),
      status("sandbox.example:8787"), status("evil.example"), status("127.0.0.1.evil.example"),
      status("0.0.0.0"), status("127.0.0.2"),
    })
    named:stop()
  end)

  it("hands webhooks to a receiver in this process, signed at its clock", function()
    local own = assert(sandbox.start { seed = 9 })
    local partner = debitura.partner { api_key = own.api_key, base_url = own.url }
    local subscription = assert(partner:create_webhook {
      url = own.sink_url, events = { "client.link_requested", "client.link_expired" },
    })
    local store, now = assert(debitura.store.open "memory:"), 1893456000
    local kept = {}
    local inside = debitura.webhook.receiver {
      secret = subscription.secret, store = store, clock = function() return now end,
      on = { ["*"] = function(event) kept[#kept + 1] = event.event end },
    }
    assert.equal(0, own:deliver(inside))
    partner:create_client(samples.existing())
    assert(own:advance("7d1h"))
    assert.equal(2, own:deliver(inside))
    assert.equal(0, own:deliver(inside))
    local names = {}
    for index, event in ipairs(assert(own:events())) do
      names[index] = event.event
      assert.equal(event.event, core.json.decode(event.body).event)
      assert.equal(event.event, event.headers["X-Debitura-Event"])
    end
    assert.same({ "client.link_requested", "client.link_expired" }, names)
    assert(inside:work { once = true })
    assert.same(names, kept)
    local other = debitura.webhook.receiver {
      secret = "c2FtcGxlLXdlYmhvb2stc2VjcmV0", store = store,
    }
    partner:create_client(samples.existing { externalTenantId = "tenant-2" })
    assert(own:advance("0s"))
    assert.same({ nil, "client.link_requested was answered 401: unauthorized" },
      { own:deliver(other) })
    assert.equal(1, own:deliver(inside))
    own:stop()
  end)

  for _, transfer in ipairs { "chunked", "gzip", "http10" } do
    it("sends its answers " .. transfer .. ", also those without a body", function()
      local partner = debitura.partner { api_key = server.api_key, base_url = server.url }
      assert(server:control("POST", "settings", { transfer = transfer }))
      assert.equal("Sample Partner", assert(partner:me()).companyName)
      local hook = assert(partner:create_webhook {
        url = "http://127.0.0.1:9/hook", events = { "client.linked" } })
      assert.is_true(partner.webhooks:delete(hook.id))
      local raw = fetch { method = "GET", url = server.url .. "/me",
        headers = { XApiKey = server.api_key } }
      assert.same({ 200, transfer ~= "http10" and "chunked" or nil },
        { raw.status, raw.headers["transfer-encoding"] })
      assert.is_nil(raw.headers["content-length"])
      assert.equal("Sample Partner", core.json.decode(raw.body).companyName)
      assert(server:control("POST", "settings", { transfer = "plain" }))
      assert.is_nil(server:log():find("sandbox:", 1, true))
    end)
  end

  it("spells and sends at random what this library reads all the same", function()
    local random = assert(sandbox.start { seed = 5, settings = { spelling = "random" } })
    local partner = debitura.partner { api_key = random.api_key, base_url = random.url }
    for index = 1, 40 do
      local payload = samples.existing { externalTenantId = "tenant-" .. index }
      local client, err = partner:create_client(payload)
      assert.is_nil(client)
      assert.same({ "conflict", "ClientExistsNeedsLinking" },
        { err.kind, err.type or "ClientExistsNeedsLinking" })
      assert.equal(200, fetch({ method = "GET", url = err.approval_url }).status)
    end
    assert(random:control("POST", "requests", { externalTenantId = "tenant-40",
      action = "approve" }))
    for _ = 1, 40 do
      assert.equal("tenant-40", assert(partner:get_client("tenant-40")).externalTenantId)
    end
    random:stop()
  end)

  it("sends nothing about a body that there is not", function()
    local empty = fetch { method = "GET", url = server.url .. "/me" }
    assert.same({ 401, "", nil }, { empty.status, empty.body, empty.headers["content-type"] })
    local headers = { XApiKey = server.api_key, ["Content-Type"] = "application/json" }
    local created = fetch { method = "POST", url = server.url .. "/v1/Webhooks", headers = headers,
      body = '{"url": "http://127.0.0.1:9/hook", "events": ["client.linked"]}' }
    local id = assert(core.json.decode(created.body)).id
    local gone = fetch { method = "DELETE", url = server.url .. "/v1/Webhooks/" .. id,
      headers = headers }
    assert.equal(204, gone.status)
    assert.is_nil(gone.headers["content-type"])
    assert.is_nil(gone.headers["content-length"])
  end)

  it("delays, cuts and limits what it is told to", function()
    local headers = { XApiKey = server.api_key }
    local function me()
      local transfer = assert(engine:submit { method = "GET", url = server.url .. "/me",
        headers = headers })
      while not transfer:done() do engine:wait(10) end
      return transfer:result()
    end
    assert(server:control("POST", "faults", { operation = "me", cut = true }))
    local answer, problem = me()
    assert.is_nil(answer)
    assert.equal("transport", problem.code)
    assert(server:control("POST", "faults", { operation = "me", delay = 1 }))
    local delayed = assert(engine:submit { method = "GET", url = server.url .. "/me",
      headers = headers })
    local prompt = assert(engine:submit { method = "GET", url = server.url .. "/coverage",
      headers = headers })
    while not prompt:done() do engine:wait(10) end
    assert.is_false(delayed:done())
    while not delayed:done() do engine:wait(10) end
    assert.equal(200, delayed:result().status)
    assert(server:control("POST", "settings", { rate_limits = { enabled = true, minute = 1 } }))
    me()
    assert.equal(429, me().status)
    assert(server:control("POST", "settings", { rate_limits = { enabled = false } }))
    assert.equal(200, me().status)
  end)

  it("tells at once what a receiver makes of a trial delivery", function()
    local function post(url, credentials, body)
      credentials["Content-Type"] = "application/json"
      local answer = fetch { method = "POST", url = url, headers = credentials,
        body = body and core.json.encode(body) }
      return assert(core.json.decode(answer.body))
    end
    post(server.url .. "/clients", { XApiKey = server.api_key }, samples.client {
      externalTenantId = "trial",
      users = { { name = "Tia Trial", email = "tia@onboarded.example" } } })
    local token = post(server.url .. "/oauth/token", { XApiKey = server.api_key },
      { externalTenantId = "trial" }).accessToken
    local bearer = { Authorization = "Bearer " .. token }
    local function trial(url)
      local id = post(server.customer_url .. "/webhooks", bearer,
        { url = url, events = { "case.created" } }).id
      return post(server.customer_url .. "/webhooks/" .. id .. ":test", bearer)
    end
    local heard = trial(receiver.url .. "/trial")
    assert.same({ true, 200 }, { heard.success, heard.httpStatusCode })
    local unheard = trial("http://127.0.0.1:" .. core.system.free_port() .. "/")
    assert.same({ false, "NetworkError" }, { unheard.success, unheard.errorCategory })
  end)

  it("comes back with its state from a file, and says what is wrong with one", function()
    local path = os.tmpname()
    local kept = assert(sandbox.start { state_file = path,
      settings = { partner_name = "Kept Partner" } })
    local partner = debitura.partner { api_key = kept.api_key, base_url = kept.url }
    assert(partner:create_client(samples.client()))
    kept:stop()
    kept = assert(sandbox.start { state_file = path })
    partner = debitura.partner { api_key = kept.api_key, base_url = kept.url }
    local client = assert(partner:get_client("tenant-1"))
    kept:stop()
    assert.truthy(client.onboardingLinks.url:find(kept.url, 1, true))
    local file = assert(io.open(path, "wb"))
    file:write("garbage")
    file:close()
    local refused, reason = sandbox.start { state_file = path }
    os.remove(path)
    assert.is_nil(refused)
    assert.truthy(reason:find("not written by this version of the sandbox", 1, true), reason)
  end)

  it("is not started with settings that make no sense", function()
    for _, wrong in ipairs { { settings = { ttl_days = 31 } }, { settings = { unknown = 1 } },
      { situations = { "none" } },
      { accounts = { { name = "X" } } } } do
      local refused, reason = sandbox.start(wrong)
      assert.is_nil(refused)
      assert.is_string(reason)
    end
  end)

  it("is not started with an option that there is not, and the mistake is the caller's", function()
    local fine, message = pcall(function() sandbox.start { setings = {} } end)
    assert.is_false(fine)
    assert.equal(debug.getinfo(1, "S").short_src, message:match("^(.-):%d+: "))
    assert.truthy(message:find("unknown option 'setings', did you mean 'settings'?", 1, true))
    assert.is_false(pcall(sandbox.start, { seed = "1" }))
  end)

  it("is a command that says what is wrong with its configuration", function()
    for text, said in pairs {
      ['{"setings": {}}'] = "unknown name 'setings'",
      ['{"settings": 5}'] = "'settings' must be a table",
      ['{"settings": {"ttl_days": 0}}'] = "settings.ttl_days", ["["] = "no JSON",
    } do
      local path = os.tmpname()
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      local pipe = assert(io.popen(("env -u LUA_PATH -u LUA_CPATH bin/debitura sandbox --port 0 "
        .. "--config %s 2>&1"):format(path)))
      local output = pipe:read("*a")
      pipe:close()
      os.remove(path)
      assert.truthy(output:find(said, 1, true), output)
    end
  end)

  it("is a command of the checkout that says where it is and ends cleanly on Ctrl-C", function()
    local port, directory = core.system.free_port(), os.tmpname()
    os.remove(directory)
    assert(os.execute("mkdir " .. directory))
    -- The shell becomes the command, so that its id is the command's.
    local pipe = assert(
      io.popen(
        ([[sh -c 'echo $$; exec env -u LUA_PATH -u LUA_CPATH TMPDIR=%s \
          bin/debitura sandbox --port %d 2>&1']])
      :format(directory, port)))
    local pid, said = pipe:read("*n"), ""
    repeat said = said .. pipe:read("*l") .. "\n" until said:find("Time:", 1, true)
    assert.truthy(said:find(("http://127.0.0.1:%d/customer"):format(port), 1, true))
    assert.truthy(said:find("sandbox-key", 1, true))
    assert.equal(200,
      fetch({ method = "GET", url = ("http://127.0.0.1:%d/_sandbox"):format(port) }).status)
    os.execute(("kill -INT %d"):format(pid))
    assert.equal("", pipe:read("*a"))
    pipe:close()
    local transfer = assert(engine:submit { method = "GET", url = ("http://127.0.0.1:%d/_sandbox")
      :format(port) })
    while not transfer:done() do engine:wait(10) end
    assert.is_nil((transfer:result()))
    -- An empty directory can be removed, one with something left in it cannot.
    assert.truthy(os.remove(directory))
  end)

  it("ends when the process that started it does", function()
    local script = os.tmpname()
    local file = assert(io.open(script, "w"))
    file:write([[print(require("debitura.sandbox").start().port)]])
    file:close()
    local engine_name = rawget(_G, "jit") and "jit" or _VERSION:match("%d%.%d")
    local pipe = assert(io.popen("scripts/lua " .. engine_name .. " " .. script))
    local port = pipe:read("*n")
    pipe:close()
    os.remove(script)
    local gone = false
    for _ = 1, 100 do
      local transfer = assert(engine:submit { method = "GET",
        url = ("http://127.0.0.1:%d/_sandbox/clock"):format(port) })
      while not transfer:done() do engine:wait(10) end
      gone = not transfer:result()
      if gone then break end
      core.system.sleep(0.1)
    end
    assert.is_true(gone)
  end)
end)
