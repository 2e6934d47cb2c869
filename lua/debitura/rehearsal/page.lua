--- The report of a rehearsal as a page that can be handed on: static, without scripts and
-- addresses.
-- @module debitura.rehearsal.page

local html = require("debitura.sandbox.pages.html")
local time = require("debitura.base.time")

local page = {}

local WHOLE = [[<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body><header><b>Debitura</b><span>rehearsal</span></header>
<main class="wide"><section><h1>{title}</h1><p>{summary}</p></section>
<section><div class="scroll" role="region" aria-label="Steps" tabindex="0"><table>
<thead><tr><th scope="col">Step</th><th scope="col">Expected</th><th scope="col">Seen</th>
<th scope="col">Verdict</th></tr></thead><tbody>
{rows}
</tbody></table></div></section>
{notes}
</main></body></html>
]]

local ROW = [[<tr><th scope="row">{name}<br><span class="soft">{level}</span></th>
<td>{expected}<br><span class="soft">{source}</span></td><td>{seen}</td><td>{verdict}</td></tr>]]

local function list_of(texts)
  local items = {}
  for index, text in ipairs(texts) do
    items[index] = html.fill("<li>{text}</li>", { text = text })
  end
  return html.join(items)
end

local function section(title, texts)
  if not texts[1] then return html.raw("") end
  return html.fill("<section><h2>{title}</h2><ul>{items}</ul></section>",
    { title = title, items = list_of(texts) })
end

--- What was seen of a step.
-- @tparam table step of the report
-- @treturn table lines
function page.seen(step)
  local lines = {}
  if step.differences[1] then
    for index, text in ipairs(step.differences) do lines[index] = text end
  else
    lines[1] = step.seen or step.why or ""
  end
  if step.due_at then lines[#lines + 1] = "from " .. time.format(step.due_at) .. " on" end
  return lines
end

--- Things that were made and are there still, a line each.
-- @tparam table things of the report
-- @treturn table lines
function page.things(things)
  local lines = {}
  for index, thing in ipairs(things) do
    lines[index] = thing.kind .. (thing.name and " " .. thing.name or "")
      .. (thing.problem and ": " .. thing.problem or "")
  end
  return lines
end

local PLACES = { sandbox = "in a sandbox", test = "in Debitura's test environment" }

--- The heading of a report, and its sum.
-- @tparam table report
-- @treturn string
-- @treturn string
function page.heading(report)
  local counts = report.counts
  return ("Rehearsal %s %s"):format(report.run, PLACES[report.place]),
    ("Begun %s. %d steps agree, %d differ, %d were not tried."):format(time.format(
      math.floor(report.begun_at)), counts.agrees, counts.differs, counts.not_tried)
end

--- The page.
-- @tparam table report see debitura.rehearsal
-- @treturn string HTML
function page.html(report)
  local rows = {}
  for index, step in ipairs(report.steps) do
    local lines = page.seen(step)
    local seen = #lines > 1 and html.fill("<ul>{items}</ul>", { items = list_of(lines) })
      or html.fill("{line}", { line = lines[1] })
    rows[index] = html.fill(ROW, { name = step.name, level = step.level, expected = step.expected,
      source = step.source, verdict = step.verdict, seen = seen })
  end
  local title, summary = page.heading(report)
  return html.fill(WHOLE, {
    title = title, summary = summary, style = html.raw(html.style), rows = html.join(rows),
    notes = html.join { section("Noted, without a verdict", report.noted),
      section("Kept", page.things(report.kept)),
      section("Not cleaned up", page.things(report.left)) },
  }).html
end

return page
