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
-- Options are those of `import.options`. The path "-" is standard input; pipes are read, too.
-- @module debitura.import

local cells = require("debitura.import.cells")
local checks = require("debitura.import.checks")
local columns = require("debitura.import.columns")
local core = require("debitura.core")
local csv = require("debitura.import.csv")
local decode = require("debitura.import.decode")
local duplicates = require("debitura.import.duplicates")
local encoding = require("debitura.base.encoding")
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
local IS_UTF8 = "the file looks like UTF-8: look at its names, or leave the option encoding out"

-- Options -------------------------------------------------------------------------------------

local function map_problem(map)
  local _, problems = maps.check(map)
  return problems and problems[1]
end

local FORMATS = { "csv", "jsonl" }

--- How a file is read: options of all that takes one.
import.reading = {
  { "external_tenant_id", "text",
    "all cases are this client's; else each record says whose" },
  { "format", "string", values = FORMATS,
    "default: by the name's ending, else by how the file begins" },
  { "decimal", "string", values = maps.choices.decimal,
    "default: a number that can be read in two ways is refused" },
  { "dates", "string", values = maps.choices.dates,
    "default: only dates such as 2026-01-31 are read" },
  { "encoding", "string", values = maps.choices.encoding,
    "default: by the byte order mark, else UTF-8" },
  { "separator", "string", values = maps.choices.separator,
    "of a CSV file; default: what its first line says" },
  { "map", "table", check = map_problem, "see debitura.import.maps; `import.map` reads one" },
  { "limit", "count", "how many records at most" },
}

import.options = options.define("debitura.import", import.reading, {
  { "check", "boolean", default = true,
    "false leaves a case's fields to Debitura's own checks" },
  { "now", "number", "Unix seconds, by which the past is told from the future" },
  { "on_wrong", "function", "of `check`: is given each record with something wrong" },
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
  local chosen, problems = columns.read(reader.header, not self.tenant, self.settings)
  if not chosen then return nil, problems end
  self.position_of = chosen.position
  return function()
    while true do
      local fields, line, err, last = reader:next()
      if fields == nil then return nil end
      if not fields then return { line = line, problems = { row = { err } }, last = last } end
      local record = columns.case(chosen, fields)
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
    local record = { line = self.lines.number }
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
local function value_at(record, path, place)
  if record.cells then return place and text.trim(record.cells[place] or "") end
  local outer, inner = path:match("^(.-)%.(.*)$")
  local value = outer and null.field(record.case, outer) or record.case
  value = null.field(value, inner or path)
  local kind = type(value)
  return (kind == "string" or kind == "number") and tostring(value) or nil
end

-- Each problem with the value and the column that it is about.
local function fields_of(self, record)
  for path, messages in pairs(record.problems) do
    local place = self.position_of[path]
    local value = value_at(record, path, place)
    if value then
      local prefix = cells.shown(value) .. (place and (" (column %d) "):format(place) or " ")
      for index, message in ipairs(messages) do messages[index] = prefix .. message end
    end
  end
  return record.problems
end

--- The next record.
-- @treturn[1] table `{ line, case, tenant }`, or `{ line, fields }` with what is wrong: path to
--   array of texts, each with the value and the column
-- @treturn[2] nil at the end, or after `limit` records
function Source:next()
  if self.ended or self.records == self.limit then return nil end
  local record = self.read()
  self.ended = not record or record.last
  if not record then return nil end
  if record.case then checks.record(self, record) end
  self.records = self.records + 1
  if record.problems then
    self.wrong = self.wrong + 1
    return { line = record.line, fields = fields_of(self, record), last = record.last }
  end
  local case = record.case
  self.sums:add(case.currencyCode, case.amountToRecover)
  return { line = record.line, case = case, tenant = record.tenant }
end

--- What has been read so far.
-- @treturn table `records`, `right`, `wrong`, `sums` (array of `currency`, `count`, `total` as
--   text, in the order of currencies), `notes` (array of texts about the file)
function Source:summary()
  local notes = { self.note }
  if self.formulas > 0 then
    notes[#notes + 1] = ("%s with =, +, - or @, which a spreadsheet takes for formulas; the first "
      .. "in %s"):format(self.formulas == 1 and "1 cell begins" or self.formulas .. " cells begin",
      self.first_formula)
  end
  return {
    records = self.records, right = self.records - self.wrong, wrong = self.wrong,
    sums = self.sums:list(), notes = notes,
  }
end

--- How far it has been read.
-- @treturn table `line`, and `offset` in bytes
function Source:position()
  return { offset = self.lines:offset(), line = self.lines.number }
end

--- Reads the file anew from a record on. What is before it is read, too, since no reference may be
-- there twice, and is not counted.
-- @tparam[opt=0] number line up to which an earlier run has come; see `position`
function Source:rewind(line)
  self.lines:rewind()
  self.limit, self.ended, self.seen = nil, false, duplicates.new()
  self.read = assert(formats[self.format](self))
  while line and self.lines.number < line and self:next() do end -- luacheck: ignore 542
  self.sums, self.records, self.wrong, self.formulas = sums.new(), 0, 0, 0
  self.first_formula, self.limit = nil, self.most
end

--- Reads what is left.
-- @tparam[opt] function on_wrong is given each record with something wrong
-- @treturn table see `summary`
function Source:survey(on_wrong)
  for record in function() return self:next() end do
    if record.fields and on_wrong then on_wrong(record) end
  end
  return self:summary()
end

--- Closes the file.
function Source:close()
  self.lines:close()
end

-- Opening -------------------------------------------------------------------------------------

-- The options, with those of a map in their places.
local function settings_of(read)
  local map = read.map and maps.check(read.map)
  local settings = { map = map, check = read.check }
  for _, name in ipairs(maps.settings) do
    settings[name] = read[name] or map and map[name] or nil
  end
  return settings
end

-- What a file is recognised by when it is given again.
local function identity(tenant, size, head)
  return core.digest.sha256(("%s\n%d\n%s"):format(tenant or "", size, head))
end

local function not_utf8(file, start)
  local reader = lines.new(file, { max_line = MAX_RECORD, start = start })
  local line
  repeat line = reader:next() until not line or not encoding.is_utf8(line)
  return NOT_UTF8:format(line and reader.number or reader.number + 1)
end

-- Looks at how a file's text is written.
-- @treturn[1] table for `lines.new`
-- @treturn[1] string the first bytes
-- @treturn[1] ?string what is odd about it
-- @treturn[2] nil
-- @treturn[2] string what is wrong
local function text_of(file, said)
  local head = file:read(HEAD) or ""
  local marked, start = decode.mark(head)
  local wrong = files.head_problem(head, marked or said)
  if wrong then return nil, wrong end
  local is_utf8, has_others = files.utf8(file, start)
  -- Some programs write the mark of UTF-8 before bytes that are none.
  if marked == "utf-8" and not is_utf8 then marked = nil end
  local known = marked or said or "utf-8"
  if known == "utf-8" and not is_utf8 then return nil, not_utf8(file, start) end
  return { max_line = MAX_RECORD, start = start, encoding = known }, head,
    is_utf8 and has_others and not known:find("^utf") and IS_UTF8 or nil
end

local function prepare(file, path, read)
  local settings = settings_of(read)
  local written, head, note = text_of(file, settings.encoding)
  if not written then return nil, { head } end
  local size = file:seek("end")
  local self = setmetatable({
    size = size, id = identity(read.external_tenant_id, size, head), settings = settings,
    tenant = read.external_tenant_id, most = read.limit,
    format = format_of(path, read.format, head), note = note, lines = lines.new(file, written),
  }, Source)
  checks.prepare(self, read.now)
  local readable, problems = formats[self.format](self)
  if not readable then return nil, problems end
  self:rewind()
  return self
end

--- Opens a file.
-- @tparam string path "-" for standard input
-- @tparam[opt] table given see `import.options`
-- @treturn[1] table with `next`, `survey`, `summary`, `position`, `rewind`, `close`, `id`, `size`
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
  local summary = source:survey(given and given.on_wrong)
  source:close()
  return summary
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
  local written, wrong = text_of(file, read.encoding)
  local reader
  if written then reader, wrong = csv.open(lines.new(file, written), read.separator) end
  file:close()
  if not reader then return nil, { wrong } end
  local header = {}
  for i, name in ipairs(reader.header) do header[i] = text.trim(name) end
  return maps.template(header)
end

return import
