--- What a table's columns are in a case: each is named like the API's field, `debtor.name` for one
-- inside of another.
-- @module debitura.import.columns

local operations = require("debitura.operations")

local columns = {}

local CREATE = operations.get("customer", "cases.create")

--- Whose case it is stands in a column of its own.
columns.TENANT = "externalTenantId"

local BOOLEANS = { ["true"] = true, ["1"] = true, yes = true, ["false"] = false, ["0"] = false, no = false }

--- How a cell becomes a value.
local READ = {
  string = function(text) return text end,
  number = function(text, separator)
    -- Where the semicolon separates, the comma is the decimal sign.
    if separator == ";" then text = text:gsub(",", ".") end
    if text:find("^%-?%d+%.?%d*$") then return tonumber(text) end
    return nil, "is no number such as 1000.10"
  end,
  boolean = function(text)
    local value = BOOLEANS[text:lower()]
    if value == nil then return nil, "is neither true nor false" end
    return value
  end,
}

local function fields_of(shape, prefix, found)
  for _, field in ipairs(CREATE.shapes[shape].fields) do
    if field.type == "shape" then
      fields_of(field.shape, prefix .. field.name .. ".", found)
    else
      found[prefix .. field.name] = { path = prefix .. field.name, read = READ[field.type], required = field.required }
    end
  end
  return found
end

local known

--- The columns of a header.
-- @tparam table header names
-- @tparam boolean with_tenant whether the file says whose each case is
-- @treturn[1] table column by position
-- @treturn[2] nil
-- @treturn[2] table problems, as texts
function columns.read(header, with_tenant)
  known = known or fields_of(CREATE.body, "", { [columns.TENANT] = { path = columns.TENANT, read = READ.string } })
  local chosen, seen, problems = {}, {}, {}
  for i, name in ipairs(header) do
    chosen[i] = known[name]
    if not known[name] then problems[#problems + 1] = ("column %d: %q is no field of a case"):format(i, name:sub(1, 60)) end
    if seen[name] then problems[#problems + 1] = ("column %d: %s is there twice"):format(i, name) end
    seen[name] = true
  end
  local needed = { "creditorReference", with_tenant and columns.TENANT or nil }
  for name, column in pairs(known) do
    if column.required and name ~= "creditorReference" then needed[#needed + 1] = name end
  end
  table.sort(needed)
  for _, name in ipairs(needed) do
    if not seen[name] then problems[#problems + 1] = ("the column %s is missing"):format(name) end
  end
  if problems[1] then return nil, problems end
  return chosen
end

--- Makes a case of a record; an empty cell is a field that is absent.
-- @tparam table chosen columns
-- @tparam table cells
-- @tparam string separator
-- @treturn[1] table the case
-- @treturn[1] ?string the tenant
-- @treturn[2] nil
-- @treturn[2] table problems by field
function columns.case(chosen, cells, separator)
  if #cells ~= #chosen then return nil, { row = { ("has %d fields, the header has %d"):format(#cells, #chosen) } } end
  local case, tenant, problems = {}, nil, {}
  for i, column in ipairs(chosen) do
    local text = cells[i]:match("^%s*(.-)%s*$")
    if text ~= "" then
      local value, problem = column.read(text, separator)
      local outer, inner = column.path:match("^(.-)%.(.*)$")
      if problem then
        problems[column.path] = { problem }
      elseif column.path == columns.TENANT then
        tenant = value
      elseif outer then
        case[outer] = case[outer] or {}
        case[outer][inner] = value
      else
        case[column.path] = value
      end
    end
  end
  if next(problems) then return nil, problems end
  return case, tenant
end

return columns
