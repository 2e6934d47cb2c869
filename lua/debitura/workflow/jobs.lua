--- Jobs: what is to be done about a record, how each is named, and when one that failed is tried
-- again.
-- @module debitura.workflow.jobs

local core = require("debitura.core")
local failure = require("debitura.base.failure")

local jobs = {}

local KEY_MAX = 1000 -- bytes; PostgreSQL takes no index entry of more than 2,704
-- seconds before the second attempt, doubled for each further one
local BACKOFF, BACKOFF_MAX = 60, 3600

--- How many attempts a job has before it is given up, where nothing else is said.
jobs.ATTEMPTS = 8

--- Bytes that are kept of what went wrong with a job.
jobs.PROBLEM_MAX = 500

--- Kinds of failure that no time mends: after the usual attempts their job is given up. The others
-- end with an outage, with another key or process, or with what the customer does.
jobs.LASTING = {
  unreadable = true, malformed = true, forbidden = true, limit = true, validation = true,
  business = true, conflict = true, too_large = true, unsupported_media = true,
}

--- The name of a job: the same whenever it is enqueued for the same record, generation and `each`.
-- Texts of the platform carry their length, so that no two jobs share a name.
local function key_of(kind, record, generation, each)
  local key = ("%s/%s/%d/%s/%d:%s/%d:%s"):format(kind, record.kind, generation, each or "",
    #record.tenant, record.tenant,
    #record.name, record.name)
  if #key <= KEY_MAX then return key end
  return ("%s/%s/%d/%s/%s"):format(kind, record.kind, generation, each or "",
    core.digest.sha256(key))
end

--- A job that a record enqueues.
-- @tparam string kind
-- @tparam table record
-- @tparam number due_at Unix seconds
-- @tparam[opt] table more `generation` (default: the record's), `each` (tells it from others of its
--   kind and generation), `channel`, `needs` (what a process must have to do it), `args` (table)
-- @treturn table as debitura.store takes it
function jobs.new(kind, record, due_at, more)
  more = more or {}
  local generation = more.generation or record.generation
  return {
    key = key_of(kind, record, generation, more.each), kind = kind, tenant = record.tenant,
    record = record.kind, name = record.name, generation = generation, channel = more.channel,
    needs = more.needs or "", args = more.args and core.json.encode(more.args), due_at = due_at,
  }
end

--- Makes what enqueues a job once for each version of a record.
-- @tparam string kind
-- @tparam[opt=0] number wait seconds until it is due
-- @treturn function for `jobs` of debitura.workflow.machine
function jobs.once_a_version(kind, wait)
  return function(record, _, _, now)
    return { jobs.new(kind, record, now + (wait or 0), { each = "v" .. record.version }) }
  end
end

--- A job as steps read it.
-- @tparam table row as debitura.store gives it
-- @treturn[1] table the same, with `args` as a table
-- @treturn[2] nil
-- @treturn[2] table failure of kind "unreadable"
function jobs.read(row)
  row.args = core.json.decode(row.args or "{}")
  if type(row.args) == "table" then return row end
  return nil, failure.new {
    kind = "unreadable", message = ("the args of the job %s are no JSON object"):format(row.key),
  }
end

--- The job by which a move of a record is told to the platform, where its terms ask for that.
-- @tparam table before the record
-- @tparam table after the record as it will be
-- @tparam string event the event's name
-- @tparam number now
-- @treturn table
function jobs.notify(before, after, event, now)
  return jobs.new("notify", after, now, {
    each = "v" .. before.version + 1, needs = "on_change",
    args = { event = event, from = before.version > 0 and before.state or nil, to = after.state },
  })
end

--- Seconds until the next attempt.
-- @tparam number attempt how often it was tried
-- @tparam ?number at_least seconds
-- @treturn number
function jobs.backoff(attempt, at_least)
  return math.max(math.min(BACKOFF * 2 ^ (attempt - 1), BACKOFF_MAX), at_least or 0)
end

return jobs
