-- What should not be sent: each is answered with 4xx and a reason where one is documented, and the
-- sandbox goes on. spec/support/bare_sandbox.lua raises an error where the sandbox itself fails,
-- which it would answer with 418.
local core = require "debitura.core"
local operations = require "debitura.operations"
local bare_sandbox = require "spec.support.bare_sandbox"

local samples = bare_sandbox.samples
local JSON = { ["content-type"] = "application/json" }
local UNKNOWN = "00000000-0000-4000-8000-000000000000"
local TEXTS = { "", "{", "[]", "null", "42", '"text"', "{}", '{"a":', '{"a":1}{', "\255\254", "\0",
  ("["):rep(10000),
  [[{"externalTenantId":"\u0000"}]] }
local VALUES = { core.null, true, -1, 1e308, "", "\1\127", ("x"):rep(5000), core.json.array {}, {},
  core.json.array { {} }, { a = {} } }

describe("Bad input to the sandbox", function()
  local sandbox, token

  before_each(function()
    sandbox = bare_sandbox.new()
    sandbox:partner("POST", "/clients",
      samples.client { users = { { name = "Nora New", email = "nora@onboarded.example" } } })
    token = sandbox:partner("POST", "/oauth/token",
      { externalTenantId = "tenant-1" }).body.accessToken
  end)

  after_each(function()
    assert.equal(200, sandbox:partner("GET", "/me").status)
  end)

  --- Calls an operation with its credential.
  local function call(api, method, path, body, headers)
    local all = api == "partner" and { xapikey = "sandbox-key" }
      or { authorization = "Bearer " .. token }
    for name, value in pairs(headers or {}) do all[name] = value end
    return sandbox:send(method, (api == "customer" and "/customer" or "") .. path, body, all)
  end

  --- Every operation that takes a body, with a path that fits the client.
  local function each_with_body(visit)
    for _, api in ipairs { "partner", "customer" } do
      for _, row in operations.each(api) do
        if row.body then
          visit(api, row, (row.path:gsub("{externalTenantId}", "tenant-1"):gsub("{.-}", UNKNOWN)))
        end
      end
    end
  end

  local function assert_refused(answer, what)
    assert.is_true(answer.status >= 400 and answer.status < 500 and answer.status ~= 418,
      what .. " " .. answer.status)
  end

  it("as a body: malformed JSON is refused by every operation that takes one", function()
    each_with_body(function(api, row, path)
      for _, text in ipairs { "{", '{"a":', "\255\254", "\0", ("["):rep(10000) } do
        assert_refused(call(api, row.method, path, text, JSON), row.name)
      end
    end)
  end)

  it("as a body: whatever else stands there is answered", function()
    each_with_body(function(api, row, path)
      for _, text in ipairs(TEXTS) do
        assert.is_true(call(api, row.method, path, text, JSON).status < 500,
          row.name .. " " .. text:sub(1, 20))
      end
    end)
  end)

  it("as a field: a value of another kind in each field of each body is answered", function()
    each_with_body(function(api, row, path)
      for _, field in ipairs(operations.shapes(api)[row.body].fields or {}) do
        for _, value in ipairs(VALUES) do
          local body = samples.client { [field.name] = value }
          assert.is_true(call(api, row.method, path, assert(core.json.encode(body)),
            JSON).status < 500, row.name .. " " .. field.name)
        end
      end
    end)
  end)

  it("as a case: a value of another kind in each field is answered", function()
    for _, field in ipairs(
      operations.shapes("customer").CreateCollectionCaseRequestApiViewModel.fields) do
      for _, value in ipairs(VALUES) do
        local case = samples.case { [field.name] = value }
        call("customer", "POST", "/cases", assert(core.json.encode(case)), JSON)
        call("customer", "POST", "/cases/preview", assert(core.json.encode(case)), JSON)
        local payload = samples.existing { externalTenantId = "tenant-" .. field.name,
          cases = core.json.array { case } }
        call("partner", "POST", "/clients", assert(core.json.encode(payload)), JSON)
        sandbox:control("POST", "requests", { externalTenantId = payload.externalTenantId,
          action = "approve" })
      end
    end
    sandbox:advance("2d")
    assert.equal(200, sandbox:send("GET", "/_sandbox").status)
    assert.equal(200, sandbox:customer("tenant-1", "GET", "/cases?PageSize=100").status)
  end)

  it("as a content type: a wrong one is refused", function()
    for _, kind in ipairs { "text/plain", "application/x-www-form-urlencoded", "application/xml",
      "", "json", ";;;" } do
      assert.equal(415,
        call("partner", "POST", "/clients", "{}", { ["content-type"] = kind }).status, kind)
    end
    assert_refused(call("customer", "POST", "/cases/" .. UNKNOWN .. "/files", "x",
      { ["content-type"] = "multipart/form-data" }), "form")
  end)

  it("as a body of 30 MB: refused wherever it is sent", function()
    local huge = ("x"):rep(30 * 1024 * 1024)
    for _, path in ipairs { "/clients", "/customer/cases", "/_sandbox/clock", "/link/none/approve",
      "/nowhere" } do
      assert.equal(413,
        sandbox:send("POST", path, huge,
          { xapikey = "sandbox-key", ["content-type"] = "application/json" }).status, path)
    end
  end)

  it("as a path or a method: unknown ones are refused with problem details", function()
    for _, path in ipairs { "/", "//", "/clientss", "/clients/a/b/c", "/%", "/%zz", "/customer",
      "/customer/", "/customer/nothing",
      "/_sandbox/nothing", "/link", "/link/none", "/choice/", "/onboarding", "/onboarding/sign",
      "/onboarding/companydetails/none",
      "*", "" } do
      for _, method in ipairs { "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW" } do
        assert_refused(sandbox:send(method, path, "", { xapikey = "sandbox-key" }),
          method .. " " .. path)
      end
    end
    local answer = call("partner", "PATCH", "/clients")
    assert.same({ 405, 405, "Method Not Allowed" },
      { answer.status, answer.body.status, answer.body.title })
  end)

  it("as a key: a missing or a wrong one is refused, before anything else is looked at", function()
    for _, key in ipairs { false, "", "wrong", "sandbox-key ", "SANDBOX-KEY", ("x"):rep(100000) } do
      local answer = sandbox:send("POST", "/clients", "{", { xapikey = key or nil })
      assert.equal(401, answer.status)
    end
  end)

  it("as a token: garbage, an expired one, and those of a deleted client are refused", function()
    for _, garbage in ipairs { "", "x", "a.b.c", "..", ("."):rep(100), ("a"):rep(100000),
      token .. token, token:reverse(),
      "\255.\255.\255" } do
      assert.equal(401,
        sandbox:send("GET", "/customer/me", "", { authorization = "Bearer " .. garbage }).status)
    end
    assert.equal(401, sandbox:send("GET", "/customer/me", "", { authorization = token }).status)
    sandbox:advance("30m")
    assert.equal(401, call("customer", "GET", "/me").status)
  end)

  it("as a token of another client: it opens nothing that is not the other's", function()
    local case = call("customer", "POST", "/cases",
      assert(core.json.encode(samples.case { allowPendingContracts = true })), JSON)
    assert.equal(200, case.status)
    sandbox:partner("POST", "/clients", samples.client { externalTenantId = "tenant-2",
      client = { name = "Other Ltd", country = "Sweden", supportEmail = "office@other.example" },
      users = { { name = "Otto Other", email = "otto@onboarded.example" } } })
    token = sandbox:partner("POST", "/oauth/token",
      { externalTenantId = "tenant-2" }).body.accessToken
    for _, row in operations.each("customer") do
      if row.path:find("^/cases/{id}") then
        local path = row.path:gsub("{id}", case.body.id):gsub("{.-}", UNKNOWN)
        local answer = call("customer", row.method, path, row.body and '{"message":"x"}', JSON)
        assert_refused(answer, row.name)
      end
    end
  end)

  it("as an id: one that does not exist, or is none, is refused", function()
    for _, api in ipairs { "partner", "customer" } do
      for _, row in operations.each(api) do
        if row.method == "GET" and row.path:find("{", 1, true) then
          for _, id in ipairs { UNKNOWN, "none", "0", "%00", "%F0", ("9"):rep(2000), "..%2F.." } do
            assert_refused(call(api, "GET", (row.path:gsub("{.-}", (id:gsub("%%", "%%%%"))))),
              row.name .. " " .. id:sub(1, 20))
          end
        end
      end
    end
  end)

  it("as an approval: a token used twice is refused, garbage is not found", function()
    local url = sandbox:partner("POST", "/clients",
      samples.existing { externalTenantId = "tenant-2" }).body.data.onboardingLinks.url
    assert.equal(303, sandbox:send("POST", url .. "/approve").status)
    assert.equal(409, sandbox:send("POST", url .. "/approve").status)
    for _, garbage in ipairs { "none", "%00", "%FF", ("x"):rep(8000), "..%2f..", "'",
      url:match("[^/]+$"):upper() } do
      assert.equal(404, sandbox:send("POST", "/link/" .. garbage .. "/approve").status)
      assert.equal(404, sandbox:send("POST", "/choice/" .. garbage .. "/approve").status)
      assert.equal(404, sandbox:send("GET", "/onboarding/companydetails/" .. garbage).status)
    end
  end)

  it("as a webhook's URL: http to a public host is refused, by the field's name", function()
    local answer = sandbox:partner("POST", "/v1/Webhooks",
      { url = "http://platform.example/hook", events = { "client.linked" } })
    assert.equal(400, answer.status)
    assert.truthy(core.json.encode(answer.body):find("https", 1, true))
  end)

  it("as a clock moved backwards: refused, and time stands", function()
    local before = sandbox:control("GET", "clock").body.now
    for _, wrong in ipairs { "-1h", -3600, "-0.5s", "" } do
      assert.equal(400, sandbox:control("POST", "clock", { advance = wrong }).status)
    end
    assert.equal(before, sandbox:control("GET", "clock").body.now)
  end)

  it("as an order to the sandbox: values of another kind are refused or taken, never fatal",
    function()
    for _, control in ipairs { "clock", "settings", "faults", "differences", "accounts", "requests",
      "clients", "cases", "payments", "deliveries",
      "contracts" } do
      for _, field in ipairs { "advance", "rate", "freeze", "name", "users", "externalTenantId",
        "id", "action", "webhooks", "ttl_days",
        "rate_limits", "verification", "operation", "body", "times", "status", "delay", "cut" } do
        for _, value in ipairs(VALUES) do
          assert.is_true(sandbox:control("POST", control, { [field] = value }).status ~= 418,
            control .. " " .. field)
        end
      end
      for _, text in ipairs(TEXTS) do
        assert.is_true(sandbox:send("POST", "/_sandbox/" .. control, text, JSON).status ~= 418,
          control)
      end
      sandbox:control("DELETE", "faults")
    end
  end)
end)
