--- Payments, as a client reads them.
-- @module debitura.sandbox.customer_api.payments

local cases = require("debitura.sandbox.model.cases")
local lists = require("debitura.sandbox.api.lists")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local handle = {}

local function view(state, payment)
  local case = state.cases.by_id[payment.case_id]
  return {
    id = payment.id, dateCreated = payment.created_at, date = payment.at,
    grossAmount = payment.amount, recipient = "Collection partner",
    method = "Bank transfer", currency = case.currency,
    invoice = {
      status = cases.remainder(case) == 0 and "Paid" or "Partially paid",
      reference = case.reference, invoiceId = case.id,
    },
  }
end

local function of(state, keep)
  return records.select(state.payments, function(payment)
    return not payment.deleted_at and keep(payment)
  end)
end

handle["cases.payments"] = with_case(function(call, case)
  local found = of(call.state, function(one) return one.case_id == case.id end)
  return lists.map(found, function(one) return view(call.state, one) end)
end)

local function is_own(call, payment)
  return call.state.cases.by_id[payment.case_id].creditor_id == call.creditor.id
end

handle["payments.list"] = function(call)
  local found = of(call.state, function(payment) return is_own(call, payment) end)
  local page, views = lists.page(call.query, found, 10, function(payment)
    return view(call.state, payment)
  end)
  return { page = page, payments = views }
end

handle["payments.get"] = function(call)
  local payment = call.state.payments.by_id[call.params.id]
  if not payment or payment.deleted_at or not is_own(call, payment) then
    return reply.not_found("The payment")
  end
  return view(call.state, payment)
end

return { operations = handle }
