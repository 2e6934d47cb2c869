--- Payments of debtors, and what the partner earns by them.
-- @module debitura.sandbox.model.payments

local cases = require("debitura.sandbox.model.cases")
local coverage = require("debitura.sandbox.model.coverage")
local money = require("debitura.sandbox.model.money")
local random = require("debitura.sandbox.model.random")
local records = require("debitura.sandbox.model.records")
local time = require("debitura.base.time")

local payments = {}

local function data(payment)
  return {
    paymentId = payment.id, paymentAmount = payment.amount, paymentDate = time.format(payment.at),
  }
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
  cases.extend(case, "Payment", now)
  local text = ("%.2f %s"):format(amount, case.currency)
  cases.note(case, now, "PaymentReceived", "Payment received", text)
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

--- What an event says of the newest payment of a case.
-- @tparam table state
-- @tparam table case
-- @tparam boolean deleted among those taken back
-- @treturn table|nil
function payments.newest(state, case, deleted)
  local newest
  for _, id in ipairs(state.payments.ids) do
    local payment = state.payments.by_id[id]
    if payment.case_id == case.id and (payment.deleted_at ~= nil) == deleted then
      newest = payment
    end
  end
  return newest and data(newest)
end

--- What a payment earns, in its own currency.
-- @tparam table case
-- @tparam table payment
-- @tparam number fee_percentage the link's
-- @treturn number Debitura's part
-- @treturn number the partner's part
function payments.earnings(case, payment, fee_percentage)
  local fee = coverage.partners[case.partner_id].fee
  local platform = payment.amount * fee / 100 * money.PLATFORM_SHARE / 100
  return platform, platform * fee_percentage / 100
end

return payments
