-- What can never pass is not tried again: a channel says so of a delivery.

local channels = require("debitura.channels")
local failure = require("debitura.base.failure")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

describe("a delivery that fails", function()
  local function tries_of(err)
    local bench, tries = rig.new(), 0
    bench.options.channels = {
      channels.callback(function()
        tries = tries + 1
        return nil, err
      end, { name = "mailbox" }),
    }
    bench.recipes = recipes.new(bench.options)
    assert(bench.recipes.approval:request(support.payload()))
    bench:work()
    local first = tries
    for _ = 1, 6 do bench:advance("1h") end
    local states = {}
    for _, job in ipairs(bench.store:jobs { tenant = "acme-1" }) do
      if job.kind == "deliver" then states[#states + 1] = job.state end
    end
    return first, tries, states
  end

  it("for good is given up at once", function()
    local err = failure.new { kind = "transport", message = "no such mailbox", final = true }
    assert.are.same({ 1, 1, { "dead" } }, { tries_of(err) })
  end)

  it("otherwise is tried again", function()
    local first, tries = tries_of(failure.new { kind = "transport", message = "busy" })
    assert.are.equal(1, first)
    assert.is_true(tries > 3)
  end)
end)
