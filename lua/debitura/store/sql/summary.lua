--- What operators are shown, in SQL.
-- @module debitura.store.sql.summary

local contract = require("debitura.store.contract")
local inbox = require("debitura.store.sql.inbox")
local rows = require("debitura.store.sql.rows")
local shared = require("debitura.store.sql.shared")

local verbs = {}

local DAY = 86400

-- Looking ---------------------------------------------------------------------------------------

--- Selections that each give the first row in an order, as one statement.
local function first_of_each(selections)
  local parts = {}
  for i, selection in ipairs(selections) do
    parts[i] = ("select * from (%s limit 1) as part_%d"):format(selection, i)
  end
  return table.concat(parts, " union all ")
end

local DUE = "select '%s' as of, %s as kind, due_at as at from jobs where %s = :value_%d "
  .. "and state = 'open' and due_at <= :now order by due_at"

--- Of open jobs that are due the one that is due longest, by each kind and by each need that the
-- counts know.
local function oldest_due(connection, counts, now)
  local selections, values = {}, { now = now }
  local function look(of, column, value)
    local i = #selections + 1
    values["value_" .. i], selections[i] = value, DUE:format(of, column, column, i)
  end
  look("needs", "needs", "")
  for _, row in ipairs(counts) do
    if row.of == "job" and row.state == "open" then look("jobs", "kind", row.kind) end
    if row.of == "need" then look("needs", "needs", row.kind) end
  end
  local due = { jobs = {}, needs = {} }
  for _, row in ipairs(connection:run(first_of_each(selections), values)) do
    table.insert(due[row.of],
      { [row.of == "jobs" and "kind" or "needs"] = row.kind, due_at = row.at })
  end
  return due
end

local OLDEST = {
  [[select 'dead_job' as name, ended_at as at from jobs where state = 'dead'
    order by due_at, seq]],
  [[select 'open_event' as name, due_at as at from inbox where state = 'open' and due_at <= :now
    order by due_at, seq]],
  [[select 'waiting_event' as name, received_at as at from inbox where state = 'waiting'
    order by seq]],
  "select 'dead_event' as name, received_at as at from inbox where state = 'dead' order by seq",
  [[select 'undelivered' as name, undelivered_since as at from records
    where undelivered_since is not null order by undelivered_since]],
}

--- Times by their names.
local function times_of(found)
  local times = {}
  for _, row in ipairs(found) do times[row.name] = row.at end
  return times
end

local EXPIRING = ([[select count(*) as count from (select 1 from records where state = '%s'
  and expires_at > :now and expires_at <= :soon limit %d) as soon]])
  :format(contract.expiring, contract.expiring_counted)

local PROCESSES = "select $process from processes order by beat_at desc limit :limit"

function verbs:summary(now)
  local connection, counts = self.connection, shared.counts(self)
  local found = oldest_due(connection, counts, now)
  found.counts = counts
  found.oldest = times_of(connection:run(first_of_each(OLDEST), { now = now }))
  found.expiring = connection:run(EXPIRING, { now = now, soon = now + DAY })[1].count
  found.processes = connection:run(PROCESSES, { limit = contract.page })
  found.marks = times_of(connection:run("select name, at from marks"))
  local last = inbox.inbox_last(self)
  found.last_event = last and last.received_at or nil
  return found
end

-- Beating ---------------------------------------------------------------------------------------

--- Writes the row of a process that is alive.
local function write_process(connection, process, now)
  local row, names, kept = { beat_at = now }, {}, {}
  for _, column in ipairs(contract.process) do
    local name = column[1]
    if (column.since or 1) <= connection.layout then
      row[name], names[#names + 1] = row[name] or process[name], name
      kept[#kept + 1] = ("%s = excluded.%s"):format(name, name)
    end
  end
  connection:insert("processes", names, { row },
    " on conflict (id) do update set " .. table.concat(kept, ", "))
end

local MARKED = " on conflict (name) do update set at = excluded.at where marks.at < excluded.at"
local ADDED = " on conflict (of, kind, state) do update set count = totals.count + excluded.count"

--- The rows of marks, in an order that is the same in every transaction.
local function marks_of(process, now)
  local names, found = {}, {}
  for i, name in ipairs(process.marks or {}) do names[i] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if not found[#found] or found[#found].name ~= name then
      found[#found + 1] = { name = name, at = now }
    end
  end
  return found
end

local function totals_of(process)
  local found = {}
  for i, total in ipairs(process.totals or {}) do found[i] = total end
  table.sort(found, function(a, b)
    for _, column in ipairs { "of", "kind", "state" } do
      if a[column] ~= b[column] then return a[column] < b[column] end
    end
    return false
  end)
  return found
end

function verbs:beat(process, now)
  local connection = self.connection
  return connection:atomically(function()
    connection:look()
    connection:run(rows.dropping(connection, "processes", "id",
      "beat_at < :before order by beat_at limit :limit"),
      { before = now - contract.process_kept, limit = contract.page })
    write_process(connection, process, now)
    local marks, totals = marks_of(process, now), totals_of(process)
    if marks[1] then connection:insert("marks", { "name", "at" }, marks, MARKED) end
    if totals[1] then
      connection:insert("totals", { "of", "kind", "state", "count" }, totals, ADDED)
    end
    return true
  end)
end

function verbs:totals()
  return self.connection:run("select of, kind, state, count from totals")
end

return verbs
