--- Sums of amounts by currency, exact to the cent.
-- @module debitura.import.sums

local codes = require("debitura.base.codes")

local sums = {}

local Sums = {}
Sums.__index = Sums

--- Adds an amount.
-- @tparam string currency
-- @tparam string amount with a decimal point, with no more decimals than the currency has
function Sums:add(currency, amount)
  local decimals = codes.decimals(currency)
  local whole, rest = amount:match("^(%-?%d+)%.?(%d*)$")
  local units = tonumber(whole .. (rest .. "0000"):sub(1, decimals))
  local row = self.by_currency[currency]
  if not row then
    row = { currency = currency, count = 0, units = 0, decimals = decimals }
    self.by_currency[currency] = row
  end
  row.count, row.units = row.count + 1, row.units + units
end

--- @treturn table array of `currency`, `count`, `total` (text), in the order of currencies
function Sums:list()
  local list = {}
  for _, row in pairs(self.by_currency) do
    local digits = ("%.0f"):format(row.units)
    if row.decimals > 0 then
      digits = ("0"):rep(row.decimals + 1 - #digits) .. digits
      digits = digits:sub(1, -row.decimals - 1) .. "." .. digits:sub(-row.decimals)
    end
    list[#list + 1] = { currency = row.currency, count = row.count, total = digits }
  end
  table.sort(list, function(a, b) return a.currency < b.currency end)
  return list
end

--- @treturn table
function sums.new()
  return setmetatable({ by_currency = {} }, Sums)
end

return sums
