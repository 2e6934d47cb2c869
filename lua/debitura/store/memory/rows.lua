--- Reading, claiming and ending rows in plain tables; what the concerns of debitura.store.memory
-- share.
-- @module debitura.store.memory.rows

local contract = require("debitura.store.contract")

local rows = {}

function rows.copy(row)
  local twin = {}
  for key, value in pairs(row) do twin[key] = value end
  return twin
end

--- A set of the members of an array.
function rows.set(array)
  local members = {}
  for _, member in ipairs(array) do members[member] = true end
  return members
end

--- A text for several texts, that no others have.
function rows.place(...)
  local parts = {}
  for i, text in ipairs { ... } do parts[i] = #text .. ":" .. text end
  return table.concat(parts)
end

--- Copies of the rows a filter lets through, in order, at most `limit` of them.
function rows.select(all, limit, matches, before)
  local found = {}
  for _, row in pairs(all) do
    if matches(row) then found[#found + 1] = row end
  end
  table.sort(found, before)
  local page = {}
  for i = 1, math.min(#found, limit or contract.page) do page[i] = rows.copy(found[i]) end
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

--- Leases the rows of a page until the lease ends.
function rows.claim(all, page, key, options)
  for _, row in ipairs(page) do
    local own = all[row[key]]
    own.attempt, own.claim = own.attempt + 1, own.claim + 1
    own.due_at = options.now + options.lease
    row.attempt, row.claim, row.due_at = own.attempt, own.claim, own.due_at
  end
  return page
end

--- The row that a claim holds, if it still does: it is open, or this claim has ended it so already.
function rows.held(all, key, row, state)
  local own = all[row[key]]
  if own and own.claim == row.claim and (own.state == "open" or own.state == state) then
    return own
  end
end

--- Ends or postpones a claimed row, if the claim still holds.
function rows.settle(all, key, row, values)
  local own = rows.held(all, key, row, values.state)
  if not own then return false, "lost" end
  if own.state ~= "open" then return true end
  own.state, own.result = values.state, values.result
  own.due_at, own.ended_at = values.due_at or own.due_at, values.ended_at
  own.attempt = values.attempt or own.attempt
  return true
end

return rows
