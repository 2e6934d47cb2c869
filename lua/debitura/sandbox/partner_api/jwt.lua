--- JSON Web Tokens, signed with HS256.
-- @module debitura.sandbox.partner_api.jwt

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")

local jwt = {}

local HEADER = '{"alg":"HS256","typ":"JWT"}'

local function signature_of(signed, key)
  return encoding.base64url(core.signature.hmac(key, signed))
end

--- Signs claims.
-- @tparam table claims
-- @tparam string key
-- @treturn string
function jwt.sign(claims, key)
  local signed = encoding.base64url(HEADER) .. "." .. encoding.base64url(core.json.encode(claims))
  return signed .. "." .. signature_of(signed, key)
end

--- Reads a token that was signed with the same key.
-- @tparam string token
-- @tparam string key
-- @treturn table|nil the claims; nil for anything else
function jwt.read(token, key)
  local signed, payload, mac = token:match("^([%w_-]+%.([%w_-]+))%.([%w_-]+)$")
  if not signed or mac ~= signature_of(signed, key) then return nil end
  local text = encoding.from_base64url(payload)
  local claims = text and core.json.decode(text)
  return type(claims) == "table" and claims or nil
end

return jwt
