--- Goes through a list of Debitura's.
-- @module debitura.recipes.each_listed

--- Gives each row of a listing to a function.
-- @tparam table listing see debitura.client.pagination
-- @tparam function use is given a row; gives true, or ends it by false, or by nil and a failure
-- @treturn[1] boolean true; false when the function ended it
-- @treturn[2] nil
-- @treturn[2] table failure of a page, or the function's
local function each_listed(listing, use)
  local row, err = listing:next()
  while row do
    local going, problem = use(row)
    if not going then return going, problem end
    row, err = listing:next()
  end
  if err then return nil, err end
  return true
end

return each_listed
