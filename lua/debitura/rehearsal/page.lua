--- The report of a rehearsal as a page that can be handed on: static, without scripts and
-- addresses.
-- @module debitura.rehearsal.page

local html = require("debitura.sandbox.pages.html")
local time = require("debitura.base.time")

local page = {}

local ROW = [[<tr><th scope="row">{name}<br><span class="soft">{level}</span></th>
<td>{expected}<br><span class="soft">{source}</span></td><td>{seen}</td><td>{verdict}</td></tr>]]

local HEADS = { "Step", "Expected", "Seen", "Verdict" }

local function list_of(texts)
  return html.fill("<ul>{items}</ul>", { items = html.each("<li>{value}</li>", texts) })
end

local function section(title, texts)
  return texts[1] and html.section(title, list_of(texts)) or ""
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
    rows[index] = html.fill(ROW, { name = step.name, level = step.level, expected = step.expected,
      source = step.source, verdict = step.verdict,
      seen = #lines > 1 and list_of(lines) or lines[1] })
  end
  local title, summary = page.heading(report)
  return html.page(title, {
    html.fill("<section><h1>{title}</h1><p>{summary}</p></section>\n<section>{steps}</section>",
      { title = title, summary = summary, steps = html.table("Steps", HEADS, rows) }),
    section("Noted, without a verdict", report.noted), section("Kept", page.things(report.kept)),
    section("Not cleaned up", page.things(report.left)),
  }, "wide", "rehearsal")
end

return page
