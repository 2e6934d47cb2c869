--- From the text of a cell to a value. No cell is guessed: what can be read in two ways is refused
-- with both, unless the options say which is meant.
-- @module debitura.import.cells

local codes = require("debitura.base.codes")
local text = require("debitura.base.text")
local time = require("debitura.base.time")

local cells = {}

local SHOWN_MAX = 40 -- characters of a value in a report

--- A value as a report shows it.
-- @tparam string value
-- @treturn string
function cells.shown(value)
  local short, is_cut = text.cut(value:sub(1, 8 * SHOWN_MAX), SHOWN_MAX)
  short = text.visible(short:gsub("%c", " "))
  return ('"%s%s"'):format(short, is_cut and "…" or "")
end

-- What spreadsheets leave behind --------------------------------------------------------------

local SHORT = 24 -- bytes that an error has at most

-- #N/A in several languages; all others end with an exclamation or question mark in each.
local NOT_AVAILABLE = {
  ["#N/A"] = true, ["#N/A N/A"] = true, ["#N/B"] = true, ["#N/D"] = true, ["#N/D!"] = true,
  ["#I/T"] = true, ["#NV"] = true, ["#N/DISP"] = true, ["#GETTING_DATA"] = true,
}

local LOST = "the digits are lost: format the column as text and save it anew"

--- What is wrong with a cell in whatever column.
-- @tparam string value trimmed
-- @treturn ?string
function cells.artefact(value)
  if not value:find("[#Ee\239%c]") then return nil end
  if value:find("[%z\1-\8\11\12\14-\31\127]") then
    return "has a control character in it: type it again"
  end
  if value:find("\239\191\189", 1, true) then
    return "has a character that was lost: save the file as \"CSV UTF-8\" where it is from"
  end
  if #value > SHORT then return nil end
  if value:find("^#") then
    if value:find("^#+$") then return "is what is shown of too narrow a column, " .. LOST end
    local upper = value:upper()
    if NOT_AVAILABLE[upper] or upper:find("^#[^%s%l%d][^%s%l]+[!?]$") then
      return "is an error of the spreadsheet: correct the cell"
    end
  elseif value:find("^Err:%d%d%d$") then
    return "is an error of the spreadsheet: correct the cell"
  elseif value:find("^%-?%d[%d.,]*[Ee]%+%d%d+$") or value:find("^%-?%d[.,]%d+[Ee]%-%d%d+$") then
    return "is rounded, " .. LOST
  end
end

--- Takes the formula off by which spreadsheets keep leading zeros: `="0012"`.
-- @tparam string value trimmed
-- @treturn string
function cells.unwrapped(value)
  local inner = value:byte() == 61 and value:match('^="(.*)"$')
  return inner and inner:gsub('""', '"') or value
end

-- Numbers -------------------------------------------------------------------------------------

-- Blanks and apostrophes that group digits: ASCII's, no-break, those of typography.
local GROUPERS = { " ", "\194\160", "\226\128[\128-\138\152\153\175]" }
local DIGITS_MAX = 15 -- that a number of Lua, and of JSON, holds exactly

local NO_NUMBER = "is no number such as 1000.10"

-- The digits of a whole number, with one kind of grouping in correct threes or none.
local function whole(digits, groupers)
  if digits:find("^%d+$") then return digits end
  for group in groupers:gmatch(".") do
    local sign = "%" .. group
    local head, rest = digits:match("^(%d%d?%d?)(" .. sign .. "[%d" .. sign .. "]+)$")
    if head and rest:gsub(sign .. "%d%d%d%f[%D]", "") == "" then
      return (digits:gsub(sign, ""))
    end
  end
end

-- Splits at the decimal sign and takes the grouping out.
-- @treturn ?string `1234.56`
local function by_sign(body, sign)
  local at = body:find(sign, 1, true)
  local digits = whole(at and body:sub(1, at - 1) or body, sign == "." and ",'" or ".'")
  if not at or not digits then return digits end
  local decimals = body:sub(at + 1)
  return decimals:find("^%d+$") and digits .. "." .. decimals or nil
end

local function ambiguous(body)
  local point, comma = by_sign(body, "."), by_sign(body, ",")
  return ("is ambiguous: %s with a decimal point, %s with a decimal comma; the option decimal says "
    .. "which (--decimal point or comma)"):format(point or "no number", comma or "no number")
end

-- Reads what has only one meaning.
local function unambiguous(body)
  local signs = body:gsub("[^.,]", "")
  if #signs == 0 then return whole(body, "'") end
  local first = signs:sub(1, 1)
  if #signs > 1 and signs == first:rep(#signs) then return whole(body, first) end
  if #signs == 1 and body:find("^%d*[.,]%d%d%d$") then return nil, ambiguous(body) end
  return by_sign(body, signs:sub(-1))
end

local function has_too_many_digits(read)
  if #read <= DIGITS_MAX then return false end
  local before, after = read:match("^0*(%d*)%.?(%d-)0*$")
  return #before + #after > DIGITS_MAX
end

--- Reads a number.
-- @tparam string value trimmed
-- @tparam ?string decimal "comma" or "point"; nil: only what has one meaning
-- @treturn[1] string with a decimal point and no grouping
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function cells.number(value, decimal)
  if #value < DIGITS_MAX and decimal ~= "comma" and value:find("^%-?%d+%.%d%d?$") then
    return value
  end
  local sign, body = value:match("^(%-?)(.*)$")
  local read, err
  if body:find("^%d+$") then
    read = body
  else
    for _, grouper in ipairs(GROUPERS) do body = body:gsub(grouper, "'") end
    if not body:find("^[%d.,']+$") then return nil, NO_NUMBER end
    if decimal then
      read = by_sign(body, decimal == "comma" and "," or ".")
      err = ("is no number with a decimal %s: write it such as %s"):format(decimal,
        decimal == "comma" and "1000,10" or "1000.10")
    else
      read, err = unambiguous(body)
    end
  end
  if not read then return nil, err or NO_NUMBER end
  if has_too_many_digits(read) then return nil, "has too many digits: correct it" end
  return sign .. read
end

--- What is wrong with the decimals of an amount.
-- @tparam number amount
-- @tparam string currency
-- @treturn ?string
function cells.decimals_problem(amount, currency)
  local most = codes.decimals(currency)
  local scale = most and 10 ^ most
  if most and math.floor(amount * scale + 0.5) / scale ~= amount then
    return ("has more decimals than %s has (%d): round it"):format(currency, most)
  end
end

-- Dates ---------------------------------------------------------------------------------------

local ORDERS = { dmy = { 3, 2, 1 }, mdy = { 3, 1, 2 } }

local function is_serial(value)
  local number = tonumber(value:match("^(%d%d%d%d%d)$") or value:match("^(%d%d%d%d%d)[.,]%d+$"))
  return number and number > 20000 and number < 80000
end

--- Reads a date.
-- @tparam string value trimmed
-- @tparam ?string order "iso", "dmy" or "mdy"; nil: "iso"
-- @treturn[1] string as ISO 8601 writes it
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function cells.date(value, order)
  -- Midnight is what a spreadsheet adds to a day.
  value = value:gsub(" 0?0:00$", ""):gsub(" 0?0:00:00%.?0*$", "")
  if value:find("^%d%d%d%d%-%d%d%-%d%d") then
    local iso = value:gsub("^(%d%d%d%d%-%d%d%-%d%d) ", "%1T")
    if time.parse(iso) then return iso end
    return nil, "is no day or time that there is: correct it, such as 2026-01-31"
  end
  if is_serial(value) then
    return nil, "is a date as a spreadsheet counts it: format the column as a date such as "
      .. "2026-01-31"
  end
  local parts = { value:match("^(%d%d?)([./-])(%d%d?)%2(%d%d%d%d)$") }
  local places = ORDERS[order]
  if not parts[1] then return nil, "is no date such as 2026-01-31" end
  if not places then
    return nil, "is no date such as 2026-01-31; say in which order day and month stand with the "
      .. "option dates (--dates dmy or mdy)"
  end
  local numbers = { parts[1], parts[3], parts[4] }
  local year, month, day = numbers[places[1]], numbers[places[2]], numbers[places[3]]
  if not time.days(tonumber(year), tonumber(month), tonumber(day)) then
    return nil, ("is no day in the order %s (--dates): correct it, or the order"):format(order)
  end
  return ("%s-%02d-%02d"):format(year, tonumber(month), tonumber(day))
end

-- Others --------------------------------------------------------------------------------------

local BOOLEANS = {
  ["true"] = true, ["1"] = true, yes = true, ["false"] = false, ["0"] = false, no = false,
}

--- Reads a boolean.
-- @tparam string value trimmed
-- @treturn[1] boolean
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function cells.boolean(value)
  local read = BOOLEANS[value:lower()]
  if read == nil then return nil, "is neither true nor false" end
  return read
end

return cells
