--- Tells the store that this process is alive: what it can do, what it does, and how often it has
-- done what.
--
-- All that a process does goes through its store, so that a store which is watched knows what that
-- is: a claim of the inbox makes a worker, a claim of jobs a sweep, a webhook that is added a
-- receiver. The first of them begins the beat, one every 10 seconds: in nginx in a timer, elsewhere
-- with the next verb. A beat that fails is left out; what was counted goes with the next one.
-- @module debitura.status.presence

-- luacheck: read globals ngx

local contract = require("debitura.store.contract")
local core = require("debitura.core")
local protected = require("debitura.async.protected")
local sorted_keys = require("debitura.base.sorted_keys")
local tally = require("debitura.status.tally")
local version = require("debitura.base.version")

local presence = {}

--- Seconds between two beats.
presence.INTERVAL = 10

local Presence = {}
Presence.__index = Presence

-- What verbs tell of a process --------------------------------------------------------------------

--- What verbs make of a process. The others do not begin its beat.
local DOES = {
  inbox_claim = "work", inbox_add = "receive", inbox_add_many = "receive", record_move = "ask",
}

--- What a verb shows that this process does, or nil.
local function does_of(verb, first)
  if verb == "jobs_claim" then return first.keys and "ask" or "sweep" end
  return DOES[verb]
end

local function performed(outcome)
  return function(counted, job)
    counted:add("performed", job.kind or "other", outcome)
    local seconds = job.claimed_at and core.system.monotonic() - job.claimed_at
    if seconds then counted:time("took", job.kind or "other", seconds) end
  end
end

local function processed(outcome)
  return function(counted, item) counted:event("processed", item.event, outcome) end
end

--- What is counted when a verb was done, given its arguments and its result.
local COUNTED = {
  job_done = performed("done"), job_dead = performed("dead"), job_retry = performed("retried"),
  inbox_dead = processed("dead"), inbox_retry = processed("retried"),
}

function COUNTED.jobs_claim(_, _, _, claimed)
  for _, job in ipairs(claimed) do job.claimed_at = core.system.monotonic() end
end

function COUNTED.record_move(counted, change)
  if change.done then COUNTED.job_done(counted, change.done) end
end

function COUNTED.inbox_add(counted, event, _, word)
  counted:event("received", event.event, word)
end

function COUNTED.inbox_done(counted, item, now)
  counted:event("processed", item.event, "done")
  if item.received_at then counted:time("waited", "", now - item.received_at) end
end

function COUNTED.inbox_add_many(counted, events, _, words)
  for i, event in ipairs(events) do counted:event("received", event.event, words[i]) end
end

function COUNTED.inbox_done_many(counted, items, now, ended)
  for i, item in ipairs(items) do
    if ended[i] then COUNTED.inbox_done(counted, item, now) end
  end
end

--- The verbs that are counted.
presence.counted = COUNTED

--- Notes a verb that was done.
function Presence:saw(verb, first, second, result)
  local does, count = does_of(verb, first), result and COUNTED[verb]
  if count then count(self.tally, first, second, result) end
  if does then self:doing(does) elseif self.begun then self:beat_if_due() end
end

--- Notes what this process does.
-- @tparam string does "ask", "receive", "sweep" or "work"
function Presence:doing(does)
  if not self.does[does] then
    self.does[does], self.next_at = true, -math.huge -- which others should know soon
  end
  if not self:has_begun() then self:begin() end
  if self.begun then self:beat_if_due() end
end

-- Beating -----------------------------------------------------------------------------------------

local function turn(premature, self)
  if premature or ngx.worker.exiting() then return end
  self:beat()
  ngx.timer.at(presence.INTERVAL, turn, self)
end

--- The process of nginx that runs this, nil elsewhere.
local function worker()
  return rawget(_G, "ngx") and ngx.worker and ngx.worker.pid() or nil
end

--- Whether the beat has begun; a worker of nginx inherits that of its parent process and has a
-- beat of its own.
function Presence:has_begun()
  return self.begun and self.worker == worker()
end

--- Beats where no timer does. A clock that was set back is no reason to wait for it.
function Presence:beat_if_due()
  if self.timer then return end
  local now = self.clock()
  if now >= self.next_at or now < self.next_at - presence.INTERVAL then self:beat() end
end

--- Begins to beat: in nginx in a timer, so that no request waits for it. Where there can be none
-- yet, the next verb tries again.
function Presence:begin()
  self.started_at, self.worker = self.clock(), worker()
  self.timer = self.worker and ngx.timer.at(0, turn, self) and true
  self.begun = not self.worker or self.timer
end

--- What is marked with a beat: what the process does, and with a sweep what it can.
local function marks_of(self)
  local marks = sorted_keys(self.marks)
  for name in pairs(self.does) do marks[#marks + 1] = name end
  for _, need in ipairs(self.does.sweep and self.can or {}) do
    marks[#marks + 1] = "can:" .. need
  end
  return marks
end

--- The row of this process; see `contract.process`.
function Presence:row(outcome)
  local host, pid = core.system.process()
  local about = { can = core.json.array(self.can), does = core.json.array(sorted_keys(self.does)),
    outcome = outcome }
  -- A command's next run takes the place of the one before.
  local id = self.command and ("%s/%s"):format(self.role, host)
    or ("%s/%s/%d"):format(self.role, host, pid)
  return {
    id = id, role = self.role, host = host, pid = pid, release = version.number,
    about = core.json.encode(about), started_at = self.started_at,
  }
end

--- Says that this process is alive.
-- @tparam[opt] string outcome of what it did, when this is its end
-- @treturn boolean whether the store has taken it
function Presence:beat(outcome)
  if self.beating then return false end
  local row, now = self:row(outcome), self.clock()
  self.begun = self.begun or not worker()
  self.beating, self.next_at = true, now + presence.INTERVAL
  local totals = self.tally:take()
  row.marks, row.totals, row.ended_at = marks_of(self), totals, outcome and now or nil
  local sound, results = protected(function() return self.store:beat(row, now) end)
  local taken = sound and results[1] == true
  if taken then self.marks = {} else self.tally:put_back(totals) end
  self.beating = false
  return taken
end

--- Marks, at once, that something has happened.
-- @tparam string name
function Presence:mark(name)
  self.marks[name] = true
  self:beat()
end

--- Marks whether Debitura sends webhooks.
-- @tparam boolean is_on
function Presence:note_subscription(is_on)
  self:mark(is_on and "subscription:on" or "subscription:off")
end

--- A hook that counts calls, for `on_response` of debitura.partner.
-- @tparam ?function hook of the platform, which is called as well
-- @treturn function
function Presence:hearing(hook)
  return function(event)
    self.tally:call(event)
    if hook then hook(event) end
  end
end

--- What a delivery was refused for, by the status of its answer.
local REFUSED = { [401] = "signature", [405] = "method", [413] = "size", [503] = "store" }

--- A receiver whose refusals are counted.
-- @tparam table receiver
-- @treturn table the same
function Presence:receiving(receiver)
  for _, name in ipairs { "handle", "refuse_large" } do
    local handle = receiver[name]
    receiver[name] = function(own, delivery)
      local code, body, headers = handle(own, delivery)
      if REFUSED[code] then self.tally:add("refused", "", REFUSED[code]) end
      return code, body, headers
    end
  end
  return receiver
end

--- Says that this process ends, if it has ever said that it began.
-- @tparam string outcome
function Presence:finish(outcome)
  if not self.begun or self.ended then return end
  self.ended = true
  self:beat(outcome)
end

-- The store ---------------------------------------------------------------------------------------

local Watched = {}
Watched.__index = Watched

for _, verb in ipairs(contract.verbs) do
  Watched[verb] = function(self, first, second, ...)
    local result, word = self.store[verb](self.store, first, second, ...)
    -- Where two coroutines opened it at once, this is the one that was kept.
    self.presence.store = self.store
    self.presence:saw(verb, first, second, result)
    return result, word
  end
end

function Watched:close()
  return self.store:close()
end

--- A store whose verbs tell of this process.
-- @tparam table store
-- @treturn table with all verbs
function Presence:watch(store)
  self.store = self.store or store
  return setmetatable({ store = store, backend = store.backend, presence = self }, Watched)
end

--- Makes the presence of this process.
-- @tparam table given `clock`, `can` (array: what jobs may need that this process has)
-- @treturn table; `role` (default "application") and `command` (whether it ends by itself) may be
--   set before it begins
function presence.new(given)
  return setmetatable({
    clock = given.clock, can = given.can, role = "application",
    does = {}, marks = {}, next_at = -math.huge, started_at = given.clock(), tally = tally.new(),
  }, Presence)
end

return presence
