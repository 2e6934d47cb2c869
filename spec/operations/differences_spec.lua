-- What differs between an answer and the documents, and that no value of the answer gets out.

local core = require "debitura.core"
local differences = require "debitura.operations.differences"
local operations = require "debitura.operations"

local CREATE = operations.get("partner", "clients.create")
local GET = operations.get("partner", "clients.get")
local SUBMIT = operations.get("customer", "cases.create")

local JSON = { ["content-type"] = "application/json; charset=utf-8" }

--- The differences as texts, "severity kind path: message".
local function told(row, status, body, headers)
  if type(body) == "table" then body = assert(core.json.decode(assert(core.json.encode(body)))) end
  local lines = {}
  for i, one in ipairs(differences.of(row, { status = status, body = body,
    headers = headers or JSON })) do
    lines[i] = ("%s %s %s: %s"):format(one.severity, one.kind, one.path, one.message)
  end
  return lines
end

local function client(changes)
  local body = {
    externalTenantId = "tenant-1", onboardingDone = false, isAttributedClient = true,
    onboardingLinks = { url = "https://referral.example/companydetails/1" }, kycStatus = "pending",
    users = { { id = 1, email = "ann@sample.example", firstName = "Ann", lastName = core.null } },
    caseStats = { casesTotal = 0, casesClosed = 0, earningsUsd = 0.5 },
    dateLinked = "2026-01-02T03:04:05.1234567+01:00",
  }
  for name, value in pairs(changes or {}) do body[name] = value end
  return body
end

local NEEDS_LINKING = {
  type = "ClientExistsNeedsLinking", message = "m",
  data = { externalTenantId = "t", onboardingLinks = { url = "https://app.example/link/1" } },
}

local function business(...)
  return { businessErrors = core.json.array { ... } }
end

describe("An answer as it is documented", function()
  it("has no difference", function()
    for _, case in ipairs {
      { CREATE, 202, client() },
      { CREATE, 202, client { onboardingLinks = { url = "u" }, kycVerification = core.null } },
      { CREATE, 201, client { onboardingDone = true, onboardingLinks = core.null } },
      { CREATE, 409, NEEDS_LINKING },
      { CREATE, 409, { type = "InvalidClientType", message = "m" } },
      { CREATE, 400, { ["client.name"] = { "required" } } },
      { CREATE, 400, { error = "x", message = "m", businessErrors = { { type = "Anything" } } } },
      { CREATE, 400, { type = "t", title = "One", status = 400, errors = { a = { "b" } } } },
      { CREATE, 401, nil }, { CREATE, 503, "<html>", { ["content-type"] = "text/html" } },
      { CREATE, 429, { error = "rate_limit_exceeded", message = "m", retryAfter = 3 } },
      { CREATE, 429, nil, { ["Retry-After"] = "7" } },
      { SUBMIT, 422, business { type = "NoPartnerAvailable", message = "m" } },
      { operations.get("partner", "clients.withdraw"), 204, nil },
      { operations.get("partner", "webhooks.list"), 200, core.json.array {} },
      { operations.unlisted("partner", "GET", "/new"), 299, { anything = 1 } },
    } do
      assert.same({}, told(case[1], case[2], case[3], case[4]))
    end
  end)
end)

describe("A difference", function()
  it("is a status that the operation does not have", function()
    assert.same({ "fails status : 418 is not in the documents" }, told(CREATE, 418, nil))
    assert.same({ "fails status : 200 is not in the documents" }, told(CREATE, 200, client()))
    assert.same({ "fails status : 403 is not in the documents" }, told(GET, 403, nil))
  end)

  it("is a body where there should be none, or none where there should be one", function()
    assert.same({ "fails body : no body, documented as ClientCreatedResponse" },
      told(GET, 200, nil))
    assert.same({ "fails body : no JSON object or array" }, told(GET, 200, "<html>"))
    assert.same({ "noted body : no body, documented as ApiErrorResponseDto" }, told(GET, 404, nil))
    assert.same({ "noted body : a body, documented as none" },
      told(operations.get("partner", "clients.withdraw"), 204, { a = 1 }))
  end)

  it("is a field that the documents do not have, at any depth and once", function()
    assert.same({
      "noted unknown newField: is not in the documents",
      "noted unknown users[].nick: is not in the documents",
    }, told(GET, 200, client { newField = 1, users = { { nick = "a" }, { nick = "b" } } }))
  end)

  it("is another spelling of a field, which is read as that field", function()
    assert.same({ "noted spelling onboardingDone: written 'OnboardingDone'" },
      told(GET, 200, { externalTenantId = "t", OnboardingDone = true }))
    assert.same({
      "noted spelling data: written 'Data'", "noted spelling type: written 'Type'",
    }, told(CREATE, 409, { Type = "ClientExistsNeedsLinking",
      Data = { OnboardingLinks = { Url = "https://app.example/link/1" } } }))
  end)

  it("is another type", function()
    assert.same({
      "fails type caseStats.casesTotal: a text, documented as a number",
      "fails type onboardingLinks: an array, documented as an object",
      "fails lost onboardingLinks.url: is not there, and this library decides by it",
      "fails type users: an object, documented as an array",
    }, told(GET, 200, client { users = { a = 1 }, onboardingLinks = core.json.array { 1 },
      caseStats = { casesTotal = "7" } }))
    for _, body in ipairs { core.json.array { 1 }, core.json.array {} } do
      assert.same({ "fails type : an array, documented as an object" },
        told(operations.get("partner", "me"), 200, body))
    end
  end)

  it("is a number or a text of another form", function()
    assert.same({
      "noted format caseStats.casesTotal: must be a whole number of 32 bits",
      "noted format dateLinked: must be a date and time such as 2026-01-31T12:00:00Z, or a date",
    }, told(GET, 200, client { dateLinked = "yesterday", caseStats = { casesTotal = 1.5 } }))
  end)

  it("is a word that its list does not have", function()
    assert.same({ "fails value kycStatus: 'Rejected' is not in the list" },
      told(GET, 200, client { kycStatus = "Rejected" }))
    assert.same({ "fails value type: 'ClientAsleep' is not in the list" },
      told(CREATE, 409, { type = "ClientAsleep", message = "m" }))
    assert.same({ "fails value businessErrors[].type: 'MissingTea' is not in the list" },
      told(SUBMIT, 422, business { type = "MissingTea" }))
    assert.same({ "noted value lifecycle: 'Dormant' is not in the list" },
      told(SUBMIT, 200, { id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301", lifecycle = "Dormant" }))
  end)

  it("is what this library decides by, when it is not there", function()
    for _, case in ipairs {
      { GET, 200, { externalTenantId = "t" }, "onboardingDone" },
      { GET, 200, client { onboardingDone = core.null }, "onboardingDone" },
      { CREATE, 202, client { onboardingLinks = core.null }, "onboardingLinks.url" },
      { CREATE, 409, { type = "ClientExistsNeedsLinking" }, "data.onboardingLinks.url" },
      { CREATE, 409, { message = "m" }, "type" },
      { SUBMIT, 422, business { type = "MissingPowerOfAttorney" }, "businessErrors[].solutionUrl" },
      { SUBMIT, 422, business { message = "m" }, "businessErrors[].type" },
      { SUBMIT, 429, { error = "e" }, "retryAfter" },
      { operations.get("partner", "tokens.create"), 200, { expiresIn = 1800 }, "accessToken" },
      { operations.get("partner", "webhooks.create"), 200, { url = "https://a.example",
        events = core.json.array {}, isActive = true, secret = "c2VjcmV0" }, "id" },
    } do
      local line = ("fails lost %s: is not there, and this library decides by it"):format(case[4])
      assert.same({ line }, told(case[1], case[2], case[3]))
    end
  end)

  it("is a required field that is missing, and a Content-Type that says no JSON", function()
    assert.same({
      "noted missing page: is not there, documented as required",
    }, told(operations.get("customer", "cases.list"), 200, { cases = core.json.array {} }))
    assert.same({ "noted header Content-Type: does not say JSON, which the body is" },
      told(GET, 200, client(), { ["Content-Type"] = "text/html" }))
  end)

  it("never holds a value of the answer, or a name that may be one", function()
    assert.same({ "noted value currentEngagementPhase: a text that is not in the list" },
      told(SUBMIT, 200, { id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301", lifecycle = "Active",
        currentEngagementPhase = "Ann Example" }))
    local lines = table.concat(told(GET, 200, client {
      ["ann@sample.example"] = "Ann Example", dateLinked = "Ann Example",
      kycStatus = "ann@sample.example", users = { { firstName = { "Ann Example" } } },
    }), "\n")
    assert.truthy(lines:find("noted unknown (a name)", 1, true))
    assert.truthy(lines:find("fails value kycStatus: a text that is not in the list", 1, true))
    assert.is_nil(lines:lower():find("ann", 1, true))
  end)
end)

describe("What an answer is built of", function()
  it("is told path by path, without its values", function()
    local seen = {}
    differences.of(GET, { status = 200, body = client { newField = { inner = { 1 } } } },
      function(path, kind) seen[path] = (seen[path] and seen[path] .. " " or "") .. kind end)
    assert.same({ "object", "string", "absent", "object array number", "null" }, {
      seen["onboardingLinks"], seen["onboardingLinks.url"], seen["caseResults"],
      ("%s %s %s"):format(seen["newField"], seen["newField.inner"], seen["newField.inner[]"]),
      seen["users[].lastName"],
    })
  end)
end)
