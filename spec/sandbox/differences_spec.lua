local bare_sandbox = require "spec.support.bare_sandbox"

local samples = bare_sandbox.samples

describe("A difference from the documents", function()
  local sandbox

  before_each(function() sandbox = bare_sandbox.new() end)

  local function differ(difference)
    return sandbox:control("POST", "differences", difference)
  end

  local function me() return sandbox:send("GET", "/me", "", { xapikey = "sandbox-key" }) end

  it("is another status, or another value, of each answer of an operation", function()
    assert.equal(200, differ({ operation = "me", answer = 203 }).status)
    differ { operation = "me", status = 200, field = "companyName", to = "Other" }
    differ { operation = "me", status = 200, field = "added.deep", to = 1 }
    for _ = 1, 2 do
      local answer = me()
      assert.same({ 203, "Other" }, { answer.status, answer.body.companyName })
    end
    sandbox:control("DELETE", "differences")
    assert.same({ 200, "Sample Partner" }, { me().status, me().body.companyName })
  end)

  it("is a field that is not there, in each item of a list, too", function()
    differ { operation = "clients.list", field = "clients[].client.companyName" }
    sandbox:partner("POST", "/clients", samples.client())
    local client = sandbox:send("GET", "/clients", "", { xapikey = "sandbox-key" }).body.clients[1]
    assert.is_nil(client.client.companyName)
    assert.is_string(client.client.id)
  end)

  it("is nothing where its path leads nowhere", function()
    for _, path in ipairs { ".", "[", "[]", "companyName.more", "none[].a", "]" } do
      differ { operation = "me", field = path, to = 1 }
    end
    assert.same({ 200, "Sample Partner" }, { me().status, me().body.companyName })
  end)

  it("is an event with another value", function()
    differ { event = "client.link_requested", field = "data.externalTenantId", to = "other" }
    sandbox:subscribe { "client.link_requested" }
    sandbox:partner("POST", "/clients", samples.existing())
    assert.equal("other", sandbox.events[1].data.externalTenantId)
  end)

  it("is refused when it is none", function()
    for _, wrong in ipairs {
      {}, { operation = "none" }, { operation = "me", answer = 99 },
      { event = "none", field = "a" },
      { event = "client.linked" }, { operation = "me", other = 1 },
    } do
      assert.equal(400, differ(wrong).status)
    end
    for _ = 1, 100 do differ { operation = "me", answer = 203 } end
    assert.equal(400, differ({ operation = "me", answer = 203 }).status)
  end)
end)
