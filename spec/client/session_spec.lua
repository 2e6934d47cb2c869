local core = require("debitura.core")
local debitura = require("debitura")
local upstream = require("spec.support.upstream")

describe("a call", function()
  local server, pauses

  local function partner_for(options)
    pauses = {}
    local slept = 0
    local function sleep(seconds)
      pauses[#pauses + 1] = seconds
      slept = slept + seconds
    end
    local settings = {
      api_key = "sample-key", base_url = server.url,
      -- The longest pause of each step, and none of them really taken.
      random = function() return 1 end,
      clock = function() return core.system.monotonic() + slept end,
      waiter = { name = "sample", wait = debitura.waiter.block.wait, sleep = sleep },
    }
    for name, value in pairs(options or {}) do settings[name] = value end
    return debitura.partner(settings)
  end

  local subscription = { url = "https://platform.example/hooks", events = { "client.linked" } }

  setup(function() server = upstream.start() end)
  teardown(function() server:stop() end)

  it("sends method, path, key and body, and gives the decoded answer with what came "
    .. "along", function()
    server:answers { { status = 200,
      body = '{"id":"3b241101-e2bb-4255-8caf-4136c566a962","secret":"c2VjcmV0"}',
      headers = { ["X-Request-Id"] = "req-1" } } }
    local created, err, answer = partner_for():create_webhook(subscription)
    assert.is_nil(err)
    assert.equal("c2VjcmV0", created.secret)
    assert.equal(200, answer.status)
    assert.equal("req-1", answer.request_id)
    local seen = server:requests()
    assert.equal(1, #seen)
    assert.equal("POST", seen[1].method)
    assert.equal("/v1/Webhooks", seen[1].target)
    assert.equal("sample-key", seen[1].headers.xapikey)
    assert.equal("application/json", seen[1].headers["content-type"])
    assert.equal('{"events":["client.linked"],"url":"https://platform.example/hooks"}',
      seen[1].body)
  end)

  it("says who sends it", function()
    server:answers { { status = 204 } }
    partner_for().webhooks:delete("3b241101-e2bb-4255-8caf-4136c566a962")
    partner_for({ user_agent = "sample/1.0" }).webhooks:delete(
      "3b241101-e2bb-4255-8caf-4136c566a962")
    local seen = server:requests()
    assert.matches("^debitura%-lua/" .. debitura._VERSION:gsub("%p", "%%%0")
      .. " %(Lua.* %d.*; libcurl %d+%.%d+.*%)$",
      seen[1].headers["user-agent"])
    assert.equal("sample/1.0", seen[2].headers["user-agent"])
  end)

  it("gives true for an answer without a body", function()
    server:answers { { status = 204 } }
    assert.is_true(partner_for().webhooks:delete("3b241101-e2bb-4255-8caf-4136c566a962"))
  end)

  it("keeps null, empty arrays and unknown fields of an answer", function()
    server:answers { { status = 200,
      body = '{"externalTenantId":"t","creditorId":null,"new":[],"newer":{}}' } }
    local client = partner_for():get_client("t")
    assert.equal(debitura.null, client.creditorId)
    assert.equal('{"creditorId":null,"externalTenantId":"t","new":[],"newer":{}}',
      core.json.encode(client))
  end)

  it("takes an answer that stops in the middle for a broken connection, not for a wrong "
    .. "address", function()
    for _, body in ipairs { '{"externalTenantId":"t"', '{"externalTenantId":"t', "[", '{"a":tr' } do
      server:answers { { status = 200, body = body } }
      local _, err = partner_for({ attempts = 1 }):get_client("t")
      assert.equal("transport", err.kind)
      assert.equal("the connection was closed in the middle of the answer", err.message)
      assert.is_true(err.sent)
    end
  end)

  it("says what a 304 is", function()
    server:answers { { status = 304 } }
    local _, err = partner_for():get_client("t")
    assert.equal("malformed", err.kind)
    assert.truthy(err.message:find("304 (not modified)", 1, true))
  end)

  it("is repeated on 503 with growing pauses when that is harmless, until it is "
    .. "answered", function()
    server:answers { { status = 503 }, { status = 503 },
      { status = 200, body = '{"externalTenantId":"t"}' } }
    local client = partner_for():get_client("t")
    assert.equal("t", client.externalTenantId)
    assert.same({ 0.5, 1 }, pauses)
    assert.equal(3, #server:requests())
  end)

  it("pauses for any part of a step that doubles, up to 8 seconds", function()
    server:answers { { status = 503 } }
    partner_for({ attempts = 7 }):get_client("t")
    assert.same({ 0.5, 1, 2, 4, 8, 8 }, pauses)
    local parts = { 0, 0.25, 0.5 }
    partner_for({ attempts = 4, random = function() return table.remove(parts,
      1) end }):get_client("t")
    assert.same({ 0, 0.25, 1 }, pauses)
  end)

  it("gives the last failure, with the number of attempts, when repeating did not help", function()
    server:answers { { status = 503, body = "<html><title>Bad gateway</title></html>" } }
    local client, err = partner_for():get_client("t")
    assert.is_nil(client)
    assert.equal("server", err.kind)
    assert.equal(503, err.status)
    assert.equal(3, err.attempts)
    assert.equal("clients.get", err.operation)
    assert.is_true(err.retryable)
    assert.equal("<html><title>Bad gateway</title></html>", err.body)
    assert.is_nil(tostring(err):find("html", 1, true))
  end)

  it("is not repeated on an answer that would stay the same", function()
    for _, status in ipairs { 400, 401, 403, 404, 409, 422 } do
      server:answers { { status = status } }
      local _, err = partner_for():get_client("t")
      assert.equal(status, err.status)
      assert.equal(1, #server:requests(), "status " .. status)
    end
  end)

  it("is not repeated once it may have arrived when a repetition could do harm", function()
    server:answers { { status = 500 } }
    local _, err = partner_for():create_webhook(subscription)
    assert.equal(500, err.status)
    assert.equal(1, err.attempts)
    assert.equal(1, #server:requests())
  end)

  it("is repeated in any case when it certainly never left", function()
    local unreachable = "http://127.0.0.1:" .. core.system.free_port()
    local _, err = partner_for({ base_url = unreachable }):create_webhook(subscription)
    assert.equal("transport", err.kind)
    assert.equal(3, err.attempts)
    assert.is_false(err.sent)
  end)

  it("waits as long as a 429 says in its body", function()
    server:answers {
      { status = 429, body = '{"error":"rate_limit_exceeded","message":"slow down","retryAfter":7}',
        headers = { ["Retry-After"] = "3" } },
      { status = 200, body = "{}" },
    }
    assert.is_truthy(partner_for():get_client("t"))
    assert.same({ 7 }, pauses)
  end)

  it("does not wait past its time budget", function()
    server:answers { { status = 429,
      body = '{"error":"rate_limit_exceeded","message":"slow down","retryAfter":60}' } }
    local _, err = partner_for({ budget = 30 }):get_client("t")
    assert.equal("rate_limited", err.kind)
    assert.equal(60, err.retry_after)
    assert.same({}, pauses)
  end)

  it("fails like any other where the system has no descriptors left", function()
    -- Five: three are taken, and loading needs one at a time.
    local pipe = assert(io.popen(([[exec 2>&1; ulimit -n 5; exec %s -e '
      local partner = require("debitura").partner {
        api_key = "sample-key", base_url = "http://127.0.0.1:1", attempts = 1,
      }
      local _, err = partner:get_client("t")
      io.write(err.kind, " ", tostring(err.sent), " ", err.message)']]):format(
      os.getenv("DEBITURA_ENGINE"))))
    local said = pipe:read("*a")
    pipe:close()
    assert.equal("transport false no descriptors for an engine: Too many open files", said)
  end)

  it("can be given its own number of attempts", function()
    server:answers { { status = 503 } }
    local _, err = partner_for().clients:get("t", { attempts = 1 })
    assert.equal(1, err.attempts)
    assert.has_error(function() partner_for().clients:get("t", { attempts = 0 }) end,
      "clients.get: option 'attempts': a whole number from 1 expected, got 0")
  end)

  it("that is answered with something else than JSON is malformed, its status kept", function()
    server:answers { { status = 200, body = "<html>a login page</html>" } }
    local _, err = partner_for():get_client("t")
    assert.equal("malformed", err.kind)
    assert.equal(200, err.status)
    assert.is_false(err.retryable)
  end)

  it("that is answered with JSON that is no document is malformed", function()
    for _, body in ipairs { "null", "true", "false", "0", '"text"' } do
      server:answers { { status = 200, body = body } }
      local client, failed = partner_for().clients:get("tenant-1")
      assert.is_nil(client)
      assert.equal("clients.get: malformed 200: the response is no object", tostring(failed))
      assert.equal(body, failed.body)
    end
  end)

  it("that is answered with nothing where a shape is promised is malformed", function()
    server:answers { { status = 200 } }
    local _, err = partner_for():get_client("t")
    assert.equal("malformed", err.kind)
    assert.equal(200, err.status)
  end)

  it("that is redirected fails and takes its key nowhere", function()
    server:answers { { status = 302, headers = { Location = server.url .. "/elsewhere" } } }
    local _, err = partner_for():get_client("t")
    assert.equal(302, err.status)
    assert.equal(1, #server:requests())
  end)

  it("tells hooks what happens without telling them a credential", function()
    local seen = {}
    local function note(name)
      return function(event) seen[#seen + 1] = { name, event.operation, event.attempt,
        event.status } end
    end
    server:answers { { status = 503 }, { status = 200, body = "{}" } }
    partner_for({ on_request = note("request"), on_response = note("response"),
      on_retry = note("retry") }):get_client("t")
    assert.same({
      { "request", "clients.get", 1, nil }, { "response", "clients.get", 1, 503 },
      { "retry", "clients.get", 1, 503 },
      { "request", "clients.get", 2, nil }, { "response", "clients.get", 2, 200 },
    }, seen)
  end)

  it("reaches an operation that the library does not know", function()
    server:answers { { status = 200, body = '{"new":true}' } }
    assert.same({ new = true }, partner_for():call("POST", "/brand-new", { a = 1 }))
    local seen = server:requests()[1]
    assert.same({ "POST", "/brand-new", '{"a":1}' }, { seen.method, seen.target, seen.body })
  end)
end)
