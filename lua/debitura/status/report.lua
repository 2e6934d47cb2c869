--- How a store stands, in numbers and in what is wrong. One evaluation for all who show it.
-- @module debitura.status.report

local core = require("debitura.core")
local rules = require("debitura.status.rules")
local time = require("debitura.base.time")

local report = {}

--- Seconds since its last beat up to which a process is alive, and from which it is gone.
report.ALIVE, report.GONE = 60, 300

-- Seconds for which a run that has ended, such as of cron, counts as there.
local RUN_COUNTS = 86400

--- How bad each level is.
report.RANK = { ok = 0, warn = 1, fail = 2 }

local RANK = report.RANK

-- Numbers -----------------------------------------------------------------------------------------

--- The counts of one `of`, by kind and then by state.
local function by_kind(counts, of)
  local kinds = {}
  for _, row in ipairs(counts) do
    if row.of == of then
      kinds[row.kind] = kinds[row.kind] or {}
      kinds[row.kind][row.state] = row.count
    end
  end
  return kinds
end

--- The sum of counts.
-- @tparam table counts by state
-- @treturn number
function report.sum(counts)
  local total = 0
  for _, count in pairs(counts) do total = total + count end
  return total
end

--- States with their counts, the greatest first.
-- @tparam table counts by state
-- @treturn table array of `{ state, count }`
function report.by_count(counts)
  local rows = {}
  for state, count in pairs(counts) do rows[#rows + 1] = { state, count } end
  table.sort(rows, function(a, b)
    if a[2] ~= b[2] then return a[2] > b[2] end
    return a[1] < b[1]
  end)
  return rows
end

--- An age as the share of a bar: a minute is the first of it, a day all of it.
-- @tparam number seconds
-- @treturn number from 0 on
function report.share_of(seconds)
  return math.log(math.max(1, seconds / 60)) / math.log(1440)
end

--- A row for each name that is counted or due, in the order of names.
local function rows_of(name, counted, due)
  local found, rows = {}, {}
  local function row(value)
    if not found[value] then
      found[value] = { [name] = value, open = 0, dead = 0 }
      rows[#rows + 1] = found[value]
    end
    return found[value]
  end
  for value, states in pairs(counted) do
    row(value).open, row(value).dead = states.open or 0, states.dead or 0
  end
  for _, each in ipairs(due) do row(each[name]).due_since = each.due_at end
  table.sort(rows, function(a, b) return a[name] < b[name] end)
  return core.json.array(rows)
end

--- How a process stands: "alive", "late" (it has missed beats), "gone", or "ended" by itself.
local function state_of(row, now)
  if row.ended_at then return "ended" end
  local age = now - row.beat_at
  return age < report.ALIVE and "alive" or age < report.GONE and "late" or "gone"
end

--- The processes, those that beat last first. One that is gone is left out where another of its
-- role on its host has come after it: it was started again.
local function processes_of(rows, now)
  local processes, followed = {}, {}
  for _, row in ipairs(rows) do
    local state, place = state_of(row, now), row.role .. "\0" .. row.host
    if state ~= "gone" or not followed[place] then
      local about = core.json.decode(row.about) or {}
      processes[#processes + 1] = {
        id = row.id, role = row.role, host = row.host, pid = row.pid, release = row.release,
        started_at = row.started_at, beat_at = row.beat_at, ended_at = row.ended_at,
        state = state, can = about.can or {}, does = about.does or {}, outcome = about.outcome,
      }
    end
    followed[place] = true
  end
  return core.json.array(processes)
end

local function has(list, wanted)
  for _, each in ipairs(list) do
    if each == wanted then return true end
  end
  return false
end

--- Whether a process is there to do something, or a run was a while ago.
local function is_there(process, now)
  return process.state == "alive" or process.state == "late"
    or process.state == "ended" and now - process.ended_at < RUN_COUNTS
end

--- Which processes do something: "some", "none", or "unknown" as none has ever said so; when the
-- last one did, and whether it vanished without a word.
local function working(processes, does, last, now)
  local latest
  for _, process in ipairs(processes) do
    if has(process.does, does) then
      if is_there(process, now) then return { state = "some", last = last } end
      latest = latest or process
    end
  end
  return { state = last and "none" or "unknown", last = last,
    gone = latest ~= nil and latest.state == "gone" }
end

--- Whether a process that sweeps has what jobs need; see `working`.
local function note_served(row, processes, marks, now)
  row.served_last = marks["can:" .. row.needs]
  row.served = "unknown"
  for _, process in ipairs(processes) do
    if has(process.does, "sweep") and is_there(process, now) then
      if has(process.can, row.needs) then
        row.served = "some"
        return
      end
      row.served = "none"
    end
  end
end

--- What `store:summary(now)` says, under the names by which it is shown.
local function numbers_of(summary, now)
  local counts, records = summary.counts, by_kind(summary.counts, "record")
  local job_counts, events = by_kind(counts, "job"), by_kind(counts, "event")[""] or {}
  local undelivered, dead = by_kind(counts, "undelivered"), 0
  for _, states in pairs(job_counts) do dead = dead + (states.dead or 0) end
  local processes = processes_of(summary.processes, now)
  local numbers = {
    links = records.link or {}, cases = records.case or {}, signings = records.signing or {},
    kyc = records.kyc or {},
    jobs = rows_of("kind", job_counts, summary.jobs),
    needs = rows_of("needs", by_kind(counts, "need"), summary.needs),
    dead_jobs = { count = dead, since = summary.oldest.dead_job },
    events = {
      open = events.open or 0, waiting = events.waiting or 0, dead = events.dead or 0,
      due_since = summary.oldest.open_event, waiting_since = summary.oldest.waiting_event,
      dead_since = summary.oldest.dead_event, last = summary.last_event,
    },
    undelivered = { count = 0, since = summary.oldest.undelivered, of = {} },
    expiring = summary.expiring, processes = processes, last = summary.marks,
    working = {},
  }
  for kind, states in pairs(undelivered) do
    local count = report.sum(states)
    numbers.undelivered.of[kind] = count
    numbers.undelivered.count = numbers.undelivered.count + count
  end
  for _, does in ipairs { "sweep", "work", "receive" } do
    numbers.working[does] = working(processes, does, summary.marks[does], now)
  end
  for i = #numbers.needs, 1, -1 do
    -- What any process can do needs none of its own.
    if numbers.needs[i].needs == "" then
      table.remove(numbers.needs, i)
    else
      note_served(numbers.needs[i], processes, summary.marks, now)
    end
  end
  return numbers
end

-- What is wrong -----------------------------------------------------------------------------------

local function sentence(rule, found, now)
  local says = rule.says:gsub("{(.-)|(.-)}", found.count == 1 and "%1" or "%2")
  says = says:gsub("%[(.-)%]", found.since and "%1" or "")
  return (says:gsub("%$(%l+)", {
    count = found.count and ("%d"):format(found.count), what = found.what,
    age = found.since and time.describe(now - found.since),
  }))
end

--- What is wrong, the worst first, then in the order of the rules.
local function causes_of(numbers, now)
  local causes = {}
  for i, rule in ipairs(rules.list) do
    local found = rule.find(numbers, now)
    if found then
      causes[#causes + 1] = {
        cause = rule.cause, level = found.level, count = found.count, since = found.since,
        said = sentence(rule, found, now), type = rule.type, alert = rule.alert or false, order = i,
      }
    end
  end
  table.sort(causes, function(a, b)
    if a.level ~= b.level then return RANK[a.level] > RANK[b.level] end
    return a.order < b.order
  end)
  for _, cause in ipairs(causes) do cause.order = nil end
  return core.json.array(causes)
end

--- Whether a level is at least as bad as another one.
-- @tparam string level "ok", "warn" or "fail"
-- @tparam string than
-- @treturn boolean
function report.reaches(level, than)
  return RANK[level] >= RANK[than]
end

--- Evaluates a summary.
-- @tparam table summary what `store:summary(now)` gives
-- @tparam number now
-- @treturn table `level`, `causes` and the numbers, see debitura.status
function report.of(summary, now)
  local found = numbers_of(summary, now)
  found.causes = causes_of(found, now)
  found.level = found.causes[1] and found.causes[1].level or "ok"
  found.at = now
  return found
end

--- Reads and evaluates a store.
-- @tparam table store
-- @tparam number now
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function report.read(store, now)
  local summary, err = store:summary(now)
  if not summary then return nil, err end
  local environment
  environment, err = store:stamp(nil)
  if environment == nil then return nil, err end
  local layout
  layout, err = store:layout()
  if not layout then return nil, err end
  local found = report.of(summary, now)
  found.environment, found.layout = environment or nil, layout
  return found
end

return report
