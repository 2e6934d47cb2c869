--- Webhook subscriptions as the two APIs manage them: alike but for their owner and one status.
-- @module debitura.sandbox.api.subscriptions

local null = require("debitura.base.null")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local validate = require("debitura.sandbox.api.validate")
local webhooks = require("debitura.sandbox.model.webhooks")

local subscriptions = {}

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

local function own(call)
  local subscription = call.state.subscriptions.by_id[call.params.id]
  if subscription and subscription.owner == owner(call) then return subscription end
end

local handle = {}

handle["webhooks.list"] = function(call)
  local views = {}
  for _, subscription in ipairs(records.select(call.state.subscriptions)) do
    if subscription.owner == owner(call) then views[#views + 1] = view(subscription) end
  end
  return reply.json(200, views)
end

handle["webhooks.get"] = function(call)
  local subscription = own(call)
  if not subscription then return reply.not_found("The webhook subscription") end
  return reply.json(200, view(subscription))
end

handle["webhooks.update"] = function(call)
  local subscription, body = own(call), call.body
  if not subscription then return reply.not_found("The webhook subscription") end
  local url = null.given(body.url)
  local problem = url and webhooks.url_problem(url)
  if problem then return validate.refuse(call.row, { url = { problem } }) end
  subscription.url = url or subscription.url
  subscription.events = null.given(body.events) or subscription.events
  if null.given(body.isTestMode) ~= nil then subscription.test = body.isTestMode end
  if null.given(body.isActive) ~= nil then
    subscription.active = body.isActive
    if body.isActive then subscription.disabled_reason = nil end
  end
  local rotate = body.regenerateSecret == true
  if rotate then subscription.secret = webhooks.new_secret(call.state) end
  subscription.updated_at = call.now
  return reply.json(200, view(subscription, rotate))
end

handle["webhooks.delete"] = function(call)
  local subscription = own(call)
  if not subscription then return reply.not_found("The webhook subscription") end
  records.remove(call.state.subscriptions, subscription.id)
  return reply.empty(204)
end

--- The handlers of one API.
-- @tparam number created status of the answer to a new subscription
-- @treturn table by operation
function subscriptions.operations(created)
  local all = {}
  for name, serve in pairs(handle) do all[name] = serve end
  all["webhooks.create"] = function(call)
    local body = call.body
    local problem = webhooks.url_problem(body.url)
    if problem then return validate.refuse(call.row, { url = { problem } }) end
    local subscription = webhooks.subscribe(call.state, {
      owner = owner(call), url = body.url, events = body.events, test = body.isTestMode == true,
    }, call.now)
    return reply.json(created, view(subscription, true))
  end
  return all
end

return subscriptions
