-- The model check: whatever comes in whatever order, every case arrives once, no customer is asked
-- twice, nothing is stuck, and the store agrees with Debitura in the end. Each seed is one life of
-- a platform; see spec/support/model.lua.
--
-- The same seed lives the same life on every Lua, so the interpreters share the work. `make soak`
-- tries 10,000 seeds.

local backends = require("spec.support.backends")
local model = require("spec.support.model")

local STEPS = 2000
local KEY = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE="
local FAST = rawget(_G, "jit") ~= nil
local SHARE = FAST and { 1, 90 } or { 91, 100 }
local ENDINGS = SHARE[1] + 19 -- the last of the seeds that see every ending together

local lives = {}

local function live(seed)
  if not lives[seed] then
    local problems, life = model.run(seed, STEPS)
    lives[seed] = {
      problems = problems, deaths = life.deaths, mail = life.mail, states = life.states,
    }
  end
  return lives[seed]
end

describe("a platform that lives through whatever comes", function()
  for seed = SHARE[1], math.max(SHARE[2], ENDINGS) do
    it(("is in order in the end, seed %d"):format(seed), function()
      assert.are.same({}, live(seed).problems)
    end)
  end

  -- The reason of a case is gone by the time that what it had waited for is reported as done.
  it("is in order in the end, seed 696", function()
    assert.are.same({}, live(696).problems)
  end)

  for name, backend in pairs(FAST and backends or {}) do
    local describe_store = backend.missing and pending or describe
    describe_store(("sealed, in the %s store%s"):format(name, backend.missing or ""), function()
      setup(backend.setup)
      teardown(backend.teardown)

      it("is in order in the end", function()
        local store, close = backend.open { encryption_key = KEY }
        assert.are.same({}, (model.run(SHARE[1], STEPS, store)))
        close()
      end)
    end)
  end

  it("has been through deaths, deliveries and every ending", function()
    local deaths, mail, seen = 0, 0, {}
    for seed = SHARE[1], ENDINGS do
      local life = live(seed)
      deaths, mail = deaths + life.deaths, mail + life.mail
      for _, state in ipairs(life.states) do seen[state] = true end
    end
    assert.is_true(deaths > 100 and mail > 100)
    for _, state in ipairs { "carried", "incomplete", "declined", "exhausted", "refused",
      "onboarded" } do
      assert.is_true(seen[state], state)
    end
  end)
end)
