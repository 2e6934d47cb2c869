--- Records of a CSV file (RFC 4180) with a header: quoted fields may hold separators, quotes and
-- line ends. The separator is the one of comma, semicolon and tab that the header has most of.
-- @module debitura.import.csv

local csv = {}

local SEPARATORS = { ",", ";", "\t" }

--- The fields of a record.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is wrong; nil when a quoted field is open at the end and the next line
--   belongs to it
local function split(text, separator)
  local fields, position = {}, 1
  while true do
    if text:sub(position, position) == '"' then
      local parts, from = {}, position + 1
      while true do
        local quote = text:find('"', from, true)
        if not quote then return nil end
        parts[#parts + 1] = text:sub(from, quote - 1)
        position, from = quote + 1, quote + 2
        if text:sub(position, position) ~= '"' then break end
        parts[#parts + 1] = '"'
      end
      fields[#fields + 1] = table.concat(parts)
      local after = text:sub(position, position)
      if after ~= "" and after ~= separator then return nil, "has text after a closing quote" end
      if after == "" then return fields end
      position = position + 1
    else
      local stop = text:find(separator, position, true)
      local field = text:sub(position, stop and stop - 1)
      if field:find('"', 1, true) then return nil, "has a quote inside of a field that is not quoted" end
      fields[#fields + 1] = field
      if not stop then return fields end
      position = stop + 1
    end
  end
end

local Reader = {}
Reader.__index = Reader

--- The next record that is not empty.
-- @treturn[1] table fields
-- @treturn[1] number the line on which it begins
-- @treturn[2] nil at the end
-- @treturn[3] boolean false
-- @treturn[3] number the line on which it begins
-- @treturn[3] string what is wrong with it
-- @treturn[3] boolean whether nothing after it can be read
function Reader:next()
  local text, problem = self.lines:next()
  while text == "" do text, problem = self.lines:next() end
  if text == nil then return nil end
  if text == false then return false, self.lines.number + 1, problem, true end
  local first = self.lines.number
  while true do
    local fields, wrong = split(text, self.separator)
    if fields then return fields, first end
    if wrong then return false, first, wrong end
    local more
    more, problem = self.lines:next()
    if not more then return false, first, problem or "has a quote that is never closed", true end
    text = text .. "\n" .. more
    if #text > self.lines.max_line then return false, first, ("is longer than %d bytes"):format(self.lines.max_line), true end
  end
end

--- Reads the header.
-- @tparam table lines see debitura.import.lines
-- @treturn[1] table reader, with `header` (array of names)
-- @treturn[2] nil
-- @treturn[2] string why not
function csv.open(lines)
  local text, problem = lines:next()
  if not text then return nil, problem and "its first line " .. problem or "it is empty" end
  local separator, most = ",", 0
  for _, candidate in ipairs(SEPARATORS) do
    local _, count = text:gsub("%" .. candidate, "")
    if count > most then separator, most = candidate, count end
  end
  local header, wrong = split(text, separator)
  if not header then return nil, "its header " .. (wrong or "has a quote that is never closed") end
  for i, name in ipairs(header) do header[i] = name:match("^%s*(.-)%s*$") end
  return setmetatable({ lines = lines, separator = separator, header = header }, Reader)
end

return csv
