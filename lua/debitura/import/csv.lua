--- Records of a CSV file (RFC 4180) with a header: quoted fields may hold separators, quotes and
-- line ends. The separator is what a first line `sep=;` says, else the one of comma, semicolon and
-- tab that the header has most of. Time grows with the file's length, whatever is in it.
-- @module debitura.import.csv

local csv = {}

local SEPARATORS = { ",", ";", "\t" }

local Reader = {}
Reader.__index = Reader

-- The rest of a field after its opening quote, over as many lines as it has.
-- @treturn[1] string the field
-- @treturn[1] string the line on which it ends
-- @treturn[1] number where that goes on
-- @treturn[2] nil
-- @treturn[2] string what is wrong
-- @treturn[2] boolean whether nothing after it can be read
function Reader:quoted(line, from)
  local parts, size = {}, 0
  while true do
    local quote = line:find('"', from, true)
    local part = line:sub(from, (quote or 0) - 1)
    parts[#parts + 1], size = part, size + #part + 1
    if size > self.lines.max_line then
      return nil, ("is longer than %d bytes"):format(self.lines.max_line), true
    end
    if not quote then
      local more, err = self.lines:next()
      if not more then return nil, err or "has a quote that is never closed", true end
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
      local fatal
      field, line, at = self:quoted(line, at + 1)
      if not field then
        fatal = at
        return nil, line, fatal
      end
      local after = line:byte(at)
      if after and after ~= sign then return nil, "has text after a closing quote" end
      at = after and at + 1
    else
      local stop = line:find(separator, at, true)
      field = line:sub(at, (stop or 0) - 1)
      if field:find('"', 1, true) then
        return nil, "has a quote inside of a field that is not quoted"
      end
      at = stop and stop + 1
    end
    count = count + 1
    fields[count] = field
    if not at then return fields end
  end
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
  local fields, wrong, fatal = self:split(line)
  if fields then return fields, first end
  return false, first, wrong, fatal
end

local function separator_of(line)
  local best, most = ",", 0
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
  local line, err = lines:next()
  local said = line and line:match("^[sS][eE][pP]=(.)$")
  if said then
    separator = separator or said
    line, err = lines:next()
  end
  if not line then return nil, err and "its first line " .. err or "it is empty" end
  local self = setmetatable({ lines = lines, separator = separator or separator_of(line) }, Reader)
  local wrong
  self.header, wrong = self:split(line)
  if not self.header then return nil, "its header " .. wrong end
  return self
end

return csv
