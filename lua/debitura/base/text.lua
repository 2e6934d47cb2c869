--- White space and characters that show nothing, beyond those of ASCII: what people paste. And
-- what a text must not show.
-- @module debitura.base.text

local text = {}

-- No-break and other spaces, soft hyphen, zero-width and filling characters, marks of direction and
-- of variants, line and paragraph separators, the byte order mark: length in bytes and pattern.
local INVISIBLE = {
  { 2, "\194[\128-\160\173]" }, { 2, "\205\143" }, { 2, "\216\156" },
  { 3, "\225\133[\159\160]" }, { 3, "\225\154\128" }, { 3, "\225\158[\180\181]" },
  { 3, "\225\160\142" },
  { 3, "\226\128[\128-\143\168-\175]" }, { 3, "\226\129[\159-\175]" },
  { 3, "\226\160\128" }, { 3, "\227\128\128" }, { 3, "\227\133\164" },
  { 3, "\239\184[\128-\143]" }, { 3, "\239\187\191" }, { 3, "\239\190\160" },
  { 3, "\239\191[\185-\187]" }, { 4, "\240\157\133[\179-\186]" },
  { 4, "\243\160[\128-\135][\128-\191]" },
}

for _, row in ipairs(INVISIBLE) do row[3] = "^" .. row[2] end

-- The bytes of an invisible character that begins at a place; nil when none does.
local function length_at(value, at)
  for _, row in ipairs(INVISIBLE) do
    if value:find(row[3], at) then return row[1] end
  end
end

local function start_of(value)
  local at = 1
  while true do
    at = value:find("[^%c ]", at)
    local length = at and length_at(value, at)
    if not length then return at end
    at = at + length
  end
end

local function end_of(value, first)
  local last = #value
  while last > first do
    local byte = value:byte(last)
    if byte <= 32 or byte == 127 then
      last = last - 1
    elseif byte < 128 then
      return last
    else
      local start = last
      while value:find("^[\128-\191]", start) and start > first do start = start - 1 end
      if start == first or length_at(value, start) ~= last - start + 1 then return last end
      last = start - 1
    end
  end
  return last
end

--- Takes white space, control characters and what is invisible off both ends.
-- @tparam string value UTF-8
-- @treturn string
function text.trim(value)
  if value:find("^[!-~]") and value:find("[!-~]$", -1) then return value end
  local first = start_of(value)
  return first and value:sub(first, end_of(value, first)) or ""
end

--- Whether there is a control character, a space other than a blank, or something invisible.
-- @tparam string value UTF-8
-- @treturn boolean
function text.has_invisible(value)
  if not value:find("[^ -~]") then return false end
  if value:find("%c") then return true end
  if not value:find("[\194\205\216\225-\227\239\240\243]") then return false end
  for _, row in ipairs(INVISIBLE) do
    if value:find(row[2]) then return true end
  end
  return false
end

local function code_point(character)
  local code = character:byte() % (#character == 2 and 32 or #character == 3 and 16 or 8)
  for index = 2, #character do code = code * 64 + character:byte(index) % 64 end
  return ("<U+%04X>"):format(code)
end

--- Shows what is invisible, but for the no-break space, by its number: `<U+200B>`.
-- @tparam string value UTF-8
-- @treturn string
function text.visible(value)
  value = value:gsub("\194\160", " ")
  if not value:find("[\194\205\216\225-\227\239\240\243]") then return value end
  for _, row in ipairs(INVISIBLE) do value = value:gsub(row[2], code_point) end
  return value
end

--- Whether a spreadsheet would take a text for a formula.
-- @tparam string value UTF-8
-- @treturn boolean
function text.is_formula(value)
  if not value:find("^[=+@\239-]") then return false end
  -- The same signs in full width.
  return value:byte() < 128 or value:find("^\239\188[\139\141\157\160]") ~= nil
end

--- Makes one blank of each run of white space, control and invisible characters, and trims.
-- @tparam string value UTF-8
-- @treturn string
function text.collapse(value)
  value = value:gsub("[%c ]+", " ")
  for _, row in ipairs(INVISIBLE) do value = value:gsub(row[2], " ") end
  return (value:gsub("  +", " "):gsub("^ ", ""):gsub(" $", ""))
end

--- A sentence about one or several: of `{one|several}` in it the one that fits.
-- @tparam string sentence such as "%d link{|s}"
-- @tparam number count
-- @treturn string
function text.counted(sentence, count)
  return (sentence:gsub("{(.-)|(.-)}", count == 1 and "%1" or "%2"))
end

--- A text without a secret that it may quote.
-- @tparam string value
-- @tparam string secret
-- @treturn string
function text.redact(value, secret)
  return secret == "" and value or (value:gsub(secret:gsub("%p", "%%%0"), "[redacted]"))
end

--- A mail address of which its first letter is shown, and its domain.
-- @tparam string address
-- @treturn string
function text.masked(address)
  local first, domain = address:match("^([%z\1-\127\194-\244][\128-\191]*).*@([^@]*)$")
  return domain and first ~= "@" and ("%s***@%s"):format(first, domain) or "***"
end

--- The first characters of a text.
-- @tparam string value UTF-8
-- @tparam number most
-- @treturn string
-- @treturn boolean whether anything was cut off
function text.cut(value, most)
  if #value <= most then return value, false end
  local count, at = 0, 1
  for character in value:gmatch("[%z\1-\127\194-\244][\128-\191]*") do
    if count == most then return value:sub(1, at - 1), true end
    count, at = count + 1, at + #character
  end
  return value, false
end

return text
