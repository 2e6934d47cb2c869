--- Goes through a listing of a store, page by page.
-- @module debitura.store.each_row

local PAGE = 100

--- Listings whose pages begin after a number; those of the others begin after a row.
local BY_NUMBER = { record_history = true, inbox_list = true }

--- Gives each row of a listing to a function.
-- @tparam table store
-- @tparam string verb of the listing, such as "records"
-- @tparam table filter what it takes; `limit`: rows of a page, default 100
-- @tparam function use is given a row; ends it by false, or by nil and a failure
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store, or the function's
local function each_row(store, verb, filter, use)
  local by_number = BY_NUMBER[verb]
  filter.after, filter.limit = filter.after or by_number and 0 or nil, filter.limit or PAGE
  while true do
    local page, err = store[verb](store, filter)
    if not page then return nil, err end
    for _, row in ipairs(page) do
      local going, problem = use(row)
      if problem then return nil, problem end
      if going == false then return true end
    end
    local last = page[filter.limit]
    if not last then return true end
    filter.after = by_number and last.seq or last
  end
end

return each_row
