--- What a table's columns are in a case: each is named like the API's field, `debtor.name` for one
-- inside of another, or a map says what it is.
-- @module debitura.import.columns

local cells = require("debitura.import.cells")
local codes = require("debitura.base.codes")
local operations = require("debitura.operations")
local spelling = require("debitura.base.spelling")
local text = require("debitura.base.text")

local columns = {}

local CREATE = operations.get("customer", "cases.create")
local COUNTRY = "debtor.countryAlpha2"
local COUNT_MAX = 1000 -- columns of a file
local NAME_MAX = 60 -- bytes of a name that may be one misspelt
local DATES = { ["date-time"] = true, date = true }

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
        kind = DATES[field.format] and "date" or field.type,
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
  local names = {}
  for name in pairs(columns.known()) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- Headers -------------------------------------------------------------------------------------

-- The column of a header's name; false for one that is left out; nil and what is wrong.
local function column_of(name, map)
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
  local near = #name <= NAME_MAX and spelling.nearest(name, columns.names())
  return nil, ("%s is no field of a case%s"):format(cells.shown(name),
    near and (", did you mean %s?"):format(near) or "; a map can say what it is (--map)")
end

--- The columns that a file needs, in the order of the alphabet.
-- @tparam boolean with_tenant whether the file says whose each case is
-- @treturn table paths
function columns.needed(with_tenant)
  local names = {}
  for path, column in pairs(columns.known()) do
    local needed = column.required or path == "creditorReference"
    if needed or path == columns.TENANT and with_tenant then names[#names + 1] = path end
  end
  table.sort(names)
  return names
end

--- The columns of a header.
-- @tparam table header names
-- @tparam boolean with_tenant whether the file says whose each case is
-- @tparam ?table map see debitura.import.maps
-- @treturn[1] table by position: a column; false for one that is left out, or has no name and is in
--   `nameless`; and `count`, `last` (of those with a name), `position` (by path)
-- @treturn[2] nil
-- @treturn[2] table problems, as texts
function columns.read(header, with_tenant, map)
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
      column, err = column_of(name, map)
      chosen.last = i
    end
    if column and chosen.position[column.path] then err = column.path .. " is there twice" end
    if err then problems[#problems + 1] = ("column %d: %s"):format(i, err) end
    if column then chosen.position[column.path] = i end
    chosen[i] = column or false
  end
  local constants = map and map.constants or {}
  for _, path in ipairs(columns.needed(with_tenant)) do
    if not chosen.position[path] and not constants[path] then
      problems[#problems + 1] = ("the column %s is missing"):format(path)
    end
  end
  if problems[1] then return nil, problems end
  return chosen
end

-- Records -------------------------------------------------------------------------------------

local read = {}

function read.string(value)
  return value
end

function read.number(value, settings)
  return cells.number(value, settings.decimal)
end

function read.date(value, settings)
  return cells.date(value, settings.dates)
end

function read.boolean(value)
  return cells.boolean(value)
end

-- What a map makes of a value before it is read.
local function translated(column, value, map)
  local values = map.values[column.path]
  if values and values[value] ~= nil then return values[value] end
  if column.path == COUNTRY and not codes.is_country(value) then
    return codes.country(value) or value
  end
  return value
end

local function value_of(column, value, settings)
  value = cells.unwrapped(value)
  if settings.map then value = translated(column, value, settings.map) end
  local problem = cells.artefact(value)
  if not problem and KEYS[column.path] and text.has_invisible(value) then
    problem = "has an invisible character in it: type it again"
  end
  if problem then return nil, problem end
  return read[column.kind](value, settings)
end

local function put(case, column, value)
  if not column.outer then
    case[column.path] = value
    return
  end
  local inside = case[column.outer]
  if not inside then
    inside = {}
    case[column.outer] = inside
  end
  inside[column.inner] = value
end

-- Whether a record says nothing at all.
local function is_empty(fields)
  for _, field in ipairs(fields) do
    if text.trim(field) ~= "" then return false end
  end
  return true
end

-- Fields beyond the header's, and those of columns without a name, may only be empty.
local function stray_problem(chosen, fields)
  local count = #fields
  while count > chosen.count and text.trim(fields[count]) == "" do count = count - 1 end
  if count > chosen.count or count < chosen.last then
    return ("has %d fields, the header has %d"):format(count, chosen.count)
  end
end

--- Makes a case of a record; an empty cell is a field that is absent.
-- @tparam table chosen columns
-- @tparam table fields
-- @tparam table settings `decimal`, `dates`, `map`
-- @treturn[1] table the record: `case`, `tenant`, `amounts` (path to number as text), `values`
--   (path to cell), `problems` (path to array of texts, or nil)
-- @treturn[2] nil for a record that is empty
function columns.case(chosen, fields, settings)
  if #fields ~= chosen.count then
    if is_empty(fields) then return nil end
    local problem = stray_problem(chosen, fields)
    if problem then return { problems = { row = { problem } } } end
  end
  local record = { case = {}, amounts = {}, values = {} }
  local has_value = false
  for i = 1, chosen.count do
    local column, value = chosen[i], text.trim(fields[i] or "")
    if value ~= "" then
      has_value = true
      if column then columns.take(record, column, value, settings) end
      if chosen.nameless[i] then
        columns.problem(record, "row", ("has %s in column %d, which has no name"):format(
          cells.shown(value), i))
      end
    end
  end
  if not has_value then return nil end
  if settings.map then columns.add_constants(record, settings) end
  return record
end

--- Notes what is wrong with a field of a record.
function columns.problem(record, path, problem)
  record.problems = record.problems or {}
  record.problems[path] = record.problems[path] or {}
  table.insert(record.problems[path], problem)
end

--- Takes a cell into a record.
function columns.take(record, column, value, settings)
  local result, err = value_of(column, value, settings)
  record.values[column.path] = value
  if err then
    columns.problem(record, column.path, err)
  elseif column.path == columns.TENANT then
    record.tenant = result
  elseif column.kind == "number" then
    record.amounts[column.path] = result
    put(record.case, column, tonumber(result))
  else
    put(record.case, column, result)
  end
end

--- Puts in what a map says of every case.
function columns.add_constants(record, settings)
  for path, value in pairs(settings.map.constants) do
    columns.take(record, columns.known()[path], value, settings)
  end
end

return columns
