--- The pages of the permalink: plain HTML that needs nothing else.
-- @module debitura.permalink.page

local brands = require("debitura.channels.brand")
local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local html = require("debitura.channels.letters.html")

local fill = html.fill

local page = {}

local STYLE = [[

:root { color-scheme: light dark }
body { margin: 0; font: 1.1rem/1.5 system-ui, sans-serif; color: #222; background: #fff }
main { max-width: 34rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.25 }
img { max-width: 12rem; max-height: 4rem }
button { font: inherit; padding: .6rem 1.4rem; border-radius: .3rem; max-width: 100% }
button { border: 1px solid; background: {colour}; color: {text_colour}; cursor: pointer }
button:focus-visible { outline: 3px solid; outline-offset: 3px }
@media (prefers-color-scheme: dark) { body { color: #e6e9ec; background: #15191e } }
]]

local FRAME = [[
<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{logo}<h1>{title}</h1>
<p>{text}</p>
{form}</main>
</body>
</html>
]]

local LOGO = '<p><img src="{logo_url}" alt="{platform}"></p>\n'
local FORM = '<form method="post"><button type="submit">{button}</button></form>\n'

-- No form-action: browsers apply it to where the POST is redirected, too.
local POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
  .. "style-src 'sha256-{hash}'"

local Pages = {}
Pages.__index = Pages

--- A page.
-- @tparam string name of one of a language's `pages`
-- @tparam table texts of the language, see debitura.channels.letters
-- @treturn string
function Pages:render(name, texts)
  local words, platform = texts.pages[name], encoding.html(self.brand.name)
  local function filled(text, shown)
    return fill(encoding.html(text), { platform = shown or platform })
  end
  return fill(FRAME, {
    language = texts.language, direction = texts.direction, style = self.style,
    title = filled(words.title), text = filled(words.text, html.name(self.brand.name)),
    logo = self.brand.logo_url
      and fill(LOGO, { logo_url = self.brand.logo_url, platform = platform }) or "",
    form = words.button and fill(FORM, { button = filled(words.button) }) or "",
  })
end

--- Makes the pages of a brand.
-- @tparam table brand see debitura.channels.brand
-- @treturn table with the method `render`, and `policy`: the Content-Security-Policy, which names
--   the style by its SHA-256 as the only one that a browser may apply
function page.new(brand)
  local style = fill(STYLE, {
    colour = brand.colour, text_colour = brands.text_colour(brand.colour),
  })
  local hash = encoding.from_hex(core.digest.sha256(style))
  local policy = fill(POLICY, { hash = encoding.base64(hash) })
  if brand.logo_url then
    policy = policy .. "; img-src " .. brand.logo_url:match("^https://[^/?#]*")
  end
  return setmetatable({ brand = brand, style = style, policy = policy }, Pages)
end

return page
