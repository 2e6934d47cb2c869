--- What the columns of the tables hold, and which of them a layout has. The rest are ids: text
-- without NUL.
-- @module debitura.store.sql.columns

local contract = require("debitura.store.contract")

local columns = {
  --- Numbers, which a database may return as text.
  numbers = { slot = true, count = true, ends_at = true },

  --- Text that may hold any byte.
  bytes = { token = true },
}

local ROWS = { "record", "history", "job", "event", "process" }

for _, row in ipairs(ROWS) do
  for _, column in ipairs(contract[row]) do
    local name = column[1]
    columns.numbers[name] = columns.numbers[name] or column.number
    columns.bytes[name] = columns.bytes[name] or column.bytes or column.sealed
  end
end

--- What stands in statements for the columns of a layout: `$record` and the like for all columns of
-- a row of the contract, `$listed` for those of an event but its body, `$blank_record` and the like
-- for the setting of all sealed columns to null.
-- @tparam number layout
-- @treturn table texts by the names behind `$`
function columns.of_layout(layout)
  local texts = {}
  for _, row in ipairs(ROWS) do
    local names, blank = {}, {}
    for _, column in ipairs(contract[row]) do
      if (column.since or 1) <= layout then
        names[#names + 1] = column[1]
        blank[#blank + 1] = column.sealed and column[1] .. " = null" or nil
      end
    end
    texts[row], texts["blank_" .. row] = table.concat(names, ", "), table.concat(blank, ", ")
  end
  texts.listed = texts.event:gsub(" body,", "")
  return texts
end

return columns
