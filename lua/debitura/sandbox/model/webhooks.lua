--- Webhook subscriptions and events: who is told what, in signed deliveries that are tried again
-- and given up as the documents say. Sending itself is an effect; its outcome comes back by
-- `webhooks.delivered`.
-- @module debitura.sandbox.model.webhooks

local core = require("debitura.core")
local differences = require("debitura.sandbox.model.differences")
local encoding = require("debitura.base.encoding")
local jobs = require("debitura.sandbox.model.jobs")
local merged = require("debitura.base.merged")
local random = require("debitura.sandbox.model.random")
local records = require("debitura.sandbox.model.records")
local time = require("debitura.base.time")

local webhooks = {}

-- Seconds before each of the 8 attempts, and how far chance moves them.
local DELAYS, JITTER = { 0, 60, 120, 240, 480, 960, 1800, 1800 }, 0.1
local SHORTEST_OF_ALL = 5670 * (1 - JITTER) -- seconds from the first attempt to the last
local TIMEOUT = 10
local LATE_BY = 900
local SECRET_BYTES = 32

-- Envelopes ---------------------------------------------------------------------------------------

--- What client events say of a creditor.
local function creditor_data(creditor, attributed)
  return {
    id = creditor.id, companyName = creditor.company_name,
    registrationNumber = creditor.registration_number, countryId = creditor.country_id,
    isAttributed = attributed,
  }
end

local function envelope(state, subscription, event, about, now)
  local data = merged(about.data)
  local is_partner = subscription.owner == "partner"
  if not is_partner or state.settings.webhooks.tenant == "data" then
    data.externalTenantId = about.tenant
  end
  if about.test then data.classification = "test" end
  local text = { id = about.id, event = event, timestamp = time.format(now), data = data }
  if not is_partner then return text end
  if about.creditor then data.creditor = creditor_data(about.creditor, about.attributed) end
  text.specVersion = "1.0"
  text.links = about.tenant and { client = state.settings.base_url .. "/clients/"
    .. encoding.percent(about.tenant) } or nil
  return text
end

-- Queueing ----------------------------------------------------------------------------------------

--- Whether chance has it, for a share of all cases.
local function happens(state, share)
  return share > 0 and random.number(state.random) < share
end

--- Adds a delivery; one that is lost stands in the log and is never made.
local function enqueue(state, subscription, event, payload, about, now)
  local delivery = records.add(state.deliveries, {
    id = random.uuid(state.random), subscription_id = subscription.id, event = event,
    event_id = about.id, case_id = about.case_id, payload = payload, created_at = now,
    attempts = {}, status = "pending", replay = about.replay,
  })
  local settings = state.settings.webhooks
  local late = happens(state, settings.late)
  local due = late and now + random.number(state.random) * LATE_BY or now
  if about.lost or happens(state, settings.lost) then
    delivery.status = "lost"
  else
    jobs.add(state.jobs, due, "deliver", { delivery_id = delivery.id })
  end
  records.trim(state.deliveries, state.settings.max_deliveries)
  return delivery
end

local function wants(subscription, event, about)
  if not subscription.active then return false end
  local only = about.only or {}
  if only.subscription_id and only.subscription_id ~= subscription.id then return false end
  if only.owner and only.owner ~= subscription.owner then return false end
  local ours = subscription.owner == "partner" and about.tenant ~= nil
  local theirs = about.creditor and subscription.owner == about.creditor.id and about.case_id ~= nil
  -- Cases are test or production; client events have no such mark, so they reach both kinds of
  -- subscription.
  local same_class = (about.test or false) == subscription.test
    or (about.case_id == nil and not about.test)
  if not ((ours or theirs) and same_class) then return false end
  for _, name in ipairs(subscription.events) do
    if name == event then return true end
  end
  return false
end

--- Whether a fault has this event lost; counts it.
local function take_loss(state, event)
  for index, fault in ipairs(state.faults) do
    if fault.event == event then
      fault.left = fault.left - 1
      if fault.left == 0 then table.remove(state.faults, index) end
      return true
    end
  end
  return false
end

--- Announces an event to every subscription that wants it.
-- @tparam table state
-- @tparam string event such as "client.linked"
-- @tparam table about `tenant` (partner's id of the client, or nil), `creditor`, `attributed`,
--   `data`, `case_id`, `test`, `only` (`{subscription_id, owner}`: no others)
-- @tparam number now sandbox time
-- @treturn number how many deliveries were queued
function webhooks.emit(state, event, about, now)
  about.id = "evt_" .. random.uuid(state.random):gsub("-", "")
  about.lost = take_loss(state, event)
  local count = 0
  for _, id in ipairs(state.subscriptions.ids) do
    local subscription = state.subscriptions.by_id[id]
    if wants(subscription, event, about) then
      local payload = core.json.encode(differences.event(state, event,
        envelope(state, subscription, event, about, now)))
      enqueue(state, subscription, event, payload, about, now)
      if happens(state, state.settings.webhooks.duplicate) then
        enqueue(state, subscription, event, payload, about, now)
      end
      count = count + 1
    end
  end
  return count
end

--- Sends the payload of an earlier delivery again, as a delivery of its own.
-- @tparam table state
-- @tparam table delivery
-- @tparam number now
-- @treturn table the new delivery
function webhooks.replay(state, delivery, now)
  local subscription = state.subscriptions.by_id[delivery.subscription_id]
  return enqueue(state, subscription, delivery.event, delivery.payload,
    { id = delivery.event_id, case_id = delivery.case_id, replay = true }, now)
end

-- Attempts ----------------------------------------------------------------------------------------

webhooks.jobs = {}

--- One attempt to deliver, as an effect. The signature's time is the wall clock's: the receiver
-- judges its age by that, whose clock was not moved.
-- @tparam table subscription
-- @tparam table delivery `event`, `payload`, `replay`, and `id` where an outcome is to be noted
-- @tparam number wall
-- @treturn table effect
function webhooks.attempt(subscription, delivery, wall)
  local seconds = math.floor(wall)
  return {
    id = delivery.id, url = subscription.url, body = delivery.payload, timeout = TIMEOUT,
    headers = {
      ["Content-Type"] = "application/json; charset=utf-8",
      ["X-Debitura-Signature"] = core.signature.sign(subscription.secret, delivery.payload,
        seconds),
      ["X-Debitura-Timestamp"] = ("%d"):format(seconds),
      ["X-Debitura-Event"] = delivery.event,
      ["X-Debitura-Replay"] = delivery.replay and "true" or nil,
    },
  }
end

function webhooks.jobs.deliver(state, arguments, _, effects, wall)
  local delivery = state.deliveries.by_id[arguments.delivery_id]
  local subscription = delivery and state.subscriptions.by_id[delivery.subscription_id]
  if not subscription then return end
  if subscription.active then
    effects[#effects + 1] = webhooks.attempt(subscription, delivery, wall)
  else
    delivery.status = "dropped"
  end
end

local function disable(subscription, reason, now)
  subscription.active, subscription.disabled_reason, subscription.updated_at = false, reason, now
end

--- Whether the failures of a delivery disable its subscription: eight in a time that passed, not
-- in one that was skipped, in which no receiver could have been repaired.
local function disables(state, delivery, wall)
  return state.settings.webhooks.travel_disables
    or wall - delivery.first_try >= SHORTEST_OF_ALL
end

--- Takes the outcome of an attempt.
-- @tparam table state
-- @tparam string id the effect's
-- @tparam table outcome `{status}` as answered, or `{error}` with a word such as "timeout";
--   `seconds` it took
-- @tparam number now sandbox time
-- @tparam number wall
function webhooks.delivered(state, id, outcome, now, wall)
  local delivery = state.deliveries.by_id[id]
  local subscription = delivery and state.subscriptions.by_id[delivery.subscription_id]
  if not subscription or delivery.status == "delivered" then return end
  local attempts = delivery.attempts
  delivery.first_try = delivery.first_try or wall
  attempts[#attempts + 1] = { at = now, status = outcome.status, error = outcome.error,
    seconds = outcome.seconds }
  if outcome.status and outcome.status >= 200 and outcome.status < 300 then
    delivery.status, delivery.delivered_at = "delivered", now
  elseif outcome.status == 410 then
    delivery.status = "failed"
    disable(subscription, "The endpoint answered 410 Gone.", now)
  elseif #attempts >= #DELAYS then
    delivery.status = "failed"
    if disables(state, delivery, wall) then
      disable(subscription, ("%d delivery attempts failed."):format(#DELAYS), now)
    end
  else
    local chance = 1 + JITTER * (2 * random.number(state.random) - 1)
    local delay = DELAYS[#attempts + 1] * chance
    jobs.add(state.jobs, now + delay, "deliver", { delivery_id = id })
  end
end

--- Where webhooks go that no server of the partner takes: the sandbox acknowledges and keeps them.
-- @tparam table state
-- @treturn string URL
function webhooks.sink(state)
  return state.settings.base_url .. "/_sandbox/sink"
end

-- Subscriptions -----------------------------------------------------------------------------------

-- Where a real endpoint must not live. Loopback is the sandbox's exception: the partner's code runs
-- beside it.
local PRIVATE = { "^10%.", "^192%.168%.", "^169%.254%.", "^172%.1[6-9]%.", "^172%.2%d%.",
  "^172%.3[01]%.", "^0%.", "^%[" }

--- What is wrong with a URL that webhooks shall go to, beyond what its shape says: it must not lead
-- into a private network.
-- @tparam string url
-- @treturn string|nil message; nil where nothing is
function webhooks.url_problem(url)
  local host = url:lower():match("^https://(%b[])") or url:lower():match("^https://([^/:?#]*)")
  for _, pattern in ipairs(host and host ~= "[::1]" and PRIVATE or {}) do
    if host:find(pattern) then return "The Url must not point to a private address." end
  end
end

--- Adds a subscription.
-- @tparam table state
-- @tparam table values `owner` ("partner" or a creditor's id), `url`, `events`, `test`
-- @tparam number now
-- @treturn table the subscription with its `secret`
function webhooks.subscribe(state, values, now)
  return records.add(state.subscriptions, {
    id = random.uuid(state.random), owner = values.owner, url = values.url, events = values.events,
    test = values.test or false, active = true, secret = webhooks.new_secret(state),
    created_at = now, updated_at = now,
  })
end

--- @tparam table state
-- @treturn string Base64
function webhooks.new_secret(state)
  return encoding.base64(random.bytes(state.random, SECRET_BYTES))
end

return webhooks
