--- Cases out of a file: CSV with a header, or JSON lines; read in constant memory, each with the
-- line on which it begins.
-- @module debitura.import

local columns = require("debitura.import.columns")
local core = require("debitura.core")
local csv = require("debitura.import.csv")
local lines = require("debitura.import.lines")

local import = {}

local MAX_RECORD = 256 * 1024 -- bytes

local Source = {}
Source.__index = Source

local function problem_of(text)
  return { row = { text } }
end

-- One after the other: the case, or what is wrong.
local formats = {}

function formats.csv(self, wants_tenant)
  local reader, wrong = csv.open(self.lines)
  if not reader then return nil, { wrong } end
  local chosen, problems = columns.read(reader.header, wants_tenant)
  if not chosen then return nil, problems end
  return function()
    local cells, line, problem, last = reader:next()
    if cells == nil then return nil end
    if not cells then return { line = line, fields = problem_of(problem), last = last } end
    local case, tenant_or_problems = columns.case(chosen, cells, reader.separator)
    if not case then return { line = line, fields = tenant_or_problems } end
    return { line = line, case = case, tenant = tenant_or_problems }
  end
end

--- A line is a case, or `{"externalTenantId": …, "case": {…}}` where the file says whose each is.
function formats.jsonl(self, wants_tenant)
  return function()
    local text, problem
    repeat text, problem = self.lines:next() until not text or text:find("%S")
    if text == nil then return nil end
    if text == false then return { line = self.lines.number + 1, fields = problem_of(problem), last = true } end
    local line, value, wrong = self.lines.number, core.json.decode(text)
    if type(value) ~= "table" then
      return { line = line, fields = problem_of(wrong and "is no JSON: " .. wrong.message or "is no object") }
    end
    if not wants_tenant then return { line = line, case = value } end
    if type(value.case) ~= "table" then return { line = line, fields = { case = { "required" } } } end
    return { line = line, case = value.case, tenant = value[columns.TENANT] }
  end
end

local function format_of(path, given)
  if given then return given end
  local ending = (path:match("%.(%w+)$") or ""):lower()
  return ending == "csv" and "csv" or (ending == "jsonl" or ending == "ndjson") and "jsonl" or nil
end

--- What a file is recognised by when it is given again.
local function identity(path, tenant)
  local file, problem = io.open(path, "rb")
  if not file then return nil, problem end
  local head, unreadable = file:read(64 * 1024)
  if unreadable then
    file:close()
    return nil, unreadable
  end
  local size = file:seek("end")
  file:close()
  return core.digest.sha256(("%s\n%d\n%s"):format(tenant or "", size, head or "")), size
end

--- The next record: `{ line, case, tenant }`, or `{ line, fields }` with what is wrong; nil at the
-- end.
function Source:next()
  if self.ended then return nil end
  local record = self.read()
  self.ended = not record or record.last
  return record
end

--- Where the next record begins, for `options.from` of another time.
function Source:position()
  return { offset = self.lines.offset, line = self.lines.number }
end

function Source:close()
  self.lines:close()
end

--- Opens a file.
-- @tparam string path
-- @tparam table options `format` ("csv" or "jsonl"; default: by the name's ending),
--   `external_tenant_id` (all cases are this client's; else each record says whose it is)
-- @treturn[1] table with `next`, `position`, `skip`, `close`, `id`, `size`
-- @treturn[2] nil
-- @treturn[2] table texts: everything that is wrong with the file as a whole
function import.open(path, options)
  local format = formats[format_of(path, options.format) or ""]
  if not format then return nil, { "the format is csv or jsonl; the name's ending does not tell which" } end
  local id, size = identity(path, options.external_tenant_id)
  if not id then return nil, { size } end
  local opened, problem = lines.open(path, MAX_RECORD)
  if not opened then return nil, { problem } end
  local self = setmetatable({ lines = opened, id = id, size = size }, Source)
  local problems
  self.read, problems = format(self, not options.external_tenant_id)
  if self.read then return self end
  opened:close()
  return nil, problems
end

--- Goes on at a place that `position` gave.
-- @tparam table position
function Source:skip(position)
  self.lines:seek(position.offset, position.line)
end

return import
