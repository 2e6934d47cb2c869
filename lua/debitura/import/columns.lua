--- What a table's columns are in a case: each is named like the API's field, `debtor.name` for one
-- inside of another, or a map says what it is.
-- @module debitura.import.columns

local cells = require("debitura.import.cells")
local codes = require("debitura.base.codes")
local names = require("debitura.store.names")
local operations = require("debitura.operations")
local sorted_keys = require("debitura.base.sorted_keys")
local spelling = require("debitura.base.spelling")
local text = require("debitura.base.text")
local validate = require("debitura.operations.validate")

local columns = {}

local CREATE = operations.get("customer", "cases.create")
local COUNT_MAX = 1000 -- columns of a file
-- Bytes of a name that may be one misspelt, and how many are compared with those that there are.
local NAME_MAX, COMPARED_MAX = 60, 50
local DATES = { ["date-time"] = true, date = true }
local KINDS = { ["debtor.countryAlpha2"] = "country", currencyCode = "currency" }

--- Whose case it is stands in a column of its own.
columns.TENANT = "externalTenantId"

--- Columns by which a case is found again: nothing invisible may be in them.
local KEYS = { [columns.TENANT] = true, creditorReference = true }

-- Fields --------------------------------------------------------------------------------------

local function fields_of(shape, prefix, found)
  for _, field in ipairs(CREATE.shapes[shape].fields) do
    local path = prefix .. field.name
    if field.type == "shape" then
      fields_of(field.shape, path .. ".", found)
    else
      local outer, inner = path:match("^(.-)%.(.*)$")
      found[path] = {
        path = path, outer = outer, inner = inner, required = field.required,
        field = field, kind = KINDS[path] or DATES[field.format] and "date" or field.type,
      }
    end
  end
  return found
end

local known

--- Every column that a file may have.
-- @treturn table by path: `path`, `kind`, `required`
function columns.known()
  known = known or fields_of(CREATE.body, "", {
    [columns.TENANT] = { path = columns.TENANT, kind = "string" },
  })
  return known
end

--- The paths of all columns, in the order of the alphabet.
-- @treturn table
function columns.names()
  return sorted_keys(columns.known())
end

--- What is said of a name that is no field's.
-- @tparam string shown how it is shown
-- @param name what is compared with those that there are, when it is a text
-- @tparam[opt=""] string otherwise what is said when none is near
-- @treturn string
function columns.no_field(shown, name, otherwise)
  local near = type(name) == "string" and #name <= NAME_MAX
    and spelling.nearest(name, columns.names())
  return ("%s is no field of a case%s"):format(shown,
    near and (", did you mean %s?"):format(near) or otherwise or "")
end

-- Headers -------------------------------------------------------------------------------------

-- The field of a header's name; false for a column that is left out; nil and what is wrong.
local function known_by(name, map, is_compared)
  local path = name
  if map then
    path = map.columns[name]
    if path == nil then
      return nil, ("%s is not in the map: give it a field, or null to leave it out"):format(
        cells.shown(name))
    end
    if path == false then return false end
  end
  local column = columns.known()[path]
  if column then return column end
  return nil, columns.no_field(cells.shown(name), is_compared and name,
    "; a map can say what it is (--map)")
end

--- The columns that a file needs, in the order of the alphabet.
-- @tparam boolean with_tenant whether the file says whose each case is
-- @treturn table paths
function columns.needed(with_tenant)
  local paths = {}
  for path, column in pairs(columns.known()) do
    local needed = column.required or path == "creditorReference"
    if needed or path == columns.TENANT and with_tenant then paths[#paths + 1] = path end
  end
  table.sort(paths)
  return paths
end

-- Cells ---------------------------------------------------------------------------------------

local read = {}

function read.string(value)
  return value
end

function read.number(value, settings)
  local number, err = cells.number(value, settings.decimal)
  if not number then return nil, err end
  return tonumber(number)
end

function read.date(value, settings)
  return cells.date(value, settings.dates)
end

read.boolean = cells.boolean

function read.country(value, settings)
  local code = codes.is_country(value) and value or settings.map and codes.country(value)
  if code then return code end
  return nil, codes.NO_COUNTRY
end

function read.currency(value)
  if codes.decimals(value) then return value end
  return nil, codes.NO_CURRENCY
end

-- A column of one file. Most columns hold few different cells, which are read once.
local Column = {}
Column.__index = Column

--- Stands for the value of an empty cell.
local EMPTY = {}

-- Cells that a column keeps, and after how many others it begins anew.
local MEMO_MAX, MEMO_ANEW = 512, 8192

-- Whether a value that is not empty may break what is said of its field.
function Column:is_checked(value)
  local field = self.field
  if not field or not self.settings.check then return false end
  if field.format or field.values or type(value) == "number" and (field.min or field.max) then
    return true
  end
  return type(value) == "string" and (#value > (field.max or #value) or #value < (field.min or 0))
end

-- What a cell is, once it is no white space.
local function value_of(self, value)
  local settings = self.settings
  value = cells.unwrapped(value)
  local values = settings.map and settings.map.values[self.path]
  if values and values[value] ~= nil then value = values[value] end
  local problem = cells.artefact(value) or self.is_key and names.invisible_problem(value)
  if problem then return nil, problem end
  local result, err = read[self.kind](value, settings)
  if result == nil or not self:is_checked(result) then return result, err end
  validate.value(self.field, result, "", { report = function(_, message) err = err or message end })
  if err then return nil, err end
  return result
end

--- Reads a cell.
-- @tparam string cell as it is in the file
-- @return[1] its value, or `EMPTY`
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function Column:take(cell)
  local value, err = text.trim(cell), nil
  if value == "" then value = EMPTY else value, err = value_of(self, value) end
  if value == nil then return nil, err end
  self.missed = self.missed + 1
  if self.missed > MEMO_ANEW then self.memo, self.missed = {}, 0 end
  if self.missed <= MEMO_MAX then self.memo[cell] = value end
  return value
end

local function new_column(known_column, settings)
  local field = known_column.field
  return setmetatable({
    path = known_column.path, outer = known_column.outer, inner = known_column.inner,
    name = known_column.inner or known_column.path, kind = known_column.kind, field = field,
    is_required = settings.check and known_column.required,
    is_key = KEYS[known_column.path], settings = settings, memo = {}, missed = 0,
  }, Column)
end

local function put(case, column, value)
  local outer = column.outer
  if not outer then
    case[column.name] = value
  elseif case[outer] then
    case[outer][column.name] = value
  else
    case[outer] = { [column.name] = value }
  end
end

-- Files ---------------------------------------------------------------------------------------

-- What a map says of every case: `{ column, value }` each.
local function constants_of(map, settings, problems)
  local constants = {}
  for path, written in pairs(map and map.constants or {}) do
    local column = new_column(columns.known()[path], settings)
    local value, err = column:take(written)
    if value == nil then
      problems[#problems + 1] = ("the map's constant %s: %s %s"):format(path, cells.shown(written),
        err)
    elseif value == EMPTY then
      problems[#problems + 1] = ("the map's constant %s is empty: fill it in, or take it out")
        :format(path)
    else
      constants[#constants + 1] = { column, value }
    end
  end
  return constants
end

--- The columns of a header.
-- @tparam table header names
-- @tparam boolean with_tenant whether the file says whose each case is
-- @tparam table settings `decimal`, `dates`, `check`, and a `map` (see debitura.import.maps) or nil
-- @treturn[1] table by position: a column; false for one that is left out, or has no name and is in
--   `nameless`; and `count`, `last` (of those with a name), `position` (by path), `constants`
-- @treturn[2] nil
-- @treturn[2] table problems, as texts
function columns.read(header, with_tenant, settings)
  if #header > COUNT_MAX then
    return nil, { ("it has %d columns, %d at most are read"):format(#header, COUNT_MAX) }
  end
  local chosen, problems = { count = #header, last = 0, position = {}, nameless = {} }, {}
  for i, written in ipairs(header) do
    local name = text.trim(written)
    local column, err = false, nil
    if name == "" then
      chosen.nameless[i] = true
    else
      column, err = known_by(name, settings.map, #problems < COMPARED_MAX)
      chosen.last = i
    end
    if column and chosen.position[column.path] then
      err = ("%s is there twice, in column %d, too: leave one out"):format(column.path,
        chosen.position[column.path])
    end
    if err then problems[#problems + 1] = ("column %d: %s"):format(i, err) end
    if column then chosen.position[column.path] = chosen.position[column.path] or i end
    chosen[i] = column and new_column(column, settings) or false
  end
  chosen.constants = constants_of(settings.map, settings, problems)
  for _, path in ipairs(columns.needed(with_tenant)) do
    if not chosen.position[path] and not (settings.map and settings.map.constants[path]) then
      problems[#problems + 1] = ("the column %s is missing: add it, or let a map say "
        .. "what it is"):format(path)
    end
  end
  if problems[1] then return nil, problems end
  return chosen
end

-- Records -------------------------------------------------------------------------------------

-- Whether a record says nothing at all.
local function is_empty(fields)
  for _, field in ipairs(fields) do
    if text.trim(field) ~= "" then return false end
  end
  return true
end

-- Fields beyond the header's, and those of columns without a name, may only be empty.
local function check_count(chosen, fields, record)
  local count = #fields
  while count > chosen.count and text.trim(fields[count]) == "" do count = count - 1 end
  local advice = count > chosen.count and "put fields that hold a separator into quotes"
    or count < chosen.last and "fill it up, or put fields that hold a line end into quotes"
  if not advice then return end
  columns.problem(record, "row", ("has %d fields, the header has %d; the last is %s: %s"):format(
    count, chosen.count, cells.shown(text.trim(fields[count])), advice))
end

local function check_nameless(chosen, fields, record)
  for i in pairs(chosen.nameless) do
    local value = text.trim(fields[i] or "")
    if value ~= "" then
      columns.problem(record, "row", ("has %s in column %d, which has no name: give it one, or "
        .. "empty the cell"):format(cells.shown(value), i))
    end
  end
end

--- Notes what is wrong with a field of a record.
function columns.problem(record, path, problem)
  local problems = record.problems
  if not problems then
    problems = {}
    record.problems = problems
  end
  local messages = problems[path]
  if messages then messages[#messages + 1] = problem else problems[path] = { problem } end
end

--- Makes a case of a record; an empty cell is a field that is absent.
-- @tparam table chosen columns
-- @tparam table fields
-- @treturn[1] table the record: `case`, `tenant`, `cells` (the fields), `problems` (path to array
--   of texts, or nil)
-- @treturn[2] nil for a record that is empty
function columns.case(chosen, fields)
  local record, case, has_value, count = { cells = fields }, {}, false, chosen.count
  if #fields ~= count then
    if is_empty(fields) then return nil end
    check_count(chosen, fields, record)
    if record.problems then return record end
  end
  for i = 1, count do
    local column = chosen[i]
    if column then
      local cell = fields[i] or ""
      local value, err = column.memo[cell], nil
      if value == nil then value, err = column:take(cell) end
      if value == EMPTY then
        if column.is_required then columns.problem(record, column.path, "required: fill it in") end
      else
        has_value = true
        if value == nil then
          columns.problem(record, column.path, err)
        else
          put(case, column, value)
        end
      end
    end
  end
  if not has_value and is_empty(fields) then return nil end
  if next(chosen.nameless) then check_nameless(chosen, fields, record) end
  for _, constant in ipairs(chosen.constants) do put(case, constant[1], constant[2]) end
  record.case, record.tenant = case, case[columns.TENANT]
  case[columns.TENANT] = nil
  return record
end

return columns
