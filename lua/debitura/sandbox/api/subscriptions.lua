--- Webhook subscriptions as the two APIs manage them.
-- @module debitura.sandbox.api.subscriptions

local core = require("debitura.core")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local validate = require("debitura.sandbox.api.validate")
local webhooks = require("debitura.sandbox.model.webhooks")

local subscriptions = { partner = {}, customer = {} }

local function given(value)
  if value == core.null then return nil end
  return value
end

local function owner(call)
  return call.creditor and call.creditor.id or "partner"
end

local function own(call)
  local subscription = call.state.subscriptions.by_id[call.params.id]
  if subscription and subscription.owner == owner(call) then return subscription end
end

local function create(status)
  return function(call)
    local body = call.body
    local problem = webhooks.url_problem(body.url)
    if problem then return validate.refuse(call.row, { url = { problem } }) end
    local values = { owner = owner(call), url = body.url, events = body.events, test = body.isTestMode == true }
    return reply.json(status, webhooks.view(webhooks.subscribe(call.state, values, call.now), true))
  end
end

local function list(call)
  local views = {}
  for _, subscription in ipairs(records.select(call.state.subscriptions)) do
    if subscription.owner == owner(call) then views[#views + 1] = webhooks.view(subscription) end
  end
  return reply.array(views)
end

local function read(call)
  local subscription = own(call)
  if not subscription then return reply.not_found("The webhook subscription") end
  return reply.json(200, webhooks.view(subscription))
end

local function update(call)
  local subscription, body = own(call), call.body
  if not subscription then return reply.not_found("The webhook subscription") end
  local url = given(body.url)
  local problem = url and webhooks.url_problem(url)
  if problem then return validate.refuse(call.row, { url = { problem } }) end
  subscription.url = url or subscription.url
  subscription.events = given(body.events) or subscription.events
  if given(body.isTestMode) ~= nil then subscription.test = body.isTestMode end
  if given(body.isActive) ~= nil then
    subscription.active = body.isActive
    if body.isActive then subscription.disabled_reason = nil end
  end
  if body.regenerateSecret == true then subscription.secret = webhooks.new_secret(call.state) end
  subscription.updated_at = call.now
  return reply.json(200, webhooks.view(subscription, body.regenerateSecret == true))
end

local function delete(call)
  local subscription = own(call)
  if not subscription then return reply.not_found("The webhook subscription") end
  records.remove(call.state.subscriptions, subscription.id)
  return reply.empty(204)
end

for api, status in pairs { partner = 200, customer = 201 } do
  local handle = subscriptions[api]
  handle["webhooks.create"], handle["webhooks.list"], handle["webhooks.get"] = create(status), list, read
  handle["webhooks.update"], handle["webhooks.delete"] = update, delete
end

return subscriptions
