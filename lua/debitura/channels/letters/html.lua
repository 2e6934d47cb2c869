--- The HTML part of a letter: one column that fits a telephone, light or dark as the reader has it.
-- @module debitura.channels.letters.html

local brand_of = require("debitura.channels.brand")
local encoding = require("debitura.base.encoding")

local html = {}

local PAGE = [[
<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<style>
:root { color-scheme: light dark }
body { margin: 0; padding: 16px; font: 16px/1.5 system-ui, sans-serif }
body { color: #1d2733; background: #fff }
main { display: block; max-width: 560px; margin: 0 auto; overflow-wrap: anywhere }
img { max-width: 200px; max-height: 64px }
.address { word-break: break-all }
.small { font-size: 14px; color: #55606c }
@media (prefers-color-scheme: dark) {
  body { color: #e6e9ec; background: #15191e }
  .small { color: #a8b1ba }
}
</style>
</head>
<body>
<main>
{content}
</main>
</body>
</html>
]]

local LOGO = '<p><img src="{logo_url}" alt="{platform}"></p>'
-- A letter read as a page needs a heading; this one looks like its other lines.
local GREETING = '<h1 style="font:inherit;margin:1em 0">'
local BUTTON = '<p><a href="{url}" style="display:inline-block;padding:10px 20px;border-radius:4px;'
  .. 'border:1px solid {text_colour};color:{text_colour};background:{colour};'
  .. 'text-decoration:none">{button}</a></p>'
local ADDRESS = '<p class="small">{copy_address}<br>\n'
  .. '<a class="address" dir="ltr" href="{url}">{url}</a></p>'
local FOOTER = '<p class="small">{footer}</p>'

--- Fills in a text.
-- @tparam string text with placeholders
-- @tparam table values by their names; one that is not there leaves its placeholder
-- @treturn string
function html.fill(text, values)
  return (text:gsub("{([%l_]+)}", values))
end

local fill = html.fill

--- Makes a name safe in HTML; one of another script keeps its own direction.
-- @tparam string text
-- @treturn string
function html.name(text)
  local safe = encoding.html(text)
  return text:find("[\214-\223]") and "<bdi>" .. safe .. "</bdi>" or safe
end

local function lines_of(text)
  return (encoding.html(text):gsub("\n", "<br>\n"))
end

--- Writes it.
-- @tparam table letter `language`, `direction`, `subject`, `above`, `below` (arrays of texts with
--   placeholders), `button`, `copy_address`
-- @tparam table values what stands for the placeholders
-- @tparam table brand see debitura.channels.brand
-- @treturn string
function html.write(letter, values, brand)
  local safe = {}
  for name, value in pairs(values) do safe[name] = html.name(value) end
  local lines = {}
  local function add(template, more)
    lines[#lines + 1] = fill(template, more or safe)
  end
  if brand.logo_url then
    add(LOGO, { logo_url = brand.logo_url, platform = encoding.html(brand.name) })
  end
  add(GREETING .. lines_of(letter.above[1]) .. "</h1>")
  for index = 2, #letter.above do add("<p>" .. lines_of(letter.above[index]) .. "</p>") end
  add(BUTTON, {
    url = encoding.html(values.url), button = encoding.html(letter.button), colour = brand.colour,
    text_colour = brand_of.text_colour(brand.colour),
  })
  for _, text in ipairs(letter.below) do add("<p>" .. lines_of(text) .. "</p>") end
  add(ADDRESS, {
    url = encoding.html(values.url), copy_address = encoding.html(letter.copy_address),
  })
  if brand.footer then add(FOOTER, { footer = lines_of(brand.footer) }) end
  return fill(PAGE, {
    language = letter.language, direction = letter.direction,
    subject = encoding.html(letter.subject), content = table.concat(lines, "\n"),
  })
end

return html
