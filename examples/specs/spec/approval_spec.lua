-- A customer who has an account, from the first URL to the answer. Weeks pass in a moment.

local debitura = require("debitura")
local new_platform = require("platform")

describe("a customer who has an account at Debitura", function()
  local sandbox, platform, mails

  setup(function()
    sandbox = assert(require("debitura.sandbox").start { situations = { "existing_customer" },
      seed = 1 })
    mails = {}
    local partner = debitura.partner { api_key = sandbox.api_key, base_url = sandbox.url }
    local subscription = assert(partner:create_webhook { url = sandbox.sink_url,
      events = { "client.linked", "client.link_expired" } })
    platform = new_platform {
      base_url = sandbox.url, api_key = sandbox.api_key, secret = subscription.secret,
      clock = function() return sandbox:control("GET", "clock").unix end,
      send_mail = function(message)
        table.insert(mails, message)
        return true
      end,
    }
  end)

  teardown(function()
    platform:close()
    sandbox:stop()
  end)

  --- Lets time pass, and does what a worker and cron do.
  local function pass(duration)
    assert(sandbox:advance(duration))
    assert(sandbox:deliver(platform.receiver))
    assert(platform.receiver:work { once = true })
    assert(platform.recipes:sweep())
  end

  it("is sent the approval URL", function()
    local outcome = assert(platform.recipes.approval:request {
      externalTenantId = "customer-1",
      client = { name = "Sample Trading Ltd", country = "Denmark",
        supportEmail = "office@existing.example" },
      users = { { name = "Ann Example", email = "ann@sample.example" } },
    })
    assert.equal("pending", outcome.state)
    assert.equal(1, #mails)
    assert.equal("ann@sample.example", mails[1].recipient.email)
  end)

  it("is sent another one when the first has expired", function()
    pass("7d2h")
    assert.equal(2, mails[#mails].generation)
    assert.not_equal(mails[1].url, mails[#mails].url)
  end)

  it("is linked once it approves", function()
    assert(sandbox:control("POST", "requests",
      { externalTenantId = "customer-1", action = "approve" }))
    pass("0s")
    assert.equal("carried", platform.recipes.approval:status("customer-1").state)
  end)
end)
