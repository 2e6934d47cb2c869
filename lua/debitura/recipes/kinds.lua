--- What the recipes hand to debitura.workflow.runner: the machine of each kind of record, and the
-- step of each kind of job.
-- @module debitura.recipes.kinds

local case = require("debitura.recipes.case")
local confirm_gone = require("debitura.recipes.steps.confirm_gone")
local deliver = require("debitura.recipes.steps.deliver")
local interpret = require("debitura.recipes.interpret")
local link = require("debitura.recipes.link")
local merged = require("debitura.base.merged")
local reconcile = require("debitura.recipes.steps.reconcile")
local recipe_options = require("debitura.recipes.options")
local request_link = require("debitura.recipes.steps.request_link")
local request_signing = require("debitura.recipes.steps.request_signing")
local runner = require("debitura.workflow.runner")
local signing = require("debitura.recipes.signing")
local submit_case = require("debitura.recipes.steps.submit_case")
local watch = require("debitura.recipes.steps.watch")

local kinds = {}

kinds.machines = {}
for _, machine in ipairs { link, case, signing } do
  for _, kind in ipairs(machine.kinds) do kinds.machines[kind] = machine end
end

kinds.steps = merged(
  request_link, deliver, reconcile, request_signing, submit_case, confirm_gone, watch)

--- The runner of the recipes that are made with some options; one that was made already is taken as
-- it is.
-- @tparam table options see debitura.recipes.options, or a runner
-- @treturn table see debitura.workflow.runner
function kinds.runner(options)
  if runner.is(options) then return options end
  local made = recipe_options.read(options)
  made.kinds, made.steps, made.route = kinds.machines, kinds.steps, interpret.webhook
  return runner.new(made)
end

--- Makes a recipe of its verbs: adds `handle` and `sweep`, which all recipes have.
-- @tparam table verbs the class
-- @tparam[opt] string shown the kind of record that `handle` returns as it is now
-- @treturn function gives an object, see `kinds.runner` for its argument
function kinds.recipe(verbs, shown)
  verbs.__index = verbs
  function verbs:handle(event)
    local word, by_kind = self.runner:handle(event)
    if not word then return nil, by_kind end
    return word, shown and (by_kind[shown] or false)
  end
  function verbs:sweep(given)
    return self.runner:sweep(recipe_options.sweep:read(given))
  end
  return function(given) return setmetatable({ runner = kinds.runner(given) }, verbs) end
end

return kinds
