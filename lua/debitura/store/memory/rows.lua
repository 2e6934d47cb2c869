--- Reading, claiming and ending rows in plain tables; what the concerns of debitura.store.memory share.
-- @module debitura.store.memory.rows

local rows = {}

local PAGE = 100 -- rows a listing or a claim gives unless told otherwise

function rows.copy(row)
  local twin = {}
  for key, value in pairs(row) do twin[key] = value end
  return twin
end

--- Copies of the rows a filter lets through, in order, at most `limit` of them.
function rows.select(all, limit, matches, before)
  local found = {}
  for _, row in pairs(all) do
    if matches(row) then found[#found + 1] = row end
  end
  table.sort(found, before)
  local page = {}
  for i = 1, math.min(#found, limit or PAGE) do page[i] = rows.copy(found[i]) end
  return page
end

--- An order by fields, the first that differ count.
function rows.by(...)
  local fields = { ... }
  return function(a, b)
    for _, field in ipairs(fields) do
      if a[field] ~= b[field] then return a[field] < b[field] end
    end
    return false
  end
end

--- Lends out the rows of a page: whoever holds them is alone with them until the lease ends.
function rows.claim(all, page, key, options)
  for _, row in ipairs(page) do
    local own = all[row[key]]
    own.attempt, own.due_at = own.attempt + 1, options.now + options.lease
    row.attempt, row.due_at = own.attempt, own.due_at
  end
  return page
end

--- Ends or postpones a claimed row, if the claim still holds. What this claim has ended already stays ended.
function rows.settle(all, key, row, state, values)
  local own = all[key]
  if not own or own.attempt ~= row.attempt or own.state ~= "open" and own.state ~= state then return false, "lost" end
  own.state, own.result = state, values.result
  own.due_at, own.ended_at = values.due_at or own.due_at, values.ended_at
  return true
end

return rows
