--- Draws the desk's pages, which are data, as HTML that needs nothing else: no script, no other
-- file. Nothing but this module knows of HTML.
--
-- A page is a table of `title`, `notices` (array of `{ level, text }`) and `blocks`, an array of
-- tables of one of the kinds in `DRAW` below. What stands in a table or list is a cell: a text; a
-- table with `text`, and `href` where it leads somewhere; with `at` (a moment); with `bar` (a share
-- from 0 to 1); an array of cells; or nil.
-- @module debitura.status.desk.html

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local hosted_url = require("debitura.recipes.hosted_url")
local text = require("debitura.base.text")
local time = require("debitura.base.time")

local html = {}

local STYLE = [[

:root { color-scheme: light dark; --line: #c3c9d0; --soft: #f1f3f5; --dim: #5a6470;
  --fill: #1f6f8b; --fail: #a4161a; --warn: #7a4a00 }
body { margin: 0; font: 1rem/1.45 system-ui, sans-serif; color: #1d2329; background: #fff }
header, main { max-width: 72rem; margin: 0 auto; padding: 0 1rem; overflow-wrap: anywhere }
header { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; align-items: baseline;
  padding-top: .8rem }
header strong { margin-right: auto }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem }
a { color: inherit; text-underline-offset: .15em; display: inline-block; padding: .2rem 0;
  min-width: 1.5rem }
nav a[aria-current] { font-weight: bold }
h1 { font-size: 1.5rem; line-height: 1.25 }
h2 { font-size: 1.15rem; margin: 1.6rem 0 .4rem }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .15rem 1rem }
dt { color: var(--dim) }
dd { margin: 0 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; overflow-wrap: normal }
th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0;
  border-bottom: 1px solid var(--line); max-width: 26rem }
td a { display: inline; padding: 0 }
.long { overflow-wrap: anywhere; display: inline-block; min-width: 12rem }
th { color: var(--dim); font-weight: normal; white-space: nowrap }
time { white-space: nowrap }
svg { color: var(--fill); vertical-align: middle }
.notice { border-left: .3rem solid var(--fill); background: var(--soft); padding: .5rem .8rem }
.fail { border-color: var(--fail) }
.warn { border-color: var(--warn) }
b.fail { color: var(--fail) }
b.warn { color: var(--warn) }
form, main nav { margin: .8rem 0 }
form { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: end }
label { display: block; max-width: 100% }
input, select, button { font: inherit; padding: .35rem .6rem; max-width: 100%; min-height: 1.5rem;
  box-sizing: border-box; border: 1px solid var(--dim); border-radius: .25rem;
  background: Canvas; color: inherit }
button { cursor: pointer; background: var(--soft) }
input[type=checkbox] { min-width: 1.5rem }
:focus-visible { outline: 3px solid var(--fill); outline-offset: 2px }
p.dim, .dim { color: var(--dim) }
@media (prefers-color-scheme: dark) {
  :root { --line: #3a434d; --soft: #1e252c; --dim: #a3adb8; --fill: #5fb3cf; --fail: #ff9a9a;
    --warn: #f2c14e }
  body { color: #e6e9ec; background: #14181c }
}
]]

--- What browsers may do with the pages: apply this one style, and send forms back here.
html.policy = ("default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
  .. "style-src 'sha256-%s'"):format(encoding.base64(encoding.from_hex(core.digest.sha256(STYLE))))

-- Texts -------------------------------------------------------------------------------------------

--- Signs in a table's cell, and at most anywhere; bytes from which a text may break anywhere.
local CUT, LONGEST, BREAKS = 120, 2000, 40

--- A text as it is shown: no address of a hosted page is, nor anything that hides itself.
local function shown(value, most)
  local said, was_cut = text.cut(tostring(value), most or LONGEST)
  said = text.visible(hosted_url.redacted(said)):gsub("%c", "\239\191\189")
  return encoding.html(said) .. (was_cut and "…" or "")
end

--- A text in the direction of its own.
local function isolated(value, most)
  return "<bdi>" .. shown(value, most) .. "</bdi>"
end

local function moment(at, now)
  local age = now - at
  return ('<time datetime="%s">%s</time> <span class="dim">(%s)</span>'):format(time.format(at),
    os.date("!%Y-%m-%d %H:%M:%S", math.floor(at)),
    (age < 0 and "in %s" or "%s ago"):format(time.describe(math.abs(age))))
end

local BAR = '<svg width="120" height="10" viewBox="0 0 120 10" aria-hidden="true">'
  .. '<rect width="120" height="10" fill="currentColor" fill-opacity=".2"/>'
  .. '<rect width="%d" height="10" fill="currentColor"/></svg>'

local function bar(share)
  return BAR:format(math.floor(120 * math.max(0, math.min(1, share)) + .5))
end

local cell

--- In a table's cell, `most` signs are shown at most.
function cell(value, now, most, cut)
  if value == nil then return "" end
  local said = type(value) == "table" and (value.text or "") or tostring(value)
  if most and #said > BREAKS then
    return ('<span class="long">%s</span>'):format(cell(value, now, nil, most))
  end
  if type(value) ~= "table" then return isolated(value, most or cut) end
  if value.at then return moment(value.at, now) end
  if value.bar then return bar(value.bar) end
  if value.level then
    return ('<b class="%s">%s</b>'):format(encoding.html(value.level), shown(value.text))
  end
  if value.href then
    return ('<a href="%s">%s</a>'):format(encoding.html(value.href),
      isolated(value.text, most or cut))
  end
  local parts = {}
  for i, part in ipairs(value) do parts[i] = cell(part, now, most) end
  return table.concat(parts, " ")
end

-- Blocks ------------------------------------------------------------------------------------------

local function heading(block)
  return block.title and ("<h2>%s</h2>\n"):format(shown(block.title)) or ""
end

local DRAW = {}

--- `text`: a paragraph; `dim` makes it a remark.
function DRAW.text(block, now)
  return heading(block) .. ("<p%s>%s</p>\n"):format(block.dim and ' class="dim"' or "",
    cell(block.text, now))
end

--- `rows`: array of `{ label, cell }`; what has no cell is left out.
function DRAW.facts(block, now)
  local lines = { heading(block), "<dl>\n" }
  for _, row in ipairs(block.rows) do
    if row[2] ~= nil then
      lines[#lines + 1] = ("<dt>%s</dt><dd>%s</dd>\n"):format(shown(row[1]), cell(row[2], now))
    end
  end
  lines[#lines + 1] = "</dl>\n"
  return table.concat(lines)
end

--- `columns`: array of names; `rows`: array of arrays of cells; `empty`: what is said of none.
function DRAW.table(block, now)
  if not block.rows[1] then
    return block.empty and heading(block) .. ('<p class="dim">%s</p>\n'):format(shown(block.empty))
      or ""
  end
  local lines = { heading(block), ('<div class="scroll" tabindex="0" role="region" aria-label="%s">'
    .. "<table>\n<thead><tr>"):format(shown(block.title or block.label)) }
  for _, name in ipairs(block.columns) do
    lines[#lines + 1] = ('<th scope="col">%s</th>'):format(shown(name))
  end
  lines[#lines + 1] = "</tr></thead>\n<tbody>\n"
  for _, row in ipairs(block.rows) do
    lines[#lines + 1] = "<tr>"
    for i = 1, #block.columns do
      lines[#lines + 1] = ("<td>%s</td>"):format(cell(row[i], now, CUT))
    end
    lines[#lines + 1] = "</tr>\n"
  end
  lines[#lines + 1] = "</tbody></table></div>\n"
  return table.concat(lines)
end

--- `links`: array of cells, each of which leads somewhere.
function DRAW.links(block, now)
  if not block.links[1] then return "" end
  local parts = {}
  for i, link in ipairs(block.links) do parts[i] = cell(link, now) end
  return ('%s<nav aria-label="%s">%s</nav>\n'):format(heading(block), shown(block.label),
    table.concat(parts, "\n"))
end

local function select_field(field)
  local lines = { ('<select name="%s">'):format(encoding.html(field.name)) }
  for _, value in ipairs(field.values) do
    lines[#lines + 1] = ('<option value="%s"%s>%s</option>'):format(encoding.html(value),
      value == field.value and " selected" or "", shown(value == "" and "any" or value))
  end
  return table.concat(lines) .. "</select>"
end

local function input_field(field)
  local name = encoding.html(field.name)
  if field.values then return select_field(field) end
  if field.checkbox then
    return ('<input type="checkbox" name="%s" value="1"%s>'):format(name,
      field.value and " checked" or "")
  end
  return ('<input type="text" name="%s" value="%s" autocomplete="off">'):format(name,
    encoding.html((field.value or ""):gsub("%z", "\239\191\189")))
end

local function fields_of(block, lines)
  for _, field in ipairs(block.fields) do
    lines[#lines + 1] = ("<label>%s<br>%s</label>\n"):format(shown(field.label), input_field(field))
  end
  lines[#lines + 1] = ('<button type="submit">%s</button>\n</form>\n'):format(shown(block.button))
  return table.concat(lines)
end

--- `action`, `fields`, `button`: a form that only looks for something.
function DRAW.search(block)
  return fields_of(block, { ('<form method="get" action="%s" role="search">\n')
    :format(encoding.html(block.action)) })
end

--- `action`, `token`, `fields`, `button`: a form that changes something.
function DRAW.change(block)
  return fields_of(block, { ('<form method="post" action="%s">\n'
    .. '<input type="hidden" name="token" value="%s">\n'):format(encoding.html(block.action),
    encoding.html(block.token)) })
end

-- Pages -------------------------------------------------------------------------------------------

local FRAME = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>%s</title>
<style>%s</style>
</head>
<body>
<header><strong>%s</strong>
%s</header>
<main>
<h1>%s</h1>
%s</main>
</body>
</html>
]]

local function navigation(menu, current)
  if not menu then return "" end
  local lines = { '<nav aria-label="Pages">' }
  for _, item in ipairs(menu) do
    lines[#lines + 1] = ('<a href="%s"%s>%s</a>'):format(encoding.html(item.href),
      item.name == current and ' aria-current="page"' or "", shown(item.text))
  end
  lines[#lines + 1] = "</nav>\n"
  return table.concat(lines, "\n")
end

--- Draws a page.
-- @tparam table page
-- @tparam table around `menu` (array of `{ name, text, href }`, nil for none), `current`, `about`
--   (whose desk it is), `now`, `said` (a further notice)
-- @treturn string
function html.draw(page, around)
  local lines, title = {}, shown(page.title, CUT)
  local notices = { around.said }
  for _, notice in ipairs(page.notices or {}) do notices[#notices + 1] = notice end
  for _, notice in ipairs(notices) do
    lines[#lines + 1] = ('<p class="notice %s" role="status">%s</p>\n'):format(
      encoding.html(notice[1]), cell(notice[2], around.now))
  end
  for _, block in ipairs(page.blocks or {}) do
    lines[#lines + 1] = DRAW[block.kind](block, around.now)
  end
  return FRAME:format(title .. " – Debitura desk", STYLE, shown(around.about),
    navigation(around.menu, around.current), title, table.concat(lines))
end

return html
