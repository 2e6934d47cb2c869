--- Text for people: without control characters, measured and cut as terminals show it.
-- @module debitura.cli.text

local core = require("debitura.core")
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
  return (cleaned:gsub("[\128-\255][\128-\191]*", sound_character):gsub("\194[\128-\159]", " "))
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

--- A cleaned text in just so many columns: cut, with an ellipsis in place of the rest, or filled up
-- with blanks.
-- @tparam string given
-- @tparam number columns
-- @treturn string
function text.fit(given, columns)
  local width = text.width(given)
  if width <= columns then return given .. (" "):rep(columns - width) end
  local kept, used = {}, 0
  for character in given:gmatch(CHARACTER) do
    local more = columns_of(character)
    if used + more > columns - 1 then break end
    kept[#kept + 1], used = character, used + more
  end
  return table.concat(kept) .. "…" .. (" "):rep(columns - 1 - used)
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
