--- The look of the sandbox's pages: plain HTML that needs no script.
-- @module debitura.sandbox.pages.html

local encoding = require("debitura.base.encoding")

local html = {}

local STYLE = [[
:root{--ink:#1d2733;--soft:#5d6b7a;--line:#dfe5ec;--page:#f4f6f9;--card:#fff;--go:#0b6e5f;
  --stop:#a33a2c}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);
  background:var(--page)}
header{padding:14px 24px;border-bottom:1px solid var(--line);background:var(--card);display:flex;
  gap:12px;align-items:baseline}
header b{font-size:17px}header span{color:var(--soft);font-size:14px}
main{max-width:640px;margin:40px auto;padding:0 20px;overflow-wrap:anywhere}
main.wide{max-width:1180px;margin-top:24px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:24px 28px;
  margin:0 0 20px}
h1{font-size:24px;line-height:1.25;margin:0 0 12px}h2{font-size:17px;margin:0 0 12px}
p{margin:0 0 14px}
.soft{color:var(--soft);font-size:14px}
button{font:inherit;font-weight:600;border-radius:8px;border:1px solid var(--line);
  padding:10px 20px;background:var(--card);color:var(--ink);cursor:pointer}
button.go{background:var(--go);border-color:var(--go);color:#fff}
button.stop{color:var(--stop);border-color:var(--stop)}
button.small{padding:3px 10px;font-size:13px;font-weight:500}
form{display:inline}.row{display:flex;gap:12px;flex-wrap:wrap;align-items:center}
label{display:block;margin:0 0 12px}
input[type=text],input[type=date]{font:inherit;width:100%;padding:8px 10px;
  border:1px solid var(--line);border-radius:8px}
.row input[type=text]{width:auto}ol.steps{padding-left:22px;margin:0 0 18px}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;color:var(--soft);font-weight:600}
th,td{padding:6px 10px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}th,td:last-child,.fixed{white-space:nowrap}
section>p:last-child{margin:0}
code,pre{font:13px/1.45 ui-monospace,Menlo,Consolas,monospace}
pre{white-space:pre-wrap;word-break:break-all;margin:6px 0;background:var(--page);padding:8px;
  border-radius:6px}
pre.fixed{white-space:pre}
.tag{display:inline-block;padding:1px 8px;border-radius:20px;background:var(--page);
  border:1px solid var(--line);font-size:13px;white-space:nowrap}
.scroll{overflow-x:auto}
]]

--- A piece of HTML that needs no escaping any more.
-- @tparam string text
-- @treturn table
function html.raw(text)
  return { html = text }
end

local function shown(value)
  if type(value) ~= "table" then return encoding.html(value) end
  if value.html then return value.html end
  local texts = {}
  for index, inner in ipairs(value) do texts[index] = shown(inner) end
  return table.concat(texts, "\n")
end

--- Fills `{name}` in a template. A value is a text, which is escaped; a piece made by `html.raw` or
-- `html.fill`; or an array of such.
-- @tparam string template
-- @tparam[opt] table values
-- @treturn table a piece
function html.fill(template, values)
  return html.raw((template:gsub("{([%a_]+)}", function(name)
    local value = values and values[name]
    if value == nil then error("the template lacks " .. name) end
    return shown(value)
  end)))
end

--- Fills `{value}` in a template with each of several values.
-- @tparam string template
-- @tparam table values
-- @treturn table array of pieces
function html.each(template, values)
  local pieces = {}
  for index, value in ipairs(values) do pieces[index] = html.fill(template, { value = value }) end
  return pieces
end

--- A part of a page under a heading of its own.
-- @tparam string title
-- @param content
-- @treturn table a piece
function html.section(title, content)
  return html.fill("<section><h2>{title}</h2>{content}</section>",
    { title = title, content = content })
end

--- A table, which is scrolled where it is too wide.
-- @tparam string title what it is called where it cannot be seen
-- @tparam table heads texts
-- @tparam table rows pieces
-- @treturn table a piece
function html.table(title, heads, rows)
  return html.fill([[
<div class="scroll" tabindex="0" role="region" aria-label="{title}">
<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>]], {
    title = title, heads = html.each('<th scope="col">{value}</th>', heads), rows = rows,
  })
end

--- A whole page.
-- @tparam string title
-- @tparam table content a piece, or several
-- @tparam[opt] string class of the main element
-- @tparam[opt] string place where the page comes from, default the sandbox
-- @treturn string
function html.page(title, content, class, place)
  return html.fill([[<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body><header><b>Debitura</b><span>{place}</span></header>
<main class="{class}">{content}</main></body></html>
]], {
    title = title, style = html.raw(STYLE), content = content, class = class or "",
    place = place or "sandbox on this machine: nothing here is real",
  }).html
end

return html
