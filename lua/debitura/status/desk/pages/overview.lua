--- The desk's first page: what needs a person, and how everything stands.
-- @module debitura.status.desk.pages.overview

local address = require("debitura.status.desk.address")
local case_machine = require("debitura.recipes.case")
local link_machine = require("debitura.recipes.link")
local number = require("debitura.status.desk.lists").number
local report = require("debitura.status.report")
local signing_machine = require("debitura.recipes.signing")
local time = require("debitura.base.time")

--- Where there is more to see of a cause; see debitura.status.rules.
local SEE = {
  dead_jobs = { "jobs", { { "state", "dead" } } },
  overdue_jobs = { "jobs", { { "state", "open" } } },
  no_sweep = { "jobs", { { "state", "open" } } }, unserved = { "jobs" },
  dead_events = { "inbox", { { "state", "dead" } } },
  overdue_events = { "inbox", { { "state", "open" } } },
  no_worker = { "inbox", { { "state", "open" } } },
  undelivered = { "links", { { "undelivered", "1" } } },
  exhausted = { "links", { { "state", "exhausted" } } },
  incomplete = { "links", { { "state", "incomplete" } } },
}

local function percent(part, whole)
  return whole > 0 and ("%.0f%%"):format(100 * part / whole) or ""
end

local function age_bar(now, since)
  return since and { bar = report.share_of(now - since) }
end

-- Blocks ------------------------------------------------------------------------------------------

local function causes(seen)
  local rows = {}
  for i, cause in ipairs(seen.causes) do
    local see = SEE[cause.cause]
    rows[i] = { { level = cause.level, text = cause.level },
      see and address.link(cause.said, see[1], see[2]) or cause.said,
      age_bar(seen.at, cause.since), cause.type }
  end
  return { kind = "table", title = "What needs a person first", rows = rows,
    columns = { "Level", "What", "Age", "What to type" }, empty = "Nothing does." }
end

--- The states of a link up to which it has not come: for each step of the way, those that have
-- not taken it.
local NOT_DELIVERED = { "requesting", "refused", "rejected", "forgotten" }
local NOT_ANSWERED = { "pending", "expired", "exhausted", "closed", "onboarding" }

local function without(links, count, states)
  for _, state in ipairs(states) do count = count - (links[state] or 0) end
  return math.max(0, count)
end

local function funnel(seen)
  local links = seen.links
  local requested = report.sum(links) - (links.forgotten or 0)
  local had = without(links, report.sum(links), NOT_DELIVERED)
  local steps = {
    { "requested", requested },
    { "delivered", math.max(0, had - (seen.undelivered.of.link or 0)) },
    { "answered", without(links, had, NOT_ANSWERED) },
    { "carried", links.carried or 0 },
  }
  local rows = {}
  for i, step in ipairs(steps) do
    rows[i] = { step[1], number(step[2]), i > 1 and percent(step[2], steps[i - 1][2]) or "",
      percent(step[2], requested), { bar = step[2] / math.max(1, requested) } }
  end
  return { kind = "table", title = "From the request to the cases", rows = rows,
    columns = { "Links", "Count", "Of the step before", "Of all", "Share" } }
end

local function by_state(title, counts, list, machine)
  local rows, total = {}, math.max(1, report.sum(counts))
  for i, row in ipairs(report.by_count(counts)) do
    local state, count = row[1], row[2]
    rows[i] = { list and address.link(state, list, { { "state", state } }) or state,
      number(count), { bar = count / total }, machine.states[state] }
  end
  return { kind = "table", title = title, rows = rows, empty = "There are none.",
    columns = { "State", "Count", "Share", "Meaning" } }
end

local function jobs(seen)
  local rows = {}
  for _, row in ipairs(seen.jobs) do
    rows[#rows + 1] = { row.kind, number(row.open),
      row.dead > 0 and address.link(number(row.dead), "jobs",
        { { "state", "dead" }, { "kind", row.kind } }) or "0",
      row.due_since and { at = row.due_since }, age_bar(seen.at, row.due_since) }
  end
  return { kind = "table", title = "Jobs", rows = rows, empty = "There are none.",
    columns = { "Kind", "Open", "Given up", "First due", "Age" } }
end

local SERVED = {
  some = "a process has it", none = "no process has it", unknown = "no process has swept yet",
}

local function needs(seen)
  local rows = {}
  for i, row in ipairs(seen.needs) do
    rows[i] = { address.link(row.needs, "jobs", { { "needs", row.needs } }), number(row.open),
      row.served == "none" and { level = "warn", text = SERVED.none } or SERVED[row.served],
      row.due_since and { at = row.due_since }, age_bar(seen.at, row.due_since) }
  end
  return { kind = "table", title = "What jobs need", rows = rows,
    columns = { "Need", "Open jobs", "Served", "First due", "Age" } }
end

local function webhooks(seen)
  local events, rows = seen.events, {}
  for i, row in ipairs {
    { "dead", "given up", events.dead_since }, { "waiting", "wait for an earlier one",
      events.waiting_since }, { "open", "open", events.due_since },
  } do
    rows[i] = { address.link(row[2], "inbox", { { "state", row[1] } }), number(events[row[1]]),
      row[3] and { at = row[3] }, age_bar(seen.at, row[3]) }
  end
  rows[4] = { "the latest came", "", events.last and { at = events.last } or "never" }
  return { kind = "table", title = "Webhooks", rows = rows,
    columns = { "Webhooks", "Count", "Since", "Age" } }
end

local function processes(seen)
  local rows = {}
  for i, process in ipairs(seen.processes) do
    rows[i] = { process.role, ("%s:%d"):format(process.host, process.pid), process.state,
      { at = process.ended_at or process.beat_at }, process.release,
      table.concat(process.does, ", "), table.concat(process.can, ", "), process.outcome }
  end
  return { kind = "table", title = "Processes", rows = rows,
    empty = "None has said that it is there.",
    columns = { "Role", "Where", "State", "Last heard of", "Release", "Does", "Has", "Outcome" } }
end

--- The page of some numbers. It `lasts`: there is no other until they are read again.
local function page_of(seen)
  local soon = address.link(("%d links expire within a day"):format(seen.expiring), "links",
    { { "state", "pending" }, { "expires", "1d" } })
  local late = seen.undelivered.since
  local undelivered = address.link(("%d URLs have not reached their customers%s"):format(
    seen.undelivered.count, late and ", the first for " .. time.describe(seen.at - late) or ""),
    "links", { { "undelivered", "1" } })
  return { title = "Overview", lasts = true, blocks = {
    causes(seen), funnel(seen), { kind = "links", label = "Soon", links = { soon, undelivered } },
    by_state("Links by state", seen.links, "links", link_machine),
    by_state("Cases by state", seen.cases, "cases", case_machine),
    by_state("Signings by state", seen.signings, nil, signing_machine),
    by_state("Identity checks by state", seen.kyc, nil, signing_machine),
    jobs(seen), needs(seen), webhooks(seen), processes(seen),
  } }
end

--- The page.
-- @tparam table view see debitura.status.desk
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table failure of the store
return function(view)
  local desk = view.desk
  local seen, err = desk:numbers()
  if not seen then return nil, err end
  if desk.overview_of ~= seen then desk.overview_of, desk.overview = seen, page_of(seen) end
  return desk.overview
end
