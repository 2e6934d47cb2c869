--- What all recipes stand on: keeps records by their machines and does what they owe; knows nothing
-- of what they are about.
-- @module debitura.workflow.runner

local preview = require("debitura.workflow.preview")
local records = require("debitura.workflow.records")
local usage = require("debitura.base.usage")
local new_work = require("debitura.workflow.work").new

local runner = {}

local Runner = {}
Runner.__index = Runner

--- Begins a piece of work; see `debitura.workflow.work`.
-- @tparam[opt] function on_done
-- @treturn table
function Runner:begin(on_done)
  return new_work(self, on_done)
end

--- Applies news and does what follows from it.
-- @tparam table news see `Work:apply`
-- @tparam[opt] function on_done as for `begin`
-- @treturn[1] table what became of the news, see `Work:apply`
-- @treturn[1] table counts of what was done, see `Work:go_on`
-- @treturn[1] table the work
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:take(news, on_done)
  local work = self:begin(on_done)
  local applied, err = work:apply(news)
  if not applied then return nil, err end
  local counts
  counts, err = work:go_on()
  if not counts then return nil, err end
  return applied, counts, work
end

--- Applies one event to one record and does what follows from it.
-- @tparam table record `kind`, `tenant`, `name`
-- @tparam table event `name`, and what the record's machine takes from it
-- @tparam[opt] function on_done as for `begin`
-- @treturn[1] string word, see `Work:apply`
-- @treturn[1] table|false the record as it is now
-- @treturn[1] table the work
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:apply_and_run(record, event, on_done)
  event.at = self.clock()
  local applied, err, work = self:take({ tenant = record.tenant, name = event.name,
    targets = { { kind = record.kind, name = record.name, event = event } } }, on_done)
  if not applied then return nil, err end
  local now_is
  now_is, err = self:record(record.kind, record.tenant, record.name)
  if now_is == nil then return nil, err end
  return applied.word, now_is, work
end

--- A record, decoded; false when there is none.
function Runner:record(kind, tenant, name)
  return records.load(self.store, kind, tenant, name)
end

--- Applies a webhook to each record it concerns, once, and does what follows.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] string word, see `Work:apply`; "unknown" too for an event that no record waits for
-- @treturn[1] table the records that it is about, by their kind
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:handle(event)
  if type(event) ~= "table" or type(event.id) ~= "string" or type(event.event) ~= "string" then
    usage.error("event: a webhook as debitura.webhook.verify gives it")
  end
  local news = self.route(event, self.clock())
  if not news then return "unknown", {} end
  local applied, counts = self:take(news)
  if not applied then return nil, counts end
  local by_kind = {}
  for i, target in ipairs(applied.targets) do
    if not target.aside then by_kind[target.kind] = applied.records[i] or nil end
  end
  -- What follows has moved them on, and what was planned for a duplicate has not happened.
  if counts.total == 0 and applied.word ~= "duplicate" then return applied.word, by_kind end
  for kind, record in pairs(by_kind) do
    local now_is, err = self:record(kind, record.tenant, record.name)
    if now_is == nil then return nil, err end
    by_kind[kind] = now_is
  end
  return applied.word, by_kind
end

-- Reports a job to the platform's function.
local function tell(work, job, word, details)
  if not work.on_progress then return end
  return work.on_progress {
    tenant = job.tenant, kind = job.kind, record = job.record, name = job.name,
    generation = job.generation, channel = job.channel, result = word,
    problem = details and details.problem, given_up = details and details.given_up,
  }
end

--- Does what is due, or reports it.
-- @tparam ?table options `limit` (how many at most), `at_once` (tenants side by side), `dry_run`,
--   `on_progress(step)`, called with each step
--   `{tenant, kind, record, name, generation, channel, result, problem, given_up}`; it ends the
--   sweep by returning false
-- @treturn[1] table counts: `total`, how many ended with each word, and `missing`: an array of
--   `{ needs, count }`, what open jobs wait for that this process has not
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:sweep(options)
  local work, limit = self:begin(tell), options.limit or math.huge
  work.on_progress, work.at_once = options.on_progress, options.at_once
  local counts, err
  if options.dry_run then
    counts, err = preview.run(self, limit, function(job, word) return tell(work, job, word) end)
  else
    counts, err = work:sweep(limit)
  end
  if not counts then return nil, err end
  counts.missing, err = preview.missing(self)
  if not counts.missing then return nil, err end
  return counts
end

--- Makes a runner.
-- @tparam table options `store`, `clock` (a function that gives Unix seconds), `lease` (seconds),
--   `kinds` (kind of record to machine), `steps` (kind of job to function of (work, job, record)
--   that gives a word and details, or nil and a failure, and has ended or postponed the job before
--   it returns), `route` (function of (event, now) that gives news), `can` (array: what jobs may
--   need that this process has), `terms` (those of new records), `context` (what the steps work
--   with)
-- @treturn table
function runner.new(options)
  return setmetatable(options, Runner)
end

--- Whether a value is a runner.
-- @param value
-- @treturn boolean
function runner.is(value)
  return getmetatable(value) == Runner
end

return runner
