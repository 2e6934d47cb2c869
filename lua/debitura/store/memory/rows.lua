--- Reading rows in plain tables; what the concerns of debitura.store.memory
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

--- Whether a claim holds a row still: it is open, or this claim has ended it so already.
function rows.held(own, row, state)
  return own and own.claim == row.claim and (own.state == "open" or own.state == state)
end

return rows
