--- Webhook subscriptions as the two APIs manage them: alike but for their owner and one status.
-- @module debitura.sandbox.api.subscriptions

local lists = require("debitura.sandbox.api.lists")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local validate = require("debitura.sandbox.api.validate")
local webhooks = require("debitura.sandbox.model.webhooks")

local subscriptions = { operations = {} }
local handle = subscriptions.operations

--- WebhookDto; the secret is shown on creation and rotation only.
local function view(subscription, reveal)
  return {
    id = subscription.id, url = subscription.url, events = subscription.events,
    isActive = subscription.active, createdUtc = subscription.created_at,
    updatedUtc = subscription.updated_at, disabledReason = subscription.disabled_reason,
    secret = reveal and subscription.secret or nil, isTestMode = subscription.test,
  }
end

local function owner(call)
  return call.creditor and call.creditor.id or "partner"
end

--- A subscription of who calls; another's does not exist.
-- @tparam table call
-- @tparam ?string id
-- @treturn ?table
function subscriptions.own(call, id)
  local subscription = call.state.subscriptions.by_id[id or ""]
  return subscription and subscription.owner == owner(call) and subscription or nil
end

--- Makes a handler that is given the subscription of the path.
-- @tparam function serve called with call and subscription
-- @treturn function
function subscriptions.with_own(serve)
  return function(call)
    local subscription = subscriptions.own(call, call.params.id)
    return subscription and serve(call, subscription)
      or reply.not_found("The webhook subscription")
  end
end

local with_own = subscriptions.with_own

handle["webhooks.list"] = function(call)
  return lists.map(records.select(call.state.subscriptions, function(one)
    return one.owner == owner(call)
  end), view)
end

handle["webhooks.get"] = with_own(function(_, subscription)
  return view(subscription)
end)

handle["webhooks.update"] = with_own(function(call, subscription)
  local body = call.body
  local url = body.url
  local problem = url and webhooks.url_problem(url)
  if problem then return validate.refuse(call.row, { url = { problem } }) end
  subscription.url = url or subscription.url
  subscription.events = body.events or subscription.events
  if body.isTestMode ~= nil then subscription.test = body.isTestMode end
  if body.isActive ~= nil then
    subscription.active = body.isActive
    if body.isActive then subscription.disabled_reason = nil end
  end
  local rotate = body.regenerateSecret == true
  if rotate then subscription.secret = webhooks.new_secret(call.state) end
  subscription.updated_at = call.now
  return view(subscription, rotate)
end)

handle["webhooks.delete"] = with_own(function(call, subscription)
  records.remove(call.state.subscriptions, subscription.id)
  return reply.empty(204)
end)

handle["webhooks.create"] = function(call)
  local body = call.body
  local problem = webhooks.url_problem(body.url)
  if problem then return validate.refuse(call.row, { url = { problem } }) end
  local subscription = webhooks.subscribe(call.state, {
    owner = owner(call), url = body.url, events = body.events, test = body.isTestMode == true,
  }, call.now)
  return reply.json(call.row.success[201] and 201 or 200, view(subscription, true))
end

return subscriptions
