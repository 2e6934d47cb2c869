-- A partner's own test against the sandbox: a link that expires unanswered, and the customer who
-- says yes to the next one. Run it with busted. Seven days pass in a moment.
local debitura = require "debitura"

local payload = {
  externalTenantId = "customer-1",
  client = { name = "Sample Trading Ltd", country = "Denmark",
    supportEmail = "office@existing.example" },
  users = { { name = "Ann Example", email = "ann@sample.example" } },
}

describe("a customer who has an account at Debitura", function()
  local sandbox, partner

  setup(function()
    sandbox = assert(require("debitura.sandbox").start { situations = { "existing_customer" },
      seed = 1 })
    partner = debitura.partner { api_key = sandbox.api_key, base_url = sandbox.url }
  end)

  teardown(function() sandbox:stop() end)

  it("gets a fresh link when the first one has expired", function()
    local _, first = partner:create_client(payload)
    assert.equal("ClientExistsNeedsLinking", first.type)
    assert(sandbox:advance("7d1h"))
    local _, second = partner:create_client(payload)
    assert.not_equal(first.approval_url, second.approval_url)
  end)

  it("is a client once the link is approved", function()
    assert(sandbox:control("POST", "requests",
      { externalTenantId = "customer-1", action = "approve" }))
    assert.is_false(assert(partner:get_client("customer-1")).isAttributedClient)
  end)
end)
