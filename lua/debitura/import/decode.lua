--- Other encodings as UTF-8, in parts of any length.
-- @module debitura.import.decode

local decode = {}

-- Code points as UTF-8 ------------------------------------------------------------------------

local function utf8_of(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
  local third = math.floor(code / 64) % 64
  if code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + third, 0x80 + code % 64)
  end
  return string.char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
    0x80 + third, 0x80 + code % 64)
end

-- One byte a character ------------------------------------------------------------------------

--- The characters of bytes 80 to FF; U+FFFD where there is none.
local UPPER = {
  ["windows-1252"] =
    "€�‚ƒ„…†‡ˆ‰Š‹Œ�Ž��‘’“”•–—˜™š›œ�žŸ\194\160¡¢£¤¥¦§¨©ª«¬\194\173®¯°±²³´µ¶·¸¹º»¼½¾¿"
    .. "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
  ["windows-1250"] =
    "€�‚�„…†‡�‰Š‹ŚŤŽŹ�‘’“”•–—�™š›śťžź\194\160ˇ˘Ł¤Ą¦§¨©Ş«¬\194\173®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľż"
    .. "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙",
  ["iso-8859-15"] =
    "��������������������������������\194\160¡¢£€¥Š§š©ª«¬\194\173®¯°±²³Žµ¶·ž¹º»ŒœŸ¿"
    .. "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
  ["macintosh"] =
    "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø"
    .. "¿¡¬√ƒ≈∆«»…\194\160ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\239\163\191ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ",
}

local function by_byte(characters)
  local of_byte, byte = {}, 0x80
  for character in characters:gmatch("[\194-\244][\128-\191]*") do
    of_byte[string.char(byte)], byte = character, byte + 1
  end
  return function()
    return function(part) return (part:gsub("[\128-\255]", of_byte)) end
  end
end

-- UTF-16 --------------------------------------------------------------------------------------

local function is_high(unit) return unit >= 0xD800 and unit < 0xDC00 end
local function is_low(unit) return unit >= 0xDC00 and unit < 0xE000 end

local REPLACEMENT = utf8_of(0xFFFD)

--- Makes a decoder of UTF-16; `first` and `second` are the places of the high and the low byte.
local function utf16(first, second)
  return function()
    local rest, high = "", nil
    return function(part)
      part = rest .. part
      local out = {}
      for at = 1, #part - 1, 2 do
        local a, b = part:byte(at, at + 1)
        local unit = first < second and a * 256 + b or b * 256 + a
        if high and is_low(unit) then
          out[#out + 1] = utf8_of(0x10000 + (high - 0xD800) * 1024 + unit - 0xDC00)
          high = nil
        else
          if high then out[#out + 1] = REPLACEMENT end
          high = is_high(unit) and unit or nil
          if is_low(unit) then
            out[#out + 1] = REPLACEMENT
          elseif not high then
            out[#out + 1] = utf8_of(unit)
          end
        end
      end
      rest = #part % 2 == 1 and part:sub(-1) or ""
      return table.concat(out)
    end
  end
end

--- Makers of decoders by the name of the encoding: a decoder is given a part and gives UTF-8.
decode.decoders = {
  ["utf-16le"] = utf16(2, 1),
  ["utf-16be"] = utf16(1, 2),
}

for name, characters in pairs(UPPER) do decode.decoders[name] = by_byte(characters) end

--- What the first bytes of a file say.
local MARKS = {
  { "\239\187\191", "utf-8" }, { "\255\254", "utf-16le" }, { "\254\255", "utf-16be" },
}

--- Finds a byte order mark.
-- @tparam string head the first bytes of a file
-- @treturn ?string the encoding; nil without a mark
-- @treturn number bytes of the mark
function decode.mark(head)
  for _, mark in ipairs(MARKS) do
    if head:sub(1, #mark[1]) == mark[1] then return mark[2], #mark[1] end
  end
  return nil, 0
end

return decode
