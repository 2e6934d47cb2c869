--- A piece of work: what one caller, or one sweep, does in one go. Applies news to records and does
-- the jobs that they enqueue.
--
-- A fact is in the store before anything is done about it: news moves records and enqueues jobs in
-- one step; a job is claimed under a lease, done, and ended together with what came of it. What a
-- process leaves undone when it dies, another does after the lease, under the same key. One job
-- that raises, or whose record cannot be read, holds up no other: only a store that is away stops
-- the work. In nginx jobs are done in a timer, since a request may be killed amid one.
-- @module debitura.workflow.work

local failure = require("debitura.base.failure")
local flight = require("debitura.async.flight")
local jobs = require("debitura.workflow.jobs")
local lanes = require("debitura.workflow.lanes")
local plan = require("debitura.workflow.plan")
local protected = require("debitura.async.protected")
local records = require("debitura.workflow.records")

local work = {}

local STALE_TRIES = 20 -- how often a record may change under our hands before we give up
local CLAIM = 2 * lanes.WIDTH -- jobs claimed in one step of the store
local FOLLOWED = 100 -- jobs done after what one caller applied; the others are a sweep's
local UNKNOWN_KIND = 3600 -- seconds until a job is looked at again that only another release can do

local Work = {}
Work.__index = Work

function Work:clock()
  return self.runner.clock()
end

-- News --------------------------------------------------------------------------------------------

--- What there is to write when news changes nothing.
function Work:leave(news, planned, job, now)
  if job then
    local ended, err = self.store:job_done(job, now, planned.why)
    if ended == nil then return nil, err end
  end
  if not planned.found then return { word = "unknown", records = {} } end
  local word = "recorded"
  if news.id then
    local entry = { event = news.name, event_id = news.id, note = planned.why }
    local noted, err = self.store:record_note(planned.found, entry, now)
    if noted == nil then return nil, err end
    word = noted and "recorded" or "duplicate"
  end
  return { word = word, records = planned.records }
end

--- Keeps the keys of jobs that are due, for `go_on`.
-- @tparam table enqueued array of jobs, as debitura.workflow.jobs makes them; they need not be in
--   the store
-- @tparam number now
function Work:remember(enqueued, now)
  for _, job in ipairs(enqueued) do
    local keys = job.kind == "notify" and self.notifications or self.due
    if job.due_at <= now then keys[#keys + 1] = job.key end
  end
end

--- Keeps for `go_on` what an earlier call, or a process that died, has left undone; what was given
-- up meanwhile is tried anew.
-- @tparam table enqueued as for `remember`, 101 at most
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Work:take_up(enqueued)
  local keys, now = {}, self:clock()
  for i, job in ipairs(enqueued) do keys[i] = job.key end
  local page, err = self.store:jobs_named(keys)
  if not page then return nil, err end
  for _, job in ipairs(page) do
    local revived = job.state ~= "dead"
    if not revived then revived, err = self.store:job_revive(job, now) end
    if revived == nil then return nil, err end
  end
  self:remember(enqueued, now)
  return true
end

--- Applies news of at most one step's records.
function Work:apply_step(news, job)
  local known = job and self.known[job.key]
  for _ = 1, STALE_TRIES do
    local now = self:clock()
    local planned, err = plan.make(self.runner, news, now, known)
    if not planned then return nil, err end
    if #planned.moves == 0 then return self:leave(news, planned, job, now) end
    local moved
    moved, err = self.store:record_move({
      tenant = news.tenant, moves = planned.moves, jobs = planned.jobs, done = job,
      result = job and news.name,
    }, now)
    if moved then
      self:remember(planned.jobs, now)
      return { word = "moved", records = planned.records }
    end
    if moved == nil then return nil, err end
    if err ~= "stale" then return { word = err, records = planned.records } end
    known = nil
  end
  return nil, failure.new {
    kind = "store", message = "the record kept changing while an event was applied to it",
  }
end

--- Applies news to every record that it is about, all in one step; news of more records than a step
-- takes, in several, of which only the last ends the job and enters the event's id.
-- @tparam table news `tenant`, `name`, `id` (a webhook's, so that it counts once), and `targets`:
--   an array of `{ kind, name, event }` with the children (such as cases) before their parent;
--   `event` has `name`, `at`, and what the record's machine takes from it; a target that is `aside`
--   may move, and is not noted when it does not
-- @tparam[opt] table job the claimed job that ends with it
-- @treturn[1] table `word`: "moved", "recorded" (it changes nothing), "duplicate", "unknown" (there
--   is no such record), or "lost" (another process finished the job); of the last step `targets`
--   and `records`: as they are now, in the order of `targets`, false where there is none
-- @treturn[2] nil
-- @treturn[2] table failure of the store, or of kind "unreadable"
function Work:apply(news, job)
  local targets, first = news.targets, 1
  local is_child = self.runner.kinds[targets[#targets].kind].parent ~= nil
  local last_max = is_child and plan.RECORDS_MAX or plan.RECORDS_MAX + 1
  local function step_to(last)
    local step = { tenant = news.tenant, name = news.name, targets = {} }
    for i = first, last do step.targets[#step.targets + 1] = targets[i] end
    first = last + 1
    return step
  end
  while #targets - first + 1 > last_max do
    local applied, err = self:apply_step(step_to(first + plan.RECORDS_MAX - 1))
    if not applied then return nil, err end
  end
  local last = step_to(#targets)
  last.id = news.id
  local applied, err = self:apply_step(last, job)
  if applied then applied.targets = last.targets end
  return applied, err
end

--- Applies one event to one record.
-- @tparam table record `kind`, `tenant`, `name`; of these only, whatever else it holds
-- @tparam table event
-- @tparam[opt] table job
-- @treturn[1] string word, see `apply`
-- @treturn[1] table|false the record as it is now
-- @treturn[2] nil
-- @treturn[2] table failure
function Work:apply_to(record, event, job)
  event.at = event.at or self:clock()
  local applied, err = self:apply({
    tenant = record.tenant, name = event.name,
    targets = { { kind = record.kind, name = record.name, event = event } },
  }, job)
  if not applied then return nil, err end
  return applied.word, applied.records[1]
end

-- Jobs --------------------------------------------------------------------------------------------

--- Ends a job with a word.
-- @tparam table job
-- @tparam string word
-- @tparam[opt] boolean delivered whether it has brought its record's URL to the customer
function Work:finish(job, word, delivered)
  local ended, err = self.store:job_done(job, self:clock(), word, delivered)
  if ended == nil then return nil, err end
  return word
end

--- Ends a job that its record has left behind.
function Work:skip(job)
  return self:finish(job, "skipped")
end

--- Leaves a job for later, or gives it up.
-- @tparam table job
-- @tparam string problem
-- @tparam[opt] table options `at_least` (seconds to wait), `attempts` (after so many it is given
--   up), `final` (true: at once)
-- @treturn[1] string "failed"
-- @treturn[1] table details: `problem`, `given_up`
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Work:postpone(job, problem, options)
  options = options or {}
  local now = self:clock()
  local ended, err
  problem = problem:sub(1, jobs.PROBLEM_MAX)
  local gives_up = options.final or options.attempts and job.attempt >= options.attempts
  if gives_up then
    ended, err = self.store:job_dead(job, now, problem)
  else
    ended, err = self.store:job_retry(job, now + jobs.backoff(job.attempt, options.at_least),
      problem)
  end
  if ended == nil then return nil, err end
  return "failed", { problem = problem, given_up = gives_up or nil }
end

--- Leaves a job for later because a call failed; a failure of the store stops the work.
function Work:retry_later(job, err, attempts)
  if err.kind == "store" then return nil, err end
  local word, details = self:postpone(job, tostring(err), {
    at_least = err.retry_after, attempts = jobs.LASTING[err.kind] and jobs.ATTEMPTS or attempts,
  })
  if word then details.failure = err end
  return word, details
end

--- Does a job by a function of the platform, which may raise and may wait, and says false or nil
-- and why when it has not done it.
-- @tparam table job
-- @tparam string word what the job ends with
-- @tparam function run
function Work:call(job, word, run)
  local ran, results = protected(run)
  if ran and (results[1] or results[2] == nil) then return self:finish(job, word) end
  return self:postpone(job, tostring(not ran and results[1] or results[2]),
    { attempts = jobs.ATTEMPTS })
end

--- Ends a job with what it has found out about its record: an event, or an event's name.
function Work:decide(job, found)
  local event = type(found) == "table" and found or { name = found }
  event.generation = job.generation
  local record = { kind = job.record, tenant = job.tenant, name = job.name }
  local word, err = self:apply_to(record, event, job)
  if not word then return nil, err end
  return event.name
end

--- Reads a job's record and takes the step that its kind stands for.
function Work:take_step(job)
  local step = self.runner.steps[job.kind]
  if not step then
    local problem = "this release knows no job of the kind " .. job.kind
    local released, err = self.store:job_release(job, self:clock() + UNKNOWN_KIND, problem)
    if released == nil then return nil, err end
    return "waiting", { problem = problem }
  end
  local read, err = jobs.read(job)
  if not read then return nil, err end
  local record
  record, err = records.load(self.store, job.record, job.tenant, job.name)
  if record == nil then return nil, err end
  self.known[job.key] = record
  return step(self, job, record)
end

--- Does one claimed job.
-- @treturn[1] string word
-- @treturn[1] table details
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Work:perform(job)
  local ran, results = protected(function() return self:take_step(job) end)
  self.known[job.key] = nil
  if not ran then
    return self:postpone(job, "raised an error: " .. tostring(results[1]),
      { attempts = jobs.ATTEMPTS })
  end
  local word, details = results[1], results[2]
  if word then return word, details or {} end
  return self:retry_later(job, details, jobs.ATTEMPTS)
end

--- Gives back what was claimed and not begun.
function Work:release(left)
  for _, job in ipairs(left) do
    local released, err = self.store:job_release(job, self:clock(), job.result)
    if released == nil then return nil, err end
  end
  return true
end

--- Does claimed jobs, those of different tenants side by side.
-- @treturn[1] boolean whether to go on
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Work:perform_all(claimed, counts)
  local on, left, err = true, {}, nil
  lanes.run(claimed, self.at_once or lanes.WIDTH, function(job)
    -- What waited in the batch for half its lease is left to the next claim, so that none runs out
    -- while it is done.
    if not on or self:clock() > job.due_at - self.runner.lease / 2 then
      left[#left + 1] = job
      return
    end
    local word, details = self:perform(job)
    if not word then
      on, err = false, err or details
      return
    end
    counts.total, counts[word] = counts.total + 1, (counts[word] or 0) + 1
    if self.on_done and self.on_done(self, job, word, details) == false then on = false end
  end)
  local stopped = err
  local released
  released, err = self:release(left)
  if stopped or not released then return nil, stopped or err end
  return on
end

function Work:claim(options)
  options.can, options.now, options.lease = self.runner.can, self:clock(), self.runner.lease
  return self.store:jobs_claim(options)
end

--- Claims jobs and does them, until so many have ended or there are no more.
-- @tparam table self
-- @tparam number most
-- @tparam function choose (work, limit) gives what to claim next; nil to end
local function perform_up_to(self, most, choose)
  local counts = { total = 0 }
  while counts.total < most do
    local options = choose(self, math.min(CLAIM, most - counts.total))
    if not options then break end
    local claimed, err = self:claim(options)
    if not claimed then return nil, err end
    if #claimed == 0 and not options.keys then break end
    local on
    on, err = self:perform_all(claimed, counts)
    if on == nil then return nil, err end
    if not on then break end
  end
  return counts
end

local function remembered(self, limit)
  local keys = {}
  -- What the platform is told of stands behind what is done.
  local from = self.due[1] and self.due or self.notifications
  while from[1] and #keys < limit do keys[#keys + 1] = table.remove(from, 1) end
  return keys[1] and { keys = keys, limit = #keys }
end

--- Does the jobs that came of what was applied, and what comes of these, as far as they are due:
-- a hundred at most.
-- @treturn[1] table how many ended with each word, and `total`
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Work:go_on()
  -- What a request has claimed that is killed amid its work would be done only after the lease.
  return flight.run(perform_up_to, self, FOLLOWED, remembered)
end

local function any_due(self, limit)
  self.due, self.notifications = {}, {}
  return { limit = limit }
end

--- Does jobs that are due, until none is left.
function Work:sweep(limit)
  -- The caller's own function is called in the caller's coroutine.
  if self.on_progress then return perform_up_to(self, limit, any_due) end
  return flight.run(perform_up_to, self, limit, any_due)
end

--- Begins a piece of work, which remembers the jobs that came of what it applied.
-- @tparam table runner see debitura.workflow.runner
-- @tparam[opt] function on_done called after each job: (work, job, word, details); ends the work by
--   returning false. It must not be a closure, see debitura.async.flight: what it finds out
--   belongs into the work.
-- @treturn table
function work.new(runner, on_done)
  return setmetatable({ runner = runner, store = runner.store, context = runner.context, due = {},
    notifications = {}, known = {}, on_done = on_done }, Work)
end

return work
