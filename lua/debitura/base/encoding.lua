--- How bytes are written where only some characters may stand: hexadecimal, Base64,
-- percent-encoding, HTML.
-- @module debitura.base.encoding

local core = require("debitura.core")

local encoding = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local TO_URL = { ["+"] = "-", ["/"] = "_", ["="] = "" }
local ENTITIES = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;",
}

local HEX = {}
for byte = 0, 255 do HEX[string.char(byte)] = ("%02x"):format(byte) end

local function percent_of(byte)
  return ("%%%02X"):format(byte:byte())
end

local function byte_of(hex)
  return string.char(tonumber(hex, 16))
end

--- Writes bytes in hexadecimal.
-- @tparam string bytes
-- @treturn string two lower-case digits a byte
function encoding.hex(bytes)
  return (bytes:gsub(".", HEX))
end

--- Reads hexadecimal.
-- @tparam string text two digits a byte
-- @treturn string bytes
function encoding.from_hex(text)
  return (text:gsub("%x%x", byte_of))
end

--- Random bytes in hexadecimal: an id that cannot be guessed.
-- @tparam number count of bytes
-- @treturn string
function encoding.random_hex(count)
  return encoding.hex(core.system.random(count))
end

--- Writes bytes in Base64 (RFC 4648, 4).
-- @tparam string bytes
-- @treturn string with padding
function encoding.base64(bytes)
  local out = {}
  for at = 1, #bytes, 3 do
    local a, b, c = bytes:byte(at, at + 2)
    local group = a * 65536 + (b or 0) * 256 + (c or 0)
    for place = 0, 3 do
      local digit = math.floor(group / 64 ^ (3 - place)) % 64 + 1
      local is_padding = place == 2 and not b or place == 3 and not c
      out[#out + 1] = is_padding and "=" or ALPHABET:sub(digit, digit)
    end
  end
  return table.concat(out)
end

--- Writes bytes in Base64url (RFC 4648, 5).
-- @tparam string bytes
-- @treturn string without padding
function encoding.base64url(bytes)
  return (encoding.base64(bytes):gsub("[+/=]", TO_URL))
end

--- Percent-encodes.
-- @tparam string text
-- @tparam[opt] string unsafe a Lua pattern of one byte that is encoded; else what RFC 3986 does not
--   call unreserved
-- @treturn string
function encoding.percent(text, unsafe)
  if not unsafe then return core.percent(text) end
  return (text:gsub(unsafe, percent_of))
end

--- Decodes percent-encoding. A percent sign without two digits stays as it is.
-- @tparam string text
-- @treturn string
function encoding.from_percent(text)
  return (text:gsub("%%(%x%x)", byte_of))
end

--- Reads a query string or the body of a form, whose blanks may be plus signs.
-- @tparam ?string text
-- @treturn table array of `{ name, value }`, in their order
function encoding.form_pairs(text)
  local found = {}
  for pair in (text or ""):gmatch("[^&]+") do
    local name, value = pair:gsub("%+", " "):match("^([^=]*)=?(.*)$")
    found[#found + 1] = { encoding.from_percent(name), encoding.from_percent(value) }
  end
  return found
end

--- The same, for a name that may come several times.
-- @tparam ?string text
-- @treturn table name to array of values, in their order
function encoding.form_values(text)
  local values = {}
  for _, pair in ipairs(encoding.form_pairs(text)) do
    local name, value = pair[1], pair[2]
    values[name] = values[name] or {}
    table.insert(values[name], value)
  end
  return values
end

--- Makes a value safe between tags of HTML and inside quoted attributes.
-- @param value anything
-- @treturn string
function encoding.html(value)
  return (tostring(value):gsub("[&<>\"']", ENTITIES))
end

--- Makes a text one word of a shell's command.
-- @param word
-- @treturn string
function encoding.shell(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

--- Whether bytes are UTF-8, without which they cannot stand in JSON.
-- @tparam string bytes
-- @treturn boolean
function encoding.is_utf8(bytes)
  return core.json.encode { bytes } ~= nil
end

return encoding
