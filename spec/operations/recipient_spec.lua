-- Whom one writes to: the customer's URL must not go to the clerk who typed in the request.

local debitura = require("debitura")
local recipient = require("debitura.operations.recipient")

local CLIENT = { name = "New Two Ltd", country = "Denmark", supportEmail = "office@two.example" }
local ASSISTANT = { name = "Assistant", email = "assistant@two.example" }
local OWNER = { name = "Owner", email = "owner@two.example", isOnboardingUser = true }

describe("one writes to", function()
  local function email_of(users, client)
    local found = recipient.of { client = client or CLIENT, users = users }
    return found and found.email
  end

  it("the user who is to be onboarded, else the only one, else the first", function()
    assert.are.equal("owner@two.example", email_of { ASSISTANT, OWNER })
    assert.are.equal("assistant@two.example", email_of { ASSISTANT })
    assert.are.equal("assistant@two.example", email_of {
      ASSISTANT, { name = "Owner", email = "owner@two.example", isOnboardingUser = false },
    })
  end)

  it("none without an address, and then to the company", function()
    assert.are.equal("assistant@two.example", email_of {
      { name = "Owner", isOnboardingUser = true }, { email = debitura.null }, "owner", ASSISTANT,
    })
    assert.are.equal("office@two.example", email_of {})
    assert.are.equal("office@two.example", email_of(nil))
    assert.are.equal("office@two.example", email_of(debitura.null))
    assert.is_nil(email_of({}, { name = "New Two Ltd" }))
    for _, payload in ipairs { false, 7, "text", {}, { client = debitura.null, users = "x" } } do
      assert.is_nil(recipient.of(payload))
    end
  end)

  it("them by name, with the country by which language and time zone are chosen", function()
    assert.are.same({ name = "Owner", email = "owner@two.example", country = "Denmark" },
      recipient.of { client = CLIENT, users = { ASSISTANT, OWNER } })
    assert.are.same({ name = "New Two Ltd", email = "office@two.example", country = "Denmark" },
      recipient.of { client = CLIENT })
  end)
end)
