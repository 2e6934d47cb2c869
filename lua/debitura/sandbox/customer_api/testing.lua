--- What the Customer API offers in the test environment only: moving and deleting test cases,
-- firing events.
-- @module debitura.sandbox.customer_api.testing

local cases = require("debitura.sandbox.model.cases")
local events = require("debitura.sandbox.model.events")
local payments = require("debitura.sandbox.model.payments")
local reply = require("debitura.sandbox.api.reply")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local handle = {}

local TARGETS = { ["Active"] = true, ["Closed:Paid"] = true, ["Closed:NoPayment"] = true }
local CLOSED_STATES = { Paid = "Closed:Paid", PreLegalExhaustedNoPayment = "Closed:NoPayment" }
local ADVANCEABLE = {
  ["Pending Verification Internal"] = true, ["Pending Verification"] = true, ["Active"] = true,
}

local function state_of(case)
  if case.lifecycle ~= "Closed" then return case.lifecycle end
  return CLOSED_STATES[case.close_code] or "Closed"
end

--- POST /test/cases/{id}/advance. From lifecycles that the documents do not name there is no way
-- on: 400.
handle["test.advance"] = with_case(function(call, case)
  local state, target, now = call.state, call.body.to, call.now
  if not case.test or not TARGETS[target] then return reply.empty(400) end
  local here = state_of(case)
  if here == target or (target == "Active" and case.lifecycle == "Closed") then
    return { advanced = false, state = here }
  end
  if not ADVANCEABLE[case.lifecycle] then return reply.empty(400) end
  if target == "Active" then
    cases.move(state, case, "Active", now)
  else
    -- One case.updated is documented for the way to Closed, so the way through Active is silent.
    cases.start(case, now)
    local paid = target == "Closed:Paid"
    if paid then payments.book(state, case, call.body.amount, now) end
    cases.close(state, case, paid and "Paid" or "PreLegalExhaustedNoPayment", now)
  end
  return { advanced = true, state = target }
end, true)

handle["test.delete"] = with_case(function(call, case)
  if not case.test then return reply.empty(400) end
  cases.delete(call.state, call.creditor, function(other) return other == case end)
  return reply.empty(204)
end, true)

handle["test.delete_all"] = function(call)
  local tag = call.query.tag
  if not tag:find("%S") then return reply.empty(400) end
  for _, id in ipairs(call.creditor.case_ids) do
    local case = call.state.cases.by_id[id]
    if case.tag == tag and not case.test then return reply.empty(400) end
  end
  cases.delete(call.state, call.creditor, function(case) return case.tag == tag end)
  return reply.empty(204)
end

handle["test.fire_webhook"] = function(call)
  local state, body, creditor = call.state, call.body, call.creditor
  local case = state.cases.by_id[body.caseId:lower()]
  if not case or case.creditor_id ~= creditor.id then return reply.empty(404) end
  local tell = events.of_cases[body.event]
  if not case.test or not tell then return reply.empty(400) end
  local only = { owner = creditor.id, subscription_id = body.subscriptionId }
  if only.subscription_id then
    local subscription = state.subscriptions.by_id[only.subscription_id:lower()]
    if not subscription or subscription.owner ~= creditor.id or not subscription.test then
      return reply.empty(400)
    end
    only.subscription_id = subscription.id
  end
  local data = tell(state, case)
  if not data then return reply.empty(422) end
  local count = cases.tell(state, case, body.event, data, call.now, only)
  return { eventType = body.event, caseId = case.id, enqueuedCount = count }
end

return { operations = handle }
