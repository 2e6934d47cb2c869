--- Signing hand-off: brings a client to sign what its cases wait for, with one URL however many they are, and to have its director
-- identified; lets the cases go when that is done.
--
-- What is open is told by a refused case, by what the sandbox and Debitura call `signingHandoff`, or found by asking. Webhooks say
-- when something was signed; what is open still is then asked for, so that none of them has to be believed or waited for.
-- @module debitura.recipes.verbs.signing

local core = require("debitura.core")
local facts = require("debitura.recipes.interpret")
local looking = require("debitura.recipes.steps.look_up")
local runner = require("debitura.workflow.runner")

local signing_handoff = {}

local KINDS = { "hand_over", "submit_kyc", "look", "release", "submit", "deliver", "remind" }
local KINDS_OF_EVENT = { "hand_over", "submit_kyc", "look", "release", "submit", "deliver" }

--- The webhooks that say that something was signed; after a part of it the customer is likely to go on.
local SIGNED = { ["client.onboarding.contract_signed"] = {}, ["client.onboarding.poa_signed"] = { part = true } }

local Signing = {}
Signing.__index = Signing

local function check_tenant(tenant)
  if type(tenant) ~= "string" or tenant == "" then error("the client's externalTenantId expected", 3) end
end

-- Applies an event to one of a tenant's two matters and does what follows.
function Signing:steer(tenant, kind, event)
  event.at = self.runner.clock()
  local matter, word = self.runner:apply_matter({ tenant = tenant, kind = kind, name = "" }, event)
  if matter == nil then return nil, word end
  if not matter then return "unknown", false end
  local counts, err = self.runner:work { tenant = tenant, kinds = KINDS_OF_EVENT }
  if not counts then return nil, err end
  matter, err = self.runner.store:matter(tenant, kind, "")
  if matter == nil then return nil, err end
  return word, matter
end

--- Asks Debitura what a client has to sign and hands it over, unless it was handed over already.
-- @tparam string external_tenant_id
-- @treturn[1] string "outstanding" or "done"
-- @treturn[2] nil
-- @treturn[2] table failure of a call or of the store
function Signing:check(external_tenant_id)
  check_tenant(external_tenant_id)
  local url, err = looking.signing_url(self.runner, external_tenant_id)
  if url == nil then return nil, err end
  local word
  word, err = self:steer(external_tenant_id, "signing", { name = url and "needed" or "done", url = url or nil })
  if not word then return nil, err end
  return url and "outstanding" or "done"
end

--- Hands over once more what is outstanding.
-- @tparam string external_tenant_id
-- @tparam[opt] table options `kind` ("signing", the default, or "kyc"), `channel` (one channel's name; default: all)
-- @treturn[1] string "moved", "recorded" (nothing is outstanding) or "unknown"
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Signing:deliver(external_tenant_id, options)
  check_tenant(external_tenant_id)
  options = options or {}
  local word, err = self:steer(external_tenant_id, options.kind or "signing", { name = "ask", channel = options.channel })
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
  check_tenant(external_tenant_id)
  local text, unfit = core.json.encode(director)
  if not text then error("director: " .. unfit.message, 2) end
  local submitted, err = self.runner.partner.clients:submit_kyc(external_tenant_id, director, {
    idempotency_key = "debitura-" .. core.digest.sha256(("%d:%s%s"):format(#external_tenant_id, external_tenant_id, text)),
  })
  if not submitted then return nil, err end
  local word
  word, err = self:steer(external_tenant_id, "kyc", { name = "submitted" })
  if not word then return nil, err end
  return submitted
end

--- Follows a webhook: any event, of any client, once or many times, in any order.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] string "moved", "recorded" (it says nothing new) or "unknown" (it is not about a signing that is followed)
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
function Signing:handle(event)
  local signed = type(event) == "table" and SIGNED[event.event]
  if not signed then return "unknown" end
  local tenant = facts.webhook(event, self.runner.clock())
  if not tenant then return "unknown" end
  local word, err = self:steer(tenant, "signing", { name = "signed", part = signed.part })
  if not word then return nil, err end
  return word
end

--- Does what is due: looks, deliveries and reminders that failed before, or were left by a process that died.
-- @tparam[opt] table options `limit` (how many at most), `on_progress(step)`; see `expired_link_recovery`
-- @treturn table counts, or nil and a failure of the store
function Signing:sweep(options)
  return self.runner:sweep(KINDS, options)
end

--- Makes the recipe.
-- @tparam table options those of `approval_delivery.new`, and `directors`: a function of the tenant that gives the director's data
--   (SubmitKycVerificationRequest) or nil, in which case the customer is asked
-- @treturn table with `check`, `deliver`, `identify`, `handle` and `sweep`
function signing_handoff.new(options)
  return setmetatable({ runner = runner.new(options) }, Signing)
end

return signing_handoff
