local debitura = require("debitura")
local mistake = require("spec.support.mistake")

-- The signatures were made with `openssl dgst -sha256 -hmac`.
local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local ANOTHER_SECRET = "YW5vdGhlci1zZWNyZXQ="
local BODY = '{"id":"evt_1","specVersion":"1.0","event":"client.linked",'
  .. '"timestamp":"2026-01-31T12:00:00Z",'
  .. '"data":{"externalTenantId":"tenant-1"}}'
local SIGNED_AT = 1769860800
local SIGNATURE = "t=1769860800,v1=97f8e8b4d0783785c04886381bfa8ae1a2b39355ef09e167094917717e43cb9d"
local ANOTHER_SIGNATURE = "t=1769860800,"
  .. "v1=baf7c670b9f5d0e436366de8c1909fd802cf457b6111a893958787e4d364d681"

describe("debitura.webhook.verify", function()
  local function verify(changes)
    local delivery = { body = BODY, signature = SIGNATURE, secret = SECRET, now = SIGNED_AT + 5 }
    for name, value in pairs(changes or {}) do delivery[name] = value ~= "none" and value or nil end
    return debitura.webhook.verify(delivery)
  end

  it("gives the event of a delivery that Debitura signed", function()
    local event = assert(verify())
    assert.equal("evt_1", event.id)
    assert.equal("client.linked", event.event)
    assert.equal("1.0", event.specVersion)
    assert.equal("tenant-1", event.data.externalTenantId)
  end)

  it("accepts any of several secrets, so that one can be rotated", function()
    assert.is_truthy(verify { secret = "none", secrets = { ANOTHER_SECRET, SECRET } })
    assert.is_truthy(verify { secret = "none",
      secrets = { debitura.secret(SECRET), ANOTHER_SECRET } })
    assert.is_truthy(verify { signature = ANOTHER_SIGNATURE, secret = ANOTHER_SECRET })
  end)

  it("goes by the secret and the ages of each call, whatever the one before had", function()
    local closed, kept = debitura.secret(SECRET), debitura.secret(SECRET)
    for _ = 1, 2 do
      assert.is_truthy(verify())
      assert.equal("no_match", select(2, verify { secret = ANOTHER_SECRET }).type)
      assert.is_truthy(verify { signature = ANOTHER_SIGNATURE, secret = ANOTHER_SECRET })
      assert.is_truthy(verify { secret = kept })
      assert.is_truthy(verify { now = SIGNED_AT + 3600, tolerance = 3600 })
      assert.equal("too_old", select(2, verify { now = SIGNED_AT + 3600 }).type)
      assert.is_truthy(verify { now = SIGNED_AT - 60, skew = 60 })
      assert.equal("in_future", select(2, verify { now = SIGNED_AT - 60 }).type)
    end
    closed:close()
    assert.has_error(function() verify { secret = closed } end)
  end)

  for reason, changes in pairs {
    missing = { signature = "none" },
    malformed = { signature = "v1=zz" },
    no_match = { signature = ANOTHER_SIGNATURE },
    too_old = { now = SIGNED_AT + 301 },
    in_future = { now = SIGNED_AT - 31 },
  } do
    it("says that a signature is " .. reason .. ", and nothing of the body or the secret",
      function()
      local event, failed = verify(changes)
      assert.is_nil(event)
      assert.equal("unauthorized", failed.kind)
      assert.equal(reason, failed.type)
      assert.is_false(failed.retryable)
      assert.is_nil(tostring(failed):find("tenant", 1, true))
      assert.is_nil(tostring(failed):find(SECRET, 1, true))
    end)
  end

  it("accepts a signature up to 300 s old and 30 s ahead, or what the tolerance says", function()
    assert.is_truthy(verify { now = SIGNED_AT + 300 })
    assert.is_truthy(verify { now = SIGNED_AT - 30 })
    assert.is_truthy(verify { now = SIGNED_AT + 3600, tolerance = 3600 })
    assert.is_truthy(verify { now = SIGNED_AT - 60, skew = 60 })
  end)

  it("finds a body that was changed by a single byte", function()
    local _, failed = verify { body = BODY:gsub("tenant%-1", "tenant-2") }
    assert.equal("no_match", failed.type)
  end)

  it("calls a signed body that is no event malformed", function()
    for body, signature in pairs {
      ["[1]"] = "99f16936798b6fbdb1d9db8e95a594727bfca151f20fa181ccb731d7f203c214",
      ['{"id":"evt_1"}'] = "2323e136b140bcbf50f7dc066283d3b45b7ccf2c26d969d2b377abcaa7d50551",
      ["not json"] = "580cf3d4210b81ba239394043a48e6e7ce6bfc900dfea53ffd08feed40bd99d7",
    } do
      local event, failed = verify { body = body, signature = "t=1769860800,v1=" .. signature }
      assert.is_nil(event)
      assert.equal("malformed", failed.kind)
    end
  end)

  it("gives an event whatever its id is made of", function()
    local id = ("x"):rep(300)
    local body = ('{"id":"%s","event":"client.linked"}'):format(id)
    local event = assert(debitura.webhook.verify {
      body = body, signature = debitura.webhook.sign(body, SECRET), secret = SECRET,
    })
    assert.equal(id, event.id)
  end)

  it("takes a missing or impossible secret, and a decoded body, for the programmer's mistake",
    function()
    for complaint, changes in pairs {
      ["a webhook secret is missing"] = { secret = "none" },
      ["webhook secret 1 of 1 has white space in it"] = { secret = "not base64!" },
      ["more than 16 secrets"] = { secret = "none", secrets = { ("x"):rep(17):byte(1, 17) } },
      ["body: the raw request body is needed, as a string; got table"] = {
        body = { id = "evt_1" } },
      ["debitura.webhook.verify: unknown option 'tolerence', did you mean 'tolerance'?"] = {
        tolerence = 60,
      },
    } do
      local text, path = mistake(function() verify(changes) end)
      assert.is_truthy(text:find(complaint, 1, true), text)
      assert.equal("verify_spec.lua", path)
    end
    assert.equal("debitura.webhook.verifier: unknown option 'secrt', did you mean 'secret'?",
      mistake(function() debitura.webhook.verifier { secrt = SECRET } end))
  end)
end)
