--- Signing: brings a client to sign what its cases wait for, with one URL however many they are,
-- and to have its director identified; lets the cases go when that is done.
--
-- What is open is told by a refused case, by what Debitura calls `signingHandoff`, or found by
-- asking. Webhooks say when something was signed; what is open still is then asked for, so that
-- none of them has to be believed or waited for.
-- @module debitura.recipes.verbs.signing

local cases = require("debitura.recipes.cases")
local core = require("debitura.core")
local kinds = require("debitura.recipes.kinds")
local look_up = require("debitura.recipes.steps.look_up")
local options = require("debitura.base.options")
local recipe_options = require("debitura.recipes.options")
local usage = require("debitura.base.usage")

local signing = {}

signing.deliver_options = options.define("signing:deliver", {
  { "kind", "text", default = "signing", "\"signing\" or \"kyc\"", check = function(kind)
    if kind ~= "signing" and kind ~= "kyc" then return "\"signing\" or \"kyc\"" end
  end },
  { "channel", "text", "one channel's name; default: all" },
})

local Signing = {}

-- Applies an event to one of a tenant's two records and does what follows.
function Signing:apply_and_run(tenant, kind, event)
  return self.runner:apply_and_run({ kind = kind, tenant = tenant, name = "" }, event)
end

--- Asks Debitura what a client has to sign and asks the customer for it, unless that was done
-- already.
-- @tparam string external_tenant_id
-- @treturn[1] string "outstanding" or "done"
-- @treturn[2] nil
-- @treturn[2] table failure of a call, of the store, or of kind "configuration": no channel would
--   carry the URL
function Signing:check(external_tenant_id)
  cases.check_tenant(external_tenant_id)
  local err = recipe_options.unreachable(self.runner.context, "signing.check")
  if err then return nil, err end
  local url
  url, err = look_up.signing_url(self.runner.context, external_tenant_id)
  if url == nil then return nil, err end
  local word
  word, err = self:apply_and_run(external_tenant_id, "signing", {
    name = url and "needed" or "done", url = url or nil, terms = self.runner.terms,
  })
  if not word then return nil, err end
  return url and "outstanding" or "done"
end

--- Delivers once more what is outstanding.
-- @tparam string external_tenant_id
-- @tparam[opt] table given `kind` ("signing", the default, or "kyc"), `channel` (one channel's
--   name; default: all)
-- @treturn[1] string "moved", "recorded" (nothing is outstanding) or "unknown"
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Signing:deliver(external_tenant_id, given)
  cases.check_tenant(external_tenant_id)
  local wanted = signing.deliver_options:read(given)
  local word, err = self:apply_and_run(external_tenant_id, wanted.kind,
    { name = "deliver", channel = wanted.channel })
  if not word then return nil, err end
  return word
end

--- Submits the director's data of a client, and lets the cases go that have waited for it.
-- @tparam string external_tenant_id
-- @tparam table director SubmitKycVerificationRequest
-- @treturn[1] table KycVerificationDto
-- @treturn[2] nil
-- @treturn[2] table failure of the call or of the store
function Signing:identify(external_tenant_id, director)
  cases.check_tenant(external_tenant_id)
  local text, err = core.json.encode(director)
  if not text then usage.error("director: " .. err.message) end
  local digest = core.digest.sha256(("%d:%s%s"):format(#external_tenant_id, external_tenant_id,
    text))
  local clients = self.runner.context.partner.clients
  local submitted
  submitted, err = clients:submit_kyc(external_tenant_id, director, {
    idempotency_key = "debitura-" .. digest,
  })
  if not submitted then return nil, err end
  local word
  word, err = self:apply_and_run(external_tenant_id, "kyc", { name = "submitted" })
  if not word then return nil, err end
  return submitted
end

--- Follows a webhook: any event, of any client, once or many times, in any order.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] string "moved", "recorded" (it says nothing new), "duplicate" or "unknown" (no record
--   waits for it)
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
-- @function Signing:handle

--- Does what is due; see `debitura.recipes.verbs.recovery`.
-- @tparam[opt] table given `limit` (how many at most), `dry_run`, `on_progress(step)`
-- @treturn table counts, or nil and a failure of the store
-- @function Signing:sweep

--- Makes the recipe.
-- @tparam table given options, see debitura.recipes.options
-- @treturn table with `check`, `deliver`, `identify`, `handle` and `sweep`
-- @function new
signing.new = kinds.recipe(Signing)

return signing
