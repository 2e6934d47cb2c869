local core = require("debitura.core")
local debitura = require("debitura")
local failure = require("debitura.base.failure")
local upstream = require("spec.support.upstream")

-- Who is named here must not be named by anything that is printed.
local PERSON = "erika@sample.example"
local APPROVAL, SIGNING, POA = "https://pages.example/link/1", "https://pages.example/all/1",
  "https://pages.example/poa/1"

local PAYLOAD = {
  externalTenantId = "tenant-1",
  client = { name = "Sample Trading Ltd", country = "Denmark", supportEmail = PERSON },
  users = { { name = "Erika Sample", email = PERSON } },
}

describe("a failure", function()
  local server

  setup(function() server = upstream.start() end)
  teardown(function() server:stop() end)

  --- What create_client gives when it is answered like this.
  local function failed_by(answer)
    server:answers { answer }
    local partner = debitura.partner { api_key = "sample-key", base_url = server.url, attempts = 1 }
    local client, err = partner:create_client(PAYLOAD)
    assert.is_nil(client)
    assert.is_true(debitura.is_failure(err))
    local line = tostring(err)
    for _, hidden in ipairs { PERSON, "pages.example", "sample-key", "\n",
      "detail of the server" } do
      assert.is_nil(line:find(hidden, 1, true), line)
    end
    return err, line
  end

  it("of a link request says which kind it is, whose turn it is, and where the customer has to "
    .. "go", function()
    local data = { onboardingLinks = { url = APPROVAL }, email = PERSON }
    local body = core.json.encode { type = "ClientExistsNeedsLinking",
      message = "detail of the server", data = data }
    local err, line = failed_by { status = 409, body = body,
      headers = { ["X-Request-Id"] = "req-1" } }
    local message = "the customer has a Debitura account and must approve the link: deliver "
      .. "approval_url, keep the payload, "
      .. "wait for the webhook"
    assert.equal("clients.create: conflict 409 ClientExistsNeedsLinking: " .. message
      .. " [request req-1]", line)
    assert.same({
      kind = "conflict", status = 409, type = "ClientExistsNeedsLinking", approval_url = APPROVAL,
      variant = "approval",
      message = message, detail = "detail of the server", retryable = false, attempts = 1,
      operation = "clients.create",
      request_id = "req-1", body = body, data = { type = "ClientExistsNeedsLinking",
        message = "detail of the server", data = data },
    }, setmetatable(err, nil))
  end)

  it("of a rule of the business lists what is missing and the one page that leads through "
    .. "it", function()
    local err = failed_by { status = 422, body = ([[{
      "businessErrors": [{
        "type":"MissingPowerOfAttorney","message":"detail of the server","solutionUrl":"%s"
      }],
      "signingHandoff": {"combinedSigningUrl":"%s"}
    }]]):format(POA, SIGNING) }
    assert.equal("business", err.kind)
    assert.equal("MissingPowerOfAttorney", err.type)
    assert.equal(SIGNING, err.signing_url)
    assert.same({ { type = "MissingPowerOfAttorney", message = "detail of the server",
      solution_url = POA } }, err.business_errors)
  end)

  it("of a refused payload names each field", function()
    local err, line = failed_by { status = 400,
      body = '{"client.name":["is too long","is odd"],"users[0].email":["is unknown"]}' }
    assert.equal("validation", err.kind)
    assert.same({ ["client.name"] = { "is too long", "is odd" },
      ["users[0].email"] = { "is unknown" } }, err.fields)
    assert.is_truthy(line:find("(client.name: is odd; client.name: is too long; users[0].email: is "
      .. "unknown)", 1, true), line)
  end)

  it("of too many requests says how long to wait", function()
    local err = failed_by { status = 429,
      body = '{"error":"rate_limit_exceeded","message":"detail of the server","retryAfter":7}' }
    assert.same({ "rate_limited", true, 7 }, { err.kind, err.retryable, err.retry_after })
  end)

  it("of a proxy keeps the page that it answered with", function()
    local page = "<html><title>502 Bad Gateway</title>" .. PERSON .. "</html>"
    local err = failed_by { status = 502, body = page }
    assert.same({ "server", 502, true, page },
      { err.kind, err.status, err.retryable, err.body })
    assert.is_nil(err.data)
  end)
end)

describe("failure.new", function()
  it("knows for each kind whether a repetition can help", function()
    local retryable = {}
    for kind in pairs(failure.kinds) do
      if failure.new({ kind = kind, message = "sample" }).retryable then
        retryable[#retryable + 1] = kind
      end
    end
    table.sort(retryable)
    assert.same({ "rate_limited", "server", "store", "timeout", "transport" }, retryable)
    assert.is_false(failure.new({ kind = "transport", message = "sample",
      retryable = false }).retryable)
  end)

  it("shows twenty problems with fields and counts the rest", function()
    local fields = {}
    for index = 1, 23 do fields[("field%02d"):format(index)] = { "required" } end
    local line = tostring(failure.new { kind = "validation", message = "sample", fields = fields })
    assert.is_truthy(line:find("^validation: sample %(field01: required; "))
    assert.is_truthy(line:find("field20: required; and 3 more)", 1, true), line)
  end)

  it("stays one line of bounded length, whatever a server says", function()
    local line = tostring(failure.new {
      kind = "validation", message = "sample", request_id = ("r"):rep(1000),
      fields = { ["a\nERROR forged"] = { ("m"):rep(1000) } },
    })
    assert.is_truthy(line:find("^validation: sample %(a ERROR forged: m+%) %[request r+%]$"), line)
    assert.is_true(#line < 500)
  end)

  it("says after how many attempts it gave up", function()
    assert.equal("clients.get: timeout: sample [after 3 attempts]",
      tostring(failure.new { kind = "timeout", message = "sample", operation = "clients.get",
        attempts = 3 }))
  end)

  it("takes a kind that does not exist, or no message, for the programmer's mistake", function()
    assert.has_error(function() failure.new { kind = "bad", message = "sample" } end,
      "unknown kind of failure: bad")
    assert.has_error(function() failure.new { kind = "server" } end, "a failure needs a message")
  end)

  it("makes what no other table is taken for", function()
    assert.is_true(failure.is(failure.new { kind = "server", message = "sample" }))
    for _, value in ipairs { {}, { kind = "server", message = "sample" }, "server", 1, true } do
      assert.is_false(failure.is(value))
    end
    assert.is_false(failure.is(nil))
  end)
end)
