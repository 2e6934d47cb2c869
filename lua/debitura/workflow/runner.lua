--- Applies events to what is followed and does the effects they leave behind.
--
-- What all recipes stand on. A fact is in the store before anything is done about it: an event moves a link, or a matter beside
-- it, and records the effects in one step; an effect is claimed under a lease, done, and ended together with what came of it.
-- Whoever dies in between is followed, after the lease, by another who does it again under the same key.
-- @module debitura.workflow.runner

local facts = require("debitura.recipes.interpret")
local failure = require("debitura.base.failure")
local link_machine = require("debitura.recipes.link")
local options_of = require("debitura.recipes.options")

local runner = {}

local BACKOFF, BACKOFF_MAX = 60, 3600 -- seconds before the second attempt, doubled for each further one
local STALE_TRIES = 20 -- how often a record may change under our hands before we give up
local CLAIM = 20 -- effects claimed in one step of the store
local PAGE = 100
local PROBLEM_MAX = 2000 -- bytes kept of a failure

--- What is done for each kind of effect: (runner, effect, subject) to a word for the report and details, or nil and a failure of the
-- store. The effect is ended, or postponed, in the store before it returns.
local does, all_kinds = {}, {}
for _, steps in ipairs {
  "debitura.recipes.steps.request_link",
  "debitura.recipes.steps.deliver",
  "debitura.recipes.steps.reconcile",
  "debitura.recipes.steps.request_signing",
  "debitura.recipes.steps.submit_case",
} do
  for kind, run in pairs(require(steps)) do
    does[kind], all_kinds[#all_kinds + 1] = run, kind
  end
end
table.sort(all_kinds)

--- The machines of the matters, by their kind.
local machines = {}
for kind, name in pairs {
  case = "debitura.recipes.case", signing = "debitura.recipes.signing", kyc = "debitura.recipes.signing",
} do machines[kind] = require(name) end

local Runner = {}
Runner.__index = Runner

-- Events ---------------------------------------------------------------------------------------------------------------

--- News of cases that are still outstanding, with what they were: the others change nothing.
local function outstanding(store, tenant, news)
  local kept = {}
  for _, case in ipairs(news or {}) do
    local known, err = store:link_case(tenant, case.creditor_reference)
    if known == nil then return nil, err end
    if known and known.state ~= "created" and known.state ~= case.state then
      case.was = known.state
      kept[#kept + 1] = case
    end
  end
  return kept
end

local function kept_changing()
  return nil, failure.new { kind = "store", message = "the record kept changing while an event was applied to it" }
end

--- Applies an event to a tenant's link.
-- @tparam string tenant
-- @tparam table event `name`, `at`, `id` (a webhook's, so that it counts once), and what the machine takes from it
-- @tparam[opt] table effect the claimed effect that ends with this event
-- @treturn[1] table|false the link as it is now; false when the tenant has none
-- @treturn[1] string "moved", "recorded" (it fits nowhere), "duplicate", "unknown" (no such tenant), or "lost" (another
--   finished the effect)
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:apply(tenant, event, effect)
  local store, news = self.store, event.cases
  for _ = 1, STALE_TRIES do
    local now = self.clock()
    local link, err = store:link(tenant)
    if link == nil then return nil, err end
    if not link and event.name ~= "request" then return false, "unknown" end
    event.cases, err = outstanding(store, tenant, news)
    if not event.cases then return nil, err end

    local before = link or { state = "none", tenant = tenant, version = 0, generation = 0, base = 0, awaited = 0, failed = 0 }
    local change, why = link_machine:step(before, event, self.policy, now)
    if not change then
      local ended = true
      if effect then ended, err = store:effect_done(effect, now, why) end
      if ended == nil then return nil, err end
      local noted
      noted, err = store:link_note(tenant, { event = event.name, event_id = event.id, note = why }, now)
      if noted == nil then return nil, err end
      return link, noted and "recorded" or "duplicate"
    end

    change.entry = { event = event.name, event_id = event.id, note = event.reason }
    change.done, change.result = effect, event.name
    local moved, reason = store:link_move(tenant, before.version, change, now)
    if moved then return moved, "moved" end
    if moved == nil then return nil, reason end
    if reason ~= "stale" then return link, reason end
  end
  return kept_changing()
end

--- Applies an event to a matter: a case that is being submitted, a signing, an identity check.
-- @tparam table matter `tenant`, `kind`, `name`; of these only, whatever else it holds
-- @tparam table event `name`, `at`, and what the machine takes from it
-- @tparam[opt] table effect the claimed effect that ends with this event
-- @treturn[1] table|false the matter as it is now; false when there is none and the event makes none
-- @treturn[1] string "moved", "recorded" (it fits nowhere) or "lost" (another finished the effect)
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:apply_matter(matter, event, effect)
  local store, tenant, kind, name = self.store, matter.tenant, matter.kind, matter.name
  for _ = 1, STALE_TRIES do
    local now = self.clock()
    local known, err = store:matter(tenant, kind, name)
    if known == nil then return nil, err end
    local before = known or { tenant = tenant, kind = kind, name = name, state = "none", version = 0, generation = 0 }
    local change, why = machines[kind]:step(before, event, self.policy, now)
    if not change then
      local ended = true
      if effect then ended, err = store:effect_done(effect, now, why) end
      if ended == nil then return nil, err end
      return known, "recorded"
    end
    change.entry = { event = event.name, note = event.reason }
    change.done, change.result = effect, event.name
    local moved, reason = store:matter_move(tenant, kind, name, before.version, change, now)
    if moved then return moved, "moved" end
    if moved == nil then return nil, reason end
    if reason ~= "stale" then return known, reason end
  end
  return kept_changing()
end

-- Effects --------------------------------------------------------------------------------------------------------------

local function backoff(attempt, at_least)
  return math.max(math.min(BACKOFF * 2 ^ (attempt - 1), BACKOFF_MAX), at_least or 0)
end

--- Ends an effect with a word.
function Runner:finish(effect, word)
  local ended, err = self.store:effect_done(effect, self.clock(), word)
  if ended == nil then return nil, err end
  return word
end

--- Ends an effect that its subject has left behind.
function Runner:moot(effect)
  return self:finish(effect, "moot")
end

--- Leaves an effect for later, or gives it up.
-- @tparam table effect
-- @tparam string problem
-- @tparam[opt] table options `at_least` (seconds to wait), `attempts` (after so many it is given up)
function Runner:postpone(effect, problem, options)
  options = options or {}
  local now = self.clock()
  local ended, err
  problem = problem:sub(1, PROBLEM_MAX)
  if options.attempts and effect.attempt >= options.attempts then
    ended, err = self.store:effect_dead(effect, now, problem)
  else
    ended, err = self.store:effect_retry(effect, now + backoff(effect.attempt, options.at_least), problem)
  end
  if ended == nil then return nil, err end
  return "failed", { problem = problem }
end

--- Leaves an effect for later because a call failed; a failure of the store stops the work.
function Runner:troubled(effect, err, attempts)
  if err.kind == "store" then return nil, err end
  local word, details = self:postpone(effect, tostring(err), { at_least = err.retry_after, attempts = attempts })
  if word then details.failure = err end
  return word, details
end

--- Ends an effect with what it has found out about its subject.
function Runner:decide(effect, name)
  local event = { name = name, generation = effect.generation, at = self.clock() }
  local moved, word
  if effect.matter then
    moved, word = self:apply_matter({ tenant = effect.tenant, kind = effect.matter, name = effect.name }, event, effect)
  else
    moved, word = self:apply(effect.tenant, event, effect)
  end
  if moved == nil then return nil, word end
  return name
end

--- Does one claimed effect.
-- @treturn[1] string word
-- @treturn[1] table details
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:perform(effect)
  local subject, err
  if effect.matter then
    subject, err = self.store:matter(effect.tenant, effect.matter, effect.name)
  else
    subject, err = self.store:link(effect.tenant)
  end
  if subject == nil then return nil, err end
  local word, details = does[effect.kind](self, effect, subject)
  if not word then return nil, details end
  return word, details or {}
end

--- Gives back what was claimed and not begun.
function Runner:release(effects, from)
  for i = from, #effects do
    local released, err = self.store:effect_retry(effects[i], self.clock(), effects[i].result)
    if released == nil then return nil, err end
  end
  return true
end

--- Does a batch of claimed effects, one after the other.
-- @treturn[1] boolean whether to go on
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:perform_all(effects, options, counts)
  for i, effect in ipairs(effects) do
    -- What waited in the batch for half its lease is left to whoever claims it next, so that none runs out while it is done.
    if self.clock() > effect.due_at - self.lease / 2 then return self:release(effects, i) end
    local word, details = self:perform(effect)
    if not word then return nil, details end
    counts.total, counts[word] = counts.total + 1, (counts[word] or 0) + 1
    if options.each and options.each(effect, word, details) == false then
      local released, err = self:release(effects, i + 1)
      return released and false, err
    end
  end
  return true
end

--- The kinds that are claimed together. Where nothing else narrows the search each is claimed alone: so a store finds it without
-- looking through what is due besides, however much that is, and what has begun is carried on before more is begun.
local function turns_of(options)
  if options.tenant then return { { kinds = options.kinds } } end
  local turns = {}
  for i, kind in ipairs(options.kinds or all_kinds) do turns[i] = { kinds = { kind } } end
  return turns
end

--- Does effects that are due, until none is left.
-- @tparam table options `kinds` (array), `tenant` (only this one's), `limit` (how many at most),
--   `each(effect, word, details)` is told of every one; work ends when it returns false
-- @treturn[1] table how many ended with each word, and `total`
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:work(options)
  local counts, limit, turns = { total = 0 }, options.limit or math.huge, turns_of(options)
  local turn, idle = 1, 0
  while counts.total < limit and idle < #turns do
    local claimed, err = self.store:effects_claim {
      tenant = options.tenant, kinds = turns[turn].kinds, limit = math.min(CLAIM, limit - counts.total), now = self.clock(),
      lease = self.lease,
    }
    if not claimed then return nil, err end
    local on
    on, err = self:perform_all(claimed, options, counts)
    if on == nil then return nil, err end
    if not on then break end
    turn, idle = turn % #turns + 1, #claimed == 0 and idle + 1 or 0
  end
  return counts
end

--- Tells of everything that is due and does none of it.
function Runner:preview(kinds, limit, tell)
  local due_by, counts = self.clock(), { total = 0, due = 0 }
  for _, turn in ipairs(turns_of { kinds = kinds }) do
    local page, last, err
    repeat
      page, err = self.store:effects { kinds = turn.kinds, due_by = due_by, after = last, limit = PAGE }
      if not page then return nil, err end
      for _, effect in ipairs(page) do
        if counts.total >= limit then return counts end
        counts.total, counts.due, last = counts.total + 1, counts.due + 1, effect
        if tell(effect, "due") == false then return counts end
      end
    until #page == 0
  end
  return counts
end

--- Does what is due, or tells of it: what the recipes call a sweep.
-- @tparam ?table kinds of effects; nil: all
-- @tparam ?table options `limit`, `dry_run`, `on_progress(step)`, which is told of each step `{tenant, kind, generation, channel,
--   name, result}` and ends the sweep by returning false
-- @treturn table counts, or nil and a failure of the store
function Runner:sweep(kinds, options)
  options = options or {}
  local function tell(effect, word)
    if not options.on_progress then return end
    return options.on_progress {
      tenant = effect.tenant, kind = effect.kind, generation = effect.generation, channel = effect.channel, name = effect.name,
      result = word,
    }
  end
  if options.dry_run then return self:preview(kinds, options.limit or math.huge, tell) end
  return self:work { kinds = kinds, limit = options.limit, each = tell }
end

--- Applies what the platform wants to one link and does what follows from it.
-- @tparam string tenant
-- @tparam table event `name`, and what the machine takes from it
-- @tparam table kinds of effects to do
-- @treturn[1] string what `apply` says of it
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:steer(tenant, event, kinds)
  if type(tenant) ~= "string" or tenant == "" then error("the client's externalTenantId expected", 3) end
  event.at = self.clock()
  return self:go_on(tenant, event, kinds)
end

function Runner:go_on(tenant, event, kinds)
  local link, word = self:apply(tenant, event)
  if link == nil then return nil, word end
  if not link then return word, false end
  local counts, err = self:work { tenant = tenant, kinds = kinds }
  if not counts then return nil, err end
  link, err = self.store:link(tenant)
  if link == nil then return nil, err end
  return word, link
end

--- Applies a webhook to its link and does what follows from it.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @tparam table kinds of effects to do
-- @treturn[1] string what `apply` says of it
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:follow(event, kinds)
  if type(event) ~= "table" or type(event.id) ~= "string" or type(event.event) ~= "string" then
    error("event: a webhook as debitura.webhook.verify gives it", 3)
  end
  local tenant, happened = facts.webhook(event, self.clock())
  if not tenant then return "unknown", false end
  return self:go_on(tenant, happened, kinds)
end

-- Making one -----------------------------------------------------------------------------------------------------------

--- Makes a runner from a recipe's options; see debitura.recipes.options.
-- @tparam table options
-- @treturn table
function runner.new(options)
  return setmetatable(options_of.read(options), Runner)
end

return runner
