--- The numbers of debitura.status.report and what processes have counted, as Prometheus reads them
-- (text format 0.0.4). No label says whose anything is. Each value of a label is there from the
-- beginning, but for what has durations, which is there once it was done or called.
-- @module debitura.status.metrics

local case_machine = require("debitura.recipes.case")
local kinds = require("debitura.recipes.kinds")
local link_machine = require("debitura.recipes.link")
local report = require("debitura.status.report")
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

local function states_of(machine)
  return { "state", sorted_keys(machine.states) }
end

local JOB_KIND = { "kind", sorted_keys(kinds.steps) }
local EVENT = { "event", tally.EVENTS }
local ENDED = { "outcome", { "done", "retried", "dead" } }
local CAUSE = { "cause", {} }
for i, rule in ipairs(rules.list) do CAUSE[2][i] = rule.cause end

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
  for i = 1, #labels, 2 do
    pairs_[#pairs_ + 1] = ('%s="%s"'):format(labels[i], labels[i + 1]:gsub('[\\"\n]', ESCAPES))
  end
  self:line(("%s%s%s %s"):format(self.name, suffix or "",
    pairs_[1] and "{" .. table.concat(pairs_, ",") .. "}" or "", ("%.14g"):format(value)))
end

--- Labels, and another one.
local function with(labels, name, value)
  local all = { unpack(labels) }
  all[#all + 1], all[#all + 2] = name, value
  return all
end

--- Writes the samples of what has labels, each `{ name, values }`: `counts` is a number, or by the
-- values of the first label numbers, or tables by those of the next. What is missing is 0.
function Page:samples(counts, labels, label, ...)
  if not label then return self:sample(counts or 0, labels) end
  for _, value in ipairs(label[2]) do
    self:samples(counts and counts[value], with(labels, label[1], value), ...)
  end
end

--- Writes a metric with all its samples; totals are counters.
function Page:write(name, help, counts, ...)
  self:metric(name, name:find("_total$") and "counter" or "gauge", help)
  self:samples(counts, {}, ...)
end

-- From the numbers --------------------------------------------------------------------------------

local function age(now, since)
  return since and math.max(0, now - since) or 0
end

local function write_records(page, numbers)
  page:write("links", "Links by their state.", numbers.links, states_of(link_machine))
  page:write("cases", "Cases by their state.", numbers.cases, states_of(case_machine))
  page:write("signings", "What customers have to sign, and identity checks.",
    { signing = numbers.signings, kyc = numbers.kyc }, { "kind", { "signing", "kyc" } },
    states_of(signing_machine))
  page:write("undelivered", "Records with a URL that has not reached the customer.",
    numbers.undelivered.of, { "kind", { "link", "signing", "kyc" } })
  page:write("oldest_undelivered_seconds",
    "For how long the first URL has not reached its customer, 0 when all have.",
    age(numbers.at, numbers.undelivered.since))
  page:write("links_expiring", "Pending links that expire within a day.", numbers.expiring)
end

local function write_jobs(page, numbers)
  local rows, due, unserved = {}, {}, 0
  for _, row in ipairs(numbers.jobs) do
    rows[row.kind], due[row.kind] = row, age(numbers.at, row.due_since)
  end
  for _, row in ipairs(numbers.needs) do
    if row.served == "none" then unserved = unserved + row.open end
  end
  page:write("jobs", "Jobs that are open, and those that were given up.", rows, JOB_KIND,
    { "state", { "open", "dead" } })
  page:write("oldest_due_job_seconds",
    "For how long the first open job has been due, 0 when none is.", due, JOB_KIND)
  page:write("jobs_unserved", "Open jobs that need what no process that sweeps has.",
    unserved)
end

local function write_events(page, numbers)
  page:write("webhooks", "Webhooks that were kept and are not done.", numbers.events,
    { "state", { "open", "waiting", "dead" } })
  page:write("oldest_due_webhook_seconds",
    "For how long the first webhook has been due, 0 when none is.",
    age(numbers.at, numbers.events.due_since))
  page:write("last_webhook_timestamp_seconds", "When the latest webhook came in.",
    numbers.events.last)
end

local function write_processes(page, numbers)
  local alive, levels = {}, {}
  for _, process in ipairs(numbers.processes) do
    if process.state == "alive" then
      local roles = process.does[1] and process.does or { "ask" }
      for _, role in ipairs(roles) do alive[role] = (alive[role] or 0) + 1 end
    end
  end
  for _, cause in ipairs(numbers.causes) do levels[cause.cause] = report.RANK[cause.level] end
  page:write("processes", "Processes alive within a minute, by what they do.", alive,
    { "role", { "ask", "receive", "sweep", "work" } })
  page:write("last_success_timestamp_seconds", "When a process last did it.",
    numbers.last, { "task", { "catch_up", "receive", "sweep", "work" } })
  page:write("problem", "What is wrong: 0 nothing, 1 a warning, 2 a failure.", levels,
    CAUSE)
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

--- Writes a histogram: buckets that sum up, the sum, the count.
local function write_histogram(page, of, states, label, value)
  local labels, total = {}, 0
  if label then labels = { label, value } end
  for _, bound in ipairs(tally.BUCKETS[of]) do
    total = total + (states[tally.bound(bound)] or 0)
    page:sample(total, with(labels, "le", tally.bound(bound)), "_bucket")
  end
  total = total + (states.more or 0)
  page:sample(total, with(labels, "le", "+Inf"), "_bucket")
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
  local function without_kind(of) return (found[of] or {})[""] or {} end
  page:write("jobs_performed_total", "What came of jobs that were done.",
    found.performed, JOB_KIND, ENDED)
  page:write("webhooks_received_total", "Webhooks that were signed by Debitura.",
    found.received, EVENT, { "outcome", { "new", "duplicate" } })
  page:write("webhooks_refused_total", "Deliveries that were not kept.",
    without_kind("refused"), { "reason", { "signature", "size", "method", "store" } })
  page:write("webhooks_processed_total", "What came of webhooks that were processed.",
    found.processed, EVENT, ENDED)
  page:metric("webhook_wait_seconds", "histogram", "From a webhook's arrival until it was done.")
  write_histogram(page, "waited", without_kind("waited"))
  page:write("api_requests_total", "Calls of Debitura's APIs, each attempt.",
    without_kind("requested"), { "outcome", tally.OUTCOMES })
  for _, row in ipairs(DURATIONS) do
    local of, label, name, help = row[1], row[2], row[3], row[4]
    if found[of] then page:metric(name, "histogram", help) end
    for _, each in ipairs(sorted_keys(found[of] or {})) do
      write_histogram(page, of, found[of][each], label, each)
    end
  end
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
  page:write("store_up", "Whether the store could be read.", numbers and 1 or 0)
  page:write("scrape_duration_seconds", "How long reading the store has taken.", seconds)
  if numbers then
    write_records(page, numbers)
    write_jobs(page, numbers)
    write_events(page, numbers)
    write_processes(page, numbers)
    write_totals(page, totals)
  end
  if numbers and used then
    page:write("rate_budget_used_ratio",
      "What part of Debitura's limits on requests is used.", used,
      { "window", { "minute", "hour", "day" } })
  end
  page:line("")
  return table.concat(page.lines, "\n")
end

return metrics
