--- Bearer tokens for the Customer API: JWTs of 30 minutes, and who a request comes from.
-- @module debitura.sandbox.partner_api.tokens

local contracts = require("debitura.sandbox.model.contracts")
local jwt = require("debitura.sandbox.partner_api.jwt")
local links = require("debitura.sandbox.model.links")
local reply = require("debitura.sandbox.api.reply")

local tokens = {}

local LIFETIME = 1800

local function create(call)
  local state = call.state
  local link = links.of_tenant(state, call.body.externalTenantId)
  if not link then
    return reply.failure(404, "NotFound", "No active link was found for this externalTenantId.")
  end
  local creditor = state.creditors.by_id[link.creditor_id]
  if not contracts.onboarded(state, creditor) then
    return reply.failure(404, "NotFound",
      "The client has not completed onboarding: the SDCA is not signed.")
  end
  local expires_at = math.floor(call.now) + LIFETIME
  local claims = { sub = creditor.id, tenant = link.tenant, link = link.id,
    iat = math.floor(call.now), exp = expires_at }
  return reply.json(200, {
    accessToken = jwt.sign(claims, state.token_key), tokenType = "Bearer", expiresIn = LIFETIME,
    creditorId = creditor.id, externalTenantId = link.tenant,
  })
end

--- Finds the creditor behind a bearer token.
-- @tparam table state
-- @tparam ?string header Authorization
-- @tparam number now
-- @treturn table|nil the creditor; nil for a token that is garbage, expired, or whose link is gone
-- @treturn table|nil the link
function tokens.creditor(state, header, now)
  local token = (header or ""):match("^[Bb]earer%s+(%S+)%s*$")
  local claims = token and jwt.read(token, state.token_key)
  local link = claims and state.links.by_id[claims.link]
  if not link or claims.exp <= now then return nil end
  return state.creditors.by_id[link.creditor_id], link
end

tokens.operations = { ["tokens.create"] = create }

return tokens
