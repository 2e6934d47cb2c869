--- The Customer API's log of webhook deliveries, replays, and trial deliveries.
-- @module debitura.sandbox.customer_api.events

local complete = require("debitura.sandbox.api.complete")
local core = require("debitura.core")
local random = require("debitura.sandbox.model.random")
local reply = require("debitura.sandbox.api.reply")
local subscriptions = require("debitura.sandbox.api.subscriptions")
local time = require("debitura.base.time")
local webhooks = require("debitura.sandbox.model.webhooks")

local handle = {}
local with_own = subscriptions.with_own

local function view(delivery)
  local last = delivery.attempts[#delivery.attempts] or {}
  return {
    id = delivery.id, subscriptionId = delivery.subscription_id, caseId = delivery.case_id,
    eventType = delivery.event, payload = delivery.payload,
    createdAt = delivery.created_at, deliveredAt = delivery.delivered_at,
    attemptCount = #delivery.attempts, lastResponseCode = last.status,
    lastError = delivery.status ~= "delivered"
      and (last.error or (last.status and "HTTP " .. last.status)) or nil,
  }
end

handle["webhooks.events"] = function(call)
  local since, case_id, views = time.parse(call.query.since) or 0, call.query.caseid:lower(), {}
  local deliveries = call.state.deliveries
  for index = #deliveries.ids, 1, -1 do
    local delivery = deliveries.by_id[deliveries.ids[index]]
    -- Times are shown in whole seconds, so that is how they are compared.
    if delivery.case_id == case_id and math.floor(delivery.created_at) >= since
      and subscriptions.own(call, delivery.subscription_id) then
      views[#views + 1] = view(delivery)
    end
  end
  return views
end

handle["webhooks.replay"] = function(call)
  local delivery = call.state.deliveries.by_id[call.params.id]
  if not delivery or not subscriptions.own(call, delivery.subscription_id) then
    return reply.empty(404)
  end
  local again = webhooks.replay(call.state, delivery, call.now)
  return { eventId = again.id, subscriptionId = again.subscription_id,
    eventType = again.event }
end

--- Deprecated, and redelivers nothing: it counts the cases created since a time.
handle["webhooks.replay_since"] = with_own(function(call)
  local since, count = time.parse(call.body.sinceUtc), 0
  for _, id in ipairs(call.creditor.case_ids) do
    if math.floor(call.state.cases.by_id[id].created_at) >= since then count = count + 1 end
  end
  return { eventsReplayed = count }
end)

local CATEGORIES = { timeout = "TimeoutError", transport = "NetworkError", tls = "SslError" }

--- Sends a synthetic case.created at once and tells what the receiver made of it.
handle["webhooks.test"] = with_own(function(call, subscription)
  local state = call.state
  local body = {
    id = "evt_" .. random.uuid(state.random):gsub("-", ""), event = "case.created",
    timestamp = time.format(call.now),
    data = {
      caseId = random.uuid(state.random), reference = random.reference(state.random),
      creditorReference = "TEST-1", status = "Active", amount = 1000, currency = "EUR",
      debtorName = "Sample Debtor", classification = "test",
    },
  }
  local function finish(outcome)
    local success = outcome.status ~= nil and outcome.status >= 200 and outcome.status < 300
    local problem = not success and (outcome.status and "HTTP " .. outcome.status or outcome.error)
    return complete.response(call.row, reply.json(200, {
      success = success, httpStatusCode = outcome.status, testPayload = body,
      durationMs = math.floor((outcome.seconds or 0) * 1000 + 0.5), errorMessage = problem or nil,
      errorCategory = problem and (outcome.status and "HttpError" or CATEGORIES[outcome.error]
        or "UnknownError") or nil,
    }))
  end
  local delivery = { event = "case.created", payload = core.json.encode(body) }
  return { await = webhooks.attempt(subscription, delivery, call.wall), finish = finish }
end)

return { operations = handle }
