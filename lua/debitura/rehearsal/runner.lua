--- Walks through the steps of a rehearsal that are still to be done.
-- @module debitura.rehearsal.runner

local clean_up = require("debitura.rehearsal.clean_up")
local core = require("debitura.core")
local stage = require("debitura.rehearsal.stage")
local steps = require("debitura.rehearsal.steps")

local runner = {}

--- The step that gives a fact, by the fact's name.
local GIVER = {}
for _, step in ipairs(steps) do
  step.name, step.level = step[1], step.level or "mandatory"
  for _, fact in ipairs(step.gives or {}) do GIVER[fact] = step end
end

--- Whether a fact is there: a secret only in the process that was shown it.
local function has(self, fact)
  if fact == "secret" then return self.secret ~= nil end
  return self.progress.state.facts[fact] ~= nil
end

--- The names of the steps to be walked through: those that have no verdict or wait, and those that
-- must go again because what they gave is gone.
local function plan(self)
  local planned = {}
  for index = #steps, 1, -1 do
    local step = steps[index]
    local result = self.progress.state.steps[step.name]
    if not result or result.waits then planned[step.name] = true end
    for _, fact in ipairs(planned[step.name] and step.needs or {}) do
      if not has(self, fact) and not (step.sandbox and not self.sandbox) then
        planned[GIVER[fact].name] = true
      end
    end
  end
  return planned
end

local function not_tried(self, why, waits)
  return { verdict = "not tried", why = why, waits = waits, at = self.clock(),
    differences = core.json.array {} }
end

--- Why a step cannot be tried, or nil.
local function obstacle(self, step)
  if step.sandbox and not self.sandbox then return not_tried(self, step.sandbox) end
  local results = self.progress.state.steps
  for _, name in ipairs(step.after or {}) do
    if results[name] and results[name].waits then
      return not_tried(self, "waits for " .. name, true)
    end
  end
  for _, fact in ipairs(step.needs or {}) do
    local giver = results[GIVER[fact].name]
    if not has(self, fact) then
      return not_tried(self, (giver and giver.waits and "waits for " or "needs ")
        .. GIVER[fact].name, giver and giver.waits)
    end
  end
end

--- Walks through the steps. A signal ends it as the error "interrupted!", and the step that was
-- under way is to be done again.
-- @tparam table self what the steps share, see debitura.rehearsal.stage
-- @tparam function tell is given each step before it, and again with its result
function runner.run(self, tell)
  clean_up.run(self)
  local planned = plan(self)
  for _, step in ipairs(steps) do
    if planned[step.name] then
      local results = self.progress.state.steps
      results[step.name] = nil
      tell(step)
      local result = obstacle(self, step) or stage.run(self, step)
      if core.signals.came() then error("interrupted!", 0) end
      results[step.name] = result
      self.progress:save()
      tell(step, result)
    end
  end
end

runner.steps = steps

return runner
