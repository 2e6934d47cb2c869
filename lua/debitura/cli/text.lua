--- Text for people: without control characters, measured and cut as terminals show it.
-- @module debitura.cli.text

local core = require("debitura.core")
local plain = require("debitura.base.text")
local time = require("debitura.base.time")

local text = {}

local LENGTHS = { { 0xC2, 0xDF, 2 }, { 0xE0, 0xEF, 3 }, { 0xF0, 0xF4, 4 } }

--- One character of UTF-8 and what stands behind it as if it belonged to it.
local function sound_character(bytes)
  local lead = bytes:byte()
  for _, range in ipairs(LENGTHS) do
    if lead >= range[1] and lead <= range[2] and #bytes >= range[3] then
      return bytes:sub(1, range[3]) .. ("?"):rep(#bytes - range[3])
    end
  end
  return ("?"):rep(#bytes)
end

--- Makes a text from outside harmless: it could otherwise steer the terminal, or break a line in
-- two.
-- @tparam string given
-- @treturn string UTF-8 in one line
function text.clean(given)
  local cleaned = given:gsub("[%z\1-\31\127]", " ")
  if not cleaned:find("[\128-\255]") then return cleaned end
  -- What turns the direction of a line would show other names than there are.
  return (cleaned:gsub("[\128-\255][\128-\191]*", sound_character):gsub("\194[\128-\159]", " ")
    :gsub("\226\128[\170-\174]", " "):gsub("\226\129[\166-\169]", " "))
end

--- The same for a text of several lines.
-- @tparam string given
-- @treturn string
function text.clean_lines(given)
  return (given:gsub("[^\n]+", text.clean))
end

--- Characters that take no column of their own, and those that take two; the rest take one.
local NO_COLUMN = { { 0x300, 0x36F }, { 0x200B, 0x200F }, { 0x202A, 0x202E }, { 0x2060, 0x2069 },
  { 0xFE00, 0xFE0F } }
local TWO_COLUMNS = {
  { 0x1100, 0x115F }, { 0x2E80, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
  { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1FAFF },
  { 0x20000, 0x3FFFD },
}

local function among(ranges, code)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then return true end
  end
  return false
end

local function code_point(character)
  local code = character:byte()
  if code < 0x80 then return code end
  code = code % (code >= 0xF0 and 8 or code >= 0xE0 and 16 or 32)
  for index = 2, #character do code = code * 64 + character:byte(index) % 64 end
  return code
end

local function columns_of(character)
  if #character == 1 then return 1 end
  local code = code_point(character)
  return among(NO_COLUMN, code) and 0 or among(TWO_COLUMNS, code) and 2 or 1
end

local CHARACTER = "[%z\1-\127\194-\244][\128-\191]*"

--- The columns that a cleaned text takes.
-- @tparam string given
-- @treturn number
function text.width(given)
  if not given:find("[\128-\255]") then return #given end
  local width = 0
  for character in given:gmatch(CHARACTER) do width = width + columns_of(character) end
  return width
end

local function characters_of(given)
  local characters = {}
  for character in given:gmatch(CHARACTER) do characters[#characters + 1] = character end
  return characters
end

--- How many characters fit, from one of them on and forwards (1) or backwards (-1).
-- @treturn number the last that does
-- @treturn number the columns that they take
local function reach(characters, from, step, columns)
  local used, at = 0, from
  while characters[at] and used + columns_of(characters[at]) <= columns do
    used, at = used + columns_of(characters[at]), at + step
  end
  return at - step, used
end

--- A cleaned text in just so many columns: cut, with an ellipsis in place of the rest, or filled up
-- with blanks.
-- @tparam string given
-- @tparam number columns
-- @tparam[opt] boolean middle true: the end is kept as well, by which names differ
-- @treturn string
function text.fit(given, columns, middle)
  local width = text.width(given)
  if width <= columns then return given .. (" "):rep(columns - width) end
  local characters = characters_of(given)
  local tail, tail_used = #characters + 1, 0
  if middle then
    tail, tail_used = reach(characters, #characters, -1, math.floor((columns - 1) / 3))
  end
  local head, used = reach(characters, 1, 1, columns - 1 - tail_used)
  return table.concat(characters, "", 1, head) .. "…" .. table.concat(characters, "", tail)
    .. (" "):rep(columns - 1 - used - tail_used)
end

--- The words of a text, each with its columns; those of writings without blanks in pieces.
local function words_of(given, columns)
  local words = {}
  for word in given:gmatch("[^ ]+") do
    local width = text.width(word)
    if width <= columns or not word:find("[\128-\255]") then
      words[#words + 1] = { word, width }
    else
      local characters, first = characters_of(word), 1
      while characters[first] do
        local last, used = reach(characters, first, 1, columns)
        words[#words + 1] = { table.concat(characters, "", first, last), used }
        first = last + 1
      end
    end
  end
  return words
end

--- Breaks a text between its words, for so many columns; a longer word, such as a URL, stays whole.
-- @tparam string given
-- @tparam number columns not less than 2
-- @treturn table lines
function text.wrap(given, columns)
  local lines, line, used = {}, nil, 0
  for _, word in ipairs(words_of(given, columns)) do
    if line and used + 1 + word[2] <= columns then
      line, used = line .. " " .. word[1], used + 1 + word[2]
    else
      lines[#lines + 1], line, used = line, word[1], word[2]
    end
  end
  lines[#lines + 1] = line
  return lines
end

--- A value of an answer, as a cell shows it.
-- @param value
-- @treturn string
function text.of(value)
  if value == nil or value == core.null then return "" end
  if value == true then return "yes" elseif value == false then return "no" end
  if type(value) == "number" then
    return (value % 1 == 0 and math.abs(value) < 2 ^ 53 and "%d" or "%.14g"):format(value)
  end
  if type(value) == "table" then return text.clean(core.json.encode(value) or "") end
  return text.clean(tostring(value))
end

--- Seconds, and how many of a unit are said until the next.
local UNITS = { { 1, "s", 60 }, { 60, "min", 60 }, { 3600, "h", 48 }, { 86400, "d", 1000 },
  { 365.25 * 86400, "y", math.huge } }

--- A moment as it is from now on, or was: "in 6 d", "3 h ago".
-- @tparam ?number seconds Unix
-- @tparam number now
-- @treturn string empty for none
function text.relative(seconds, now)
  if not seconds then return "" end
  local span = math.abs(seconds - now)
  for _, unit in ipairs(UNITS) do
    local count = math.floor(span / unit[1])
    if count < unit[3] then
      return (seconds > now and "in %d %s" or "%d %s ago"):format(count, unit[2])
    end
  end
end

--- Cells between tabs, which a spreadsheet runs as no formula: an apostrophe goes before what it
-- would, but for numbers.
-- @tparam table cells cleaned texts
-- @treturn string
function text.row(cells)
  local row = {}
  for index, content in ipairs(cells) do
    row[index] = content
    if plain.is_formula(content) and not content:find("^[+-]?%d[%d.,]*$") then
      row[index] = "'" .. content
    end
  end
  return table.concat(row, "\t")
end

--- A moment, as Debitura writes it.
-- @tparam ?number seconds Unix
-- @treturn string empty for none
function text.moment(seconds)
  return seconds and time.format(seconds) or ""
end

--- JSON with a line for each value, in the order and with the numbers in which it came.
-- @tparam string json
-- @treturn string
function text.indented(json)
  local parts, depth, from = {}, 0, 1
  local function break_line() parts[#parts + 1] = "\n" .. ("  "):rep(depth) end
  while true do
    from = json:find("%S", from)
    if not from then return table.concat(parts) end
    local mark = json:sub(from, from)
    local empty = json:match("^[%[{]%s*[%]}]()", from)
    if empty then
      parts[#parts + 1], from = mark .. (mark == "{" and "}" or "]"), empty
    elseif mark == '"' then
      local closing = json:find('["\\]', from + 1)
      while closing and json:sub(closing, closing) == "\\" do
        closing = json:find('["\\]', closing + 2)
      end
      closing = closing or #json
      parts[#parts + 1], from = json:sub(from, closing), closing + 1
    elseif mark == "{" or mark == "[" then
      depth, parts[#parts + 1], from = depth + 1, mark, from + 1
      break_line()
    elseif mark == "}" or mark == "]" then
      depth, from = math.max(0, depth - 1), from + 1
      break_line()
      parts[#parts + 1] = mark
    elseif mark == "," or mark == ":" then
      parts[#parts + 1], from = mark == ":" and ": " or mark, from + 1
      if mark == "," then break_line() end
    else
      local rest = json:find('[%s,:%[%]{}"]', from) or #json + 1
      parts[#parts + 1], from = json:sub(from, rest - 1), rest
    end
  end
end

return text
