--- Payments of debtors, and what the partner earns by them.
-- @module debitura.sandbox.customer_api.payments

local cases = require("debitura.sandbox.model.cases")
local case_views = require("debitura.sandbox.api.views")
local clock = require("debitura.sandbox.model.clock")
local core = require("debitura.core")
local coverage = require("debitura.sandbox.model.coverage")
local exclusive = require("debitura.sandbox.model.exclusive")
local lists = require("debitura.sandbox.api.lists")
local money = require("debitura.sandbox.model.money")
local random = require("debitura.sandbox.model.random")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local payments = { customer = {} }
local handle = payments.customer

local function data(payment)
  return { paymentId = payment.id, paymentAmount = payment.amount, paymentDate = clock.iso(payment.at) }
end

--- Books a payment and tells it.
-- @tparam table state
-- @tparam table case
-- @tparam number amount in the case's currency
-- @tparam number now
-- @treturn table the payment
function payments.book(state, case, amount, now)
  local payment = records.add(state.payments, {
    id = random.uuid(state.random), case_id = case.id, amount = amount, at = now, created_at = now,
    commission_status = 0, platform_status = 0, referral_status = 0,
  })
  case.paid = case.paid + amount
  case.updated_at = now
  exclusive.extend(case, "Payment", now)
  cases.note(case, now, "PaymentReceived", "Payment received", ("%.2f %s"):format(amount, case.currency))
  cases.tell(state, case, "payment.created", data(payment), now)
  return payment
end

--- Takes a payment back; what it was is kept for events about it.
-- @tparam table state
-- @tparam table payment
-- @tparam number now
function payments.delete(state, payment, now)
  local case = state.cases.by_id[payment.case_id]
  payment.deleted_at = now
  case.paid = case.paid - payment.amount
  cases.tell(state, case, "payment.deleted", data(payment), now)
end

--- The newest payment of a case.
-- @tparam table state
-- @tparam table case
-- @tparam boolean deleted among those taken back
-- @treturn table|nil
-- @treturn table|nil what an event says of it
function payments.newest(state, case, deleted)
  local newest
  for _, id in ipairs(state.payments.ids) do
    local payment = state.payments.by_id[id]
    if payment.case_id == case.id and (payment.deleted_at ~= nil) == deleted then newest = payment end
  end
  return newest, newest and data(newest)
end

--- What a payment earns whom, in its own currency.
-- @tparam table case
-- @tparam table payment
-- @tparam number fee_percentage the link's
-- @treturn number Debitura's part
-- @treturn number the partner's part
function payments.earnings(case, payment, fee_percentage)
  local platform = payment.amount * coverage.partners[case.partner_id].fee / 100 * money.PLATFORM_SHARE / 100
  return platform, platform * fee_percentage / 100
end

local function view(state, payment)
  local case = state.cases.by_id[payment.case_id]
  return {
    id = payment.id, dateCreated = clock.iso(payment.created_at), dateUpdated = core.null, date = clock.iso(payment.at),
    grossAmount = payment.amount, recipient = "Collection partner", method = "Bank transfer", currency = case.currency,
    invoice = { status = case_views.remainder(case) == 0 and "Paid" or "Partially paid", reference = case.reference, invoiceId = case.id },
  }
end

local function of(state, keep)
  return records.select(state.payments, function(payment) return not payment.deleted_at and keep(payment) end)
end

handle["cases.payments"] = with_case(function(call, case)
  local views = {}
  for index, payment in ipairs(of(call.state, function(one) return one.case_id == case.id end)) do
    views[index] = view(call.state, payment)
  end
  return reply.array(views)
end)

local function is_own(call, payment)
  return call.state.cases.by_id[payment.case_id].creditor_id == call.creditor.id
end

handle["payments.list"] = function(call)
  local found = of(call.state, function(payment) return is_own(call, payment) end)
  local page, views = lists.page(call.query, found, 10, function(payment) return view(call.state, payment) end)
  return reply.json(200, { page = page, payments = views })
end

handle["payments.get"] = function(call)
  local payment = call.state.payments.by_id[call.params.id]
  if not payment or payment.deleted_at or not is_own(call, payment) then return reply.not_found("The payment") end
  return reply.json(200, view(call.state, payment))
end

return payments
