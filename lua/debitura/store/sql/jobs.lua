--- Jobs in SQL.
-- @module debitura.store.sql.jobs

local columns = require("debitura.store.sql.columns")
local contract = require("debitura.store.contract")
local rows = require("debitura.store.sql.rows")

local jobs = { verbs = {} }

local QUEUE = { name = "jobs", key = "key" }
local JOB = columns.list.job
local ORDER = " order by due_at, seq limit :limit"
local SELECT = "select " .. JOB .. ", seq from jobs where "

-- Enqueueing ------------------------------------------------------------------------------------

local ENQUEUED = {
  "key", "kind", "tenant", "record", "name", "generation", "channel", "needs", "args", "state",
  "attempt", "claim", "due_at", "created_at",
}

--- What the counts gain by an open job of this kind and need, or lose.
local function count_open(changes, job, tenant, number)
  changes[#changes + 1] = { "job", job.kind, "open", tenant, number }
  if job.needs ~= "" then changes[#changes + 1] = { "need", job.needs, "open", tenant, number } end
end

--- The keys of the jobs that were added just now: the latest of all that have these keys.
local function added_keys(connection, keys, added)
  local found, err = connection:run(
    "select key from jobs where key in :keys order by seq desc limit :limit",
    { keys = keys, limit = added })
  if not found then return nil, err end
  local new = {}
  for _, row in ipairs(found) do new[row.key] = true end
  return new
end

--- Adds jobs, except those whose keys are known; within a transaction that holds the tenant's lock.
-- @tparam table connection
-- @tparam table change of `record_move`
-- @tparam number now
-- @tparam table counts what is to be counted is added here
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
function jobs.enqueue(connection, change, now, counts)
  local new, keys, distinct = {}, {}, {}
  for _, job in ipairs(change.jobs or {}) do
    if not distinct[job.key] then
      local row = {
        tenant = change.tenant, state = "open", attempt = 0, claim = 0, created_at = now,
        needs = job.needs or "",
      }
      for column, value in pairs(job) do row[column] = row[column] or value end
      distinct[job.key], new[#new + 1], keys[#keys + 1] = true, row, job.key
    end
  end
  if #new == 0 then return true end
  local added, err = connection:insert("jobs", ENQUEUED, new)
  if not added then return nil, err end
  local fresh = distinct
  if added == 0 then
    fresh = {}
  elseif added < #new then
    fresh, err = added_keys(connection, keys, added)
    if not fresh then return nil, err end
  end
  for _, row in ipairs(new) do
    if fresh[row.key] then count_open(counts, row, change.tenant, 1) end
  end
  return true
end

-- Reading ---------------------------------------------------------------------------------------

--- What open jobs need that there may be any of.
local function known_needs(connection)
  local found, err = connection:run("select distinct kind from counts where of = 'need'")
  if not found then return nil, err end
  local needs = { "" }
  for _, row in ipairs(found) do needs[#needs + 1] = row.kind end
  return needs
end

--- Conditions for open jobs with some needs, each of which is looked up by itself.
-- @tparam table needs
-- @tparam table values of the statement; the needs are added
-- @treturn table
local function open_with(needs, values)
  local conditions = {}
  for i, need in ipairs(needs) do
    values["need_" .. i] = need
    conditions[i] = "needs = :need_" .. i .. " and state = 'open'"
  end
  return conditions
end

--- A statement that gives the first jobs under any of some conditions.
-- @tparam table conditions
-- @tparam table further of which each job meets one as well
-- @tparam[opt] string lock for the rows
-- @treturn string
local function first_of(conditions, further, lock)
  local selections = {}
  for _, condition in ipairs(conditions) do
    for _, more in ipairs(further) do
      selections[#selections + 1] = SELECT .. condition .. more .. ORDER .. (lock or "")
    end
  end
  return rows.merged(selections, "due_at, seq")
end

--- What follows a job: those that are due at the same time, and those that are due later. SQLite
-- does not look up the pair of both.
local AFTER = {
  " and due_at = :after and seq > coalesce((select seq from jobs where key = :after_key), 0)",
  " and due_at > :after",
}

local function without_seq(found, err)
  for _, row in ipairs(found or {}) do row.seq = nil end
  return found, err
end

function jobs.verbs:jobs(filter)
  local connection, by, after = self.connection, contract.jobs_by(filter), filter.after or {}
  local values = {
    tenant = filter.tenant, needs = filter.needs, limit = filter.limit or contract.page,
    due_by = filter.due_by, after = after.due_at, after_key = after.key,
  }
  local conditions, further = {}, {}
  if by == "tenant" then
    conditions[1] = "tenant = :tenant"
  elseif filter.state == "dead" then
    conditions[1] = "state = 'dead'"
  else
    local needs, err = { filter.needs }, nil
    if by == "state" then needs, err = known_needs(connection) end
    if not needs then return nil, err end
    conditions = open_with(needs, values)
  end
  for i, more in ipairs(filter.after and AFTER or { "" }) do
    further[i] = more .. (filter.due_by and " and due_at <= :due_by" or "")
  end
  return without_seq(connection:run(first_of(conditions, further), values))
end

-- Claiming and ending ---------------------------------------------------------------------------

--- Those of some keys. The inner limit, which is never met, keeps SQLite from looking through what
-- is due instead of what has these keys.
local OF_KEYS = "select * from (" .. SELECT .. [[key in :keys and state = 'open'
  and due_at <= :now limit :many%s) as asked where needs in :can]] .. ORDER

function jobs.verbs:jobs_named(keys)
  if not keys[1] then return {} end
  return self.connection:run("select " .. JOB .. " from jobs where key in :keys", { keys = keys })
end

function jobs.verbs:jobs_claim(options)
  local connection, can = self.connection, { "" }
  for _, need in ipairs(options.can or {}) do can[#can + 1] = need end
  local values = {
    now = options.now, limit = options.limit or contract.page, keys = options.keys, can = can,
  }
  local due
  if not options.keys then
    due = first_of(open_with(can, values), { " and due_at <= :now" }, connection.for_claim)
  elseif #options.keys == 0 then
    return {}
  else
    values.many, due = #options.keys, OF_KEYS:format(connection.for_claim)
  end
  return without_seq(rows.claim(connection, QUEUE, due, values, options))
end

--- Ends a claimed job within a transaction.
-- @treturn[1] boolean true
-- @treturn[2] boolean false
-- @treturn[2] string "lost"
-- @treturn[3] nil
-- @treturn[3] table failure
function jobs.finish(connection, job, values, counts)
  local settled, ended = rows.settle(connection, QUEUE, job, values)
  if not settled then return settled, ended end
  if ended then
    count_open(counts, job, job.tenant, -1)
    if values.state == "dead" then
      counts[#counts + 1] = { "job", job.kind, "dead", job.tenant, 1 }
    end
  end
  return true
end

--- Notes that a job has brought its record's URL to the customer.
local function note_delivery(connection, job, counts)
  local where = [[ where kind = :record and tenant = :tenant and name = :name
    and generation = :generation and undelivered_since is not null]]
  local found, err = rows.first(connection:run("select state from records" .. where, job))
  if not found then return found == false or nil, err end
  counts[#counts + 1] = { "undelivered", job.record, found.state, job.tenant, -1 }
  return connection:run("update records set undelivered_since = null" .. where, job)
end

local function finish(connection, job, values, delivered)
  return connection:atomically(function()
    local counts, noted, err = {}, true, nil
    if delivered then noted, err = note_delivery(connection, job, counts) end
    if not noted then return nil, err end
    local finished
    finished, err = jobs.finish(connection, job, values, counts)
    if not finished then return finished, err end
    return rows.count(connection, counts)
  end, delivered and job.tenant or nil)
end

function jobs.verbs:job_done(job, now, result, delivered)
  local values = { state = "done", ended_at = now, result = result }
  return finish(self.connection, job, values, delivered)
end

function jobs.verbs:job_dead(job, now, problem)
  return finish(self.connection, job, { state = "dead", ended_at = now, result = problem })
end

function jobs.verbs:job_retry(job, due_at, problem)
  return rows.postpone(self.connection, QUEUE, job, due_at, problem)
end

function jobs.verbs:job_release(job, due_at, problem)
  return rows.postpone(self.connection, QUEUE, job, due_at, problem, job.attempt - 1)
end

function jobs.verbs:job_revive(job, now)
  local connection, values = self.connection, { key = job.key, now = now }
  return connection:atomically(function()
    local dead, err = rows.first(connection:run(
      "select kind, tenant, needs from jobs where key = :key and state = 'dead'", values))
    if not dead then return dead, err end
    local changed
    changed, err = connection:run([[update jobs set state = 'open', due_at = :now, ended_at = null
      where key = :key and state = 'dead']], values)
    if not changed then return nil, err end
    if changed == 0 then return false end
    local counts = { { "job", dead.kind, "dead", dead.tenant, -1 } }
    count_open(counts, dead, dead.tenant, 1)
    return rows.count(connection, counts)
  end)
end

return jobs
