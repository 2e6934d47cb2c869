-- Sample events and signatures for the tests of those who receive them.

local core = require "debitura.core"
local debitura = require "debitura"
local example = require "debitura.webhook.example"
local time = require "debitura.base.time"

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"

-- printf '1769860800.{}' | openssl dgst -sha256 -mac HMAC -macopt
-- hexkey:73616d706c652d776562686f6f6b2d736563726574
local MAC = "5eba09fe471dcd23414e0d8bddef73a7709733da9158c01c8fd0db403d581569"

local ALL = {
  "case.closed", "case.created", "case.updated", "cases.replay_failed", "chat.created",
  "client.link_declined", "client.link_expired",
  "client.link_requested", "client.linked", "client.onboarding.contract_signed",
  "client.onboarding.poa_signed", "payment.created",
  "payment.deleted",
}

describe("debitura.webhook.example", function()
  it("knows every event", function()
    assert.same(ALL, example.names())
  end)

  for _, name in ipairs(ALL) do
    it("gives a " .. name .. " that is verified like one of Debitura's", function()
      local event, body = debitura.webhook.example(name)
      local header = debitura.webhook.sign(body, SECRET)
      assert.same(event,
        assert(debitura.webhook.verify { body = body, signature = header, secret = SECRET }))
      assert.equal(name, event.event)
    end)
  end

  it("has in it what the documents say", function()
    local linked = debitura.webhook.example("client.linked")
    assert.same({ "1.0", "tenant-1", false },
      { linked.specVersion, linked.data.externalTenantId, linked.data.creditor.isAttributed })
    assert.is_nil(debitura.webhook.example("client.link_declined").data.creditor.isAttributed)
    assert.is_string(debitura.webhook.example("client.onboarding.contract_signed").data.signedAt)
    assert.equal("INV-1001",
      debitura.webhook.example("cases.replay_failed").data.failedCases[1].creditorReference)
    assert.equal("Paid", debitura.webhook.example("case.closed").data.closeCode)
    local payment = debitura.webhook.example("payment.created")
    assert.same({}, { payment.specVersion, payment.links, payment.data.externalTenantId,
      payment.data.creditor })
    assert.is_string(payment.data.caseId)
  end)

  it("is dated now, unless it is told otherwise", function()
    local before = os.time()
    local event = debitura.webhook.example("client.onboarding.poa_signed")
    local moment = time.parse(event.timestamp)
    assert.truthy(moment >= before and moment <= os.time())
    assert.equal(event.timestamp, event.data.signedAt)
    local told = debitura.webhook.example("client.linked", { timestamp = "2030-01-01T00:00:00Z" })
    assert.equal("2030-01-01T00:00:00Z", told.timestamp)
  end)

  it("takes changes, objects within objects", function()
    local event, body = debitura.webhook.example("cases.replay_failed", {
      id = "evt-1", data = { externalTenantId = "tenant-7", creditor = { companyName = core.null },
        failedCases = core.json.array {} },
    })
    assert.same(event, core.json.decode(body))
    assert.same({ "evt-1", "tenant-7", core.null, 0 }, {
      event.id, event.data.externalTenantId, event.data.creditor.companyName,
      #event.data.failedCases,
    })
    assert.equal("00000000", event.data.creditor.registrationNumber)
  end)

  it("is another event each time, and leaves the samples as they are", function()
    local first = debitura.webhook.example("client.linked",
      { data = { creditor = { companyName = "Changed" } } })
    local second = debitura.webhook.example("client.linked")
    assert.not_equal(first.id, second.id)
    assert.equal("Sample Trading Ltd", second.data.creditor.companyName)
  end)

  it("makes an event of a name that is not known yet", function()
    local event = debitura.webhook.example("client.sneezed", { data = { loud = true } })
    assert.same({ "client.sneezed", true }, { event.event, event.data.loud })
  end)
end)

describe("debitura.webhook.sign", function()
  it("signs as Debitura does", function()
    assert.equal("t=1769860800,v1=" .. MAC, debitura.webhook.sign("{}", SECRET, 1769860800))
    assert.equal("t=1769860800,v1=" .. MAC, debitura.webhook.sign("{}", debitura.secret(SECRET),
      1769860800.9))
  end)

  it("takes a secret that is none for the programmer's mistake", function()
    assert.has_error(function() debitura.webhook.sign("{}", "no base 64", 1) end)
  end)
end)
