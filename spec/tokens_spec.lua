local debitura = require("debitura")
local upstream = require("spec.support.upstream")

describe("a client's token", function()
  local server, now, partner

  local function token(text, seconds)
    return { status = 200, body = ('{"accessToken":"%s","tokenType":"Bearer","expiresIn":%s}'):format(text, seconds or 1800) }
  end

  local me = { status = 200, body = '{"id":"3b241101-e2bb-4255-8caf-4136c566a962"}' }
  local refused = { status = 401 }

  local function targets()
    local list = {}
    for _, request in ipairs(server:requests()) do
      list[#list + 1] = request.method .. " " .. request.target .. " " .. (request.headers.authorization or "")
    end
    return list
  end

  setup(function() server = upstream.start() end)
  teardown(function() server:stop() end)

  before_each(function()
    now = 1000
    partner = debitura.partner { api_key = "sample-key", base_url = server.url, attempts = 1, clock = function() return now end }
  end)

  it("is minted at the first call and used for the next ones, by every object of the partner", function()
    server:answers { token("one"), me, me }
    assert.is_truthy(partner:customer("tenant-1"):me())
    assert.is_truthy(partner:customer("tenant-1"):me())
    assert.same({ "POST /oauth/token ", "GET /customer/me Bearer one", "GET /customer/me Bearer one" }, targets())
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
    assert.same({ "POST /oauth/token ", "GET /customer/me Bearer one", "GET /customer/me Bearer one",
      "POST /oauth/token ", "GET /customer/me Bearer two" }, targets())
  end)

  it("that is refused is replaced, and the call repeated, once", function()
    server:answers { token("one"), refused, token("two"), me }
    assert.is_truthy(partner:customer("tenant-1"):me())
    assert.same({ "POST /oauth/token ", "GET /customer/me Bearer one", "POST /oauth/token ", "GET /customer/me Bearer two" }, targets())
  end)

  it("that is refused a second time means that the link is invalid", function()
    server:answers { token("one"), refused, token("two"), refused, me }
    local answer, failed = partner:customer("tenant-1"):me()
    assert.is_nil(answer)
    assert.equal("link_invalid", failed.kind)
    assert.equal(401, failed.status)
    assert.equal("me", failed.operation)
    assert.is_false(failed.retryable)
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

  it("cannot be had before the collection agreement is signed; the failure holds the link to sign it", function()
    server:answers {
      { status = 404, body = '{"message":"no active link"}' },
      { status = 200, body = '{"externalTenantId":"tenant-1","onboardingDone":false,"onboardingLinks":{"url":"https://sign.example/1"}}' },
    }
    local answer, failed = partner:customer("tenant-1"):me()
    assert.is_nil(answer)
    assert.equal("onboarding_incomplete", failed.kind)
    assert.equal("https://sign.example/1", failed.signing_url)
    assert.is_nil(tostring(failed):find("sign.example", 1, true))
    assert.equal("GET /clients/tenant-1 ", targets()[2])
  end)

  it("cannot be had for a client that is not known", function()
    server:answers { { status = 404 }, { status = 404, body = '{"message":"unknown client"}' } }
    local _, failed = partner:customer("tenant-1"):me()
    assert.equal("not_found", failed.kind)
  end)

  it("is malformed when the answer lacks what it needs", function()
    for body, field in pairs {
      ['{"expiresIn":1800}'] = "accessToken",
      ['{"accessToken":"","expiresIn":1800}'] = "accessToken",
      ['{"accessToken":"one","expiresIn":0}'] = "expiresIn",
      ['{"accessToken":"one","expiresIn":"1800"}'] = "expiresIn",
      ['[]'] = "accessToken",
      ['"text"'] = "accessToken",
    } do
      server:answers { { status = 200, body = body } }
      local _, failed = partner:customer("tenant-1"):me()
      assert.equal("malformed", failed.kind)
      assert.is_truthy(failed.fields[field], body)
      assert.equal(1, #server:requests())
    end
  end)

  it("never shows itself", function()
    server:answers { token("secret-token"), me }
    partner:customer("tenant-1"):me()
    assert.equal("[redacted]", tostring(partner.client_tokens:get("tenant-1").bearer))
  end)
end)

describe("debitura.customer", function()
  it("serves a creditor that acts for itself with a key", function()
    local server = upstream.start()
    finally(function() server:stop() end)
    server:answers { { status = 401 } }
    local creditor = debitura.customer { api_key = "creditor-key", base_url = server.url }
    local _, failed = creditor:me()
    assert.equal("unauthorized", failed.kind)
    assert.equal(1, #server:requests())
    assert.equal("creditor-key", server:requests()[1].headers.xapikey)
    assert.equal("debitura.customer (https://testcustomer-api.debitura.com)",
      tostring(debitura.customer { api_key = "creditor-key", environment = "test" }))
  end)

  it("wants to know for which client it is made", function()
    local partner = debitura.partner { api_key = "sample-key", environment = "test" }
    assert.has_error(function() partner:customer() end, "partner:customer: the client's externalTenantId expected")
    assert.has_error(function() partner:customer("") end, "partner:customer: the client's externalTenantId expected")
  end)
end)
