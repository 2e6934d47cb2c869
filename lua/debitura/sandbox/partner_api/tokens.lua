--- Bearer tokens for the Customer API: JWTs of 30 minutes, and who a request comes from.
-- @module debitura.sandbox.partner_api.tokens

local contracts = require("debitura.sandbox.model.contracts")
local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local links = require("debitura.sandbox.model.links")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")

local tokens = {}

local LIFETIME = 1800
local MAX_KEPT = 100000 -- the oldest are worth nothing then

--- A JSON Web Token, signed with HS256.
local function jwt(claims, key)
  local signed = encoding.base64url('{"alg":"HS256","typ":"JWT"}') .. "."
    .. encoding.base64url(core.json.encode(claims))
  return signed .. "." .. encoding.base64url(core.signature.hmac(key, signed))
end

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
  local token = jwt({ sub = creditor.id, tenant = link.tenant, link = link.id,
    iat = math.floor(call.now), exp = expires_at }, state.token_key)
  if not state.tokens.by_id[token] then
    records.add(state.tokens, { id = token, link_id = link.id, expires_at = expires_at })
    records.trim(state.tokens, MAX_KEPT)
  end
  return {
    accessToken = token, tokenType = "Bearer", expiresIn = LIFETIME,
    creditorId = creditor.id, externalTenantId = link.tenant,
  }
end

--- Finds the creditor behind a bearer token.
-- @tparam table state
-- @tparam ?string header Authorization
-- @tparam number now
-- @treturn table|nil the creditor; nil for a token that is garbage, expired, or whose link is gone
-- @treturn table|nil the link
function tokens.creditor(state, header, now)
  local token = state.tokens.by_id[(header or ""):match("^[Bb]earer%s+(%S+)%s*$") or ""]
  local link = token and state.links.by_id[token.link_id]
  if not link or token.expires_at <= now then return nil end
  return state.creditors.by_id[link.creditor_id], link
end

tokens.operations = { ["tokens.create"] = create }

return tokens
