-- The model check: whatever comes in whatever order, every case arrives once, nobody is asked twice, nothing is stuck, and the ledger
-- agrees with Debitura in the end. Each seed is one life of a platform; see spec/support/model.lua.
--
-- The same seed lives the same life on every Lua, so the interpreters share the work. `make soak` tries 10,000 seeds.

local model = require("spec.support.model")

local STEPS = 2000
local SHARE = rawget(_G, "jit") and { 1, 60 } or { 61, 100 }

describe("a platform that lives through whatever comes", function()
  for seed = SHARE[1], SHARE[2] do
    it(("is in order in the end, seed %d"):format(seed), function()
      assert.are.same({}, (model.run(seed, STEPS)))
    end)
  end

  it("has been through deaths, deliveries and every ending", function()
    local deaths, mail, seen = 0, 0, {}
    for seed = SHARE[1], SHARE[1] + 9 do
      local _, life = model.run(seed, STEPS)
      deaths, mail = deaths + life.deaths, mail + life.mail
      for _, state in ipairs(life.states) do seen[state] = true end
    end
    assert.is_true(deaths > 100 and mail > 100)
    for _, state in ipairs { "carried", "incomplete", "declined", "exhausted", "refused", "onboarded" } do
      assert.is_true(seen[state], state)
    end
  end)
end)
