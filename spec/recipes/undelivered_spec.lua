-- A record whose URL no channel has brought to the customer says so, until one has or it goes on.

local failure = require("debitura.base.failure")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

describe("a record with a URL", function()
  local bench, answer

  before_each(function()
    bench, answer = rig.new(), { nil, failure.new { kind = "transport", message = "busy" } }
    bench.options.channels = { {
      name = "mail", deliver = function() return answer[1], answer[2] end,
    } }
    bench.recipes = recipes.new(bench.options)
  end)

  local function since()
    local undelivered = bench.store:records { kind = "link", undelivered = true }
    local first = bench.store:record("link", "acme-1", "").undelivered_since
    assert.equal(first ~= nil and 1 or 0, #undelivered)
    return first
  end

  it("is undelivered until a later attempt succeeds", function()
    local asked_at = bench.debitura:now()
    assert(bench.recipes.approval:request(support.payload()))
    assert.equal(asked_at, since())
    bench:advance("3h")
    assert.equal(asked_at, since())
    answer = { true }
    bench:advance("1h")
    assert.is_nil(since())
  end)

  it("is not undelivered when it was delivered at once", function()
    answer = { true }
    assert(bench.recipes.approval:request(support.payload()))
    assert.is_nil(since())
  end)

  it("is undelivered when every delivery was given up, until the platform delivers it", function()
    answer[2] = failure.new { kind = "transport", message = "no such mailbox", final = true }
    assert(bench.recipes.approval:request(support.payload()))
    bench:advance("2h")
    assert.is_number(since())
    answer = { true }
    assert(bench.recipes.approval:deliver("acme-1"))
    assert.is_nil(since())
  end)

  it("comes once, however often it was asked for while the channel failed", function()
    local letters = 0
    bench.options.channels[1].deliver = function()
      letters = letters + (answer[1] and 1 or 0)
      return answer[1], answer[2]
    end
    assert(bench.recipes.approval:request(support.payload()))
    for _ = 1, 3 do
      bench:advance("2h")
      assert(bench.recipes.approval:deliver("acme-1"))
    end
    answer = { true }
    bench:advance("3h")
    assert.same({ 1, false }, { letters, since() ~= nil })
  end)

  it("comes once when it is handed over before the next attempt", function()
    local letters = 0
    bench.options.channels[1].deliver = function()
      letters = letters + (answer[1] and 1 or 0)
      return answer[1], answer[2]
    end
    assert(bench.recipes.approval:request(support.payload()))
    bench:advance("5h")
    answer = { true }
    local _, link = bench.recipes.approval:deliver("acme-1")
    assert.same({ 1, "delivered" }, { letters, link.deliveries.mail.state })
    bench:advance("3h")
    assert.equal(1, letters)
    assert(bench.recipes.approval:deliver("acme-1"))
    assert.equal(2, letters)
  end)

  it("is undelivered no more when the customer has approved all the same", function()
    assert(bench.recipes.approval:request(support.payload()))
    assert.is_number(since())
    bench:approve("acme-1")
    assert.is_nil(since())
  end)

  it("is undelivered no more when it is closed", function()
    assert(bench.recipes.approval:request(support.payload()))
    assert(bench.recipes.approval:close("acme-1"))
    assert.is_nil(since())
  end)

  it("is undelivered anew when its next URL is", function()
    answer = { true }
    assert(bench.recipes.approval:request(support.payload()))
    answer = { nil, failure.new { kind = "transport", message = "busy" } }
    bench:advance("31d")
    local link = bench.store:record("link", "acme-1", "")
    assert.same({ "pending", 2 }, { link.state, link.generation })
    assert.is_number(since())
  end)
end)
