local core = require("debitura.core")

local read = core.envelope.read
local NONE = {}

local function business(errors, handoff)
  return core.json.encode({ businessErrors = core.json.array(errors), signingHandoff = handoff
    or core.null })
end

describe("envelope.read", function()
  it("gives the approval URL of a link request, whatever form it comes in", function()
    local url = "https://app.example.test/link/1"
    for _, body in ipairs({
      { type = "ClientExistsNeedsLinking", message = "m",
        data = { externalTenantId = "t-1", onboardingLinks = { url = url } } },
      { conflictResponse = { type = "ClientExistsNeedsLinking",
        data = { onboardingLinks = { url = url } } } },
      { Type = "ClientExistsNeedsLinking", Data = { OnboardingLinks = { Url = url } } },
      { type = "ClientExistsNeedsLinking", approvalUrl = url },
      { approvalUrl = url },
    }) do
      local failure = read(409, NONE, core.json.encode(body))
      assert.are.same({ "conflict", "ClientExistsNeedsLinking", url, "approval", false },
        { failure.kind, failure.type, failure.approval_url, failure.variant, failure.retryable })
    end
  end)

  it("recognises the Choice page by the field that carries it or by its address", function()
    local url = "https://app.example.test/choice/1"
    for _, body in ipairs({
      { onboardingUrl = url },
      { Type = "ClientExistsNeedsLinking",
        Data = { OnboardingUrl = url, OnboardingLinks = { Url = url } } },
      { type = "ClientExistsNeedsLinking", data = { onboardingLinks = { url = url } } },
    }) do
      local failure = read(409, NONE, core.json.encode(body))
      assert.are.same({ "ClientExistsNeedsLinking", url, "choice" },
        { failure.type, failure.approval_url, failure.variant })
    end
  end)

  it("spells the other conflicts one way", function()
    for given, expected in pairs({
      ClientAlreadyLinkedToAnotherPartner = "ClientAlreadyLinkedToAnotherPartner",
      AlreadyLinkedToAnotherPartner = "ClientAlreadyLinkedToAnotherPartner",
      InvalidClientType = "InvalidClientType",
      SomethingUnheardOf = "SomethingUnheardOf",
    }) do
      local failure = read(409, NONE, ('{"type":"%s","message":"m"}'):format(given))
      assert.are.same({ "conflict", expected }, { failure.kind, failure.type })
      assert.is_nil(failure.approval_url)
    end
  end)

  it("lists business errors and prefers the combined signing page", function()
    local errors = {
      { type = "MissingPowerOfAttorney", message = "Sign the PoA.",
        solutionUrl = "https://referral.example.test/poa" },
      { type = "MissingKycVerification" },
    }
    local failure = read(422, NONE,
      business(errors, { combinedSigningUrl = "https://referral.example.test/all" }))
    assert.are.same({ "business", "MissingPowerOfAttorney", "https://referral.example.test/all" },
      { failure.kind, failure.type, failure.signing_url })
    assert.are.same({
      { type = "MissingPowerOfAttorney", message = "Sign the PoA.",
        solution_url = "https://referral.example.test/poa" },
      { type = "MissingKycVerification" },
    }, failure.business_errors)
    assert.are.equal("https://referral.example.test/poa",
      read(422, NONE, business(errors)).signing_url)
  end)

  it("has no signing page for errors that signing does not solve", function()
    for _, type in ipairs({ "CreditorBlocked", "NoPartnerAvailable", "IdempotencyConflict",
      "UnsupportedCountry", "UnsupportedCurrency", "DuplicateReference" }) do
      local failure = read(422, NONE,
        business({ { type = type, solutionUrl = "https://referral.example.test/x" } }))
      assert.are.equal(type, failure.type)
      assert.is_nil(failure.signing_url)
    end
  end)

  it("knows what is newer than the documents, and both spellings of a duplicate reference",
    function()
    for written, known in pairs {
      DuplicateReference = "DuplicateReference", DuplicateCreditorReference = "DuplicateReference",
      UnsupportedCountry = "UnsupportedCountry", UnsupportedCurrency = "UnsupportedCurrency",
    } do
      local failure = read(422, NONE, business({ { type = written } }))
      assert.are.same({ "business", known, false },
        { failure.kind, failure.type, failure.retryable })
    end
    assert.is_truthy(read(422, NONE,
      business({ { type = "DuplicateCreditorReference" } })).message:find(
      "the creditor has a case with this creditorReference", 1, true))
    local failure = read(400, NONE, '{"error":"InvalidUserEmail","message":"unknown"}')
    assert.are.same({ "validation", "InvalidUserEmail", "unknown" },
      { failure.kind, failure.type, failure.detail })
    assert.is_truthy(failure.message:find("the client has no user with this mail address", 1, true))
  end)

  it("reads field problems from a bare map and from problem details", function()
    local expected = { ["debtor.name"] = { "is required" },
      currencyCode = { "is too long", "is unknown" } }
    local map = '{"debtor.name":["is required"],"currencyCode":["is too long","is unknown"]}'
    for _, body in ipairs({ map,
      '{"type":"about:blank","title":"Bad Request","status":400,"errors":' .. map .. "}" }) do
      local failure = read(400, NONE, body)
      assert.are.same({ "validation", expected }, { failure.kind, failure.fields })
      assert.is_nil(failure.type)
    end
  end)

  it("reads the legacy pair beside the canonical list", function()
    local failure = read(400, NONE,
      '{"error":"BadRequest","message":"DueDate is in the future","businessErrors":null}')
    assert.are.same({ "validation", "BadRequest", "DueDate is in the future" },
      { failure.kind, failure.type, failure.detail })
    assert.is_nil(failure.business_errors)
    assert.is_nil(failure.fields)
  end)

  it("says how long to wait: from the body, else from the header, a day at most", function()
    local body = '{"error":"rate_limit_exceeded","message":"Slow down","retryAfter":17}'
    assert.are.equal(17, read(429, { ["retry-after"] = "60" }, body).retry_after)
    assert.are.equal(60, read(429, { ["retry-after"] = "60" }, "").retry_after)
    assert.are.equal(17, read(429, NONE, '{"retryAfter":"17"}').retry_after)
    assert.are.equal(2.5, read(429, NONE, '{"retryAfter":"2.5"}').retry_after)
    assert.are.equal(1.25,
      read(429, { ["retry-after"] = "1.25" }, '{"retryAfter":"soon"}').retry_after)
    for _, text in ipairs { "-1", "1e3", "1.2.3", ".5", "5s", " 5" } do
      assert.is_nil(read(429, { ["retry-after"] = text }, "").retry_after)
    end
    assert.are.equal(120, read(503, {
      date = "Wed, 03 Jul 2024 09:46:40 GMT", ["retry-after"] = "Wed, 03 Jul 2024 09:48:40 GMT",
    }, "").retry_after)
    assert.are.equal(86400, read(429, { ["retry-after"] = "31536000" }, "").retry_after)
    assert.is_nil(read(429, { ["retry-after"] = { "1", "2" } }, "").retry_after)
    assert.is_nil(read(429, NONE, "").retry_after)
  end)

  it("tells what may be retried", function()
    local retryable = {}
    for _, status in ipairs({ 301, 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503,
      504 }) do
      if read(status, NONE, "").retryable then retryable[#retryable + 1] = status end
    end
    assert.are.same({ 408, 429, 500, 502, 503, 504 }, retryable)
  end)

  it("never loses the status, whatever the body is", function()
    local kinds = {
      [200] = "malformed", [302] = "malformed", [401] = "unauthorized", [403] = "forbidden",
      [404] = "not_found",
      [413] = "too_large", [415] = "unsupported_media", [500] = "server", [502] = "server",
    }
    for status, kind in pairs(kinds) do
      for _, body in ipairs({ "", "<html><title>Bad Gateway</title></html>", '{"type":', "\255\0",
        ("["):rep(100000), "null", '"text"' }) do
        local failure = read(status, NONE, body)
        assert.are.equal(kind, failure.kind)
        assert.is_string(failure.message)
      end
    end
  end)

  it("keeps unknown fields in data, and has none when the body is not JSON", function()
    local failure = read(409, NONE,
      '{"type":"InvalidClientType","data":{"externalTenantId":"t-1","new":[]},"traceId":7}')
    assert.are.same({ type = "InvalidClientType", data = { externalTenantId = "t-1", new = {} },
      traceId = 7 }, failure.data)
    assert.is_nil(read(502, NONE, "<html>").data)
  end)

  it("has a message that holds neither URLs nor words of the body", function()
    local bodies = {
      [400] = '{"message":"bob@example.test",'
        .. '"errors":{"bob@example.test":["https://bob.example.test"]}}',
      [409] = '{"type":"ClientExistsNeedsLinking","message":"bob@example.test",'
        .. '"approvalUrl":"https://bob.example.test/1"}',
      [422] = business({ { type = "bob", message = "bob",
        solutionUrl = "https://bob.example.test" } }),
      [502] = "<html><title>bob</title>",
    }
    for status, body in pairs(bodies) do
      local message = read(status, NONE, body).message
      assert.is_nil(message:find("bob", 1, true))
      assert.is_nil(message:find("://", 1, true))
      assert.is_nil(message:find("\n", 1, true))
    end
  end)

  it("hands on no URL that is not a plain web address", function()
    for _, url in ipairs({ "javascript:alert(1)", "/link/1", "https://a\r\nBcc: b@example.test",
      'https://a"onload=' }) do
      assert.is_nil(read(409, NONE, core.json.encode({ approvalUrl = url })).approval_url)
    end
  end)

  it("bounds the number of errors and fields", function()
    local errors, fields = {}, {}
    for i = 1, 500 do errors[i], fields["f" .. i] = { type = "T" .. i }, { "m" } end
    assert.are.equal(32, #read(422, NONE, business(errors)).business_errors)
    local count = 0
    for _ in pairs(read(400, NONE, core.json.encode(fields)).fields) do count = count + 1 end
    assert.are.equal(64, count)
  end)

  it("raises for a programmer's mistake", function()
    assert.has_error(function() read("ok", NONE, "") end)
    assert.has_error(function() read(200, nil, "") end)
    assert.has_error(function() read(200, NONE, nil) end)
  end)
end)
