--- The notation in which shapes and parameters are written: one field a line, for people first.
--
--     name!   type?   range   values   (flag)   -- note
--     name, name!   type?
--
-- * Fields of which the same is said share a line, behind commas; two blanks end their names.
-- * `!` after the name: required; `?` after the type: may be null.
-- * type: `string`, `uuid`, `date`, `date-time`, `email`, `url`, `sort`, `binary`, `integer`,
--   `number`, `boolean`, `any`, a shape's name, `[type]` for an array, `{type}` for a map from
--   text.
-- * range `1..255`, `..50`, `1..`: length of a text, number of items of an array, bounds of a
--   number.
-- * values `= A | B` are all there are; `~ A | B` are the known ones of an open list. `0 Unpaid` is
--   the number 0 with its name.
-- * flags: `(deprecated)`, `(read-only)`, `(default 10)`.
--
-- A line that starts with `|` continues the values of the line before, one with `--` its note. A
-- shape that reads `enum string = A | B` is an enumeration. This module knows nothing of any
-- particular field.
-- @module debitura.operations.notation

local notation = {}

--- The types of JSON, and those that are texts of a form.
local TYPES = {
  string = true, integer = true, number = true, boolean = true, binary = true, any = true,
}
local FORMATS = {
  uuid = true, date = true, ["date-time"] = true, email = true, url = true, sort = true,
}

--- Reads a type.
-- @tparam string text such as "uuid", "InvoiceDto", "[InvoiceDto]"
-- @treturn table field without a name
function notation.type(text)
  if TYPES[text] then return { type = text } end
  if FORMATS[text] then return { type = "string", format = text } end
  local item = text:match("^%[(.+)%]$")
  if item then return { type = "array", items = notation.type(item) } end
  item = text:match("^{(.+)}$")
  if item then return { type = "map", items = notation.type(item) } end
  if text:find("^%u") then return { type = "shape", shape = text } end
  error("unknown type in the notation: " .. text)
end

local function parse_values(text, field)
  field.values = {}
  for item in (text .. " | "):gmatch("(.-) | ") do
    if field.type == "integer" then
      local number, name = item:match("^(%d+)%s*(.*)$")
      item = tonumber(number)
      field.value_names = field.value_names or {}
      field.value_names[item] = name ~= "" and name or nil
    end
    field.values[#field.values + 1] = item
  end
end

local function parse_default(text)
  if text == "true" or text == "false" then return text == "true" end
  return text and tonumber(text) or text
end

--- Reads one field.
-- @tparam string line a line of the notation
-- @treturn table with `name`, `type`, `format`, `items`, `shape`, `required`, `nullable`, `min`,
--   `max`, `values`, `value_names`, `open`, `deprecated`, `read_only`, `default`, `note`; what a
--   line does not say is absent. The values of an array are those of its items.
function notation.field(line)
  local text, note = line:match("^(.-)%s+%-%-%s+(.+)$")
  text = text or line
  local name, required, kind, rest = text:match("^%s*(%S-)(!?)%s+(%S+)%s*(.-)%s*$")
  if not name then error("not a field in the notation: " .. line) end
  local bare, nullable = kind:match("^(.-)(%??)$")
  local field = notation.type(bare)
  field.name, field.note = name, note
  field.required = required == "!" or nil
  field.nullable = nullable == "?" or nil
  field.deprecated = rest:find("(deprecated)", 1, true) and true or nil
  field.read_only = rest:find("(read-only)", 1, true) and true or nil
  local min, max = rest:match("^([%d.]-)%.%.([%d.]*)")
  field.min, field.max = tonumber(min), tonumber(max)
  field.default = parse_default(rest:match("%(default (.-)%)"))
  local mark, values = rest:gsub("%s*%(%l.-%)", ""):match("([=~]) (.+)$")
  if values then
    local owner = field.items or field
    parse_values(values, owner)
    owner.open = mark == "~" or nil
  end
  return field
end

--- Reads a block of fields.
-- @tparam[opt] string block lines of the notation
-- @treturn table array of fields, in the order of the lines
function notation.fields(block)
  local fields = {}
  local joined = (block or ""):gsub("%s*\n%s*|", " |"):gsub("%s*\n%s*%-%-", "")
  for line in joined:gmatch("[^\n]*%S[^\n]*") do
    local names, rest = line:match("^%s*(%S+,.-)%s%s+(.+)$")
    for name in (names or ""):gmatch("[^%s,]+") do
      fields[#fields + 1] = notation.field(name .. " " .. rest)
    end
    if not names then fields[#fields + 1] = notation.field(line) end
  end
  return fields
end

--- Reads one shape.
-- @tparam string name the shape's name
-- @tparam string source its text: a block of fields, or an enumeration
-- @treturn table `{name, type = "object", fields}`, or the field that an enumeration is
function notation.shape(name, source)
  local fields = notation.fields(source)
  if not source:find("^enum ") then return { name = name, type = "object", fields = fields } end
  fields[1].name = name
  return fields[1]
end

return notation
