-- Every story in scenarios/, played in one sandbox. `debitura scenario run scenarios/*.json` plays
-- the same ones.

describe("the scenario", function()
  local sandbox

  setup(function() sandbox = assert(require("debitura.sandbox").start { seed = 1 }) end)
  teardown(function() sandbox:stop() end)

  for _, name in ipairs { "declined", "late-approval" } do
    it(name .. " goes as its file says", function()
      local file = assert(io.open("scenarios/" .. name .. ".json"))
      local report = assert(sandbox:play(file:read("*a")))
      file:close()
      assert.is_true(report.passed, report.problem)
    end)
  end
end)
