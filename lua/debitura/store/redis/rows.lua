--- Values and rows as they go to Redis's scripts and as they come back.
-- @module debitura.store.redis.rows

local contract = require("debitura.store.contract")
local usage = require("debitura.base.usage")

local rows = {}

local NUMBERS = {}
for _, columns in ipairs { contract.record, contract.history, contract.job, contract.event,
  contract.process } do
  for _, column in ipairs(columns) do NUMBERS[column[1]] = column.number end
end

local function names_of(columns, left_out)
  local names = {}
  for _, column in ipairs(columns) do
    if column[1] ~= left_out then names[#names + 1] = column[1] end
  end
  return names
end

--- The names of columns, in the order in which the scripts give them.
rows.columns = {
  record = names_of(contract.record), job = names_of(contract.job),
  event = names_of(contract.event), listed_event = names_of(contract.event, "body"),
  process = names_of(contract.process),
}

--- Counts from a hash of them by "{of}:{n}:{kind}:{state}".
-- @tparam table flat fields and values in turn
-- @treturn table array of `{ of, kind, state, count }`
function rows.read_counts(flat)
  local counts = {}
  for i = 1, #flat, 2 do
    local of, length, rest = flat[i]:match("^([%a_]+):(%d+):(.*)$")
    counts[#counts + 1] = {
      of = of, kind = rest:sub(1, tonumber(length)), state = rest:sub(tonumber(length) + 2),
      count = tonumber(flat[i + 1]),
    }
  end
  return counts
end

--- Rows of a text and a number.
-- @tparam table flat texts and numbers in turn
-- @tparam string name of the text's column
-- @tparam string number of the number's
-- @treturn table
function rows.read_pairs(flat, name, number)
  local found = {}
  for i = 1, #flat, 2 do
    found[#found + 1] = { [name] = flat[i], [number] = tonumber(flat[i + 1]) }
  end
  return found
end

--- A value as the scripts read it: "" for nil, or "=" and its text.
-- @tparam ?string|number value
-- @treturn string
function rows.argument(value)
  if value == nil then return "" end
  if type(value) == "string" then return "=" .. value end
  if type(value) ~= "number" then usage.error("the store cannot hold a " .. type(value)) end
  if value ~= value or value == math.huge or value == -math.huge then
    usage.error("a number in the store must be finite")
  end
  return value % 1 == 0 and math.abs(value) < 2 ^ 53 and ("=%d"):format(value)
    or ("=%.17g"):format(value)
end

--- Appends values to the arguments of a script.
-- @tparam table arguments
-- @param ... texts, numbers and nils
-- @treturn table the arguments
function rows.append(arguments, ...)
  for i = 1, select("#", ...) do
    arguments[#arguments + 1] = rows.argument((select(i, ...)))
  end
  return arguments
end

--- Appends an array, preceded by its length.
-- @tparam table arguments
-- @tparam ?table array
-- @tparam[opt] table names fields of each item; without them the items are texts
-- @treturn table the arguments
function rows.append_array(arguments, array, names)
  arguments[#arguments + 1] = rows.argument(array and #array)
  for _, item in ipairs(array or {}) do
    if not names then arguments[#arguments + 1] = rows.argument(item) end
    for _, name in ipairs(names or {}) do arguments[#arguments + 1] = rows.argument(item[name]) end
  end
  return arguments
end

--- A row from the values of some columns; false stands for none.
-- @tparam table columns names
-- @tparam table values
-- @treturn table
function rows.read(columns, values)
  local row = {}
  for i, name in ipairs(columns) do
    local text = values[i] or nil
    row[name] = NUMBERS[name] and tonumber(text) or text
  end
  return row
end

return rows
