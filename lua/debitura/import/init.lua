--- Cases out of a file: CSV with a header, or JSON lines; read in constant memory, each with the
-- line on which it begins. Everything that can be wrong with a file, a record or a cell is found
-- here, so that what `check` passes, nothing of this library refuses when it is submitted.
--
--     local import = require("debitura.import")
--     local summary, problems = import.check("cases.csv", { external_tenant_id = "customer-1",
--       decimal = "comma", on_wrong = function(record) … end })
--     -- summary.records, .right, .wrong, .sums[1].currency, .sums[1].total, .notes
--     local source = assert(import.open("cases.csv", { external_tenant_id = "customer-1" }))
--     for record in function() return source:next() end do … end
--     source:close()
--
-- Options are those of `import.options`; the command calls them `--decimal`, `--dates`,
-- `--encoding`, `--map FILE` (`import.map(path)` reads one) and `--map-template FILE`
-- (`import.map_template(path)` gives the text of a first one). The path "-" is standard input;
-- pipes are read, too.
-- @module debitura.import

local cells = require("debitura.import.cells")
local checks = require("debitura.import.checks")
local columns = require("debitura.import.columns")
local core = require("debitura.core")
local csv = require("debitura.import.csv")
local decode = require("debitura.import.decode")
local duplicates = require("debitura.import.duplicates")
local files = require("debitura.import.files")
local lines = require("debitura.import.lines")
local maps = require("debitura.import.maps")
local null = require("debitura.base.null")
local options = require("debitura.base.options")
local sums = require("debitura.import.sums")
local text = require("debitura.base.text")

local import = {}

local MAX_RECORD = 256 * 1024 -- bytes
local HEAD = 64 * 1024 -- bytes by which a file is recognised
local NOT_UTF8 = "line %d is not UTF-8: if the file comes from a spreadsheet on Windows, say so "
  .. "with the option encoding (--encoding windows-1252), or save it as \"CSV UTF-8\""

-- Options -------------------------------------------------------------------------------------

local function choice(name)
  return function(value)
    if not maps.choices[name][value] then return "one of " .. maps.expected(name) .. " expected" end
  end
end

local function map_problem(map)
  local _, problems = maps.check(map)
  return problems and problems[1]
end

local FORMATS = { csv = true, jsonl = true }

local function format_problem(format)
  if not FORMATS[format] then return '"csv" or "jsonl" expected' end
end

import.options = options.define("debitura.import", {
  { "external_tenant_id", "text",
    doc = "all cases are this client's; else each record says whose" },
  { "format", "string", check = format_problem,
    doc = "\"csv\" or \"jsonl\"; default: by the name's ending, else by how the file begins" },
  { "decimal", "string", check = choice("decimal"),
    doc = "\"comma\" or \"point\"; default: a number that can be read in two ways is refused" },
  { "dates", "string", check = choice("dates"),
    doc = "\"iso\", \"dmy\" or \"mdy\"; default: only dates such as 2026-01-31 are read" },
  { "encoding", "string", check = choice("encoding"),
    doc = "such as \"windows-1252\"; default: by the byte order mark, else UTF-8" },
  { "separator", "string", check = choice("separator"),
    doc = "of a CSV file; default: what its first line says" },
  { "map", "table", check = map_problem, doc = "see debitura.import.maps; `import.map` reads one" },
  { "check", "boolean", default = true,
    doc = "false leaves a case's fields to Debitura's own checks" },
  { "now", "number", doc = "Unix seconds, by which the past is told from the future" },
  { "on_wrong", "function", doc = "of `check`: is given each record with something wrong" },
})

--- The options of this module out of a larger table.
-- @tparam ?table given
-- @treturn table
function import.chosen(given)
  local chosen = {}
  for _, name in ipairs(import.options.names) do chosen[name] = (given or {})[name] end
  return chosen
end

--- Reads a map's file.
-- @function map
-- @see debitura.import.maps.read
import.map = maps.read

-- Formats -------------------------------------------------------------------------------------

local ENDINGS = { csv = "csv", tsv = "csv", txt = "csv", jsonl = "jsonl", ndjson = "jsonl" }

-- By the name's ending, and of a pipe by what comes out of it.
local function format_of(path, given, head)
  local ending = (path:match("%.(%w+)$") or ""):lower()
  return given or ENDINGS[ending] or head:find("^%s*{") and "jsonl" or "csv"
end

-- Records -------------------------------------------------------------------------------------

local Source = {}
Source.__index = Source

local formats = {}

function formats.csv(self)
  local reader, wrong = csv.open(self.lines, self.settings.separator)
  if not reader then return nil, { wrong } end
  local chosen, problems = columns.read(reader.header, not self.tenant, self.settings.map)
  if not chosen then return nil, problems end
  self.position_of = chosen.position
  return function()
    while true do
      local fields, line, err, last = reader:next()
      if fields == nil then return nil end
      if not fields then return { line = line, problems = { row = { err } }, last = last } end
      local record = columns.case(chosen, fields, self.settings)
      if record then
        record.line = line
        return record
      end
    end
  end
end

-- A line is a case, or `{"externalTenantId": …, "case": {…}}` where the file says whose each is.
function formats.jsonl(self)
  self.position_of = {}
  return function()
    local line, err
    repeat line, err = self.lines:next() until not line or line:find("%S")
    if line == nil then return nil end
    if line == false then
      return { line = self.lines.number + 1, problems = { row = { err } }, last = true }
    end
    local record = { line = self.lines.number, values = {}, amounts = {} }
    local value, wrong = core.json.decode(line)
    if type(value) ~= "table" then
      record.problems = { row = { wrong and "is no JSON: " .. wrong.message or "is no object" } }
    elseif self.tenant then
      record.case = value
    elseif type(value.case) ~= "table" then
      record.problems = { case = { "required" } }
    else
      record.case, record.tenant = value.case, null.text(value, columns.TENANT)
    end
    return record
  end
end

-- The text of a value, as a cell or in JSON.
local function value_at(record, path)
  local value = record.values and record.values[path]
  if value then return value end
  value = record.case
  for name in path:gmatch("[^.]+") do value = null.field(value, name) end
  local kind = type(value)
  return (kind == "string" or kind == "number") and tostring(value) or nil
end

-- Each problem with the value and the column that it is about.
local function fields_of(self, record)
  local fields = {}
  for path, messages in pairs(record.problems) do
    local value, place = value_at(record, path), self.position_of[path]
    local prefix = ""
    if value then
      prefix = cells.shown(value) .. (place and (" (column %d) "):format(place) or " ")
    end
    fields[path] = {}
    for index, message in ipairs(messages) do fields[path][index] = prefix .. message end
  end
  return fields
end

--- The next record.
-- @treturn[1] table `{ line, case, tenant }`, or `{ line, fields }` with what is wrong: path to
--   array of texts, each with the value and the column
-- @treturn[2] nil at the end
function Source:next()
  if self.ended then return nil end
  local record = self.read()
  self.ended = not record or record.last
  if not record then return nil end
  if record.case then checks.record(self, record) end
  self.records = self.records + 1
  if record.problems then
    self.wrong = self.wrong + 1
    return { line = record.line, fields = fields_of(self, record), last = record.last }
  end
  self.sums:add(record.case.currencyCode, record.amounts.amountToRecover)
  return { line = record.line, case = record.case, tenant = record.tenant }
end

--- What has been read so far.
-- @treturn table `records`, `right`, `wrong`, `sums` (array of `currency`, `count`, `total` as
--   text, in the order of currencies), `notes` (array of texts about the file)
function Source:summary()
  local notes = {}
  if self.formulas > 0 then
    notes[1] = ("%d cells begin with =, +, - or @, which a spreadsheet takes for formulas; the "
      .. "first in %s"):format(self.formulas, self.first_formula)
  end
  return {
    records = self.records, right = self.records - self.wrong, wrong = self.wrong,
    sums = self.sums:list(), notes = notes,
  }
end

--- Where the next record begins.
-- @treturn table for `skip` of another time
function Source:position()
  return { offset = self.lines.offset, line = self.lines.number }
end

--- Goes on at a place that `position` gave.
-- @tparam table position
function Source:skip(position)
  self.lines:seek(position.offset, position.line)
end

--- Closes the file.
function Source:close()
  self.lines:close()
end

-- Opening -------------------------------------------------------------------------------------

-- The options, with those of a map in their places.
local function settings_of(read)
  local map = read.map and maps.check(read.map)
  local settings = { map = map, now = read.now, check = read.check }
  for _, name in ipairs { "decimal", "dates", "encoding", "separator" } do
    settings[name] = read[name] or map and map[name] or nil
  end
  return settings
end

-- What a file is recognised by when it is given again.
local function identity(tenant, size, head)
  return core.digest.sha256(("%s\n%d\n%s"):format(tenant or "", size, head))
end

local function prepare(file, path, read)
  local head, size = file:read(HEAD) or "", file:seek("end")
  if files.is_workbook(head) then return nil, { files.SAVE_AS } end
  local format = format_of(path, read.format, head)
  local settings = settings_of(read)
  local marked, start = decode.mark(head)
  settings.encoding = marked or settings.encoding or "utf-8"
  if settings.encoding == "utf-8" then
    local bad = files.first_bad_line(file, start, MAX_RECORD)
    if bad then return nil, { NOT_UTF8:format(bad) } end
  end
  local self = setmetatable({
    size = size, id = identity(read.external_tenant_id, size, head), settings = settings,
    tenant = read.external_tenant_id, seen = duplicates.new(), sums = sums.new(), records = 0,
    wrong = 0, formulas = 0,
    lines = lines.new(file, {
      max_line = MAX_RECORD, start = start, encoding = settings.encoding,
    }),
  }, Source)
  local problems
  self.read, problems = formats[format](self)
  if not self.read then return nil, problems end
  return self
end

--- Opens a file.
-- @tparam string path "-" for standard input
-- @tparam[opt] table given see `import.options`
-- @treturn[1] table with `next`, `summary`, `position`, `skip`, `close`, `id`, `size`
-- @treturn[2] nil
-- @treturn[2] table texts: everything that is wrong with the file as a whole
function import.open(path, given)
  local read = import.options:read(given)
  local file, err = files.open(path)
  if not file then return nil, { err } end
  local source, problems = prepare(file, path, read)
  if not source then file:close() end
  return source, problems
end

--- Reads a file to its end and sends nothing: the run without its last step.
-- @tparam string path
-- @tparam[opt] table given see `import.options`; `on_wrong(record)` is called for each that is
--   wrong
-- @treturn[1] table see `summary`
-- @treturn[2] nil
-- @treturn[2] table texts: everything that is wrong with the file as a whole
function import.check(path, given)
  local source, problems = import.open(path, given)
  if not source then return nil, problems end
  local on_wrong = given and given.on_wrong
  for record in function() return source:next() end do
    if record.fields and on_wrong then on_wrong(record) end
  end
  source:close()
  return source:summary()
end

--- A first map for a file of another system, from the names of its columns.
-- @tparam string path
-- @tparam[opt] table given `encoding`, `separator`
-- @treturn[1] string JSON, to be looked through by a person
-- @treturn[2] nil
-- @treturn[2] table problems, as texts
function import.map_template(path, given)
  local read = import.options:read(given)
  local file, err = files.open(path)
  if not file then return nil, { err } end
  local head = file:read(HEAD) or ""
  local marked, start = decode.mark(head)
  local reader, wrong = csv.open(lines.new(file, {
    max_line = MAX_RECORD, start = start, encoding = marked or read.encoding,
  }), read.separator)
  file:close()
  if files.is_workbook(head) then wrong = files.SAVE_AS end
  if wrong then return nil, { wrong } end
  local header = {}
  for i, name in ipairs(reader.header) do header[i] = text.trim(name) end
  return maps.template(header)
end

return import
