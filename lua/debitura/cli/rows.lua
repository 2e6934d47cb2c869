--- Prints the rows of a listing (see debitura.client.pagination), with a bar where they do not go
-- to the terminal themselves.
-- @module debitura.cli.rows

local rows = {}

--- How many rows the service says there are; nil where it does not.
local function total_of(listing, limit)
  local totals = listing:totals()
  local total = type(totals) == "table" and type(totals.totalResults) == "number"
    and totals.totalResults or nil
  return total and math.min(total, limit)
end

--- Goes through the rows.
-- @tparam table session see debitura.cli.session
-- @tparam table listing
-- @tparam string what they are, for the bar
-- @tparam function use is given each row
-- @tparam[opt] number limit how many at most
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure; the rows before it were used
function rows.each(session, listing, what, use, limit)
  local bar = not session.out.screen and session:progress(what)
  local count, total, err = 0, nil, nil
  limit = limit or math.huge
  while count < limit do
    local row
    row, err = listing:next()
    if row == nil then break end
    use(row)
    count, total = count + 1, total or total_of(listing, limit)
    if bar then bar:update(count, total) end
  end
  if bar then bar:finish() end
  if err then return nil, err end
  return true
end

return rows
