--- Texts that other parties read: Base64, JSON Web Tokens, percent-encoding, HTML.
-- @module debitura.sandbox.model.encoding

local core = require("debitura.core")

local encoding = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- @tparam string bytes
-- @treturn string Base64 with padding
function encoding.base64(bytes)
  local out = {}
  for at = 1, #bytes, 3 do
    local a, b, c = bytes:byte(at, at + 2)
    local group = a * 65536 + (b or 0) * 256 + (c or 0)
    for place = 0, 3 do
      local digit = math.floor(group / 64 ^ (3 - place)) % 64 + 1
      out[#out + 1] = (place == 2 and not b or place == 3 and not c) and "=" or ALPHABET:sub(digit, digit)
    end
  end
  return table.concat(out)
end

local function base64url(bytes)
  return (encoding.base64(bytes):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" }))
end

--- Signs claims as a JWT with HS256.
-- @tparam table claims
-- @tparam string key
-- @treturn string
function encoding.jwt(claims, key)
  local signed = base64url('{"alg":"HS256","typ":"JWT"}') .. "." .. base64url(core.json.encode(claims))
  return signed .. "." .. base64url(core.signature.hmac(key, signed))
end

local DIGITS = {}
for index = 1, #ALPHABET do DIGITS[ALPHABET:sub(index, index)] = index - 1 end
DIGITS["-"], DIGITS["_"] = 62, 63

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

--- Reads a JWT that was signed by `encoding.jwt` with the same key.
-- @tparam string token
-- @tparam string key
-- @treturn table|nil the claims; nil for anything else
function encoding.read_jwt(token, key)
  local signed, payload, mac = token:match("^([%w_-]+%.([%w_-]+))%.([%w_-]+)$")
  if not signed or mac ~= base64url(core.signature.hmac(key, signed)) then return nil end
  local text = from_base64url(payload)
  local claims = text and core.json.decode(text)
  return type(claims) == "table" and claims or nil
end

--- Whether bytes can stand in JSON: valid UTF-8.
-- @tparam string bytes
-- @treturn boolean
function encoding.is_text(bytes)
  return core.json.encode { bytes } ~= nil
end

--- Percent-encodes everything but the unreserved characters.
-- @tparam string text
-- @treturn string
function encoding.escape(text)
  return (text:gsub("[^%w%-._~]", function(character) return ("%%%02X"):format(character:byte()) end))
end

--- @tparam string text percent-encoded
-- @treturn string
function encoding.unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- Reads a query string or a form body.
-- @tparam ?string text
-- @treturn table name to array of values, in their order
function encoding.parameters(text)
  local values = {}
  for pair in (text or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    name = encoding.unescape((name:gsub("%+", " ")))
    values[name] = values[name] or {}
    table.insert(values[name], encoding.unescape((value:gsub("%+", " "))))
  end
  return values
end

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- @param text anything
-- @treturn string safe between tags and inside quoted attributes
function encoding.html(text)
  return (tostring(text):gsub("[&<>\"']", ENTITIES))
end

return encoding
