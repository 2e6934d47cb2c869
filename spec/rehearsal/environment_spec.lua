-- Where a rehearsal may go.

local debitura = require "debitura"
local environment = require "debitura.rehearsal.environment"

describe("A rehearsal", function()
  --- Where one with these options would go.
  local function place(options)
    options.api_key = "key"
    return environment.of(debitura.platform(options))
  end

  it("goes to the test environment, and to sandboxes of this machine", function()
    for _, options in ipairs {
      { environment = "test" },
      { environment = "test", base_url = "HTTPS://TestReferral-API.Debitura.com:443/",
        customer_base_url = "https://testcustomer-api.debitura.com" },
      { environment = "test", partner = { proxy = "http://proxy.example:3128" } },
    } do
      assert.equal("test", place(options))
    end
    for _, url in ipairs { "http://127.0.0.1:8787", "http://localhost:1/", "http://[::1]:8787",
      "http://127.0.0.2:8787" } do
      assert.equal("sandbox", place { base_url = url })
    end
  end)

  it("goes nowhere else, however production is written", function()
    local customer = "https://testcustomer-api.debitura.com"
    for _, options in ipairs {
      { environment = "production" },
      { environment = "production", base_url = "http://127.0.0.1:8787" },
      { environment = "test", base_url = "https://Referral-API.debitura.com" },
      { environment = "test", base_url = "https://referral-api.debitura.com." },
      { environment = "test", base_url = "https://referral-api.debitura.com:443" },
      { environment = "test", base_url = "https://testreferral-api.debitura.com:8443" },
      { environment = "test", base_url = "https://20.50.1.2" },
      { environment = "test", base_url = "https://[2603:1020::1]" },
      { environment = "test", base_url = "https://gateway.platform.example/debitura" },
      { environment = "test", base_url = "https://127.0.0.1.platform.example" },
      { environment = "test", base_url = "https://127.0.0.256" },
      { environment = "test", customer_base_url = "https://customer-api.debitura.com" },
      { environment = "test", base_url = "http://127.0.0.1:8787", customer_base_url = customer },
      { base_url = "https://testreferral-api.debitura.com", customer_base_url = customer },
      { base_url = "http://127.0.0.1:8787", partner = { proxy = "http://proxy.example:3128" } },
    } do
      local found, err = place(options)
      assert.is_nil(found, options.base_url or options.environment)
      assert.is_string(err)
    end
    assert.truthy(select(2, place { environment = "test",
      base_url = "https://REFERRAL-api.debitura.com.:443",
      customer_base_url = customer }):find("production's host", 1, true))
  end)
end)
