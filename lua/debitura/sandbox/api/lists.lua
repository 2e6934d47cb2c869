--- Lists as the APIs give them: filtered, sorted, and cut into pages.
-- @module debitura.sandbox.api.lists

local time = require("debitura.base.time")

local lists = {}

local unpack = table.unpack or unpack -- luacheck: std max

--- What is shown of each item.
-- @tparam table items
-- @tparam function view called with the item
-- @treturn table
function lists.map(items, view)
  local shown = {}
  for index, item in ipairs(items) do shown[index] = view(item) end
  return shown
end

--- The value of a row.
-- @tparam table row
-- @tparam string|function field a path such as "case.created_at", or a function of the row
local function value_of(row, field)
  if type(field) == "function" then return field(row) end
  for name in field:gmatch("[^.]+") do row = row[name] end
  return row
end

local FILTERS = {}

function FILTERS.from(text, value) return value >= time.parse(text) end

--- A day named by its date alone is inside as a whole.
function FILTERS.to(text, value)
  local seconds, bare = time.parse(text)
  return value <= (bare and seconds + 86399 or seconds)
end

function FILTERS.is(wanted, value) return value == wanted end

function FILTERS.one_of(wanted, ...)
  for _, one in ipairs(wanted) do
    for index = 1, select("#", ...) do
      if tostring(one):lower() == tostring((select(index, ...))):lower() then return true end
    end
  end
  return false
end

function FILTERS.holds(part, ...)
  for index = 1, select("#", ...) do
    if lists.contains(select(index, ...), part) then return true end
  end
  return false
end

local function passes(row, filter, wanted)
  if wanted == nil then return true end
  local values = {}
  for index = 2, #filter do values[index - 1] = value_of(row, filter[index]) end
  return FILTERS[filter[1]](wanted, unpack(values, 1, #filter - 1))
end

local function fits(row, query, filters)
  for parameter, filter in pairs(filters) do
    if not passes(row, filter, query[parameter]) then return false end
  end
  return true
end

--- The rows that a query asks for.
-- @tparam table rows
-- @tparam table query as `validate.query` gives it
-- @tparam table filters by parameter: `{kind, field, ...}`, the kind one of `from`, `to`, `is`,
--   `one_of` and `holds`; see `value_of` for fields
-- @treturn table
function lists.filter(rows, query, filters)
  local kept = {}
  for _, row in ipairs(rows) do
    if fits(row, query, filters) then kept[#kept + 1] = row end
  end
  return kept
end

--- Sorts rows by what a `Sort` parameter names: `Field[:asc|desc]`, several with commas; rows that
-- compare equal keep their order. Unknown fields are ignored, as the documents say.
-- @tparam table rows sorted in place
-- @tparam string sort
-- @tparam table fields by the parameter's name in lower case, see `value_of`
-- @treturn table rows
function lists.sort(rows, sort, fields)
  local keys, place = {}, {}
  for part in sort:gmatch("[^,]+") do
    local name, direction = part:match("^%s*([^:%s]+):?(%a*)%s*$")
    local field = name and fields[name:lower()]
    if field then keys[#keys + 1] = { field = field, descending = direction:lower() == "desc" } end
  end
  for index, row in ipairs(rows) do place[row] = index end
  table.sort(rows, function(a, b)
    for _, key in ipairs(keys) do
      local one, other = value_of(a, key.field), value_of(b, key.field)
      if one ~= other then
        if one == nil or other == nil then return other == nil end -- what is missing comes last
        if key.descending then return one > other end
        return one < other
      end
    end
    return place[a] < place[b]
  end)
  return rows
end

--- Cuts one page out of a list.
-- @tparam table query as `validate.query` gives it
-- @tparam table rows the whole list
-- @tparam number size default page size
-- @tparam function view makes what is shown of a row
-- @treturn table PageData
-- @treturn table the views of the page's rows
function lists.page(query, rows, size, view)
  local number = query.page or 1
  size = query.pagesize or size
  local shown = {}
  for index = (number - 1) * size + 1, math.min(number * size, #rows) do
    shown[#shown + 1] = view(rows[index])
  end
  local page = {
    totalResults = #rows, pageSize = size, currentPage = number, responseCount = #shown,
    totalPages = math.ceil(#rows / size),
  }
  return page, shown
end

--- Whether a text contains another, in any case.
-- @tparam ?string text
-- @tparam string part
-- @treturn boolean
function lists.contains(text, part)
  return text ~= nil and text:lower():find(part:lower(), 1, true) ~= nil
end

return lists
