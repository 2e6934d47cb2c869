--- How the platform shows itself to its customers, in letters and on pages: an option of whatever
-- writes to them.
-- @module debitura.channels.brand

local core = require("debitura.core")
local mime = require("debitura.channels.mime")
local options = require("debitura.base.options")

local brand = {}

local COLOUR = "#0b6e5f"
local LINE_MAX = 2000 -- bytes of a footer

local function logo_problem(url)
  if not url:find("^https://") or url:find('[%s%c"<>]') or not core.check_url(url) then
    return "an https URL expected"
  end
end

local function colour_problem(colour)
  if not colour:find("^#%x%x%x%x%x%x$") then return "a colour such as #0b6e5f expected" end
end

local function footer_problem(text)
  return #text > LINE_MAX and ("longer than %d bytes"):format(LINE_MAX) or mime.body_problem(text)
end

local ROWS = {
  { "name", "string", required = true, check = mime.text_problem,
    "the platform, as its customers know it; also the sender's name" },
  { "logo_url", "string", check = logo_problem, "an image, https; above a letter's text" },
  { "colour", "string", default = COLOUR, check = colour_problem, "of buttons" },
  { "footer", "text", check = footer_problem, "lines below a letter, such as an address" },
  { "support", "string", check = mime.address_problem, "where questions go, an address" },
}

local DOC = "how the platform shows itself: `name`, `logo_url`, `colour`, `footer`, `support`"

--- The row by which a constructor takes a brand, and the one of a constructor that needs one.
brand.optional = { "brand", "table", DOC }
brand.required = { "brand", "table", required = true, DOC }

--- Makes the reader of a constructor's option `brand`.
-- @tparam string owner the constructor's name, as errors say it
-- @treturn table with the method `read`, see debitura.base.options
function brand.options(owner)
  return options.define(owner .. ": brand", ROWS)
end

local function channel(colour, at)
  local value = tonumber(colour:sub(at, at + 1), 16) / 255
  return value <= 0.03928 and value / 12.92 or ((value + 0.055) / 1.055) ^ 2.4
end

--- The colour of text that can be read on another (WCAG 2.1, relative luminance).
-- @tparam string colour `#rrggbb`
-- @treturn string
function brand.text_colour(colour)
  local red, green, blue = channel(colour, 2), channel(colour, 4), channel(colour, 6)
  local light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 and "#ffffff" or "#000000"
end

return brand
