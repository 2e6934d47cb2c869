--- Sums of amounts by currency, exact to the cent.
-- @module debitura.import.sums

local codes = require("debitura.base.codes")

local floor = math.floor

local sums = {}

local Sums = {}
Sums.__index = Sums

--- Adds an amount.
-- @tparam string currency
-- @tparam number amount with no more decimals than the currency has
function Sums:add(currency, amount)
  local row = self.by_currency[currency]
  if not row then
    local decimals = codes.decimals(currency)
    row = { currency = currency, count = 0, units = 0, decimals = decimals, scale = 10 ^ decimals }
    self.by_currency[currency] = row
  end
  row.count, row.units = row.count + 1, row.units + floor(amount * row.scale + 0.5)
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
