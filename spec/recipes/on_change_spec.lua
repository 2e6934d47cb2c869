-- The platform is told of every move of a record, at least once, and never from inside the move.

local desk_support = require("spec.support.desk")
local recipes_of = require("debitura.recipes")

describe("on_change", function()
  local desk, told, fails

  local function new(more)
    local options = { on_change = function(change)
      if fails then error(fails) end
      told[#told + 1] = ("%s %s: %s -> %s"):format(change.kind, change.event,
        tostring(change.from), change.to)
    end }
    for name, value in pairs(more or {}) do options[name] = value end
    return recipes_of.new(desk:options(options))
  end

  before_each(function()
    desk, told, fails = desk_support.new(), {}, nil
    desk.answers = { desk_support.needs_linking("https://referral.example.test/link/abc") }
  end)

  local function payload()
    local made = desk_support.payload()
    made.cases = { made.cases[1] }
    return made
  end

  it("hears each move of a link and of its case once", function()
    local recipes = new()
    assert(recipes.approval:request(payload()))
    assert(recipes:handle(desk:event("client.linked")))
    assert(recipes:handle(desk:case_created("INV-1")))
    assert.are.same({
      "case request: nil -> awaited", "link request: nil -> requesting",
      "link answer.needs_linking: requesting -> pending", "link client.linked: pending -> linked",
      "case case.created: awaited -> created", "link case.created: linked -> carried",
    }, told)
  end)

  it("is owed by what was requested with it, and told by the next process that has it", function()
    assert(new().approval:request(payload()))
    told = {}
    local without = recipes_of.new(desk:options())
    assert(without:handle(desk:event("client.linked")))
    local counts = assert(without:sweep())
    assert.are.same({ { needs = "on_change", count = 1 } }, counts.missing)
    assert.are.same({}, told)
    assert(new():sweep())
    assert.are.same({ "link client.linked: pending -> linked" }, told)
  end)

  it("hears of a large payload when it was asked for: a hundred jobs at once, then by sweeps",
    function()
    local large = desk_support.payload { cases = {} }
    for i = 1, 150 do
      large.cases[i] = desk_support.payload().cases[1]
      large.cases[i].creditorReference = "INV-" .. i
    end
    local recipes = new()
    assert.are.equal("pending", recipes.approval:request(large).state)
    -- Two jobs ask and one delivers.
    assert.are.same({ 1, 100 - 3 }, { #desk.delivered, #told })
    assert(recipes:sweep())
    -- Each case, and the link: requested, recorded in two steps, answered.
    assert.are.equal(150 + 4, #told)
  end)

  it("that always fails is given up, is seen, and stops nothing else", function()
    fails = "the CRM is away"
    local recipes = new()
    assert.are.equal("pending", recipes.approval:request(payload()).state)
    for _ = 1, 12 do
      desk.now = desk.now + 3600
      assert(recipes:sweep())
    end
    local dead = desk.store:jobs { state = "dead" }
    assert.are.equal(3, #dead)
    for _, job in ipairs(dead) do
      assert.are.equal("notify", job.kind)
      assert.is_truthy(job.result:find("the CRM is away", 1, true))
    end
    assert.are.equal(1, #desk.delivered)
  end)
end)
