--- JSON Web Tokens with HS256.
-- @module debitura.sandbox.partner_api.jwt

local core = require("debitura.core")
local encoding = require("debitura.sandbox.model.encoding")

local jwt = {}

local function base64url(bytes)
  return (encoding.base64(bytes):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" }))
end

--- Signs claims as a JWT with HS256.
-- @tparam table claims
-- @tparam string key
-- @treturn string
function jwt.sign(claims, key)
  local signed = base64url('{"alg":"HS256","typ":"JWT"}') .. "." .. base64url(core.json.encode(claims))
  return signed .. "." .. base64url(core.signature.hmac(key, signed))
end

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local DIGITS = {}
for index = 1, #ALPHABET do DIGITS[ALPHABET:sub(index, index)] = index - 1 end

local function from_base64url(text)
  local out, group, bits = {}, 0, 0
  for character in text:gmatch(".") do
    local digit = DIGITS[character]
    if not digit then return nil end
    group, bits = group % 4096 * 64 + digit, bits + 6
    if bits >= 8 then
      bits = bits - 8
      out[#out + 1] = string.char(math.floor(group / 2 ^ bits) % 256)
    end
  end
  return table.concat(out)
end

--- Reads a JWT that was signed by `jwt.sign` with the same key.
-- @tparam string token
-- @tparam string key
-- @treturn table|nil the claims; nil for anything else
function jwt.read(token, key)
  local signed, payload, mac = token:match("^([%w_-]+%.([%w_-]+))%.([%w_-]+)$")
  if not signed or mac ~= base64url(core.signature.hmac(key, signed)) then return nil end
  local text = from_base64url(payload)
  local claims = text and core.json.decode(text)
  return type(claims) == "table" and claims or nil
end

return jwt
