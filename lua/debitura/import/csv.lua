--- Records of a CSV file (RFC 4180) with a header: quoted fields may hold separators, quotes and
-- line ends. The separator is what a first line `sep=;` says, else the one of comma, semicolon, tab
-- and bar that the header has most of. Time grows with the file's length, whatever is in it.
-- @module debitura.import.csv

local cells = require("debitura.import.cells")

local csv = {}

local SEPARATORS = { ",", ";", "\t", "|" }
local CAPTURES_MAX = 32 -- that a pattern of Lua has

local Reader = {}
Reader.__index = Reader

-- The rest of a field after its opening quote, over as many lines as it has.
-- @treturn[1] string the field
-- @treturn[1] string the line on which it ends
-- @treturn[1] number where that goes on
-- @treturn[2] nil
-- @treturn[2] string what is wrong
-- @treturn[2] boolean whether nothing after it can be read
function Reader:quoted(line, from, column)
  local parts, size = {}, 0
  local function problem(what)
    return nil, ("%s (column %d, %s)"):format(what, column, cells.shown(parts[1])), true
  end
  while true do
    local quote = line:find('"', from, true)
    local part = line:sub(from, (quote or 0) - 1)
    parts[#parts + 1], size = part, size + #part + 1
    if size > self.lines.max_line then
      return problem(("is longer than %d bytes: close its quote"):format(self.lines.max_line))
    end
    if not quote then
      local more, err = self.lines:next()
      if not more then
        return problem(err or "has a quote that is never closed: close it, or write two")
      end
      parts[#parts + 1], line, from = "\n", more, 1
    elseif line:byte(quote + 1) == 34 then
      parts[#parts + 1], from = '"', quote + 2
    else
      return table.concat(parts), line, quote + 1
    end
  end
end

-- The fields of the record that begins with a line.
function Reader:split(line)
  local fields, count, at, separator = {}, 0, 1, self.separator
  local sign = separator:byte()
  while true do
    local field
    if line:byte(at) == 34 then
      field, line, at = self:quoted(line, at + 1, count + 1)
      if not field then return nil, line, at end
      local after = line:byte(at)
      if after and after ~= sign then
        return nil, ("has text after a closing quote (column %d, %s): write two quotes for one "
          .. "inside of a field"):format(count + 1, cells.shown(field))
      end
      at = after and at + 1
    else
      local stop = line:find(separator, at, true)
      field = line:sub(at, (stop or 0) - 1)
      -- ="0012" is also written without the quotes that it needs.
      if field:find('"', 1, true) and not field:find('^="[^"]*"%s*$') then
        return nil, ("has a quote inside of a field that is not quoted (column %d, %s): put the "
          .. "field into quotes and write two for one"):format(count + 1, cells.shown(field))
      end
      at = stop and stop + 1
    end
    count = count + 1
    fields[count] = field
    if not at then return fields end
  end
end

-- Most lines have no quote and as many fields as the header: one pattern splits them.
local function pattern_for(separator, count)
  if count > CAPTURES_MAX or separator:find("%w") then return nil end
  local field = ('([^%%%s"]*)'):format(separator)
  return "^" .. (field .. "%" .. separator):rep(count - 1) .. field .. "$"
end

--- The next record that is not empty.
-- @treturn[1] table fields
-- @treturn[1] number the line on which it begins
-- @treturn[2] nil at the end
-- @treturn[3] boolean false
-- @treturn[3] number the line on which it begins
-- @treturn[3] string what is wrong with it
-- @treturn[3] ?boolean whether nothing after it can be read
function Reader:next()
  local line, err = self.lines:next()
  while line == "" do line, err = self.lines:next() end
  if line == nil then return nil end
  local first = self.lines.number
  if line == false then return false, first + 1, err, true end
  local plain = self.plain and { line:match(self.plain) }
  if plain and plain[1] then return plain, first end
  local fields, wrong, fatal = self:split(line)
  if fields then return fields, first end
  return false, first, wrong, fatal
end

-- The next line that is more than separators.
local function next_row(lines)
  local line, err
  repeat line, err = lines:next() until not line or line:find('[^%s,;|"]')
  return line, err
end

local function separator_of(line)
  local best, most = ",", 0
  line = line:gsub('"[^"]*"', "")
  for _, candidate in ipairs(SEPARATORS) do
    local _, count = line:gsub("%" .. candidate, "")
    if count > most then best, most = candidate, count end
  end
  return best
end

--- Reads the header.
-- @tparam table lines see debitura.import.lines
-- @tparam ?string separator
-- @treturn[1] table reader, with `header` (array of names)
-- @treturn[2] nil
-- @treturn[2] string why not
function csv.open(lines, separator)
  local line, err = next_row(lines)
  -- A spreadsheet that saves the file anew fills the line up with separators.
  local said, filled = (line or ""):match('^"?[sS][eE][pP]=(.)"?([,;\t|]*)$')
  if said then
    if filled ~= "" then said = filled:sub(1, 1) end
    separator = separator or said
    line, err = next_row(lines)
  end
  if not line then return nil, err and "its first line " .. err or "it is empty" end
  local self = setmetatable({ lines = lines, separator = separator or separator_of(line) }, Reader)
  local wrong
  self.header, wrong = self:split(line)
  if not self.header then return nil, "its header " .. wrong end
  self.plain = pattern_for(self.separator, #self.header)
  return self
end

return csv
