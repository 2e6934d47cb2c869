--- What the two APIs offer in the test environment only: resetting clients, moving test cases, firing events.
-- @module debitura.sandbox.customer_api.testing

local core = require("debitura.core")
local accounts = require("debitura.sandbox.model.accounts")
local cases = require("debitura.sandbox.model.cases")
local chats = require("debitura.sandbox.customer_api.chats")
local clock = require("debitura.sandbox.model.clock")
local links = require("debitura.sandbox.model.links")
local payments = require("debitura.sandbox.customer_api.payments")
local quotes = require("debitura.sandbox.customer_api.quotes")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local webhooks = require("debitura.sandbox.model.webhooks")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local null = core.null

local testing = { partner = {}, customer = {} }

local function given(value)
  if value == null then return nil end
  return value
end

-- Clients ----------------------------------------------------------------------------------------------------------

--- What keeps a client from being deleted: cases that are past pending and open, requests that have quotes.
local function blockers(state, creditor)
  local found = {}
  for _, id in ipairs(creditor.case_ids) do
    local case = state.cases.by_id[id]
    if case.lifecycle == "Active" or case.lifecycle == "Paused" or case.lifecycle == "More Info Required" then
      found[#found + 1] = ("Case %s is %s."):format(case.reference, case.lifecycle)
    end
    local lead = quotes.open_request(case)
    if lead and #lead.quotes > 0 then found[#found + 1] = ("Case %s has active quotes."):format(case.reference) end
  end
  return found
end

local function with_link(serve)
  return function(call)
    local link = links.of_tenant(call.state, call.params.externalTenantId)
    if not link then return reply.not_found("The client") end
    return serve(call, link, call.state.creditors.by_id[link.creditor_id])
  end
end

testing.partner["clients.is_deletable"] = with_link(function(call, _, creditor)
  local found = blockers(call.state, creditor)
  return reply.json(200, { isDeletable = #found == 0, blockers = core.json.array(found) })
end)

--- The service declares no answer for a client that is not deletable; the sandbox refuses with 403.
testing.partner["clients.delete"] = with_link(function(call, _, creditor)
  local found = blockers(call.state, creditor)
  if #found > 0 then return reply.failure(403, "NotDeletable", table.concat(found, " ")) end
  testing.delete_cases(call.state, creditor, function() return true end)
  links.forget(call.state, creditor, call.now)
  accounts.close(call.state, creditor)
  records.remove(call.state.creditors, creditor.id)
  return reply.empty(204)
end)

-- Test cases -------------------------------------------------------------------------------------------------------

local function remove_where(list, keep_out)
  for _, record in ipairs(records.select(list, keep_out)) do records.remove(list, record.id) end
end

--- Deletes cases and all that belongs to them.
-- @tparam table state
-- @tparam table creditor
-- @tparam function chosen tells of a case whether it goes
function testing.delete_cases(state, creditor, chosen)
  local kept = {}
  for _, id in ipairs(creditor.case_ids) do
    local case = state.cases.by_id[id]
    if chosen(case) then
      local function belongs(record) return record.case_id == id end
      for _, list in ipairs { state.payments, state.files, state.deliveries } do remove_where(list, belongs) end
      if case.creditor_reference then creditor.references[case.creditor_reference] = nil end
      records.remove(state.cases, id)
    else
      kept[#kept + 1] = id
    end
  end
  creditor.case_ids = kept
end

local CLOSED_STATES = { Paid = "Closed:Paid", PreLegalExhaustedNoPayment = "Closed:NoPayment" }

local function state_of(case)
  if case.lifecycle ~= "Closed" then return case.lifecycle == "Active" and "Active" or case.lifecycle end
  return CLOSED_STATES[case.close_code] or "Closed"
end

local ADVANCEABLE = { ["Pending Verification Internal"] = true, ["Pending Verification"] = true, ["Active"] = true }

--- POST /test/cases/{id}/advance. From lifecycles that the documents do not name there is no way on: 400.
testing.customer["test.advance"] = with_case(function(call, case)
  local state, target, now = call.state, call.body.to, call.now
  if not case.test or (target ~= "Active" and target ~= "Closed:Paid" and target ~= "Closed:NoPayment") then return reply.empty(400) end
  local here = state_of(case)
  if here == target or (target == "Active" and case.lifecycle == "Closed") then
    return reply.json(200, { advanced = false, state = here })
  end
  if not ADVANCEABLE[case.lifecycle] then return reply.empty(400) end
  if target == "Active" then
    cases.move(state, case, "Active", now)
  else
    -- One case.updated is documented for the way to Closed, so the way through Active is silent.
    cases.start(case, now)
    if target == "Closed:Paid" then payments.book(state, case, call.body.amount, now) end
    cases.close(state, case, target == "Closed:Paid" and "Paid" or "PreLegalExhaustedNoPayment", now)
  end
  return reply.json(200, { advanced = true, state = target })
end, true)

testing.customer["test.delete"] = with_case(function(call, case)
  if not case.test then return reply.empty(400) end
  testing.delete_cases(call.state, call.creditor, function(other) return other == case end)
  return reply.empty(204)
end, true)

testing.customer["test.delete_all"] = function(call)
  local tag = call.query.tag
  if not tag:find("%S") then return reply.empty(400) end
  for _, id in ipairs(call.creditor.case_ids) do
    local case = call.state.cases.by_id[id]
    if case.tag == tag and not case.test then return reply.empty(400) end
  end
  testing.delete_cases(call.state, call.creditor, function(case) return case.tag == tag end)
  return reply.empty(204)
end

-- Events on demand -------------------------------------------------------------------------------------------------

--- What an event says beside the case, from its present state; nil where there is nothing to tell.
local CASE_EVENTS = {
  ["case.created"] = function() return {} end,
  ["case.updated"] = function(_, case) return { oldLifecycle = case.lifecycle, newLifecycle = case.lifecycle } end,
  ["case.closed"] = function(_, case) return { closeCode = case.close_code, closeComment = case.close_comment } end,
  ["payment.created"] = function(state, case) return select(2, payments.newest(state, case, false)) end,
  ["payment.deleted"] = function(state, case) return select(2, payments.newest(state, case, true)) end,
  ["chat.created"] = function(_, case) return chats.newest(case) end,
}

testing.customer["test.fire_webhook"] = function(call)
  local state, body = call.state, call.body
  local case = state.cases.by_id[body.caseId:lower()]
  if not case or case.creditor_id ~= call.creditor.id then return reply.empty(404) end
  local tell = CASE_EVENTS[body.event]
  if not case.test or not tell then return reply.empty(400) end
  local subscription_id = given(body.subscriptionId)
  if subscription_id then
    local subscription = state.subscriptions.by_id[subscription_id:lower()]
    if not subscription or subscription.owner ~= call.creditor.id or not subscription.test then return reply.empty(400) end
    subscription_id = subscription.id
  end
  local data = tell(state, case)
  if not data then return reply.empty(422) end
  local count = cases.tell(state, case, body.event, data, call.now,
    { owner = call.creditor.id, subscription_id = subscription_id })
  return reply.json(200, { eventType = body.event, caseId = case.id, enqueuedCount = count })
end

local CLIENT_EVENTS = {
  ["client.linked"] = true, ["client.link_declined"] = true, ["client.link_requested"] = true, ["client.link_expired"] = true,
  ["client.onboarding.poa_signed"] = true, ["client.onboarding.contract_signed"] = true,
}

local function trigger_client_event(call, event)
  local state = call.state
  local link = links.of_tenant(state, call.body.externalTenantId)
  if not link then return reply.not_found("The link") end
  local data = event:find("_signed$") and { signedAt = clock.iso(call.now) } or {}
  local attributed = link.attributed
  if event == "client.link_declined" then attributed = nil end
  local count = webhooks.emit(state, event,
    { tenant = link.tenant, creditor = state.creditors.by_id[link.creditor_id], attributed = attributed, data = data }, call.now)
  return reply.json(200, { eventType = event, enqueuedCount = count, message = "Queued." })
end

local function trigger_case_event(call, event)
  local state, body = call.state, call.body
  local case = state.cases.by_id[body.caseId:lower()]
  if not case or not state.link_of_creditor[case.creditor_id] then return reply.not_found("The case") end
  local data = CASE_EVENTS[event](state, case)
  if event == "case.updated" then
    data.oldLifecycle, data.newLifecycle = given(body.oldLifecycle) or case.lifecycle, given(body.newLifecycle) or "Closed"
  elseif event == "case.closed" then
    data.closeCode, data.closeComment = given(body.closeCode) or "Paid", given(body.closeComment)
  end
  local count = cases.tell(state, case, event, data, call.now, { owner = "partner" })
  return reply.json(200, { eventType = event, enqueuedCount = count, message = "Queued." })
end

testing.partner["webhooks.test"] = function(call)
  local event = call.body.eventType
  if CLIENT_EVENTS[event] then return trigger_client_event(call, event) end
  return trigger_case_event(call, event)
end

return testing
