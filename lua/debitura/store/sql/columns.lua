--- What the columns of the tables hold. The rest are ids: text without NUL.
-- @module debitura.store.sql.columns

local contract = require("debitura.store.contract")

local columns = {
  --- Numbers, which a database may return as text.
  numbers = { slot = true, count = true, ends_at = true },

  --- Text that may hold any byte.
  bytes = { token = true },

  --- The names of the columns of each row of the contract, joined for a statement.
  list = {},
}

for _, row in ipairs { "record", "history", "job", "event", "process" } do
  local names = {}
  for i, column in ipairs(contract[row]) do
    local name = column[1]
    names[i] = name
    columns.numbers[name] = columns.numbers[name] or column.number
    columns.bytes[name] = columns.bytes[name] or column.bytes or column.sealed
  end
  columns.list[row] = table.concat(names, ", ")
end

return columns
