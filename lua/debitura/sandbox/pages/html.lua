--- The look of the sandbox's pages: plain HTML that needs no script.
-- @module debitura.sandbox.pages.html

local encoding = require("debitura.base.encoding")

local html = {}

local STYLE = [[
:root{--ink:#1d2733;--soft:#5d6b7a;--line:#dfe5ec;--page:#f4f6f9;--card:#fff;--go:#0b6e5f;
  --stop:#a33a2c;--mark:#fff4d6}
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
ol.steps li.done{color:var(--soft)}
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
.note{background:var(--mark);border-radius:8px;padding:10px 14px}.scroll{overflow-x:auto}
]]

--- The style sheet, for pages that say otherwise where they come from.
html.style = STYLE

--- A piece of HTML that needs no escaping any more.
-- @tparam string text
-- @treturn table
function html.raw(text)
  return { html = text }
end

--- Joins pieces.
-- @tparam table pieces
-- @treturn table a piece
function html.join(pieces)
  local texts = {}
  for index, piece in ipairs(pieces) do texts[index] = piece.html end
  return html.raw(table.concat(texts, "\n"))
end

--- Fills `{name}` in a template; every value is escaped unless it is a piece made by `html.raw` or
-- `html.fill`, or an array of such.
-- @tparam string template
-- @tparam[opt] table values
-- @treturn table a piece
function html.fill(template, values)
  return html.raw((template:gsub("{([%a_]+)}", function(name)
    local value = values and values[name]
    if value == nil then error("the template lacks " .. name) end
    if type(value) ~= "table" then return encoding.html(value) end
    return value.html or html.join(value).html
  end)))
end

--- A whole page.
-- @tparam string title
-- @tparam table content a piece
-- @tparam[opt] string class of the main element
-- @treturn string
function html.page(title, content, class)
  return html.fill([[<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body><header><b>Debitura</b><span>sandbox on this machine: nothing here is real</span></header>
<main class="{class}">{content}</main></body></html>
]], { title = title, style = html.raw(STYLE), content = content, class = class or "" }).html
end

return html
