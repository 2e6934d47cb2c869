--- Jobs in SQL.
-- @module debitura.store.sql.jobs

local contract = require("debitura.store.contract")
local rows = require("debitura.store.sql.rows")
local settling = require("debitura.store.settling")
local steps = require("debitura.store.sql.steps")

local verbs = {}

local QUEUE = { name = "jobs", key = "key" }
local ORDER = " order by due_at, seq limit :limit"
local SELECT = "select $job, seq from jobs where "

-- Reading ---------------------------------------------------------------------------------------

--- What open jobs need that there may be any of.
local function known_needs(connection)
  local needs = { "" }
  for _, row in ipairs(connection:run("select distinct kind from counts where of = 'need'")) do
    needs[#needs + 1] = row.kind
  end
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

local function without_seq(found)
  for _, row in ipairs(found) do row.seq = nil end
  return found
end

function verbs:jobs(filter)
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
    conditions = open_with(by == "state" and known_needs(connection) or { filter.needs }, values)
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

function verbs:jobs_named(keys)
  if not keys[1] then return {} end
  return self.connection:run("select $job from jobs where key in :keys", { keys = keys })
end

function verbs:jobs_claim(options)
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

function verbs:job_done(job, now, result, delivered)
  if not delivered then
    return rows.settle(self.connection, QUEUE, job, {
      state = "done", ended_at = now, result = result,
    })
  end
  return steps.take(self.connection, job.tenant, {
    { op = "done", key = job.key, claim = job.claim, at = now, result = result },
    {
      op = "delivered", tenant = job.tenant, kind = job.record, name = job.name,
      generation = job.generation,
    },
  })
end

settling.add(verbs, "job", function(self, job, values)
  return rows.settle(self.connection, QUEUE, job, values)
end)

function verbs:job_revive(job, now)
  local connection, values = self.connection, { key = job.key, now = now }
  local dead = rows.first(connection:run(
    "select tenant from jobs where key = :key and state = 'dead'", values))
  return dead and connection:alone({ dead.tenant }, [[update jobs set state = 'open',
    due_at = :now, ended_at = null where key = :key and state = 'dead']], values) == 1
end

return verbs
