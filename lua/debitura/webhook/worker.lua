--- Works off the inbox: claims events under a lease, calls their handlers, and marks them done, to be tried again, or dead.
--
-- Of a tenant's events one at a time is handed out, in the order in which they arrived; those of different tenants are worked
-- side by side. Who dies in between is followed, after the lease, by another who does the event again: handlers see
-- `event.id` and `context.attempt`, and do harmlessly twice what they do.
-- @module debitura.webhook.worker

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local log = require("debitura.base.log")
local parallel = require("debitura.async.parallel")
local task = require("debitura.async.task")
local waiter = require("debitura.async.waiters")

local worker = {}

local BATCH = 100
local AT_ONCE = 16
local LEASE = 300 -- seconds; longer than a call with all its retries takes
local ATTEMPTS = 10 -- within about 1.5 hours, as the pauses below add up
local BACKOFF, BACKOFF_MAX = 10, 3600 -- seconds before the second attempt, doubled for each further one
local IDLE = 1 -- seconds until an empty inbox is looked at again
local LEAST_SLEEP = 0.005 -- seconds; nginx takes less than a millisecond for none, and then lets nobody else have a turn
local RETRY_AFTER_MAX = 86400 -- seconds; Debitura's longest limit is one for a day
local PROBLEM_MAX = 500 -- bytes kept of what a handler says

-- One event --------------------------------------------------------------------------------------------------------------

--- What a handler says of its failure, without the URLs that it may quote: results are not sealed in the store.
local function problem_text(problem)
  local sound, text = pcall(tostring, problem)
  if not sound then return "a handler failed, and so did its error" end
  return (text:gsub("%a+://%S+", "[redacted]"):sub(1, PROBLEM_MAX))
end

--- Calls the handlers of an event.
-- @treturn[1] string "done", or "unheard" when it has none
-- @treturn[2] nil
-- @treturn[2] what a handler raised, or gave beside nil or false
local function call_handlers(handlers, event, context, patient)
  local heard = "unheard"
  for _, name in ipairs { event.event, "*" } do
    local handler = handlers[name]
    if handler then
      heard = "done"
      local sound, results = task.pcall(function() return handler(event, context) end, task.waiter() or patient)
      if not sound then return nil, results[1] or "a handler failed" end
      if not results[1] and results[2] ~= nil then return nil, results[2] end
    end
  end
  return heard
end

local Run = {}
Run.__index = Run

-- Postpones an event that could not be handled, or gives it up.
function Run:postpone(item, problem)
  local now, said = self.clock(), problem_text(problem)
  if item.attempt >= self.attempts then
    local ended, reason = self.store:inbox_dead(item, now, said)
    return ended and "dead" or ended, reason
  end
  local pause = math.min(BACKOFF * 2 ^ (item.attempt - 1), BACKOFF_MAX)
  if failure.is(problem) then pause = math.max(pause, math.min(problem.retry_after or 0, RETRY_AFTER_MAX)) end
  local ended, reason = self.store:inbox_retry(item, now + pause, said)
  return ended and "retried" or ended, reason
end

-- What is noted of an event that is worked beyond its attempts. Somebody has revived it, or it takes its workers down without a
-- word: then the note is still there when it is claimed the next time.
local function begun(attempt)
  return ("attempt %d was begun and has not ended"):format(attempt)
end

-- Calls the handlers of a claimed event, as often as it may be tried.
-- @treturn[1] string "done" or "unheard"
-- @treturn[2] string "lost" when another has it by now
-- @treturn[3] nil
-- @treturn[3] what is wrong with it, or what a handler said
-- @treturn[4] boolean false
-- @treturn[4] table failure of the store
function Run:try(item)
  local event, unreadable = core.json.decode(item.body)
  if type(event) ~= "table" then
    return nil, "what is kept is no event: " .. (unreadable and unreadable.message or "no object")
  end
  if item.attempt > self.attempts then
    if not item.result or item.result == begun(item.attempt - 1) then
      return nil, ("claimed %d times and never ended: it outlasts its lease, or takes its worker down"):format(item.attempt)
    end
    local noted, reason = self.store:inbox_retry(item, item.lease_ends, begun(item.attempt))
    if noted == nil then return false, reason end
    if not noted then return "lost" end
  end
  return call_handlers(self.handlers, event, {
    attempt = item.attempt, received_at = item.received_at, replay = item.replay == 1, tenant = item.tenant,
  }, self.waiter)
end

-- Works one claimed event.
-- @treturn[1] string what became of it: "done", "unheard", "retried", "dead", "lost" when its lease ended before it did
-- @treturn[1] what a handler said, when it failed
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Run:work_item(item)
  if self.clock() >= item.lease_ends then return "lost" end
  local word, problem = self:try(item)
  if word == "lost" then return word end
  if word == false then return nil, problem end
  local ended, reason
  if word then
    ended, reason = self.store:inbox_done(item, self.clock())
    ended = ended and word or ended
  else
    ended, reason = self:postpone(item, problem)
  end
  if ended == nil then return nil, reason end
  return ended or "lost", problem
end

-- Many of them -------------------------------------------------------------------------------------------------------------

-- Claims as many as can be begun at once, so that no lease runs out while its event waits in a line.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Run:claim()
  -- While one lane waits for its claim, another asks for itself only.
  local limit = math.min(self.left, self.claiming and 1 or self.at_once - self.busy)
  local now = self.clock()
  self.left, self.claiming = self.left - limit, true
  local items, reason = self.store:inbox_claim { limit = limit, now = now, lease = self.lease }
  self.claiming = false
  local found = items and #items or 0
  self.left = self.left + limit - found
  if found == 0 then self.empty_until = core.system.monotonic() + self.idle end
  -- An event that takes its worker down must not hold up the same others each time they are claimed together.
  if found > 0 and items[1].attempt > 1 then
    for _ = 1, core.system.random(1):byte() % found do table.insert(items, table.remove(items, 1)) end
  end
  for _, item in ipairs(items or {}) do
    item.lease_ends = now + self.lease
    table.insert(self.queue, item)
  end
  return items ~= nil, reason
end

-- The next event to work.
-- @treturn ?table nil when none is due, or none is wanted any more
function Run:next_item()
  if #self.queue == 0 and self.left > 0 and not self.stop() and core.system.monotonic() >= self.empty_until then
    local _, failed = self:claim()
    if failed then self:note_failure(failed) end
  end
  return table.remove(self.queue, 1)
end

-- One failure ends a single batch; an endless worker goes on when the store is back.
function Run:note_failure(failed)
  self.failed = self.failed or failed
  if self.write then self.write("warn", log.line("webhook", { reason = "store", cause = tostring(failed) })) end
end

function Run:tell(item, word, problem)
  self.counts.total = self.counts.total + 1
  self.counts[word] = (self.counts[word] or 0) + 1
  if not self.write then return end
  local level = (word == "done" or word == "unheard") and "info" or "warn"
  -- What a handler says may be personal: it is in the inbox, beside the event.
  self.write(level, log.line("webhook", {
    event = item.event, id = item.id, attempt = item.attempt, result = word, kind = failure.is(problem) and problem.kind or nil,
  }))
end

-- Works one event after the other, side by side with other lanes.
function Run:lane()
  while true do
    local item = self:next_item()
    if item then
      self.busy = self.busy + 1
      local word, problem = self:work_item(item)
      self.busy = self.busy - 1
      self.empty_until = -math.huge -- its tenant's next event is due now
      if word then self:tell(item, word, problem) else self:note_failure(problem) end
    elseif self.once or self.stop() then
      return
    else
      local patient = task.waiter() or self.waiter
      patient.sleep(math.max(LEAST_SLEEP, self.empty_until - core.system.monotonic()))
    end
  end
end

-- Options ----------------------------------------------------------------------------------------------------------------

local COUNTS = { batch = BATCH, at_once = AT_ONCE, attempts = ATTEMPTS }
local SECONDS = { lease = LEASE, idle = IDLE }

local function read_options(options)
  local chosen = {}
  for name, default in pairs(COUNTS) do
    local value = options[name] == nil and default or options[name]
    if type(value) ~= "number" or value < 1 or value % 1 ~= 0 then error(name .. ": a whole number expected, 1 at least", 3) end
    chosen[name] = value
  end
  for name, default in pairs(SECONDS) do
    local value = options[name] == nil and default or options[name]
    if type(value) ~= "number" or value ~= value or value <= 0 then error(name .. ": a number of seconds expected", 3) end
    chosen[name] = value
  end
  return chosen
end

local function never() return false end

--- Works off a receiver's inbox; `receiver:work(options)` calls it. Any number of processes may do so at once.
--
-- A handler is given the event and a context: `attempt` (how often the event was handed out, this time included),
-- `received_at`, `replay` (whether it was sent as one), `tenant`. It has failed when it raises an error or returns nil or false
-- and a problem; anything else is success. A failed event is tried again after 10 seconds, then 20, 40 and so on up to an hour, or
-- after the failure's `retry_after`, a day at most; meanwhile its tenant's later events wait. After the last attempt it is dead:
-- kept in the inbox with what the handler said, for `store:inbox_list { state = "dead" }`; `store:inbox_revive` gives it one more.
-- @tparam table receiver
-- @tparam[opt] table options `once` (true: returns when nothing is due any more, or `batch` events were worked, 100; else works
--   until `stop()` says so); `at_once` (events side by side, 16), `lease` (seconds an event belongs to this worker, 300: longer
--   than its handlers take), `attempts` (10), `idle` (seconds between looks at an empty inbox, 1), `stop` (function, asked before
--   each claim), `waiter` (see debitura.async.waiters)
-- @treturn[1] table how many events there were (`total`), and how many of each: `done`, `unheard` (no handler: done as well),
--   `retried`, `dead`, `lost` (the lease ended first, so that another has it)
-- @treturn[2] nil
-- @treturn[2] table failure of the store, with `once`; without, the worker goes on when the store is back
function worker.work(receiver, options)
  options = options or {}
  local chosen = read_options(options)
  local patient, stopped = options.waiter, nil
  if not patient then patient, stopped = waiter.auto() end
  if not patient then return nil, stopped end
  local run = setmetatable({
    store = receiver.store, handlers = receiver.handlers, clock = receiver.clock, write = receiver.write,
    once = options.once, stop = options.stop or never, left = options.once and chosen.batch or math.huge,
    at_once = chosen.at_once, lease = chosen.lease, attempts = chosen.attempts, idle = chosen.idle, waiter = patient,
    queue = {}, busy = 0, empty_until = -math.huge, counts = { total = 0 },
  }, Run)
  local lanes = {}
  for index = 1, math.min(run.at_once, run.left) do
    lanes[index] = function() run:lane() end
  end
  parallel({ limit = #lanes, waiter = patient }, lanes)
  if options.once and run.failed then return nil, run.failed end
  return run.counts
end

return worker
