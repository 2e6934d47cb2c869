--- What a command prints as its result: tables on a terminal, lines of cells between tabs for other
-- programs, or with `--json` one JSON object in each line.
-- @module debitura.cli.output

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local text = require("debitura.cli.text")
local time = require("debitura.base.time")

local output = {}

local MEASURED = 200 -- rows that are held back to find the widths of a table's columns
local GAP = "  "
-- Columns of the screen: what a table's column keeps before another of a higher rank is left out,
-- the first one, which names the row, and any; and where the terminal does not say how many it has.
local LEAST, FIRST_LEAST, NARROWEST, DEFAULT_SCREEN = 10, 24, 4, 80

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

--- The value of a column.
-- @param item
-- @tparam table column see `Output:table`
-- @return the value
function output.value_of(item, column)
  local source = column[2]
  if type(source) == "function" then return source(item) end
  return item[source]
end

local value_of = output.value_of

--- A value as a moment in Unix seconds: the store keeps these, Debitura sends texts.
local function seconds_of(value)
  return type(value) == "string" and time.parse(value) or tonumber(value)
end

local function cell(item, column)
  local value = value_of(item, column)
  return column.moment and type(value) == "number" and text.moment(value) or text.of(value)
end

-- Tables ------------------------------------------------------------------------------------------

local Table = {}
Table.__index = Table

--- A cell on the screen: a moment is told from now on, unless all is to be shown.
function Table:shown(item, column)
  if not column.moment or self.output.wide then return cell(item, column) end
  local seconds = seconds_of(value_of(item, column))
  return seconds and text.relative(seconds, self.output.clock()) or cell(item, column)
end

local function natural_widths(columns, rows)
  local widths = {}
  for index, column in ipairs(columns) do
    widths[index] = text.width(column[1])
    for _, cells in ipairs(rows) do
      widths[index] = math.max(widths[index], text.width(cells[index]))
    end
  end
  return widths
end

local function total_of(widths)
  local total = -#GAP
  for _, width in pairs(widths) do total = total + width + #GAP end
  return total
end

--- What a column keeps while others can be left out.
local function least_of(columns, index, width)
  if columns[index].whole then return width end
  return math.min(width, index == 1 and FIRST_LEAST or math.max(LEAST, #columns[index][1]))
end

--- Leaves out columns, those of the highest rank first, until the others have room.
local function leave_out(columns, widths, screen)
  local least = {}
  for index, width in pairs(widths) do least[index] = least_of(columns, index, width) end
  while total_of(least) > screen do
    local out
    for index in pairs(least) do
      local rank = columns[index].rank or 1
      local highest = out and (columns[out].rank or 1) or 1
      if rank > highest or out and rank == highest and index > out then out = index end
    end
    if not out then return end
    least[out], widths[out] = nil, nil
  end
end

--- The widest column that can give something.
local function widest_of(columns, widths, spared)
  local widest
  for index, width in pairs(widths) do
    local least = spared and least_of(columns, index, width) or NARROWEST
    if width > least and (not widest or width > widths[widest]) then widest = index end
  end
  return widest
end

--- The widths of the columns by their index, so that a line fits the screen.
local function widths_of(columns, rows, screen)
  local widths = natural_widths(columns, rows)
  if not screen then return widths end
  leave_out(columns, widths, screen)
  local total = total_of(widths)
  while total > screen do
    local widest = widest_of(columns, widths, true) or widest_of(columns, widths, false)
    if not widest then break end
    widths[widest], total = widths[widest] - 1, total - 1
  end
  return widths
end

function Table:write(cells)
  local fitted = {}
  for index, content in ipairs(cells) do
    local width = self.widths[index]
    if width then fitted[#fitted + 1] = text.fit(content, width, index == 1) end
  end
  write(self.stream, (table.concat(fitted, GAP):gsub("%s+$", "")), "\n")
end

-- Prints the rows that were held back.
function Table:flush()
  if self.widths then return end
  self.widths = widths_of(self.columns, self.held, not self.output.wide and self.screen or nil)
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
  for index, column in ipairs(self.columns) do
    cells[index] = self.screen and self:shown(item, column) or cell(item, column)
  end
  if not self.screen then
    write(self.stream, text.row(cells), "\n")
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
--   function of the row; `whole` (true): is not cut where the screen ends; `rank` (1): columns of
--   the highest are left out first where the screen is too narrow, those of 1 never; `moment`
--   (true): it is one, see debitura.cli.text
-- @treturn table with `row(item)` and `close()`; with `--json` each item is printed as it is
function Output:table(columns)
  return setmetatable({
    output = self, stream = self.stream, columns = columns, screen = self.screen, held = {},
    count = 0,
  }, Table)
end

--- Prints a table.
-- @tparam table columns see `Output:table`
-- @tparam table items
-- @treturn number how many rows it has
function Output:rows(columns, items)
  local shown = self:table(columns)
  for _, item in ipairs(items) do shown:row(item) end
  return shown:close()
end

--- Prints one thing, field by field; what is empty is left out.
-- @tparam table item with `--json` it is printed as it is
-- @tparam table fields array of `{label, source}`, as the columns of a table; `exact` (true): no
--   apostrophe goes before it, whatever a spreadsheet makes of it
function Output:record(item, fields)
  if self.json then return self:object(item) end
  local widest = 0
  for _, field in ipairs(fields) do widest = math.max(widest, text.width(field[1])) end
  for _, field in ipairs(fields) do
    local content = cell(item, field)
    if content ~= "" and not self.screen then
      write(self.stream, field.exact and field[1] .. "\t" .. content
        or text.row { field[1], content }, "\n")
    elseif content ~= "" then
      local seconds = field.moment and seconds_of(value_of(item, field))
      local said = seconds and (" (%s)"):format(text.relative(seconds, self.clock())) or ""
      content = content .. said
      self:paragraph(content, text.fit(field[1], widest) .. GAP)
    end
  end
end

--- Prints a text that may be long: on a terminal in lines that fit it.
-- @tparam string content
-- @tparam string label what stands before it; of a level at its beginning it has the colour
function Output:paragraph(content, label)
  local indent = text.width(label)
  local lines = { content }
  if self.screen and not self.wide then
    lines = text.wrap(content, math.max(self.screen - indent, 2 * LEAST))
  end
  local first = label:match("^%l*")
  write(self.stream, self:paint(first, first), label:sub(#first + 1),
    table.concat(lines, "\n" .. (" "):rep(indent)), "\n")
end

local RED, YELLOW = "\27[31m", "\27[33m"

--- By the level, or what stands for one.
local COLOURS = { fail = RED, fails = RED, differs = RED, warn = YELLOW, ["not tried"] = YELLOW }

--- A text in a colour, where there are colours.
-- @tparam string level what has none is left as it is
-- @tparam string content
-- @treturn string
function Output:paint(level, content)
  local colour = self.colours and COLOURS[level]
  return colour and colour .. content .. "\27[0m" or content
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
--   when it does not say; nil when it is none), `wide` (true: nothing is cut or left out),
--   `colours` (true: there are some), `clock`
-- @treturn table
function output.new(stream, options)
  return setmetatable({
    stream = stream, json = options.json, wide = options.wide, colours = options.colours,
    screen = options.screen == 0 and DEFAULT_SCREEN or options.screen, clock = options.clock,
  }, Output)
end

return output
