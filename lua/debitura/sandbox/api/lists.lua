--- Lists as the APIs give them: filtered, sorted, and cut into pages.
-- @module debitura.sandbox.api.lists

local time = require("debitura.base.time")

local lists = {}

--- What is shown of each item.
-- @tparam table items
-- @tparam function view called with the item
-- @treturn table
function lists.map(items, view)
  local shown = {}
  for index, item in ipairs(items) do shown[index] = view(item) end
  return shown
end

--- Sorts rows by what a `Sort` parameter names: `Field[:asc|desc]`, several with commas; rows that
-- compare equal keep their order. Unknown fields are ignored, as the documents say.
-- @tparam table rows sorted in place
-- @tparam string sort
-- @tparam table fields lower-case field to a function of the row that gives a number, a text or nil
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
      local one, other = key.field(a), key.field(b)
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

--- A set of a list's values.
-- @tparam ?table values
-- @tparam[opt] function normal applied to each
-- @treturn table|nil nil where nothing was asked for
function lists.set(values, normal)
  if not values then return nil end
  local set = {}
  for _, value in ipairs(values) do set[normal and normal(value) or value] = true end
  return set
end

--- The upper end of a range of dates: a day named by its date alone is inside as a whole.
-- @param text ISO 8601
-- @treturn number|nil seconds
function lists.range_end(text)
  local seconds, bare = time.parse(text)
  return seconds and (bare and seconds + 86399 or seconds)
end

--- Whether a text contains another, in any case.
-- @tparam ?string text
-- @tparam string part
-- @treturn boolean
function lists.contains(text, part)
  return text ~= nil and text:lower():find(part:lower(), 1, true) ~= nil
end

return lists
