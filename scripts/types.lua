--- Annotations for editors (LuaLS), made from the rows and shapes of `debitura.operations` and from
-- the tables of options.
--
-- What may be absent (`?`) differs: in what is sent, whatever the API does not require; in what
-- only comes back, what may be null, and objects, of which the documents cannot say that they may
-- be null. A shape that both APIs define alike is `debitura.Name`; where they differ,
-- `debitura.partner.Name` and `debitura.customer.Name`.

local operations = require("debitura.operations")
local option_tables = require("scripts.option_tables")
local options = require("debitura.base.options")
local request = require("debitura.client.request")
local shapes = require("debitura.operations.shapes")

local APIS = {
  { name = "partner", class = "debitura.Partner", title = "Referral Partner API" },
  { name = "customer", class = "debitura.Customer", title = "Customer API" },
}

local HEADER = "---@meta\n-- %s\n-- Made by scripts/generate.lua from lua/debitura; not to be "
  .. "edited.\n"

-- Types -------------------------------------------------------------------------------------------

local SIMPLE = {
  string = "string", integer = "integer", number = "number", boolean = "boolean", any = "any",
  binary = "string|debitura.File",
}

local function literal(value)
  return type(value) == "string" and '"' .. value .. '"' or tostring(value)
end

--- The members of a union: what a field with known values may hold.
local function alternatives(field)
  local members = { field.open and SIMPLE[field.type] or nil }
  for _, value in ipairs(field.values) do
    members[#members + 1] = literal(value)
    if field.format == "sort" then
      members[#members + 1] = literal(value .. ":asc")
      members[#members + 1] = literal(value .. ":desc")
    end
  end
  return members
end

local function type_of(field, name_of)
  if field.type == "shape" then return name_of(field.shape) end
  if field.type == "map" then return ("table<string, %s>"):format(type_of(field.items, name_of)) end
  if field.type == "array" then
    local item = type_of(field.items, name_of)
    return (item:find("|", 1, true) and "(" .. item .. ")" or item) .. "[]"
  end
  return field.values and table.concat(alternatives(field), "|") or SIMPLE[field.type]
end

-- Comments ----------------------------------------------------------------------------------------

local UNITS = { string = "characters", array = "items" }

local function range_of(field)
  local unit = UNITS[field.type] and " " .. UNITS[field.type] or ""
  if unit ~= "" and field.min == 1 and not field.max then return "not empty" end
  if field.min == field.max then return field.min and ("exactly %s%s"):format(field.min, unit) end
  if not field.min then return ("at most %s%s"):format(field.max, unit) end
  if not field.max then return ("at least %s%s"):format(field.min, unit) end
  return ("%s to %s%s"):format(field.min, field.max, unit)
end

local function comment_of(field)
  if field.format == "sort" then return "" end
  local parts = {}
  local function add(text) parts[#parts + 1] = text or nil end
  add(field.deprecated and "deprecated")
  add(field.read_only and "read-only")
  add((field.items or field).format)
  add(not field.values and range_of(field))
  add(field.default ~= nil and "default " .. tostring(field.default))
  add(field.note)
  return #parts > 0 and " # " .. table.concat(parts, "; ") or ""
end

-- Shapes ------------------------------------------------------------------------------------------

local NULLABLE_ANSWERS = { shape = true, any = true, map = true }

local function field_line(field, sent, name_of)
  local optional = sent and not field.required or not sent
    and (field.nullable or NULLABLE_ANSWERS[field.type])
  local null = sent and field.nullable and not field.required or not sent
    and (field.nullable or field.type == "shape")
  return ("---@field %s%s %s%s%s"):format(
    field.name, optional and "?" or "", type_of(field, name_of), null and "|debitura.null" or "",
    comment_of(field))
end

local function class_text(name, fields, sent, name_of, parent)
  local lines = { ("---@class %s%s"):format(name, parent and ": " .. parent or "") }
  for _, field in ipairs(fields) do lines[#lines + 1] = field_line(field, sent, name_of) end
  return table.concat(lines, "\n")
end

local function enumeration_text(name, shape)
  local lines = { "---@alias " .. name }
  for _, member in ipairs(alternatives(shape)) do
    local value_name = shape.value_names and shape.value_names[tonumber(member)]
    lines[#lines + 1] = "---| " .. member .. (value_name and " # " .. value_name or "")
  end
  return table.concat(lines, "\n")
end

local function shape_text(api, name)
  local shape = operations.shapes(api.name)[name]
  if shape.type ~= "object" then return enumeration_text(api.name_of(name), shape) end
  return class_text(api.name_of(name), shape.fields, api.sent[name], api.name_of)
end

--- The shapes that requests carry, at any depth, as a set of names.
local function sent_shapes(api)
  local all, sent = operations.shapes(api.name), {}
  local function visit(field)
    if field.items then return visit(field.items) end
    if not field.shape or sent[field.shape] then return end
    sent[field.shape] = true
    for _, inner in ipairs(all[field.shape].fields or {}) do visit(inner) end
  end
  for _, row in operations.each(api.name) do
    visit({ shape = row.body })
    for _, field in ipairs(row.query) do visit(field) end
  end
  return sent
end

--- The names that the two APIs give to different shapes. Whether two shapes are alike depends on
-- the names of the shapes within, so it is asked until the answers stay the same.
local differing = {}

for _, api in ipairs(APIS) do
  api.sent = sent_shapes(api)
  api.name_of = function(name)
    return (differing[name] and "debitura." .. api.name .. "." or "debitura.") .. name
  end
end

local function find_differing()
  local partner, customer = APIS[1], APIS[2]
  local found
  repeat
    found = false
    for _, name in ipairs(shapes.names("partner")) do
      local shared = operations.shapes("customer")[name] and not differing[name]
      if shared and shape_text(partner, name) ~= shape_text(customer, name) then
        differing[name], found = true, true
      end
    end
  until not found
end

find_differing()

-- Methods -----------------------------------------------------------------------------------------

--- The class of something that belongs to one operation.
local function part_class(api, row, part)
  return ("%s.%s.%s"):format(api.class, row.name, part)
end

local LISTING = table.concat({
  "---@class $name: debitura.Listing",
  "---@field each fun(self: debitura.Listing): fun(): $row"
    .. " # raises the failure when a page cannot be had",
  "---@field next fun(self: debitura.Listing): $row?, debitura.Failure?",
  "---@field all fun(self: debitura.Listing, limit?: integer): $row[]?, debitura.Failure?",
  "---@field page fun(self: debitura.Listing, number: integer): $page?, debitura.Failure?, "
    .. "debitura.Response?",
}, "\n")

local SUMMARY = "\n---@field summary fun(self: debitura.Listing): $summary?, debitura.Failure?"

--- What an operation gives whose answer is a page.
local function listing_text(api, row)
  local page, types = row.success[200], {}
  for _, field in ipairs(row.shapes[page].fields) do
    types[field.name] = type_of(field.items or field, api.name_of)
  end
  return ((LISTING .. (types.summary and SUMMARY or "")):gsub("$(%w+)", {
    name = part_class(api, row, "Listing"), row = types[row.pages], page = api.name_of(page),
    summary = types.summary,
  }))
end

--- The classes of an operation alone: its query, its form, options that carry a query beside a
-- body, its listing.
local function own_classes(api, row)
  local texts = {}
  local function add(part, fields, parent)
    texts[#texts + 1] = class_text(part_class(api, row, part), fields, true, api.name_of, parent)
  end
  if row.variant_of then return texts end
  if row.form then add("Form", row.form) end
  if #row.query > 0 then
    add("Query", row.query)
    if row.form or row.body then
      local query = { type = "shape", shape = part_class(api, row, "Query"), name = "query" }
      texts[#texts + 1] = class_text(part_class(api, row, "Options"), { query }, true,
        function(name) return name end,
        "debitura.CallOptions")
    end
  end
  if row.pages then texts[#texts + 1] = listing_text(api, row) end
  return texts
end

local function parameter_type(api, row, index, position)
  if position.path then return type_of(row.path_params[index], api.name_of) end
  if position.name == "body" then return api.name_of(row.body) end
  if position.name == "query" then return part_class(api, row, "Query") end
  if position.name == "form" then return "string|debitura.File|" .. part_class(api, row, "Form") end
  local own = #row.query > 0 and (row.form or row.body)
  return own and part_class(api, row, "Options") or "debitura.CallOptions"
end

local function success_type(api, row)
  local shape = row.success[200] or row.success[201]
  if not shape then return "true" end
  local item = shape:match("^%[(.+)%]$")
  return item and api.name_of(item) .. "[]" or api.name_of(shape)
end

local function add_returns(api, row, add)
  if row.pages then return add("@return %s", part_class(api, row, "Listing")) end
  add("@return %s? data", success_type(api, row))
  add("@return debitura.Failure? err")
  add("@return debitura.Response? response")
end

local function method_text(api, row, owner, method)
  local lines, names = {}, {}
  local function add(text, ...) lines[#lines + 1] = "---" .. text:format(...) end
  add("%s", row.doc)
  add("")
  add("`%s %s` of the %s, retry class `%s`.%s", row.method, row.path, api.title, row.retry,
    row.test_only and " Test environment only." or "")
  for index, position in ipairs(request.signature(row)) do
    names[index] = position.name
    add("@param %s%s %s", position.name, position.types["nil"] and "?" or "",
      parameter_type(api, row, index, position))
  end
  add_returns(api, row, add)
  if row.deprecated then add("@deprecated") end
  lines[#lines + 1] = ("function %s:%s(%s) end"):format(owner, method, table.concat(names, ", "))
  return table.concat(lines, "\n")
end

--- The object of an API: its groups of methods, and the methods of its own.
local function object_text(api)
  local groups, order, own, classes = {}, {}, {}, {}
  for _, row in operations.each(api.name) do
    for _, text in ipairs(own_classes(api, row)) do classes[#classes + 1] = text end
    local group, method = row.name:match("^(.-)%.(.+)$")
    if group and not groups[group] then
      groups[group] = { ("---@class %s.%s\nlocal %s = {}"):format(api.class, group, group) }
      order[#order + 1] = group
    end
    table.insert(groups[group] or own, method_text(api, row, group or "object", method or row.name))
  end

  local texts = {}
  for _, group in ipairs(order) do texts[#texts + 1] = table.concat(groups[group], "\n\n") end
  local fields = {}
  for _, group in ipairs(order) do
    fields[#fields + 1] = ("---@field %s %s.%s"):format(group, api.class, group)
  end
  texts[#texts + 1] = ("---@class %s: debitura.Api\n%s\nlocal object = {}")
    :format(api.class, table.concat(fields, "\n"))
  texts[#texts + 1] = table.concat(own, "\n\n")
  return table.concat(classes, "\n\n") .. "\n\n" .. table.concat(texts, "\n\n")
end

-- Options ----------------------------------------------------------------------------------------

local function option_line(row)
  local default = option_tables.default_of(row)
  return ("---@field %s%s %s # %s%s"):format(row.name, row.required and "" or "?",
    options.annotation(row), row.doc, default and "; default: " .. default or "")
end

local function option_text(entry)
  local lines = { "---@class " .. entry.class }
  for _, row in ipairs(entry.defined.rows) do lines[#lines + 1] = option_line(row) end
  return table.concat(lines, "\n")
end

-- Files -------------------------------------------------------------------------------------------

local function file(title, texts)
  return HEADER:format(title) .. "\n" .. table.concat(texts, "\n\n") .. "\n"
end

--- The annotation files.
-- @treturn table path to text
local function files()
  local written, common = {}, {}
  for _, api in ipairs(APIS) do
    local own, other = {}, operations.shapes(api.name == "partner" and "customer" or "partner")
    for _, name in ipairs(shapes.names(api.name)) do
      local is_common = other[name] and not differing[name]
      if not is_common or api.name == "partner" then
        table.insert(is_common and common or own, shape_text(api, name))
      end
    end
    local path = "types/debitura/" .. api.name
    written[path .. "_shapes.lua"] = file("The shapes of the " .. api.title .. ".", own)
    written[path .. "_operations.lua"] = file("The operations of the " .. api.title .. ".",
      { object_text(api) })
  end
  local of_options = {}
  for _, entry in ipairs(option_tables) do
    if not entry.described then of_options[#of_options + 1] = option_text(entry) end
  end
  written["types/debitura/options.lua"] = file(
    "The options of the constructors, and of single calls.", of_options)
  written["types/debitura/common_shapes.lua"] = file("The shapes that both APIs have in common.",
    common)
  return written
end

return { files = files }
