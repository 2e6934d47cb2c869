--- What operators have to see, as data: each rule is given the numbers of debitura.status.report
-- and says how bad it is and what to type. The command's `status` and `doctor`, the metrics, the
-- alerts and the operators' page all show what comes of this one table.
--
-- A rule is
--
-- - `cause`: its name;
-- - `find(numbers, now)`: nil when all is well, else a table of `level` ("warn" or "fail"), `count`
--   and `since` (Unix seconds) where there are such, and `what`: a text that stands in `says`;
-- - `says`: the sentence, with `$count`, `$what` and `$age`; of `{one|many}` the count chooses, and
--   what stands in `[]` is left out where there is no `since`;
-- - `type`: what to type, or to do;
-- - `alert` (true): the platform's function `on_alert` is told of it.
--
-- Ages count from when something was due: what waits on purpose, such as a parked case, is no
-- alarm.
-- @module debitura.status.rules

local rules = {}

local HOUR, DAY = 3600, 86400

--- Seconds after which work that is due may be blamed on a process that is away.
local PATIENCE = 300

--- Seconds after which what has been due so long is a warning, and a failure.
rules.WARN, rules.FAIL = HOUR, DAY

--- How bad it is that something has been due since then.
local function by_age(since, now)
  local age = since and now - since or 0
  return age >= rules.FAIL and "fail" or age >= rules.WARN and "warn" or nil
end

--- The earliest of some rows' times, and the names of those that are as bad as that one.
local function overdue(rows, name, now)
  local first, names
  for _, row in ipairs(rows) do
    if row.due_since and (not first or row.due_since < first) then first = row.due_since end
  end
  local level = by_age(first, now)
  if not level then return nil end
  names = {}
  for _, row in ipairs(rows) do
    if row.due_since and by_age(row.due_since, now) then names[#names + 1] = row[name] end
  end
  return { level = level, since = first, what = table.concat(names, ", ") }
end

--- Counts of dead things.
local function any(count, since, level)
  if count == 0 then return nil end
  return { level = level, count = count, since = since }
end

--- No process does what is due, or none has for long.
local function no_process(numbers, does, due_since, now)
  if not due_since or now - due_since < PATIENCE then return nil end
  local who = numbers.working[does]
  if who.state == "some" then return nil end
  local last = who.last
  local what = last and "since" or "ever"
  if who.state == "unknown" then return { level = "warn", since = due_since, what = what } end
  local level = who.gone and "fail" or by_age(last or due_since, now)
  return level and { level = level, since = last or due_since, what = what }
end

local function first_due(rows)
  local first
  for _, row in ipairs(rows) do
    if row.due_since and (not first or row.due_since < first) then first = row.due_since end
  end
  return first
end

rules.list = {
  {
    cause = "dead_jobs", alert = true,
    find = function(numbers)
      return any(numbers.dead_jobs.count, numbers.dead_jobs.since, "fail")
    end,
    says = "$count {job was|jobs were} given up[, the first $age ago]",
    type = "debitura jobs list --state dead; then debitura jobs retry --all",
  },
  {
    cause = "dead_events", alert = true,
    find = function(numbers)
      return any(numbers.events.dead, numbers.events.dead_since, "fail")
    end,
    says = "$count {webhook was|webhooks were} given up[, the first came $age ago]",
    type = "debitura inbox list --state dead; then debitura inbox retry --all",
  },
  {
    cause = "undelivered",
    find = function(numbers, now)
      local level = by_age(numbers.undelivered.since, now)
      return level and {
        level = level, count = numbers.undelivered.count, since = numbers.undelivered.since,
      }
    end,
    says = "$count {URL has|URLs have} not reached {its customer|their customers}, "
      .. "the first for $age",
    type = "debitura links list --undelivered; then debitura links deliver TENANT",
  },
  {
    cause = "overdue_jobs",
    find = function(numbers, now) return overdue(numbers.jobs, "kind", now) end,
    says = "jobs are overdue for up to $age: $what", type = "debitura sweep",
  },
  {
    cause = "overdue_events",
    find = function(numbers, now)
      local level = by_age(numbers.events.due_since, now)
      return level and {
        level = level, count = numbers.events.open + numbers.events.waiting,
        since = numbers.events.due_since,
      }
    end,
    says = "$count {webhook waits|webhooks wait}, the first for $age", type = "debitura inbox work",
  },
  {
    cause = "unserved", alert = true,
    find = function(numbers, now)
      local names, first = {}, nil
      for _, row in ipairs(numbers.needs) do
        if row.served == "none" then
          names[#names + 1] = row.needs
          local since = row.served_last or row.due_since
          if since and (not first or since < first) then first = since end
        end
      end
      if not names[1] then return nil end
      return { level = first and by_age(first, now) == "fail" and "fail" or "warn", since = first,
        what = table.concat(names, ", ") }
    end,
    says = "jobs wait for what no process here has: $what",
    type = "debitura sweep, in a process with these channels and functions",
  },
  {
    cause = "no_sweep",
    find = function(numbers, now)
      return no_process(numbers, "sweep", first_due(numbers.jobs), now)
    end,
    says = "no process does the jobs that have been due for $age",
    type = "debitura sweep, from cron every few minutes",
  },
  {
    cause = "no_worker",
    find = function(numbers, now)
      return no_process(numbers, "work", numbers.events.due_since, now)
    end,
    says = "no process works at the webhooks that have waited for $age",
    type = "debitura inbox work --follow",
  },
  {
    cause = "subscription", alert = true,
    find = function(numbers)
      local off, on = numbers.last["subscription:off"], numbers.last["subscription:on"]
      return off and off > (on or 0) and { level = "fail", since = off } or nil
    end,
    says = "Debitura has switched the webhooks off, as was seen $age ago",
    type = "debitura doctor --enable",
  },
  {
    cause = "exhausted", alert = true,
    find = function(numbers) return any(numbers.links.exhausted or 0, nil, "warn") end,
    says = "$count {link has had its|links have had their} last URL, which was not answered",
    type = "debitura links list --state exhausted; then debitura links recover TENANT",
  },
  {
    cause = "incomplete",
    find = function(numbers) return any(numbers.links.incomplete or 0, nil, "warn") end,
    says = "$count {link is|links are} approved with cases that have failed",
    type = "debitura links list --state incomplete; then debitura links show TENANT",
  },
  {
    cause = "releases",
    find = function(numbers)
      local seen, names = {}, {}
      for _, process in ipairs(numbers.processes) do
        if process.state == "alive" and not seen[process.release] then
          seen[process.release], names[#names + 1] = true, process.release
        end
      end
      if not names[2] then return nil end
      table.sort(names)
      return { level = "warn", count = #names, what = table.concat(names, ", ") }
    end,
    says = "processes of different releases are at work: $what",
    type = "restart those of the older release",
  },
}

return rules
