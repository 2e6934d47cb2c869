--- The options of a constructor as one table: names, types, defaults and what each is for.
--
--     local OPTIONS = options.define("debitura.limiter", {
--       { "minute", "count", default = 2000, "calls in any 60 seconds" },
--       { "logger", "function|table", "is called for each wait" },
--     })
--     local given = OPTIONS:read(...)
--
-- From the table come the check, the reference and the types. An unknown name is a mistake of the
-- programmer and raises an error at the caller's line, with "did you mean" where a known name is
-- near.
-- @module debitura.base.options

local deprecation = require("debitura.base.deprecation")
local merged = require("debitura.base.merged")
local spelling = require("debitura.base.spelling")
local usage = require("debitura.base.usage")

local options = {}

local function is_finite(value)
  return type(value) == "number" and value == value and value ~= math.huge and value ~= -math.huge
end

--- The types: what a value has to be, how an error says it, and how the annotations for editors
-- write it.
local TYPES = {
  string = { function(value) return type(value) == "string" end, "text", "string" },
  text = {
    function(value) return type(value) == "string" and value ~= "" end,
    "text that is not empty", "string",
  },
  number = { is_finite, "a number", "number" },
  seconds = {
    function(value) return is_finite(value) and value >= 0 end,
    "a number of seconds", "number",
  },
  positive = {
    function(value) return is_finite(value) and value > 0 end,
    "a number above 0", "number",
  },
  count = {
    function(value) return is_finite(value) and value >= 1 and value % 1 == 0 end,
    "a whole number from 1", "integer",
  },
  whole = {
    function(value) return is_finite(value) and value >= 0 and value % 1 == 0 end,
    "a whole number from 0", "integer",
  },
  boolean = { function(value) return type(value) == "boolean" end, "true or false", "boolean" },
  ["false"] = { function(value) return value == false end, "false", "false" },
  ["function"] = { function(value) return type(value) == "function" end, "a function", "function" },
  table = { function(value) return type(value) == "table" end, "a table", "table" },
  object = {
    function(value) return type(value) == "table" or type(value) == "userdata" end,
    "an object", "table|userdata",
  },
  secret = {
    function(value) return type(value) == "string" and value ~= "" or type(value) == "userdata" end,
    "text or debitura.secret", "string|userdata",
  },
  any = { function() return true end, "anything", "any" },
}

--- The alternatives of a type such as `"function|table"`.
local function alternatives(written)
  local types = {}
  for name in written:gmatch("[^|]+") do
    types[#types + 1] = TYPES[name] or error("options: there is no type " .. name)
  end
  return types
end

local function fits(row, value)
  local types = row.types
  for i = 1, #types do
    if types[i][1](value) then return true end
  end
  return false
end

local function expected(row)
  local words = {}
  for i, kind in ipairs(row.types) do words[i] = kind[2] end
  return table.concat(words, " or ")
end

local Options = {}
Options.__index = Options

--- A value as an error may show it: what could be a secret is not shown.
local function shown(value)
  if type(value) == "number" or type(value) == "boolean" then return tostring(value) end
  return value == "" and "an empty text" or type(value)
end

--- What is wrong with a value that has to be one of a few.
local function value_problem(values, value)
  for _, allowed in ipairs(values) do
    if value == allowed then return nil end
  end
  local quoted = {}
  for i, allowed in ipairs(values) do quoted[i] = ("'%s'"):format(allowed) end
  return ("%s expected, got '%s'"):format(table.concat(quoted, " or "), tostring(value))
end

--- Says what is wrong with an option.
-- @tparam string name
-- @tparam string problem
-- @tparam[opt] string owner
-- @raise at the caller's line
function Options:complain(name, problem, owner)
  usage.error(("%s: option '%s': %s"):format(owner or self.owner, name, problem))
end

function Options:refuse(name, owner)
  local near = type(name) == "string" and spelling.nearest(name, self.names)
  usage.error(("%s: unknown option '%s'%s"):format(owner, tostring(name),
    near and (", did you mean '%s'?"):format(near) or ""))
end

--- Checks the names of what is given.
-- @treturn table the same, or a copy under today's names
function Options:check_names(given, owner)
  local by_name, renamed = self.by_name, nil
  for name in pairs(given) do
    if not by_name[name] then
      renamed = renamed or {}
      renamed[name] = deprecation.current(owner .. ": option ", tostring(name), given.logger)
        or self:refuse(name, owner)
    end
  end
  if not renamed then return given end
  local copy = {}
  for name, value in pairs(given) do
    local now = renamed[name] or name
    if now ~= name and given[now] ~= nil then
      self:complain(now, ("given under its earlier name '%s' as well"):format(name), owner)
    end
    copy[now] = value
  end
  return copy
end

function Options:check_value(row, value, owner)
  if not fits(row, value) then
    self:complain(row.name,
      ("%s expected, got %s"):format(row.expected or expected(row), shown(value)), owner)
  end
  local problem = row.values and value_problem(row.values, value) or row.check and row.check(value)
  if problem then self:complain(row.name, problem, owner) end
end

--- Reads what a caller gave: checks names, types and values, and fills in the defaults.
-- @tparam ?table given nil counts as no option given
-- @tparam[opt] string owner whose options they are, where several take the same
-- @treturn table a copy with the defaults
-- @raise at the caller's line
function Options:read(given, owner)
  owner = owner or self.owner
  if given == nil then given = {} end
  if type(given) ~= "table" then
    usage.error(("%s: a table of options expected, got %s"):format(owner, type(given)))
  end
  given = self:check_names(given, owner)
  local read, rows = {}, self.rows
  for i = 1, #rows do
    local row = rows[i]
    local value = given[row.name]
    if value ~= nil then
      if not row.is_plain or not row.is_plain(value) then self:check_value(row, value, owner) end
    elseif row.required then
      self:complain(row.name, "missing: " .. row.doc, owner)
    else
      value = row.default
    end
    read[row.name] = value
  end
  return read
end

--- Defines the options of a constructor.
-- @tparam string owner the constructor's name, as errors say it
-- @tparam table ... arrays of rows, joined in order. A row has the name, the type and a sentence
--   of what it is for (`doc` of a row that is defined), and may have `default`, `required`,
--   `values` (the only ones), `check(value)` (gives what is wrong, or nil), `expected` (what an
--   error says instead of the type's own words), `annotation` (the type for editors, where the
--   type's own says too little) and `shown_default` (what happens without the option, where that
--   is no value). The type is one of string, text, number, seconds, positive, count, whole,
--   boolean, false, function, table, object, secret, any, or several with `|` between.
-- @treturn table with `owner`, `rows`, `names` and the methods `read` and `complain`
function options.define(owner, ...)
  local self = setmetatable({ owner = owner, rows = {}, names = {}, by_name = {} }, Options)
  for _, rows in ipairs { ... } do
    for _, written in ipairs(rows) do
      local row = merged(written)
      row.name, row.types, row.doc = written[1], alternatives(written[2]), written[3]
      -- Most options have one type and no other check.
      row.is_plain = #row.types == 1 and not row.values and not row.check and row.types[1][1] or nil
      self.rows[#self.rows + 1], self.names[#self.names + 1] = row, row.name
      self.by_name[row.name] = row
    end
  end
  return self
end

--- How the annotations for editors write a row's type.
-- @tparam table row
-- @treturn string
function options.annotation(row)
  if row.annotation then return row.annotation end
  local words = {}
  if row.values then
    for i, value in ipairs(row.values) do words[i] = '"' .. value:gsub("\t", "\\t") .. '"' end
  else
    for i, kind in ipairs(row.types) do words[i] = kind[3] end
  end
  return table.concat(words, "|")
end

return options
