--- Amounts: what they are in US dollars, and who earns what of them. Rates are fixed samples.
-- @module debitura.sandbox.model.money

local money = {}

local USD = { USD = 1, EUR = 1.1, GBP = 1.25, DKK = 0.15, SEK = 0.1, NOK = 0.1, CHF = 1.15,
  PLN = 0.25 }

--- Debitura's share of what a collection partner earns, in percent.
money.PLATFORM_SHARE = 30

--- @tparam number amount
-- @treturn number rounded to cents
function money.cents(amount)
  return math.floor(amount * 100 + 0.5) / 100
end

--- @tparam number amount
-- @tparam string currency ISO 4217; one that has no sample rate counts as dollars
-- @treturn number not rounded
function money.to_usd(amount, currency)
  return amount * (USD[currency] or 1)
end

return money
