--- Validates a value against the description of its field and reports every problem by its path.
--
-- Descriptions are those of `debitura.operations.notation`. A path is the Lua expression that leads
-- to the value (`cases[2].debtor.countryAlpha2` is in the second case). Fields that no description
-- names pass, but are reported: the API may know more than this library. A shape's `rule`, where it
-- has one, says what types cannot.
-- @module debitura.operations.validate

local null = require("debitura.core").null
local time = require("debitura.base.time")

local validate = {}

--- Tells whether a field was given a value, null being none.
function validate.present(value)
  return value ~= nil and value ~= null
end

-- Texts ------------------------------------------------------------------------------------------

--- The length of a text as .NET counts it, in UTF-16 units: the limits of the API are those of .NET
-- strings.
local function text_length(text)
  local _, continuations = text:gsub("[\128-\191]", "")
  local _, beyond_bmp = text:gsub("[\240-\247]", "")
  return #text - continuations + beyond_bmp
end

local function is_date(text)
  local year, month, day = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  year = tonumber(year)
  return year ~= nil and year > 0 and time.days(year, tonumber(month), tonumber(day)) ~= nil
end

local function is_time(text)
  local hour, minute, rest = text:match("^T(%d%d):(%d%d)(.*)$")
  if not hour or tonumber(hour) > 23 or tonumber(minute) > 59 then return false end
  local second, after = rest:match("^:(%d%d)(.*)$")
  if second then
    if tonumber(second) > 59 then return false end
    rest = after:match("^%.%d+(.*)$") or after
  end
  return rest == "" or rest == "Z" or rest:find("^[+-]%d%d:%d%d$") ~= nil
end

local UUID = "^" .. ("%x"):rep(8) .. ("%-" .. ("%x"):rep(4)):rep(4) .. ("%x"):rep(8) .. "$"

local FORMATS = {
  uuid = { "must be a UUID", function(text) return text:find(UUID) end },
  date = { "must be a date such as 2026-01-31", is_date },
  -- The documented examples send a bare date in fields of this type, so a time is not demanded.
  ["date-time"] = { "must be a date and time such as 2026-01-31T12:00:00Z, or a date",
    function(text)
    return is_date(text:sub(1, 10)) and (#text == 10 or is_time(text:sub(11)))
  end },
  email = { "must be an e-mail address",
    function(text) return text:find("^[^%s%c@]+@[^%s%c@]+$") end },
  url = { "must be an absolute http or https URL", function(text)
    return text:find("^[Hh][Tt][Tt][Pp][Ss]?://[^%s%c/?#]") and not text:find("[%s%c]")
  end },
  sort = {},
}

-- Types ------------------------------------------------------------------------------------------

local function report_range(field, size, what, path, context)
  if field.min == 1 and size == 0 and what ~= "" then
    context.report(path, "must not be empty")
  elseif field.min and size < field.min then
    context.report(path, ("%smust be at least %s"):format(what, field.min))
  elseif field.max and size > field.max then
    context.report(path, ("%smust be at most %s"):format(what, field.max))
  end
end

local function report_values(field, value, path, context)
  if not field.values or field.open then return end
  if field.format == "sort" then value = value:gsub(":asc$", ""):gsub(":desc$", "") end
  for _, allowed in ipairs(field.values) do
    if value == allowed then return end
  end
  local suffix = field.format == "sort" and ", with :asc or :desc" or ""
  context.report(path, "must be one of " .. table.concat(field.values, ", ") .. suffix)
end

local function is_array(value)
  for key in pairs(value) do
    if type(key) ~= "number" then return false end
  end
  return true
end

local TYPES = {}

function TYPES.any() end

function TYPES.string(field, value, path, context)
  if type(value) ~= "string" then return context.report(path, "must be a text") end
  if field.min or field.max then
    report_range(field, text_length(value), "length ", path, context)
  end
  local format = FORMATS[field.format]
  if format and format[2] and not format[2](value) then context.report(path, format[1]) end
  report_values(field, value, path, context)
end

function TYPES.boolean(_, value, path, context)
  if type(value) ~= "boolean" then context.report(path, "must be true or false") end
end

function TYPES.number(field, value, path, context)
  if type(value) ~= "number" then return context.report(path, "must be a number") end
  if value ~= value or value == math.huge or value == -math.huge then
    return context.report(path, "must be a finite number")
  end
  report_range(field, value, "", path, context)
end

function TYPES.integer(field, value, path, context)
  -- Every integer of both APIs is an int32.
  if type(value) ~= "number" or value % 1 ~= 0 or value < -2 ^ 31 or value >= 2 ^ 31 then
    return context.report(path, "must be a whole number of 32 bits")
  end
  report_range(field, value, "", path, context)
  report_values(field, value, path, context)
end

function TYPES.array(field, value, path, context)
  if type(value) ~= "table" or not is_array(value) then
    return context.report(path, "must be an array")
  end
  report_range(field, #value, "number of items ", path, context)
  for index = 1, #value do
    local item = path .. "[" .. index .. "]"
    if value[index] == nil then
      context.report(item, "required")
    else
      validate.value(field.items, value[index], item, context)
    end
  end
end

function TYPES.map(field, value, path, context)
  if type(value) ~= "table" then return context.report(path, "must be an object") end
  for name, item in pairs(value) do
    validate.value(field.items, item, path .. "." .. tostring(name), context)
  end
end

-- The names of a shape's fields, in order and as a set, by shape.
local names_of_shapes = setmetatable({}, { __mode = "k" })

local function names_of(shape)
  local names = names_of_shapes[shape]
  if not names then
    names = { list = {}, set = {} }
    for index, field in ipairs(shape.fields) do
      names.list[index], names.set[field.name] = field.name, true
    end
    names_of_shapes[shape] = names
  end
  return names
end

local function tell_unknown(shape, value, prefix, context)
  local names = names_of(shape)
  for name in pairs(value) do
    if type(name) == "string" and not names.set[name] then
      context.unknown(prefix .. name, name, names.list)
    end
  end
end

function TYPES.shape(field, value, path, context)
  local shape = context.shapes[field.shape]
  if shape.type ~= "object" then return validate.value(shape, value, path, context) end
  if type(value) ~= "table" or value[1] ~= nil then
    return context.report(path, "must be an object")
  end
  local prefix = path == "" and "" or path .. "."
  for _, inner in ipairs(shape.fields) do
    local given = value[inner.name]
    if given ~= nil or inner.required then
      validate.value(inner, given, prefix .. inner.name, context)
    end
  end
  if context.unknown then tell_unknown(shape, value, prefix, context) end
  if shape.rule then
    shape.rule(value, function(name, message) context.report(prefix .. name, message) end, context)
  end
end

--- Validates one value.
-- @tparam table field a description; `{type = "shape", shape = name, required = true}` for a whole
--   body
-- @param value what was given, or nil
-- @tparam string path where it stands, "" for a whole body
-- @tparam table context `report(path, message)` is called for each problem; `shapes` finds shapes
--   by name; `now` (Unix seconds, optional) lets rules tell the past from the future;
--   `unknown(path, name, known)` (optional) is called for each field that no description names,
--   with the names that there are
function validate.value(field, value, path, context)
  if validate.present(value) then return TYPES[field.type](field, value, path, context) end
  if field.required then
    context.report(path, "required")
  elseif value == null and not field.nullable then
    context.report(path, "must not be null")
  end
end

return validate
