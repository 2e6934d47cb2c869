--- Maps: what the columns of another system's file are in a case. A JSON file:
--
--     {
--       "columns": { "*InvoiceNumber": "creditorReference", "*ContactName": "debtor.name",
--                    "POCountry": "debtor.countryAlpha2", "Status": null },
--       "constants": { "debtor.type": "Company" },
--       "values": { "debtor.countryAlpha2": { "Holland": "NL" } },
--       "decimal": "point", "dates": "dmy", "encoding": "windows-1252", "separator": ";"
--     }
--
-- Each column of the file is given a field of the case, or null to leave it out. `constants` are
-- taken into each case, `values` replaces cells; countries are found by their English names, too.
-- The others are options of debitura.import.open, which go before.
-- @module debitura.import.maps

local columns = require("debitura.import.columns")
local core = require("debitura.core")
local null = require("debitura.base.null")
local spelling = require("debitura.base.spelling")

local maps = {}

local SIZE_MAX = 64 * 1024 -- bytes
local NAME_MAX = 60 -- bytes of a name that may be one misspelt

--- Names in a map that are options of debitura.import.open as well.
maps.settings = { "decimal", "dates", "encoding", "separator" }
local NAMES = { "columns", "constants", "values", "decimal", "dates", "encoding", "separator" }

--- The values that the options may have.
maps.choices = {
  decimal = { "comma", "point" },
  dates = { "iso", "dmy", "mdy" },
  encoding = {
    "utf-8", "windows-1252", "windows-1250", "iso-8859-15", "macintosh", "utf-16le", "utf-16be",
  },
  separator = { ",", ";", "\t", "|" },
}

local function choice_problem(name, value)
  local quoted = {}
  for i, allowed in ipairs(maps.choices[name]) do
    if value == allowed then return nil end
    quoted[i] = ("%q"):format(allowed)
  end
  return ("%s: one of %s expected"):format(name, table.concat(quoted, ", "))
end

-- Checking ------------------------------------------------------------------------------------

local function field_problem(path)
  if type(path) == "string" and columns.known()[path] then return nil end
  return columns.no_field(tostring(path), path)
end

local function check_columns(map, problems)
  for name, path in pairs(map.columns) do
    local problem = path ~= core.null and path ~= false and field_problem(path)
    if problem then
      problems[#problems + 1] = ("columns, %q: %s"):format(tostring(name), problem)
    end
  end
end

local function check_paths(map, part, problems)
  for path, value in pairs(map[part]) do
    local problem = field_problem(path)
    if not problem and part == "constants" and type(value) ~= "string" then
      problem = path .. ": a text expected"
    elseif not problem and part == "values" and type(value) ~= "table" then
      problem = path .. ": an object of texts expected"
    end
    if problem then problems[#problems + 1] = ("%s: %s"):format(part, problem) end
  end
end

local function check_names(map, problems)
  for name in pairs(map) do
    local near = #tostring(name) <= NAME_MAX and spelling.nearest(tostring(name), NAMES)
    if near ~= name then
      problems[#problems + 1] = ("there is no %q in a map%s"):format(tostring(name),
        near and (", did you mean %q?"):format(near) or "")
    end
  end
end

--- Checks a map.
-- @tparam table given
-- @treturn[1] table `columns` (name to path, or false), `constants`, `values`, and the settings
-- @treturn[2] nil
-- @treturn[2] table problems, as texts
function maps.check(given)
  local map, problems = {}, {}
  check_names(given, problems)
  for _, part in ipairs { "columns", "constants", "values" } do
    map[part] = {}
    for name, value in pairs(null.table(given[part])) do map[part][name] = value end
  end
  if not next(map.columns) then problems[#problems + 1] = "columns: an object expected" end
  check_columns(map, problems)
  check_paths(map, "constants", problems)
  check_paths(map, "values", problems)
  for name, path in pairs(map.columns) do
    if path == core.null then map.columns[name] = false end
  end
  for _, name in ipairs(maps.settings) do
    local value = null.given(given[name])
    if value ~= nil then problems[#problems + 1] = choice_problem(name, value) end
    map[name] = value
  end
  if problems[1] then
    table.sort(problems)
    return nil, problems
  end
  return map
end

--- Reads a map's file.
-- @tparam string path "-" for standard input
-- @treturn[1] table for the option `map` of debitura.import.open
-- @treturn[2] nil
-- @treturn[2] table problems, as texts
function maps.read(path)
  local file, err = io.stdin, nil
  if path ~= "-" then file, err = io.open(path, "rb") end
  if not file then return nil, { err } end
  local content
  content, err = file:read(SIZE_MAX + 1)
  if path ~= "-" then file:close() end
  if err then return nil, { err } end
  if content and #content > SIZE_MAX then
    return nil, { ("it is larger than %d bytes"):format(SIZE_MAX) }
  end
  local given, problem = core.json.decode(content or "")
  if type(given) ~= "table" then
    return nil, { "it is no JSON object" .. (problem and ": " .. problem.message or "") }
  end
  return maps.check(given)
end

-- Templates -----------------------------------------------------------------------------------

--- What other systems call a field, in small letters without signs.
local SYNONYMS = {
  currency = "currencyCode", invoicenumber = "creditorReference", invoiceno = "creditorReference",
  invoicedate = "date", duedate = "dueDate", contactname = "debtor.name", customer = "debtor.name",
  customername = "debtor.name", emailaddress = "debtor.email", email = "debtor.email",
  amountdue = "amountToRecover", invoiceamountdue = "amountToRecover",
  country = "debtor.countryAlpha2", city = "debtor.city", postalcode = "debtor.zipCode",
  zip = "debtor.zipCode", address = "debtor.address", phone = "debtor.phone",
  contactperson = "debtor.contactPerson",
}

local function guess(name)
  local plain = name:lower():gsub("[^%w]", "")
  if SYNONYMS[plain] then return SYNONYMS[plain] end
  for path in pairs(columns.known()) do
    if path:lower():gsub("[^%w]", "") == plain then return path end
  end
end

local function quoted(value)
  return (core.json.encode { value }:match("^%[(.*)%]$"))
end

--- Writes a first map from the names of a file's columns: those whose names say what they are, and
-- the others as null. It is to be looked through by a person.
-- @tparam table header names
-- @treturn string JSON
function maps.template(header)
  local lines, taken = {}, {}
  for _, name in ipairs(header) do
    local path = name ~= "" and guess(name)
    if path and taken[path] then path = nil end
    if path then taken[path] = true end
    if name ~= "" then
      lines[#lines + 1] = ("    %s: %s"):format(quoted(name), path and quoted(path) or "null")
    end
  end
  local constants = {}
  for _, path in ipairs(columns.needed(false)) do
    if not taken[path] then constants[#constants + 1] = ('    %s: ""'):format(quoted(path)) end
  end
  return ('{\n  "columns": {\n%s\n  },\n  "constants": {%s}\n}\n'):format(
    table.concat(lines, ",\n"),
    constants[1] and "\n" .. table.concat(constants, ",\n") .. "\n  " or "")
end

return maps
