local core = require("debitura.core")
local debitura = require("debitura")
local upstream = require("spec.support.upstream")

describe("a client's token", function()
  local server, now, partner

  local function token(text, seconds)
    return { status = 200,
      body = ('{"accessToken":"%s","tokenType":"Bearer","expiresIn":%s}'):format(text, seconds
      or 1800) }
  end

  local me = { status = 200, body = '{"id":"3b241101-e2bb-4255-8caf-4136c566a962"}' }
  local refused = { status = 401 }

  local function targets()
    local list = {}
    for _, request in ipairs(server:requests()) do
      list[#list + 1] = request.method .. " " .. request.target .. " "
        .. (request.headers.authorization or "")
    end
    return list
  end

  setup(function() server = upstream.start() end)
  teardown(function() server:stop() end)

  before_each(function()
    now = 1000
    partner = debitura.partner { api_key = "sample-key", base_url = server.url, attempts = 1,
      clock = function() return now end }
  end)

  it("is minted at the first call and used for the next ones, by every object of the "
    .. "partner", function()
    server:answers { token("one"), me, me }
    assert.is_truthy(partner:customer("tenant-1"):me())
    assert.is_truthy(partner:customer("tenant-1"):me())
    assert.same({ "POST /oauth/token ", "GET /customer/me Bearer one",
      "GET /customer/me Bearer one" }, targets())
    local minting = server:requests()[1]
    assert.equal("sample-key", minting.headers.xapikey)
    assert.equal('{"externalTenantId":"tenant-1"}', minting.body)
    assert.is_nil(server:requests()[2].headers.xapikey)
  end)

  it("belongs to one client", function()
    server:answers { token("one"), me, token("two"), me }
    partner:customer("tenant-1"):me()
    partner:customer("tenant-2"):me()
    assert.equal("GET /customer/me Bearer two", targets()[4])
  end)

  it("is minted again in the last minute of its life", function()
    server:answers { token("one"), me, me, token("two"), me }
    local customer = partner:customer("tenant-1")
    customer:me()
    now = now + 1739
    customer:me()
    now = now + 1
    customer:me()
    assert.same({ "POST /oauth/token ", "GET /customer/me Bearer one",
      "GET /customer/me Bearer one",
      "POST /oauth/token ", "GET /customer/me Bearer two" }, targets())
  end)

  it("that is refused is replaced, and the call repeated, once", function()
    server:answers { token("one"), refused, token("two"), me }
    assert.is_truthy(partner:customer("tenant-1"):me())
    assert.same({ "POST /oauth/token ", "GET /customer/me Bearer one", "POST /oauth/token ",
      "GET /customer/me Bearer two" }, targets())
  end)

  it("that is refused a second time means that the link is invalid", function()
    local told = { status = 401,
      body = '{"error":"Unauthorized","type":"ClientReset","message":"was reset"}' }
    server:answers { token("one"), refused, token("two"), told, me }
    local me_, err = partner:customer("tenant-1"):me()
    assert.is_nil(me_)
    assert.equal("link_invalid", err.kind)
    assert.equal(401, err.status)
    assert.equal("me", err.operation)
    assert.is_false(err.retryable)
    assert.equal("ClientReset", err.type)
    assert.equal("was reset", err.detail)
    assert.equal("ClientReset", err.data.type)
    assert.matches("the client's link is not valid any more", err.message)
    assert.equal(4, #server:requests())
  end)

  it("that was refused late, after another one took its place, is not minted again", function()
    server:answers { token("one"), me, token("two") }
    partner:customer("tenant-1"):me()
    local old = assert(partner.client_tokens:get("tenant-1"))
    local new = assert(partner.client_tokens:get("tenant-1", old))
    assert.equal(new, partner.client_tokens:get("tenant-1", old))
    assert.equal(3, #server:requests())
  end)

  it("cannot be had before the collection agreement is signed; the failure holds the link to sign "
    .. "it", function()
    server:answers {
      { status = 404, body = '{"message":"no active link"}' },
      { status = 200,
        body = '{"externalTenantId":"tenant-1","onboardingDone":false,'
        .. '"onboardingLinks":{"url":"https://sign.example/1"}}' },
    }
    local answer, err = partner:customer("tenant-1"):me()
    assert.is_nil(answer)
    assert.equal("onboarding_incomplete", err.kind)
    assert.equal("https://sign.example/1", err.signing_url)
    assert.is_nil(tostring(err):find("sign.example", 1, true))
    assert.equal("GET /clients/tenant-1 ", targets()[2])
  end)

  it("cannot be had for a client that is not known", function()
    server:answers { { status = 404 }, { status = 404, body = '{"message":"unknown client"}' } }
    local _, err = partner:customer("tenant-1"):me()
    assert.equal("not_found", err.kind)
  end)

  it("is malformed when the answer lacks what it needs", function()
    for body, field in pairs {
      ['{"expiresIn":1800}'] = "accessToken",
      ['{"accessToken":"","expiresIn":1800}'] = "accessToken",
      ['{"accessToken":"one","expiresIn":0}'] = "expiresIn",
      ['{"accessToken":"one","expiresIn":"soon"}'] = "expiresIn",
      ['{"accessToken":"one","expiresIn":null}'] = "expiresIn",
      ['[]'] = "accessToken",
    } do
      server:answers { { status = 200, body = body } }
      local _, err = partner:customer("tenant-1"):me()
      assert.equal("malformed", err.kind)
      assert.is_truthy(err.fields[field], body)
      assert.equal(1, #server:requests())
    end
  end)

  describe("with a store", function()
    local shared, another

    before_each(function()
      shared = assert(debitura.store.open("memory:"))
      local function worker()
        return debitura.partner { api_key = "sample-key", base_url = server.url, attempts = 1,
          store = shared,
          clock = function() return now end }
      end
      partner, another = worker(), worker()
    end)

    it("is minted by one worker and used by all", function()
      server:answers { token("one"), me }
      assert.is_truthy(partner:customer("tenant-1"):me())
      assert.is_truthy(another:customer("tenant-1"):me())
      assert.same({ "POST /oauth/token ", "GET /customer/me Bearer one",
        "GET /customer/me Bearer one" }, targets())
    end)

    it("that was refused is minted again by one worker, and the others take that one", function()
      server:answers { token("one"), me, me, refused, token("two"), me, refused, me }
      partner:customer("tenant-1"):me()
      another:customer("tenant-1"):me()
      assert.is_truthy(partner:customer("tenant-1"):me())
      assert.is_truthy(another:customer("tenant-1"):me())
      assert.same({ "POST /oauth/token ", "GET /customer/me Bearer one",
        "GET /customer/me Bearer one",
        "GET /customer/me Bearer one", "POST /oauth/token ", "GET /customer/me Bearer two",
        "GET /customer/me Bearer one", "GET /customer/me Bearer two" }, targets())
    end)

    it("is waited for while another worker mints it", function()
      server:answers { token("one"), me }
      local name = "token " .. partner.client_tokens:key("tenant-1")
      assert(shared:lease(name, "another worker", 3600, core.system.now()))
      local looks = 0
      local waiting = debitura.partner { api_key = "sample-key", base_url = server.url,
        store = shared, waiter = {
        name = "sample", wait = debitura.waiter.block.wait,
        sleep = function()
          looks = looks + 1
          if looks == 3 then assert(shared:lease_release(name, "another worker")) end
        end,
      } }
      assert.is_truthy(waiting:customer("tenant-1"):me())
      assert.equal(3, looks)
      assert.equal(2, #server:requests())
    end)

    it("is not waited for beyond a quarter of the budget", function()
      server:answers { token("one"), me }
      assert(shared:lease("token " .. partner.client_tokens:key("tenant-1"), "gone", 3600,
        core.system.now()))
      local waiting = debitura.partner {
        api_key = "sample-key", base_url = server.url, store = shared, budget = 40,
        clock = function() return now end,
        waiter = {
          name = "sample", wait = debitura.waiter.block.wait,
          sleep = function(seconds) now = now + seconds end,
        },
      }
      assert.is_truthy(waiting:customer("tenant-1"):me())
      assert.is_true(now >= 1010 and now < 1011)
    end)

    it("is that of one API key", function()
      server:answers { token("one"), me, token("two"), me, me }
      local stranger = debitura.partner { api_key = "another-key", base_url = server.url,
        store = shared }
      assert.is_truthy(partner:customer("tenant-1"):me())
      assert.is_truthy(stranger:customer("tenant-1"):me())
      assert.is_truthy(another:customer("tenant-1"):me())
      assert.same({ "POST /oauth/token ", "GET /customer/me Bearer one", "POST /oauth/token ",
        "GET /customer/me Bearer two", "GET /customer/me Bearer one" }, targets())
      assert.is_nil(partner.client_tokens:key("tenant-1"):find("sample-key", 1, true))
    end)

    it("keeps no other worker waiting when the one that mints it raises an error", function()
      server:answers { token("one"), me }
      local raising = debitura.partner {
        api_key = "sample-key", base_url = server.url, store = shared,
        on_request = function() error("a mistake in a hook") end,
      }
      assert.has_error(function() raising:customer("tenant-1"):me() end)
      local other = debitura.partner { api_key = "sample-key", base_url = server.url,
        store = shared, waiter = {
        name = "sample", wait = debitura.waiter.block.wait,
        sleep = function() error("it waits") end,
      } }
      assert.is_truthy(other:customer("tenant-1"):me())
    end)

    it("is minted all the same when the store is out of order", function()
      server:answers { token("one"), me }
      local function broken() return nil, { kind = "store" } end
      local out_of_order = { token = broken, token_put = broken, lease = broken,
        lease_release = broken }
      assert.is_truthy(debitura.partner({ api_key = "sample-key", base_url = server.url,
        store = out_of_order }):customer("tenant-1"):me())
    end)
  end)

  it("is minted once when many calls need it at the same time", function()
    server:answers { { status = 200, delay = 0.05, body = token("one").body }, me }
    local jobs = {}
    for index = 1, 20 do jobs[index] = function() return partner:customer("tenant-1"):me() end end
    local results = debitura.parallel({ limit = 20 }, jobs)
    assert.equal(20, #results)
    local minted = 0
    for _, target in ipairs(targets()) do
      if target == "POST /oauth/token " then
        minted = minted + 1
      else
        assert.equal("GET /customer/me Bearer one", target)
      end
    end
    assert.equal(1, minted)
  end)

  it("is minted by another call when the one that mints it raises an error", function()
    server:answers { { status = 200, delay = 0.05, body = token("one").body }, token("two"), me }
    local raised = false
    local careless = debitura.partner { api_key = "sample-key", base_url = server.url,
      on_response = function()
      if raised then return end
      raised = true
      error("a mistake in a hook", 0)
    end }
    local customer = careless:customer("tenant-1")
    local results, jobs = {}, {}
    for index = 1, 4 do
      jobs[index] = function() results[index] = { pcall(customer.me, customer) } end
    end
    if _VERSION == "Lua 5.1" and not rawget(_G,
      "jit") then jobs[1] = function() customer:me() end end
    pcall(debitura.parallel, { limit = 4 }, jobs)
    local answered = 0
    for index = 2, 4 do
      if results[index] and results[index][2] then answered = answered + 1 end
    end
    assert.equal(3, answered)
  end)

  it("is minted by another call when the one that mints it is never resumed", function()
    server:answers { token("one"), token("two"), me }
    local drop = true
    local dropped = debitura.partner {
      api_key = "sample-key", base_url = server.url, budget = 40, clock = function() return now end,
      waiter = {
        name = "sample",
        wait = function(engine, transfer)
          if drop then coroutine.yield() end
          return debitura.waiter.block.wait(engine, transfer)
        end,
        sleep = function(seconds) now = now + seconds end,
      },
    }
    local abandoned = coroutine.create(function() dropped:customer("tenant-1"):me() end)
    assert(coroutine.resume(abandoned))
    assert.equal("suspended", coroutine.status(abandoned))
    drop = false
    assert.is_truthy(dropped:customer("tenant-1"):me())
    assert.is_true(now >= 1010 and now < 1011)
  end)

  it("never shows itself", function()
    server:answers { token("secret-token"), me }
    partner:customer("tenant-1"):me()
    assert.equal("[redacted]", tostring(partner.client_tokens:get("tenant-1").bearer))
  end)
end)

describe("debitura.client.customer", function()
  it("serves a creditor that acts for itself with a key", function()
    local server = upstream.start()
    finally(function() server:stop() end)
    server:answers { { status = 401 } }
    local creditor = debitura.customer { api_key = "creditor-key", base_url = server.url }
    local _, err = creditor:me()
    assert.equal("unauthorized", err.kind)
    assert.equal(1, #server:requests())
    assert.equal("creditor-key", server:requests()[1].headers.xapikey)
    assert.equal("debitura.customer (https://testcustomer-api.debitura.com)",
      tostring(debitura.customer { api_key = "creditor-key", environment = "test" }))
  end)

  it("wants to know for which client it is made", function()
    local partner = debitura.partner { api_key = "sample-key", environment = "test" }
    assert.has_error(function() partner:customer() end,
      "partner:customer: the client's externalTenantId expected")
    assert.has_error(function() partner:customer("") end,
      "partner:customer: the client's externalTenantId expected")
  end)
end)
