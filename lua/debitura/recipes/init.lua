--- All recipes on the same options and one runner: what a platform needs to onboard customers and
-- to bring their cases to Debitura.
--
--     local recipes = require("debitura.recipes").new {
--       partner = partner, store = store, clock = os.time, channels = { … },
--     }
--     recipes.approval:request(payload)
--     recipes.submission:submit(external_tenant_id, case)
--     recipes:handle(event)     -- each verified webhook
--     recipes:sweep()           -- from cron
-- @module debitura.recipes

local adopt = require("debitura.recipes.verbs.adopt")
local approval = require("debitura.recipes.verbs.approval")
local kinds = require("debitura.recipes.kinds")
local privacy = require("debitura.recipes.verbs.privacy")
local recipe_options = require("debitura.recipes.options")
local recovery = require("debitura.recipes.verbs.recovery")
local retention = require("debitura.recipes.verbs.retention")
local signing = require("debitura.recipes.verbs.signing")
local submission = require("debitura.recipes.verbs.submission")
local usage = require("debitura.base.usage")

local recipes = {}

local Recipes = {}
Recipes.__index = Recipes

--- Applies a webhook to each record it concerns: any event, of any client, once or many times, in
-- any order. Fits `on = { ["*"] = … }` of debitura.webhook.receiver.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @tparam[opt] table context as a receiver's handler is given it: of a client that was forgotten,
--   nothing personal is to be kept
-- @treturn[1] string "moved", "recorded" (it changes nothing), "duplicate" or "unknown" (no record
--   waits for it)
-- @treturn[1] table the records that it is about, as they are now, by their kind
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
function Recipes:handle(event, context)
  local word, found = self.runner:handle(event)
  if not word or type(context) ~= "table" then return word, found end
  local forgotten, err = privacy.is_forgotten(self.runner, event, found)
  if forgotten == nil then return nil, err end
  context.blank = context.blank or forgotten
  return word, found
end

--- Does everything that is due, see `debitura.recipes.verbs.recovery`, and drops what is kept no
-- longer, as the option `retention` says.
-- @tparam[opt] table given `limit` (steps at most), `at_once`, `dry_run`, `on_progress(step)`
-- @treturn[1] table counts: `total`, how many steps had each result, and `missing`
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Recipes:sweep(given)
  local wanted = recipe_options.sweep:read(given)
  local counts, err = self.runner:sweep(wanted)
  if not counts or wanted.dry_run then return counts, err end
  local kept
  kept, err = retention.run(self.runner)
  return kept and counts, err
end

--- Takes over what exists at Debitura and is not in the store: clients, their cases, and the links
-- that the platform says wait for their customers. Writes to no customer. May be stopped, and run
-- again: what is in the store stays as it is.
-- @tparam[opt] table given `pending` (array of `{ payload, url, requested_at, expires_at }`),
--   `check`, `dry_run`, `on_progress(step)`, which is called with each step `{ result, tenant,
--   state, reason, row }` and ends the adoption by returning false
-- @treturn[1] table counts: `adopted`, `known` (there already), `refused` clients and their
--   `total`; `cases` that were adopted; `unnamed`: cases without a reference of the creditor's
-- @treturn[2] nil
-- @treturn[2] table failure of a call, of the store, or of kind "configuration"
-- @treturn[2] ?table counts so far
function Recipes:adopt(given)
  return adopt.run(self.runner, given)
end

--- Blanks what is personal of a client: payloads, URLs, reasons, results and notes, the bodies of
-- its webhooks, its token. Ids, states and times stay, so that late webhooks are known and bring
-- nothing back. Asked for again, the client begins anew. May be repeated, such as after a backup
-- was restored.
-- @tparam string external_tenant_id
-- @tparam[opt] table given `now = true`: also while a case or a request is under way
-- @treturn[1] number how many records and webhooks were blanked; 0 when nothing is kept of it
-- @treturn[2] nil
-- @treturn[2] table failure: of kind "conflict" while something is under way, or of the store
function Recipes:forget(external_tenant_id, given)
  return privacy.forget(self.runner, external_tenant_id, given)
end

--- Everything that is kept of a client.
-- @tparam string external_tenant_id
-- @treturn[1] table|false `tenant`, `records` (each with its `history`), `jobs`, `events` (with
--   their bodies); false when nothing is kept
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Recipes:export(external_tenant_id)
  return privacy.export(self.runner, external_tenant_id)
end

--- What answers at the platform's own URLs, when the option `permalink` was given; see
-- debitura.permalink.
-- @treturn table with `handle`, for `debitura.permalink.openresty` and `debitura.permalink.wsapi`
function Recipes:permalink_handler()
  usage.check(self.permalink, "the recipes were made without the option permalink")
  return self.permalink:handler(self.runner)
end

--- Makes all recipes.
-- @tparam table given options, see debitura.recipes.options
-- @treturn table with `approval`, `recovery`, `signing`, `submission`, `runner`, the `permalink`
--   that was given, and the methods `handle`, `sweep`, `adopt`, `forget`, `export`
--   and `permalink_handler`
function recipes.new(given)
  local runner = kinds.runner(given)
  return setmetatable({
    runner = runner, approval = approval.new(runner), recovery = recovery.new(runner),
    signing = signing.new(runner), submission = submission.new(runner),
    permalink = runner.context.permalink,
  }, Recipes)
end

return recipes
