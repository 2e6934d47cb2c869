--- What the partner has earned: GET /reporting/transactions. Every payment on a case that earns is
-- a transaction.
-- @module debitura.sandbox.partner_api.reporting

local coverage = require("debitura.sandbox.model.coverage")
local lists = require("debitura.sandbox.api.lists")
local money = require("debitura.sandbox.model.money")
local payments = require("debitura.sandbox.model.payments")

local reporting = { operations = {} }

local COMMISSION = { [0] = "Unpaid", "Paid", "Credited" }
local PLATFORM = { [0] = "NotInvoiced", "InvoiceIssued", "PaymentReceived", "InvoiceCredited" }
local REFERRAL = { [0] = "Pending", "Invoiced", "Paid", "Disputed" }
local PAYMENT_RECEIVED, COMMISSION_PAID = 2, 1

-- One stage for each transaction, by number and by the names of its two fields in the summary.
local STAGES = {
  [0] = "pending", "confirmedPendingInvoice", "awaitingCollectionPartnerPayment",
  "readyToInvoiceDebitura", "awaitingDebituraPayment", "paid", "disputed",
}

--- Which stage a payment is in; what was credited counts as speculative.
local function stage(payment)
  local by_referral = { [1] = 4, [2] = 5, [3] = 6 }
  if by_referral[payment.referral_status] then return by_referral[payment.referral_status] end
  if payment.platform_status == PAYMENT_RECEIVED then return 3 end
  if payment.platform_status == 1 then return 2 end
  return payment.commission_status == COMMISSION_PAID and 1 or 0
end

--- Transactions of one client, or of all. A client that is not attributed earns by the cases that
-- came through the partner.
local function collect(state)
  local rows = {}
  for _, id in ipairs(state.payments.ids) do
    local payment = state.payments.by_id[id]
    local case = state.cases.by_id[payment.case_id]
    local link = state.links.by_id[state.link_of_creditor[case.creditor_id] or ""]
    if link and not payment.deleted_at and (link.attributed or case.via_partner) then
      local platform, referral = payments.earnings(case, payment, link.fee_percentage)
      rows[#rows + 1] = {
        payment = payment, case = case, link = link,
        creditor = state.creditors.by_id[case.creditor_id], stage = stage(payment),
        platform = platform, referral = referral,
        platform_usd = money.to_usd(platform, case.currency),
        referral_usd = money.to_usd(referral, case.currency),
        recognized = payment.platform_status == PAYMENT_RECEIVED,
      }
    end
  end
  return rows
end

--- What the partner has earned by one client, in US dollars.
-- @tparam table state
-- @tparam table link
-- @treturn number
function reporting.earned(state, link)
  local sum = 0
  for _, row in ipairs(collect(state)) do
    if row.link == link then sum = sum + row.referral_usd end
  end
  return money.cents(sum)
end

local function view(row)
  local payment, case, cents = row.payment, row.case, money.cents
  return {
    transactionId = payment.id, date = payment.at,
    client = { externalTenantId = row.link.tenant, creditorId = row.creditor.id,
      companyName = row.creditor.company_name },
    case = {
      invoiceId = case.id, caseReference = case.reference, debtorName = case.debtor.name,
      originalAmount = case.amount,
      currency = case.currency,
    },
    payment = { amount = payment.amount, currency = case.currency, paymentDate = payment.at },
    earnings = {
      currency = case.currency, debituraRevenue = cents(row.platform),
      debituraRevenueUsd = cents(row.platform_usd), referralFeePercentage = row.link.fee_percentage,
      referralFeeAmount = cents(row.referral), referralFeeAmountUsd = cents(row.referral_usd),
      isEstimate = payment.commission_status ~= COMMISSION_PAID,
    },
    recognition = { isRecognized = row.recognized, referralFeeRecognizedUsd = row.recognized
      and cents(row.referral_usd) or 0 },
    status = {
      commissionPaymentStatus = COMMISSION[payment.commission_status],
      platformInvoicingStatus = PLATFORM[payment.platform_status],
      referralInvoicingStatus = REFERRAL[payment.referral_status],
    },
  }
end

--- All seven buckets, whatever the stages asked for.
local function summary(rows)
  local revenue, total = {}, 0
  for number = 0, #STAGES do
    revenue[STAGES[number] .. "ReferralFeeUsd"], revenue[STAGES[number] .. "Count"] = 0, 0
  end
  for _, row in ipairs(rows) do
    local fee, count = STAGES[row.stage] .. "ReferralFeeUsd", STAGES[row.stage] .. "Count"
    revenue[fee], revenue[count] = money.cents(revenue[fee] + row.referral_usd), revenue[count] + 1
    total = total + row.platform_usd
  end
  return { revenue = revenue, totalDebituraRevenueUsd = money.cents(total) }
end

local FILTERS = {
  fromdate = { "from", "payment.at" }, todate = { "to", "payment.at" },
  externaltenantid = { "is", "link.tenant" }, hasrecognizedrevenue = { "is", "recognized" },
  commissionpaymentstatuses = { "one_of", "payment.commission_status" },
  platforminvoicingstatuses = { "one_of", "payment.platform_status" },
  referralinvoicingstatuses = { "one_of", "payment.referral_status" },
  countryids = { "one_of", function(row)
    return coverage.jurisdictions[row.case.jurisdiction_id].country_id
  end },
  collectionpartnerids = { "one_of", "case.partner_id" },
  search = { "holds", "case.reference", "creditor.company_name" },
}
local STAGE_FILTER = { revenuestages = { "one_of", "stage" } }

local SORTS = { collectiondate = "payment.at", amount = "payment.amount" }

reporting.operations["reporting.transactions"] = function(call)
  local query = call.query
  if query.search and #query.search < 2 then query.search = nil end
  local found = lists.filter(collect(call.state), query, FILTERS)
  local narrowed = lists.filter(found, query, STAGE_FILTER)
  lists.sort(narrowed, query.sort or "collectionDate:desc", SORTS)
  local page, views = lists.page(query, narrowed, 10, view)
  return { data = views, page = page, summary = summary(found) }
end

return reporting
