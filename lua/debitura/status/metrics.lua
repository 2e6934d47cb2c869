--- The numbers of debitura.status.report and what processes have counted, as Prometheus reads them
-- (text format 0.0.4). No label says whose anything is. Each value of a label is there from the
-- beginning, but for what has durations, which is there once it was done or called.
-- @module debitura.status.metrics

local case_machine = require("debitura.recipes.case")
local kinds = require("debitura.recipes.kinds")
local link_machine = require("debitura.recipes.link")
local rules = require("debitura.status.rules")
local signing_machine = require("debitura.recipes.signing")
local sorted_keys = require("debitura.base.sorted_keys")
local tally = require("debitura.status.tally")
local version = require("debitura.base.version")

local unpack = table.unpack or unpack -- luacheck: ignore

local metrics = {}

--- What is served with the text.
metrics.CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

-- Values of labels --------------------------------------------------------------------------------

local LINK_STATES = sorted_keys(link_machine.states)
local CASE_STATES = sorted_keys(case_machine.states)
local SIGNING_STATES = sorted_keys(signing_machine.states)
local JOB_KINDS = sorted_keys(kinds.steps)

local LEVELS = { ok = 0, warn = 1, fail = 2 }

-- Writing -----------------------------------------------------------------------------------------

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local Page = {}
Page.__index = Page

--- Begins a metric.
function Page:metric(name, kind, help)
  self.name = "debitura_" .. name
  self:line(("# HELP %s %s"):format(self.name, help))
  self:line(("# TYPE %s %s"):format(self.name, kind))
end

function Page:line(text)
  self.lines[#self.lines + 1] = text
end

--- Writes a sample: labels are names and values in turn.
function Page:sample(value, labels, suffix)
  local pairs_ = {}
  for i = 1, #(labels or {}), 2 do
    pairs_[#pairs_ + 1] = ('%s="%s"'):format(labels[i], labels[i + 1]:gsub('[\\"\n]', ESCAPES))
  end
  self:line(("%s%s%s %s"):format(self.name, suffix or "",
    pairs_[1] and "{" .. table.concat(pairs_, ",") .. "}" or "", ("%.14g"):format(value)))
end

--- Writes a metric that has one sample for each value of a label.
function Page:by(label, values, value_of)
  for _, value in ipairs(values) do self:sample(value_of(value) or 0, { label, value }) end
end

-- From the numbers --------------------------------------------------------------------------------

local function age(now, since)
  return since and math.max(0, now - since) or 0
end

local function write_records(page, numbers)
  page:metric("links", "gauge", "Links by their state.")
  page:by("state", LINK_STATES, function(state) return numbers.links[state] end)
  page:metric("cases", "gauge", "Cases by their state.")
  page:by("state", CASE_STATES, function(state) return numbers.cases[state] end)
  page:metric("signings", "gauge", "What customers have to sign, and identity checks.")
  for _, kind in ipairs { "signing", "kyc" } do
    local states = numbers[kind == "kyc" and "kyc" or "signings"]
    for _, state in ipairs(SIGNING_STATES) do
      page:sample(states[state] or 0, { "kind", kind, "state", state })
    end
  end
  page:metric("undelivered", "gauge", "Records with a URL that has not reached the customer.")
  page:by("kind", { "link", "signing", "kyc" },
    function(kind) return numbers.undelivered.of[kind] end)
  page:metric("oldest_undelivered_seconds", "gauge",
    "For how long the first URL has not reached its customer, 0 when all have.")
  page:sample(age(numbers.at, numbers.undelivered.since))
  page:metric("links_expiring", "gauge", "Pending links that expire within a day.")
  page:sample(numbers.expiring)
end

local function write_jobs(page, numbers)
  local rows = {}
  for _, row in ipairs(numbers.jobs) do rows[row.kind] = row end
  page:metric("jobs", "gauge", "Jobs that are open, and those that were given up.")
  for _, kind in ipairs(JOB_KINDS) do
    for _, state in ipairs { "open", "dead" } do
      page:sample(rows[kind] and rows[kind][state] or 0, { "kind", kind, "state", state })
    end
  end
  page:metric("oldest_due_job_seconds", "gauge",
    "For how long the first open job has been due, 0 when none is.")
  page:by("kind", JOB_KINDS, function(kind)
    return age(numbers.at, rows[kind] and rows[kind].due_since)
  end)
  local unserved = 0
  for _, row in ipairs(numbers.needs) do
    if row.served == "none" then unserved = unserved + row.open end
  end
  page:metric("jobs_unserved", "gauge", "Open jobs that need what no process that sweeps has.")
  page:sample(unserved)
end

local function write_events(page, numbers)
  page:metric("webhooks", "gauge", "Webhooks that were kept and are not done.")
  page:by("state", { "open", "waiting", "dead" }, function(state) return numbers.events[state] end)
  page:metric("oldest_due_webhook_seconds", "gauge",
    "For how long the first webhook has been due, 0 when none is.")
  page:sample(age(numbers.at, numbers.events.due_since))
  page:metric("last_webhook_timestamp_seconds", "gauge", "When the latest webhook came in.")
  page:sample(numbers.events.last or 0)
end

local function write_processes(page, numbers)
  local alive = {}
  for _, process in ipairs(numbers.processes) do
    if process.state == "alive" then
      local roles = process.does[1] and process.does or { "ask" }
      for _, role in ipairs(roles) do alive[role] = (alive[role] or 0) + 1 end
    end
  end
  page:metric("processes", "gauge", "Processes alive within a minute, by what they do.")
  page:by("role", { "ask", "receive", "sweep", "work" }, function(role) return alive[role] end)
  page:metric("last_success_timestamp_seconds", "gauge", "When a process last did it.")
  page:by("task", { "catch_up", "receive", "sweep", "work" },
    function(task) return numbers.last[task] end)
  page:metric("problem", "gauge", "What is wrong: 0 nothing, 1 a warning, 2 a failure.")
  local levels, causes = {}, {}
  for _, cause in ipairs(numbers.causes) do levels[cause.cause] = LEVELS[cause.level] end
  for i, rule in ipairs(rules.list) do causes[i] = rule.cause end
  page:by("cause", causes, function(cause) return levels[cause] end)
end

-- From the totals ---------------------------------------------------------------------------------

--- Totals by `of`, kind and state.
local function by_place(totals)
  local found = {}
  for _, row in ipairs(totals) do
    found[row.of] = found[row.of] or {}
    found[row.of][row.kind] = found[row.of][row.kind] or {}
    found[row.of][row.kind][row.state] = row.count
  end
  return found
end

local function write_counter(page, found, labels, values, outcomes)
  for _, value in ipairs(values) do
    for _, outcome in ipairs(outcomes) do
      page:sample((found[value] or {})[outcome] or 0, { labels, value, "outcome", outcome })
    end
  end
end

--- Writes a histogram: buckets that sum up, the sum, the count.
local function write_histogram(page, of, states, label, value)
  local labels, total = {}, 0
  if label then labels = { label, value } end
  local function with_bound(bound)
    local all = { unpack(labels) }
    all[#all + 1], all[#all + 2] = "le", bound
    return all
  end
  for _, bound in ipairs(tally.BUCKETS[of]) do
    total = total + (states[tally.bound(bound)] or 0)
    page:sample(total, with_bound(tally.bound(bound)), "_bucket")
  end
  total = total + (states.more or 0)
  page:sample(total, with_bound("+Inf"), "_bucket")
  page:sample((states.milliseconds or 0) / 1000, labels, "_sum")
  page:sample(total, labels, "_count")
end

--- What takes its time, by what, and how it is shown.
local DURATIONS = {
  { "took", "kind", "job_duration_seconds", "From the claim of a job until it ended." },
  { "called", "operation", "api_request_duration_seconds", "How long attempts have taken." },
}

local function write_totals(page, totals)
  local found = by_place(totals)
  page:metric("jobs_performed_total", "counter", "What came of jobs that were done.")
  write_counter(page, found.performed or {}, "kind", JOB_KINDS, { "done", "retried", "dead" })
  page:metric("webhooks_received_total", "counter", "Webhooks that were signed by Debitura.")
  write_counter(page, found.received or {}, "event", tally.EVENTS, { "new", "duplicate" })
  page:metric("webhooks_refused_total", "counter", "Deliveries that were not kept.")
  local refused = (found.refused or {})[""] or {}
  page:by("reason", { "signature", "size", "method", "store" },
    function(reason) return refused[reason] end)
  page:metric("webhooks_processed_total", "counter", "What came of webhooks that were processed.")
  write_counter(page, found.processed or {}, "event", tally.EVENTS,
    { "done", "retried", "dead" })
  page:metric("webhook_wait_seconds", "histogram", "From a webhook's arrival until it was done.")
  write_histogram(page, "waited", (found.waited or {})[""] or {})
  page:metric("api_requests_total", "counter", "Calls of Debitura's APIs, each attempt.")
  local requested = (found.requested or {})[""] or {}
  page:by("outcome", tally.OUTCOMES, function(outcome) return requested[outcome] end)
  for _, row in ipairs(DURATIONS) do
    local of, label, name, help = row[1], row[2], row[3], row[4]
    if found[of] then page:metric(name, "histogram", help) end
    for _, each in ipairs(sorted_keys(found[of] or {})) do
      write_histogram(page, of, found[of][each], label, each)
    end
  end
end

--- Writes how much of the limits is used.
local function write_budget(page, used)
  page:metric("rate_budget_used_ratio", "gauge",
    "What part of Debitura's limits on requests is used.")
  page:by("window", { "minute", "hour", "day" }, function(name) return used[name] end)
end

--- Writes the page.
-- @tparam[opt] table numbers of debitura.status.report; nil when the store could not be read
-- @tparam[opt] table totals of `store:totals()`
-- @tparam number seconds that reading the store has taken
-- @tparam ?table used what `limiter:used()` gives
-- @treturn string
function metrics.text(numbers, totals, seconds, used)
  local page = setmetatable({ lines = {} }, Page)
  page:metric("build_info", "gauge", "The release and the Lua that answer.")
  page:sample(1, { "release", version.number, "lua", version.lua })
  page:metric("store_up", "gauge", "Whether the store could be read.")
  page:sample(numbers and 1 or 0)
  page:metric("scrape_duration_seconds", "gauge", "How long reading the store has taken.")
  page:sample(seconds)
  if numbers then
    write_records(page, numbers)
    write_jobs(page, numbers)
    write_events(page, numbers)
    write_processes(page, numbers)
    write_totals(page, totals)
    if used then write_budget(page, used) end
  end
  page:line("")
  return table.concat(page.lines, "\n")
end

return metrics
