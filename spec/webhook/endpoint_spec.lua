-- The ways into a receiver: a location of nginx, a WSAPI application, and the command.

local core = require "debitura.core"
local debitura = require "debitura"
local nginx = require "debitura.nginx_app"
local origin = require "spec.support.origin"
local wait_until = require("spec.support.server").wait_until
local wsapi = require "debitura.webhook.wsapi"

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local ANOTHER_SECRET = "YW5vdGhlci1zZWNyZXQ="
local MEGABYTE = 1024 * 1024

local webhook = debitura.webhook

--- A signed event of at least so many bytes.
local function event_of(size)
  return webhook.example("client.linked", { data = { note = ("x"):rep(size or 0) } })
end

local CONFIGURATION = [[
  init_worker_by_lua_block {
    if "$WORK" == "yes" then
      require("debitura.webhook.openresty").work(
        function() return require("spec.support.endpoint").receiver("$DIRECTORY") end,
        { idle = 0.02 })
    end
  }
  server {
    listen 127.0.0.1:$PORT;
    client_max_body_size 64m;
    client_body_buffer_size 8k;
    location ~ ^/tenants/(\w+)$ {
      content_by_lua_block {
        require("debitura.webhook.openresty").serve(
          require("spec.support.endpoint").receiver("$DIRECTORY"), ngx.var[1])
      }
    }
    location / {
      content_by_lua_block {
        require("debitura.webhook.openresty").serve(
          require("spec.support.endpoint").receiver("$DIRECTORY"))
      }
    }
    location = /memory {
      content_by_lua_block { ngx.print(require("spec.support.endpoint").peak()) }
    }
  }
]]

describe("a location of nginx", function()
  local server, engine, store, directory, remove

  local function start(work)
    directory, remove = origin.directory()
    server = assert(nginx.start {
      http = CONFIGURATION:gsub("%$WORK", work or "no"):gsub("%$DIRECTORY", directory),
    })
    engine = assert(core.engine {})
    store = assert(debitura.store.open("sqlite://" .. directory .. "/store.db"))
  end

  after_each(function()
    store:close()
    engine:close()
    server:stop()
    remove()
  end)

  local function post(body, changes)
    local request = {
      method = "POST", url = server.url .. "/", body = body,
      headers = { ["X-Debitura-Signature"] = webhook.sign(body, SECRET) },
    }
    for name, value in pairs(changes or {}) do request[name] = value end
    return assert(origin.fetch(engine, request))
  end

  local function get(path)
    return assert(origin.fetch(engine, { method = "GET", url = server.url .. path }))
  end

  --- Sends a file chunk by chunk, its length unannounced.
  local function post_chunked(body, signed)
    origin.write(directory .. "/body", body)
    return origin.output(
      ("curl -s -o /dev/null -w '%%{http_code}' -H 'Transfer-Encoding: chunked' "
      .. "-H 'X-Debitura-Signature: %s' "
      .. "-H 'Expect:' --data-binary @%s/body %s/"):format(webhook.sign(signed or body, SECRET),
        directory, server.url))
  end

  it("receives, and knows what it has", function()
    start()
    local event, body = event_of()
    local answer = post(body)
    assert.same({ 200, "kept", "text/plain" },
      { answer.status, answer.body, answer.headers["content-type"] })
    assert.equal("duplicate", post(body).body)
    assert.equal(body, store:inbox_item(event.id).body)
  end)

  it("reads a body whole that nginx has spooled to a file", function()
    start()
    for _, size in ipairs { 100 * 1024, MEGABYTE - 1000 } do
      local event, body = event_of(size)
      assert.equal(200, post(body).status)
      assert.equal(body, store:inbox_item(event.id).body)
    end
  end)

  it("reads a body that comes in chunks", function()
    start()
    for _, size in ipairs { 0, 100 * 1024 } do
      local event, body = event_of(size)
      assert.equal("200", post_chunked(body))
      assert.equal(body, store:inbox_item(event.id).body)
    end
  end)

  it("refuses a body of 50 MB without holding it in memory, announced or in chunks", function()
    start()
    post(select(2, event_of()))
    local function peak() return tonumber(get("/memory").body) end
    local before = peak()
    local large = ("x"):rep(50 * MEGABYTE)
    assert.equal(413,
      post(large, { headers = { ["X-Debitura-Signature"] = webhook.sign("", SECRET) } }).status)
    assert.equal("413", post_chunked(large, ""))
    assert.is_true(peak() - before < 10 * MEGABYTE)
  end)

  it("refuses what is empty, unsigned, signed twice, or no POST", function()
    start()
    local _, body = event_of()
    local good = webhook.sign(body, SECRET)
    assert.equal(401, post(body, { headers = {} }).status)
    assert.equal(401, post("", { headers = {} }).status)
    assert.equal("401",
      origin.output(("curl -s -o /dev/null -w '%%{http_code}' -H 'X-Debitura-Signature: %s' "
      .. "-H 'X-Debitura-Signature: %s' -d '%s' %s/"):format(good, good, body, server.url)))
    local answer = get("/")
    assert.same({ 405, "POST" }, { answer.status, answer.headers.allow })
    assert.same({}, store:inbox_list {})
  end)

  it("chooses the secret by a part of the path", function()
    start()
    local _, body = event_of()
    local function status(tenant, secret)
      return post(body, {
        url = server.url .. "/tenants/" .. tenant,
        headers = { ["X-Debitura-Signature"] = webhook.sign(body, secret) },
      }).status
    end
    assert.same({ 401, 401, 200 }, { status("acme", SECRET), status("nobody", ANOTHER_SECRET),
      status("acme", ANOTHER_SECRET) })
  end)

  it("tells nginx's log alone why it refused", function()
    start()
    local _, body = event_of()
    local answer = post(body,
      { headers = { ["X-Debitura-Signature"] = webhook.sign(body, ANOTHER_SECRET) } })
    assert.same({ 401, "unauthorized" }, { answer.status, answer.body })
    assert.truthy(server:log():find('reason=no_match cause="the wrong secret', 1, true),
      server:log())
  end)

  it("processes the inbox in the background, where that is wanted", function()
    start("yes")
    local event, body = event_of()
    assert.equal(200, post(body).status)
    wait_until(function() return store:inbox_item(event.id).state == "done" end)
    assert.equal("done", store:inbox_item(event.id).state)
    assert.truthy(server:log():find("heard of " .. event.id, 1, true), server:log())
    server:signal("QUIT")
    assert.is_true(wait_until(function() return not server:running() end))
  end)
end)

describe("a WSAPI application", function()
  local store, run

  before_each(function()
    store = assert(debitura.store.open("memory:"))
    local receiver = webhook.receiver { store = store, secret = function(_, subscription)
      return subscription == "/acme" and ANOTHER_SECRET or SECRET
    end }
    run = wsapi.new(receiver, function(env) return env.PATH_INFO end)
  end)

  --- What a server hands over; its input gives a few bytes at a time.
  local function environment(body, changes)
    local at, read = 1, 0
    local env = {
      REQUEST_METHOD = "POST", CONTENT_LENGTH = tostring(#body), PATH_INFO = "/",
      HTTP_X_DEBITURA_SIGNATURE = webhook.sign(body, SECRET),
      input = { read = function(_, count)
        local part = body:sub(at, at + math.min(count, 1000) - 1)
        at, read = at + #part, read + #part
        return part ~= "" and part or nil
      end },
    }
    for name, value in pairs(changes or {}) do env[name] = value end
    return env, function() return read end
  end

  local function answer(env)
    local status, headers, iterator = run(env)
    local parts = {}
    for part in iterator do parts[#parts + 1] = part end
    assert.equal(headers["Content-Length"], tostring(#table.concat(parts)))
    return status, table.concat(parts), headers
  end

  it("receives, and knows what it has", function()
    local event, body = event_of(5000)
    assert.same({ 200, "kept" }, { (answer(environment(body, { HTTP_X_DEBITURA_REPLAY = "true" }))),
      "kept" })
    local status, text = answer(environment(body))
    assert.same({ 200, "duplicate" }, { status, text })
    local item = store:inbox_item(event.id)
    assert.same({ body, 1 }, { item.body, item.replay })
  end)

  it("reads a body whose length is not announced", function()
    local _, body = event_of(5000)
    assert.equal(200, (answer(environment(body, { CONTENT_LENGTH = "" }))))
  end)

  it("refuses a body that is too large, of which it reads no more than it must", function()
    local large = ("x"):rep(10 * MEGABYTE)
    local announced, read = environment(large)
    assert.equal(413, (answer(announced)))
    assert.equal(0, read())
    local unannounced, read_of_it = environment(large, { CONTENT_LENGTH = "" })
    assert.equal(413, (answer(unannounced)))
    assert.equal(8 * MEGABYTE + 1, read_of_it())
  end)

  it("refuses what is empty, cut short, or no POST, and chooses the secret", function()
    local _, body = event_of()
    assert.equal(401, (answer(environment("", { HTTP_X_DEBITURA_SIGNATURE = "" }))))
    assert.equal(401, (answer(environment(body, { CONTENT_LENGTH = "10" }))))
    assert.equal(401, (answer(environment(body, { PATH_INFO = "/acme" }))))
    local status, _, headers = answer(environment(body, { REQUEST_METHOD = "GET" }))
    assert.same({ 405, "POST" }, { status, headers.Allow })
  end)
end)

describe("debitura receive", function()
  local directory, remove

  before_each(function() directory, remove = origin.directory() end)
  after_each(function() remove() end)

  local function engine_name()
    local name = os.getenv("DEBITURA_ENGINE")
    return name == "luajit" and "jit" or name:match("%d.*")
  end

  --- Starts the command; gives its process id.
  local function start(arguments, environment)
    return origin.output(
      ("DEBITURA_ENVIRONMENT=test %s scripts/lua %s bin/debitura receive %s >%s/out 2>%s/err "
      .. "</dev/null & echo $!"):format(
      environment or "", engine_name(), arguments, directory, directory)):match("%d+")
  end

  local function read(name)
    local file = assert(io.open(directory .. "/" .. name, "rb"))
    local text = file:read("*a")
    file:close()
    return text
  end

  local function gone(pid)
    return origin.output("ps -o stat= -p " .. pid):match("^%s*[^Z%s]") == nil
  end

  it("receives, takes another secret while it runs, tells of what it refuses, and stops", function()
    local port = core.system.free_port()
    origin.write(directory .. "/secrets", SECRET .. "\n")
    local pid = start(("--port %d --store sqlite://%s/store.db --secret-file %s/secrets"):format(
      port, directory, directory))
    assert.is_true(wait_until(function() return read("out"):find("Ctrl-C", 1, true) ~= nil end),
      read("err"))
    local engine = core.engine {}
    local function post(body, secret)
      return assert(origin.fetch(engine, {
        method = "POST", url = ("http://127.0.0.1:%d/any"):format(port), body = body,
        headers = { ["X-Debitura-Signature"] = webhook.sign(body, secret) },
      })).status
    end
    local event, body = event_of()
    assert.same({ 401, 200, 200 }, { post(body, ANOTHER_SECRET), post(body, SECRET),
      post(body, SECRET) })
    origin.write(directory .. "/secrets", ANOTHER_SECRET .. "\n" .. SECRET .. "\n")
    assert.same({ 200, 200 }, { post(select(2, event_of()), ANOTHER_SECRET),
      post(select(2, event_of()), SECRET) })
    assert.is_true(
      wait_until(function() return read("err"):find("reason=no_match", 1, true) ~= nil end))
    engine:close()
    local store = assert(debitura.store.open("sqlite://" .. directory .. "/store.db"))
    assert.equal(body, store:inbox_item(event.id).body)
    assert.equal(3, #store:inbox_list {})
    store:close()
    local listening = ("curl -s -o /dev/null http://127.0.0.1:%d/; echo $?"):format(port)
    assert.equal("0\n", origin.output(listening))
    os.execute("kill -INT " .. pid)
    assert.is_true(wait_until(function() return gone(pid) end))
    assert.equal("7\n", origin.output(listening))
  end)

  it("ends nginx when it is killed itself", function()
    local port = core.system.free_port()
    local pid = start(("--port %d --store sqlite://%s/store.db"):format(port, directory),
      "DEBITURA_WEBHOOK_SECRET=" .. SECRET)
    assert.is_true(wait_until(function() return read("out"):find("Ctrl-C", 1, true) ~= nil end),
      read("err"))
    os.execute("kill -KILL " .. pid)
    assert.is_true(wait_until(function()
      return origin.output(("curl -s -o /dev/null http://127.0.0.1:%d/; echo $?"):format(
        port)) == "7\n"
    end))
  end)

  for what, case in pairs {
    ["no secret"] = { "--store memory:", "", "no webhook secret" },
    ["no file of secrets"] = { "--store memory: --secret-file /nonexistent", "",
      "/nonexistent: No such file" },
    ["a secret that is none"] = { "--store memory:", "DEBITURA_WEBHOOK_SECRET=123",
      "is not Base64" },
    ["no store"] = { "", "DEBITURA_WEBHOOK_SECRET=" .. SECRET,
      "no store, such as sqlite://" },
    ["a store that cannot be written"] = {
      "--store sqlite:///nonexistent/store.db", "DEBITURA_WEBHOOK_SECRET=" .. SECRET,
      "cannot create /nonexistent/store.db", status = 1,
    },
  } do
    it("does not start with " .. what, function()
      local said = origin.output(
        ("DEBITURA_ENVIRONMENT=test %s scripts/lua %s bin/debitura receive --port 1 %s 2>&1; "
        .. "echo $?"):format(case[2], engine_name(), case[1]))
      assert.truthy(said:find(case[3], 1, true), said)
      assert.truthy(said:find(("\n%d\n$"):format(case.status or 2)), said)
      assert.is_nil(said:find(SECRET, 1, true))
    end)
  end
end)
