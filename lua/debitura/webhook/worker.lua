--- Processes the inbox: claims events under a lease, calls their handlers, and marks them done, to
-- be tried again, or dead.
--
-- Of a tenant's events one at a time is handed out, in the order in which they arrived; those of
-- different tenants are processed side by side. A worker that dies in between is followed, after
-- the lease, by another that does the event again: handlers see `event.id` and `context.attempt`,
-- and do harmlessly twice what they do.
-- @module debitura.webhook.worker

local core = require("debitura.core")
local events = require("debitura.webhook.event")
local failure = require("debitura.base.failure")
local log = require("debitura.base.log")
local options = require("debitura.base.options")
local parallel = require("debitura.async.parallel")
local task = require("debitura.async.task")
local waiters = require("debitura.async.waiters")

local worker = {}

-- Seconds before the second attempt, doubled for each further one.
local BACKOFF, BACKOFF_MAX = 10, 3600
-- Seconds; nginx takes less than a millisecond for none, and then lets no other coroutine have a
-- turn.
local LEAST_SLEEP, LEAST_PAUSE = 0.005, 0.001
local ASKED = "asked to wait %d s: "
local ENDLESS = "claimed %d times and never ended: it outlasts its lease, or takes its worker down"
local CLOCK_GRACE = 60 -- seconds by which clocks may differ
local LOOK_BACK, LOOK_AT = 60, 100 -- seconds between two looks for what is held back, events a look
local RETRY_AFTER_MAX = 86400 -- seconds; Debitura's longest limit is one for a day
local NOW = -math.huge -- of the next look at the inbox: the tenant of what has ended may have more
local PROBLEM_MAX = 500 -- bytes kept of what a handler says

-- One event ---------------------------------------------------------------------------------------

local function backoff(attempt)
  return math.min(BACKOFF * 2 ^ (attempt - 1), BACKOFF_MAX)
end

--- What a handler says of its failure, without the URLs that it may quote: a store without an
-- encryption key keeps it in clear.
local function error_text(err)
  local sound, text = pcall(tostring, err) -- luacheck: globals pcall
  if not sound then return "a handler failed, and so did its error" end
  return (text:gsub("%a+://%S+", "[redacted]"):sub(1, PROBLEM_MAX))
end

--- Calls the handlers of an event.
-- @treturn[1] string "done", or "unheard" when it has none
-- @treturn[2] nil
-- @treturn[2] what a handler raised, or gave beside nil or false
local function call_handlers(handlers, event, context, waiter)
  local heard = "unheard"
  for _, name in ipairs { event.event, "*" } do
    local handler = handlers[name]
    if handler then
      heard = "done"
      local function run() return handler(event, context) end
      local sound, results = task.pcall(run, task.waiter() or waiter)
      if not sound then return nil, results[1] or "a handler failed" end
      if not results[1] and results[2] ~= nil then return nil, results[2] end
    end
  end
  return heard
end

local Run = {}
Run.__index = Run

-- What became of an event: "lost" when another has it by now.
local function outcome(word, problem, ended, err)
  if ended == nil then return nil, err end
  return ended and word or "lost", problem
end

-- The same of one that ended by itself: its tenant's next one is open.
function Run:settled(...)
  self.empty_until = NOW
  return outcome(...)
end

-- Postpones an event that could not be handled, or gives it up.
function Run:postpone(item, problem)
  local now, text = self.clock(), error_text(problem)
  if item.attempt >= self.attempts then
    return self:settled("dead", problem, self.store:inbox_dead(item, now, text))
  end
  local pause = backoff(item.attempt)
  local asked = failure.is(problem) and math.min(problem.retry_after or 0, RETRY_AFTER_MAX) or 0
  if asked > pause then pause, text = asked, ASKED:format(math.ceil(asked)) .. text end
  return self:settled("retried", problem, self.store:inbox_retry(item, now + pause, text))
end

-- Whether an event is due later than any pause explains: a clock was ahead when it was put off.
-- One that was never put off is in progress, and its lease may be longer than this worker's.
local function is_held_back(item, now, lease)
  if item.attempt == 1 and not item.result then return false end
  local longest = backoff(math.max(item.attempt, 1))
  if item.attempt > 1 then longest = math.max(lease, BACKOFF_MAX) end
  local asked = tonumber((item.result or ""):match("^asked to wait (%d+) s"))
  return item.due_at > now + math.max(longest, asked or 0) + CLOCK_GRACE
end

-- Puts right what a clock that was ahead has put off; looked for where nothing is due, and seldom.
-- @treturn boolean whether there was anything
function Run:look_back()
  local now, found = self.clock(), false
  local list = self.store:inbox_list { state = "open", after = self.seen_until, limit = LOOK_AT }
  for _, item in ipairs(list or {}) do
    if is_held_back(item, now, self.lease) then
      found = self.store:inbox_retry(item, now, item.result) and true or found
    end
  end
  self.seen_until = list and #list == LOOK_AT and list[LOOK_AT].seq or nil
  self.look_back_at = core.system.monotonic() + LOOK_BACK
  return found
end

-- What is noted of an event that is worked beyond its attempts. An operator has revived it, or it
-- takes its workers down without a word: then the note is still there when it is claimed the next
-- time.
local function begun(attempt)
  return ("attempt %d was begun and has not ended"):format(attempt)
end

-- Ends the events of a batch in one step. Its lanes have nothing in hand from then on, so that one
-- of them may claim for all.
function Run:send(batch)
  batch.sent = true
  if self.ending == batch then self.ending = nil end
  batch.words, batch.err = self.store:inbox_done_many(batch.items, self.clock())
  batch.ended = true
  self.busy, self.empty_until = self.busy - #batch.items, NOW
end

-- Ends an event together with those that other lanes have come to the end of, so that many share
-- a commit. The last of the lanes that have anything in hand ends the batch at once.
-- @treturn[1] boolean true, or false when another has it by now
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Run:finish(item)
  local batch = self.ending or { items = {} }
  local place = #batch.items + 1
  batch.items[place], self.ending = item, batch
  if #self.queue > 0 or self.busy > place then
    local waiter = task.waiter() or self.waiter
    repeat
      waiter.sleep(LEAST_PAUSE)
    until batch.ended or not batch.sent
  end
  if not batch.sent then self:send(batch) end
  self.busy = self.busy + 1
  if not batch.words then return nil, batch.err end
  return batch.words[place]
end

-- Processes one claimed event.
-- @treturn[1] string what became of it: "done", "unheard", "retried", "dead", "lost" when its lease
--   ended before it did
-- @treturn[1] what is wrong with it, or what a handler said, when it failed
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Run:process(item)
  if self.clock() >= item.lease_ends then return "lost" end
  local event, err = events.read_up_to(item.body, self.max_event)
  if not event then
    return self:settled("dead", err.message,
      self.store:inbox_dead(item, self.clock(), err.message))
  end
  if item.attempt > self.attempts then
    if not item.result or item.result == begun(item.attempt - 1) then
      return self:postpone(item, ENDLESS:format(item.attempt))
    end
    local noted
    noted, err = self.store:inbox_retry(item, item.lease_ends, begun(item.attempt))
    if not noted then return outcome(nil, nil, noted, err) end
  end
  local context = {
    attempt = item.attempt, received_at = item.received_at, replay = item.replay == 1,
    tenant = item.tenant,
  }
  local word, problem = call_handlers(self.handlers, event, context, self.waiter)
  if not word then return self:postpone(item, problem) end
  if context.blank == true then
    return self:settled(word, nil, self.store:inbox_done(item, self.clock(), true))
  end
  return outcome(word, nil, self:finish(item))
end

-- Many of them ------------------------------------------------------------------------------------

-- Looks at the inbox again only after a while.
function Run:rest(store_is_there)
  local now = core.system.monotonic()
  if store_is_there and now >= self.look_back_at and self:look_back() then return end
  self.empty_until = now + self.idle
end

-- Claims as many as can be begun at once, so that no lease runs out while its event waits in a
-- line.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Run:claim()
  -- While one lane waits for its claim, another asks for itself only.
  local limit = math.min(self.left, self.claiming and 1 or self.at_once - self.busy)
  local now = self.clock()
  self.left, self.claiming = self.left - limit, true
  local items, err = self.store:inbox_claim { limit = limit, now = now, lease = self.lease }
  self.claiming = false
  local found = items and #items or 0
  self.left = self.left + limit - found
  if found == 0 then self:rest(items ~= nil) end
  -- An event that takes its worker down must not hold up the same others each time they are claimed
  -- together.
  if found > 0 and items[1].attempt > 1 then
    for _ = 1, core.system.random(1):byte() % found do
      table.insert(items, table.remove(items, 1))
    end
  end
  for _, item in ipairs(items or {}) do
    item.lease_ends = now + self.lease
    table.insert(self.queue, item)
  end
  return items ~= nil, err
end

-- Leaves what was claimed and not begun to the next worker.
function Run:give_back()
  for _, item in ipairs(self.queue) do
    local _, err = self.store:inbox_release(item, self.clock(), item.result)
    if err then self:note_failure(err) end
  end
  self.queue = {}
end

-- The next event to process.
-- @treturn ?table nil when none is due, or none is wanted any more
function Run:next_item()
  if self.queue[1] and self.stop() then self:give_back() end
  local wanted = #self.queue == 0 and self.left > 0 and not self.stop()
  if wanted and core.system.monotonic() >= self.empty_until then
    local _, err = self:claim()
    if err then self:note_failure(err) end
  end
  return table.remove(self.queue, 1)
end

-- One failure ends a single batch; an endless worker goes on when the store is back.
function Run:note_failure(err)
  self.failed = self.failed or err
  if not self.log then return end
  self.log.write("warn", log.line("webhook", { reason = "store", cause = tostring(err) }))
end

function Run:report(item, word, problem)
  self.counts.total = self.counts.total + 1
  self.counts[word] = (self.counts[word] or 0) + 1
  local level = (word == "done" or word == "unheard") and "info" or "warn"
  if not self.log or not self.log.wants(level) then return end
  -- What a handler says may be personal: it is in the inbox, beside the event.
  self.log.write(level, log.line("webhook", {
    event = item.event, id = item.id, attempt = item.attempt, result = word,
    kind = failure.is(problem) and problem.kind or nil,
  }))
end

-- Processes one event after the other, side by side with other lanes.
function Run:lane()
  while true do
    local item = self:next_item()
    if item then
      self.busy = self.busy + 1
      local word, problem = self:process(item)
      self.busy = self.busy - 1
      if word then self:report(item, word, problem) else self:note_failure(problem) end
    elseif self.once or self.stop() then
      return
    else
      local waiter = task.waiter() or self.waiter
      waiter.sleep(math.max(LEAST_SLEEP, self.empty_until - core.system.monotonic()))
    end
  end
end

-- Options ---------------------------------------------------------------------------------------

worker.options = options.define("receiver:work", {
  { "once", "boolean", default = false,
    "true: returns when nothing is due any more, or `batch` events were processed; else goes "
      .. "on until `stop()` says so" },
  { "batch", "count", default = 100, "events at most, with `once`" },
  { "at_once", "count", default = 16, "events side by side, of different tenants" },
  -- Longer than a call with all its retries takes.
  { "lease", "positive", default = 300,
    "seconds an event belongs to this worker: longer than its handlers take" },
  -- Within about 1.5 hours, as the pauses between them add up.
  { "attempts", "count", default = 10, "after so many a failed event is dead" },
  { "idle", "positive", default = 1, "seconds between looks at an empty inbox" },
  { "stop", "function", default = function() return false end, "asked before each event" },
  { "waiter", "table", "see debitura.waiter; default: that of here and now" },
})

--- Processes a receiver's inbox; `receiver:work(options)` calls it. Any number of processes may do
-- so at once.
--
-- A handler is given the event and a context: `attempt` (how often the event was handed out, this
-- time included), `received_at`, `replay` (whether it was sent as one), `tenant`; where it sets
-- `blank` to true, the event's body is not kept when it is done. It has failed
-- when it raises an error or returns nil or false and an error; anything else is success. A failed
-- event is tried again after 10 seconds, then 20, 40 and so on up to an hour, or after the
-- failure's `retry_after`, a day at most; meanwhile its tenant's later events wait. After the last
-- attempt it is dead: kept in the inbox with what the handler said, for `store:inbox_list { state =
-- "dead" }`; `store:inbox_revive` gives it one more.
-- @tparam table receiver
-- @tparam[opt] table given see `worker.options`
-- @treturn[1] table how many events there were (`total`), and how many of each: `done`, `unheard`
--   (no handler: done as well), `retried`, `dead`, `lost` (the lease ended first, so that another
--   has it)
-- @treturn[2] nil
-- @treturn[2] table failure of the store, with `once`; without, the worker goes on when the store
--   is back
function worker.work(receiver, given)
  local read = worker.options:read(given)
  local waiter, err = read.waiter, nil
  if not waiter then waiter, err = waiters.auto() end
  if not waiter then return nil, err end
  local run = setmetatable({
    store = receiver.store, handlers = receiver.handlers, clock = receiver.clock,
    log = receiver.log, max_event = receiver.max_event, once = read.once, stop = read.stop,
    left = read.once and read.batch or math.huge, at_once = read.at_once, lease = read.lease,
    attempts = read.attempts, idle = read.idle, waiter = waiter, queue = {}, busy = 0,
    empty_until = -math.huge, look_back_at = -math.huge, counts = { total = 0 },
  }, Run)
  local lanes = {}
  for index = 1, math.min(run.at_once, run.left) do
    lanes[index] = function() run:lane() end
  end
  parallel.run({ limit = #lanes, waiter = waiter }, lanes)
  if read.once and run.failed then return nil, run.failed end
  return run.counts
end

return worker
