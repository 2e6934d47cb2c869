local debitura = require("debitura")

describe("debitura.client.partner", function()
  it("asks for a key", function()
    assert.has_error(function() debitura.partner { environment = "test" } end,
      "debitura.partner: option 'api_key': missing: the key that Debitura issued")
    assert.has_error(function() debitura.partner { api_key = "", environment = "test" } end,
      "debitura.partner: option 'api_key': text or debitura.secret expected, got an empty text")
  end)

  it("goes to no environment that was not named", function()
    local expected = ": option 'environment': missing: 'production' or 'test', or the base_url of "
      .. "a sandbox or proxy"
    assert.has_error(function() debitura.partner { api_key = "sample-key" } end, "debitura.partner"
      .. expected)
    assert.has_error(function() debitura.customer { api_key = "sample-key" } end,
      "debitura.customer" .. expected)
    assert.has_error(function() debitura.partner { api_key = "sample-key",
      enviroment = "test" } end,
      "debitura.partner: unknown option 'enviroment', did you mean 'environment'?")
  end)

  it("finds white space in a key", function()
    for _, key in ipairs { "sample-key\n", " sample-key", "sample key" } do
      assert.has_error(function() debitura.partner { api_key = key, environment = "test" } end,
        "debitura.partner: option 'api_key': contains white space: it was probably copied with a "
          .. "line break or a blank")
    end
  end)

  it("knows two environments", function()
    assert.equal("debitura.partner (https://testreferral-api.debitura.com)",
      tostring(debitura.partner { api_key = "sample-key", environment = "test" }))
    assert.equal("debitura.partner (https://referral-api.debitura.com)",
      tostring(debitura.partner { api_key = "sample-key", environment = "production" }))
    assert.has_error(function() debitura.partner { api_key = "sample-key",
      environment = "staging" } end,
      "debitura.partner: option 'environment': 'production' or 'test' expected, got 'staging'")
  end)

  it("speaks http with this machine only", function()
    assert.has_error(function()
      debitura.partner { api_key = "sample-key", base_url = "http://api.example" }
    end)
    assert.is_truthy(debitura.partner { api_key = "sample-key",
      base_url = "http://127.0.0.1:8787" })
  end)

  it("shows its key neither when printed nor when walked", function()
    local seen = {}
    local function walk(value)
      if seen[value] then return end
      seen[value] = true
      assert.is_nil(tostring(value):find("sample%-key"))
      if type(value) == "table" then
        for name, item in pairs(value) do walk(name) walk(item) end
      end
    end
    walk(debitura.partner { api_key = "sample-key", environment = "test" })
  end)

  it("refuses a payload with missing fields before sending, naming each", function()
    local partner = debitura.partner { api_key = "sample-key", base_url = "http://127.0.0.1:1" }
    local client, err = partner:create_client { client = { name = "Sample Ltd" },
      users = { { name = "Ann" } } }
    assert.is_nil(client)
    assert.equal("validation", err.kind)
    assert.is_nil(err.attempts)
    local missing = {}
    for path in pairs(err.fields) do missing[#missing + 1] = path end
    table.sort(missing)
    assert.same({ "client.country", "client.supportEmail", "externalTenantId", "users[1].email" },
      missing)
  end)

  it("refuses a payload that JSON cannot carry, naming the place", function()
    local partner = debitura.partner { api_key = "sample-key", base_url = "http://127.0.0.1:1" }
    local function problem_with(extra)
      local _, err = partner:create_client({
        externalTenantId = "t", client = { name = "Sample Ltd", country = "Denmark",
          supportEmail = "a@platform.example" },
        users = { { name = "Ann", email = "ann@platform.example" } }, extra = extra,
      })
      assert.equal("validation", err.kind)
      return next(err.fields)
    end
    local cycle = {}
    cycle.again = cycle
    assert.equal("extra.a", problem_with { a = 0 / 0 })
    assert.equal("extra.f", problem_with { f = print })
    assert.is_truthy(problem_with(cycle):find("^extra%.again"))
    assert.equal("extra", problem_with { [1] = "a", [3] = "c" })
  end)
end)
