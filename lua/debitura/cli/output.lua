--- What a command prints as its result: tables on a terminal, lines of cells between tabs for other
-- programs, or with `--json` one JSON object in each line.
-- @module debitura.cli.output

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local text = require("debitura.cli.text")

local output = {}

local MEASURED = 200 -- rows that are held back to find the widths of a table's columns
local GAP = "  "
local NARROWEST = 8 -- columns of the screen, below which no column is cut

--- What was not written, because the disk is full, say, must not look like success.
local function check(written, err)
  if not written then
    error(failure.new { kind = "limit", message = "the result could not be written: "
      .. tostring(err) }, 0)
  end
end

local function write(stream, ...)
  check(stream:write(...))
end

local function cell(item, column)
  local source = column[2]
  if type(source) == "function" then return text.of(source(item)) end
  return text.of(item[source])
end

-- Tables ------------------------------------------------------------------------------------------

local Table = {}
Table.__index = Table

--- The widths of the columns, so that a line fits the screen. The first column names the row and is
-- never cut, nor is one that is `whole`.
local function widths_of(columns, rows, screen)
  local widths, total = {}, -#GAP
  for index, column in ipairs(columns) do
    widths[index] = text.width(column[1])
    for _, cells in ipairs(rows) do
      widths[index] = math.max(widths[index], text.width(cells[index]))
    end
    total = total + widths[index] + #GAP
  end
  while screen > 0 and total > screen do
    local widest
    for index = 2, #widths do
      if not columns[index].whole and (not widest or widths[index] > widths[widest]) then
        widest = index
      end
    end
    if not widest or widths[widest] <= NARROWEST then break end
    widths[widest], total = widths[widest] - 1, total - 1
  end
  return widths
end

function Table:write(cells)
  local fitted = {}
  for index, content in ipairs(cells) do fitted[index] = text.fit(content, self.widths[index]) end
  write(self.stream, (table.concat(fitted, GAP):gsub("%s+$", "")), "\n")
end

-- Prints the rows that were held back.
function Table:flush()
  if self.widths then return end
  self.widths = widths_of(self.columns, self.held, self.screen)
  local headings = {}
  for index, column in ipairs(self.columns) do headings[index] = column[1] end
  if #self.held > 0 then self:write(headings) end
  for _, cells in ipairs(self.held) do self:write(cells) end
  self.held = nil
end

--- Adds a row.
-- @tparam table item
function Table:row(item)
  self.count = self.count + 1
  if self.output.json then return self.output:object(item) end
  local cells = {}
  for index, column in ipairs(self.columns) do cells[index] = cell(item, column) end
  if not self.screen then
    write(self.stream, table.concat(cells, "\t"), "\n")
  elseif self.widths then
    self:write(cells)
  else
    self.held[#self.held + 1] = cells
    if #self.held >= MEASURED then self:flush() end
  end
end

--- Ends the table.
-- @treturn number how many rows it had
function Table:close()
  if self.screen and not self.output.json then self:flush() end
  return self.count
end

-- Output ------------------------------------------------------------------------------------------

local Output = {}
Output.__index = Output

--- Begins a table.
-- @tparam table columns array of `{heading, source}`: `source` is the name of a field, or a
--   function of the row; `whole` (true): is not cut where the screen ends
-- @treturn table with `row(item)` and `close()`; with `--json` each item is printed as it is
function Output:table(columns)
  return setmetatable({
    output = self, stream = self.stream, columns = columns, screen = self.screen, held = {},
    count = 0,
  }, Table)
end

--- Prints one thing, field by field; what is empty is left out.
-- @tparam table item with `--json` it is printed as it is
-- @tparam table fields array of `{label, source}`, as the columns of a table
function Output:record(item, fields)
  if self.json then return self:object(item) end
  local widest = 0
  for _, field in ipairs(fields) do widest = math.max(widest, text.width(field[1])) end
  for _, field in ipairs(fields) do
    local content = cell(item, field)
    if content ~= "" then
      local label = self.screen and text.fit(field[1], widest) .. GAP or field[1] .. "\t"
      write(self.stream, label, content, "\n")
    end
  end
end

--- Prints a line; with `--json` nothing.
-- @tparam string line
function Output:line(line)
  if not self.json then write(self.stream, line, "\n") end
end

--- Prints a value as one line of JSON.
-- @tparam table value
function Output:object(value)
  local encoded, err = core.json.encode(value)
  if not encoded then error("this cannot be printed as JSON: " .. err.message) end
  write(self.stream, encoded, "\n")
end

--- Prints JSON that came from elsewhere, legibly and harmlessly on a terminal, else as it came.
-- @tparam string json
function Output:document(json)
  write(self.stream, self.screen and text.clean_lines(text.indented(json))
    or (json:gsub("%s+$", "")), "\n")
end

--- Sees to it that all has been written.
-- @raise a failure, when it could not be
function Output:finish()
  check(self.stream:flush())
end

--- Makes an output.
-- @tparam file stream
-- @tparam[opt] table options `json` (one object in each line), `screen` (columns of the terminal, 0
--   when it does not say; nil when it is none)
-- @treturn table
function output.new(stream, options)
  return setmetatable({ stream = stream, json = options.json, screen = options.screen }, Output)
end

return output
