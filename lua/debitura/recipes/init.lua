--- All recipes on the same options: what a platform needs to onboard customers and to bring their cases to Debitura.
--
--     local recipes = require("debitura.recipes").new { partner = partner, store = store, clock = os.time, channels = { … } }
--     recipes.approval:request(payload)
--     recipes.submission:submit(external_tenant_id, case)
--     recipes:handle(event)     -- each verified webhook
--     recipes:sweep()           -- from cron
-- @module debitura.recipes

local approval_delivery = require("debitura.recipes.verbs.approval")
local case_submission = require("debitura.recipes.verbs.submission")
local expired_link_recovery = require("debitura.recipes.verbs.recovery")
local signing_handoff = require("debitura.recipes.verbs.signing")
local usage = require("debitura.base.usage")

local recipes = {}

local Recipes = {}
Recipes.__index = Recipes

local NAMES = { "approval", "recovery", "signing", "submission" }

--- Hands a webhook to every recipe: any event, of any client, once or many times, in any order. Fits `on = { ["*"] = … }` of
-- debitura.webhook.receiver.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] table what each recipe says of it, by its name: "moved", "recorded", "duplicate" or "unknown"
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
function Recipes:handle(event)
  local words = {}
  for _, name in ipairs(NAMES) do
    local word, link_or_failure = self[name]:handle(event)
    if not word then return nil, link_or_failure end
    words[name] = word
  end
  return words
end

--- Does everything that is due; see `expired_link_recovery`.
-- @tparam[opt] table options `limit` (how many steps at most), `dry_run`, `on_progress(step)`
-- @treturn[1] table counts: `total`, and how many steps had each result
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Recipes:sweep(options)
  return self.recovery.runner:sweep(nil, options)
end

--- What answers at the platform's own URLs, when the option `permalink` was given; see debitura.permalink.
-- @treturn table with `handle`, for `debitura.permalink.openresty` and `debitura.permalink.wsapi`
function Recipes:permalink_handler()
  usage.check(self.permalink, "the recipes were made without the option permalink")
  return self.permalink:handler(self.approval.runner)
end

--- Makes all recipes.
-- @tparam table options those of `approval_delivery.new`, `expired_link_recovery.new`, `signing_handoff.new` and `case_submission.new`
-- @treturn table with `approval`, `recovery`, `signing`, `submission`, the `permalink` that was given, and the methods `handle`, `sweep`
--   and `permalink_handler`
function recipes.new(options)
  return setmetatable({
    approval = approval_delivery.new(options), recovery = expired_link_recovery.new(options), signing = signing_handoff.new(options),
    submission = case_submission.new(options), permalink = options.permalink,
  }, Recipes)
end

return recipes
