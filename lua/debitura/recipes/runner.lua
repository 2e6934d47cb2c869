--- Applies events to links and does the effects they leave behind.
--
-- What both recipes stand on. A fact is in the store before anything is done about it: an event moves its link and
-- records the effects in one step; an effect is claimed under a lease, done, and ended together with what came of it.
-- Whoever dies in between is followed, after the lease, by another who does it again under the same key.
-- @module debitura.recipes.runner

local core = require("debitura.core")
local facts = require("debitura.recipes.facts")
local failure = require("debitura.failure")
local hosted_url = require("debitura.recipes.hosted_url")
local link_machine = require("debitura.recipes.link")

local runner = {}

local LEASE = 300 -- seconds; longer than a call with all its retries takes
local BACKOFF, BACKOFF_MAX = 60, 3600 -- seconds before the second attempt, doubled for each further one
local DELIVERY_ATTEMPTS = 8
local PROBLEM_MAX = 500 -- bytes kept of what a channel says
local STALE_TRIES = 20 -- how often a link may change under our hands before we give up

local Runner = {}
Runner.__index = Runner

-- Events ---------------------------------------------------------------------------------------------------------------

--- News of cases that are still outstanding: the others change nothing.
local function outstanding(store, tenant, news)
  local kept = {}
  for _, case in ipairs(news or {}) do
    local known, err = store:link_case(tenant, case.creditor_reference)
    if known == nil then return nil, err end
    if known and known.state ~= "created" and known.state ~= case.state then kept[#kept + 1] = case end
  end
  return kept
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
    local change, why = link_machine.step(before, event, self.policy, now)
    if not change then
      local ended, noted = true
      if effect then ended, err = store:effect_done(effect, now, why) end
      if ended == nil then return nil, err end
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
  return nil, failure.new { kind = "store", message = "the link kept changing while an event was applied to it" }
end

-- Effects --------------------------------------------------------------------------------------------------------------

--- How each kind of effect is done: (runner, effect, link) to a word for the report and details, or nil and a failure
-- of the store. The effect is ended, or postponed, in the store before it returns.
local does = {}

local function backoff(attempt, at_least)
  return math.max(math.min(BACKOFF * 2 ^ (attempt - 1), BACKOFF_MAX), at_least or 0)
end

--- What a channel says of its failure, without the URLs that it may quote.
local function scrubbed(problem, ...)
  local text = tostring(problem)
  for _, url in ipairs { ... } do text = text:gsub(url:gsub("%p", "%%%0"), "[redacted]") end
  return text:sub(1, PROBLEM_MAX)
end

function does.request(self, effect, link)
  local waiting = link and (link.state == "requesting" or link.state == "expired")
  if not waiting or effect.generation ~= link.generation + 1 then return self:moot(effect) end
  -- Checked when it was recorded: what was good enough then is sent as it is.
  local client, err = self.partner:create_client(core.json.decode(link.payload), { check = false })
  local event = facts.answer(client, err)
  if not event then
    local word, details = self:postpone(effect, tostring(err), err.retry_after)
    if word then details.failure = err end
    return word, details
  end
  event.generation, event.at = effect.generation, self.clock()
  local moved, word = self:apply(effect.tenant, event, effect)
  if moved == nil then return nil, word end
  return event.name, { client = client, failure = err }
end

--- What a channel is given. `key` is the same whenever this delivery is tried again.
function Runner:message(link, key)
  local return_url = self.return_url
  if type(return_url) == "function" then return_url = return_url(link.tenant) end
  -- Debitura ignores a bad one, too: the customer's way to the page matters more than the way back.
  if not hosted_url.is_return_url(return_url) then return_url = nil end
  return {
    key = key, tenant = link.tenant, generation = link.generation, variant = link.variant,
    url = hosted_url.with_return(link.url, return_url), expires_at = link.expires_at,
  }
end

function does.deliver(self, effect, link)
  if not link or not link.url or effect.generation ~= link.generation then return self:moot(effect) end
  local channel = self.channels[effect.channel]
  if not channel then return self:postpone(effect, "there is no channel of this name here") end
  local message = {}
  local ran, receipt, problem = pcall(function()
    message = self:message(link, effect.key)
    return channel:deliver(message)
  end)
  if not ran or not receipt then
    return self:postpone(effect, scrubbed(ran and problem or receipt, message.url or link.url, link.url), nil, DELIVERY_ATTEMPTS)
  end
  local ended, err = self.store:effect_done(effect, self.clock(), "delivered")
  if ended == nil then return nil, err end
  return "delivered"
end

function does.expire(self, effect, link)
  if not link or link.state ~= "pending" or effect.generation ~= link.generation then return self:moot(effect) end
  -- After an outage the customer's answer may lie in the inbox: the clock has a say only when that one is empty.
  local waiting, err = self.store:inbox_waiting(effect.tenant)
  if waiting == nil then return nil, err end
  if waiting then
    local word, details = self:postpone(effect, "webhooks of this client are waiting in the inbox")
    return word and "waiting", details
  end
  return self:decide(effect, "window.over")
end

function does.recover(self, effect, link)
  if not link or link.state ~= "expired" or effect.generation ~= link.generation then return self:moot(effect) end
  return self:decide(effect, "recover")
end

function Runner:decide(effect, name)
  local moved, word = self:apply(effect.tenant, { name = name, generation = effect.generation, at = self.clock() }, effect)
  if moved == nil then return nil, word end
  return name
end

--- Ends an effect that the link has left behind.
function Runner:moot(effect)
  local ended, err = self.store:effect_done(effect, self.clock(), "moot")
  if ended == nil then return nil, err end
  return "moot"
end

--- Leaves an effect for later, or gives it up when `attempts` of them were made.
function Runner:postpone(effect, problem, retry_after, attempts)
  local now = self.clock()
  local ended, err
  if attempts and effect.attempt >= attempts then
    ended, err = self.store:effect_dead(effect, now, problem)
  else
    ended, err = self.store:effect_retry(effect, now + backoff(effect.attempt, retry_after), problem)
  end
  if ended == nil then return nil, err end
  return "failed", { problem = problem }
end

--- Does effects that are due, one after the other, until none is left.
-- @tparam table options `kinds` (array), `tenant` (only this one's), `limit` (how many at most),
--   `each(effect, word, details)` is told of every one; work ends when it returns false
-- @treturn[1] table how many ended with each word, and `total`
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Runner:work(options)
  local counts = { total = 0 }
  while not options.limit or counts.total < options.limit do
    -- One at a time, so that no lease runs out while its effect waits in a line.
    local claimed, err = self.store:effects_claim {
      tenant = options.tenant, kinds = options.kinds, limit = 1, now = self.clock(), lease = self.lease,
    }
    if not claimed then return nil, err end
    local effect = claimed[1]
    if not effect then break end
    local link
    link, err = self.store:link(effect.tenant)
    if link == nil then return nil, err end
    local word, details = does[effect.kind](self, effect, link)
    if not word then return nil, details end
    counts.total, counts[word] = counts.total + 1, (counts[word] or 0) + 1
    if options.each and options.each(effect, word, details or {}) == false then break end
  end
  return counts
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
  local link, word = self:apply(tenant, happened)
  if link == nil then return nil, word end
  if not link then return word, false end
  local counts, err = self:work { tenant = tenant, kinds = kinds }
  if not counts then return nil, err end
  link, err = self.store:link(tenant)
  if link == nil then return nil, err end
  return word, link
end

-- Making one -----------------------------------------------------------------------------------------------------------

local function check_channels(channels)
  local by_name, names = {}, {}
  for i, channel in ipairs(channels or {}) do
    local name = type(channel) == "table" and channel.name
    if type(name) ~= "string" or not name:find("^[%w_-]+$") or type(channel.deliver) ~= "function" then
      error(("channels[%d]: a channel has a name (letters, digits, _ and -) and a function deliver"):format(i), 4)
    end
    if by_name[name] then error(("channels: two are named %q"):format(name), 4) end
    by_name[name], names[i] = channel, name
  end
  return by_name, names
end

local function check_window(days)
  local window = link_machine.window
  if days == nil then return window.default end
  if type(days) ~= "number" or days < window.min or days > window.max then
    error(("window_days: from %d to %d"):format(window.min, window.max), 4)
  end
  return days
end

--- Makes a runner from a recipe's options, whose mistakes are raised at the caller of the recipe.
-- @tparam table options `partner`, `store`, `clock` (a function that gives Unix seconds), `channels` (array),
--   `return_url` (text, or a function of the tenant), `window_days` (7; the partner's setting at Debitura, 1 to 30), `lease` (300 seconds)
-- @treturn table
function runner.new(options)
  if type(options) ~= "table" then error("options table expected", 3) end
  for _, name in ipairs { "partner", "store" } do
    if type(options[name]) ~= "table" and type(options[name]) ~= "userdata" then error(name .. " is missing", 3) end
  end
  if type(options.clock) ~= "function" then error("clock: a function that gives Unix seconds", 3) end
  local return_url = options.return_url
  if return_url ~= nil and type(return_url) ~= "function" and not hosted_url.is_return_url(return_url) then
    error("return_url: an absolute http or https URL, or a function of the tenant that gives one", 3)
  end
  local channels, names = check_channels(options.channels)
  return setmetatable({
    partner = options.partner, store = options.store, clock = options.clock, channels = channels, channel_names = names,
    return_url = return_url, lease = options.lease or LEASE,
    policy = { channels = names, window_days = check_window(options.window_days) },
  }, Runner)
end

return runner
