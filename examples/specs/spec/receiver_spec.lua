-- The webhook endpoint, without a sandbox: events are signed as Debitura signs them.

local debitura = require("debitura")
local new_platform = require("platform")

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"

describe("the webhook endpoint", function()
  local platform = new_platform {
    base_url = "http://127.0.0.1:1", api_key = "unused", secret = SECRET,
    send_mail = function() return true end,
  }
  local _, body = debitura.webhook.example("client.linked",
    { data = { externalTenantId = "customer-1" } })

  local function receive(signature)
    return (platform.receiver:handle { method = "POST", body = body,
      headers = { ["X-Debitura-Signature"] = signature } })
  end

  it("refuses what Debitura did not sign", function()
    assert.equal(401, receive(debitura.webhook.sign(body, "YW5vdGhlciBzZWNyZXQ=")))
    assert.same({}, platform.store:inbox_list {})
  end)

  it("keeps an event once, however often it comes", function()
    assert.equal(200, receive(debitura.webhook.sign(body, SECRET)))
    assert.equal(200, receive(debitura.webhook.sign(body, SECRET)))
    assert.equal(1, #platform.store:inbox_list {})
  end)
end)
