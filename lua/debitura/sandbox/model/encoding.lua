--- Texts that other parties read: Base64, percent-encoding, HTML.
-- @module debitura.sandbox.model.encoding

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

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- @param text anything
-- @treturn string safe between tags and inside quoted attributes
function encoding.html(text)
  return (tostring(text):gsub("[&<>\"']", ENTITIES))
end

return encoding
