--- The shapes of the Referral Partner API's reporting and of its filter options.
--
-- Source: the Referral Partner API's OpenAPI document, v1. Only fields that end in `Usd` are
-- dollars; the other amounts are in the row's own currency, whatever the prose says.
-- @module debitura.operations.shapes.partner_reporting

return {
  TransactionsResponse = [[
    data  [TransactionItem]?
    page  PageData
    summary  TransactionsSummary  -- all stages, whatever RevenueStages narrowed data to
  ]],
  TransactionItem = [[
    transactionId  uuid
    date  date-time
    client  ClientInfo
    case  CaseInfo
    payment  PaymentInfo
    earnings  EarningsInfo
    recognition  RecognitionInfo
    status  StatusInfo
  ]],
  ClientInfo = [[
    externalTenantId  string?
    creditorId  uuid
    companyName  string?
  ]],
  CaseInfo = [[
    invoiceId  uuid
    caseReference, debtorName  string?
    originalAmount  number
    currency  string?
  ]],
  PaymentInfo = [[
    amount  number
    currency  string?
    paymentDate  date-time
  ]],
  EarningsInfo = [[
    currency  string?
    debituraRevenue, debituraRevenueUsd, referralFeePercentage, referralFeeAmount  number
    referralFeeAmountUsd  number
    isEstimate  boolean  -- exchange rates may still move it
  ]],
  RecognitionInfo = [[
    isRecognized  boolean
    referralFeeRecognizedUsd  number
  ]],
  StatusInfo = [[
    commissionPaymentStatus  string? ~ Unpaid | Paid | Credited
    platformInvoicingStatus  string? ~ NotInvoiced | InvoiceIssued | PaymentReceived
                                     | InvoiceCredited
    referralInvoicingStatus  string? ~ Pending | Invoiced | Paid | Disputed
  ]],
  TransactionsSummary = [[
    revenue  RevenueBreakdown
    totalDebituraRevenueUsd  number
  ]],
  RevenueBreakdown = [[
    pendingReferralFeeUsd  number
    pendingCount  integer
    confirmedPendingInvoiceReferralFeeUsd  number
    confirmedPendingInvoiceCount  integer
    awaitingCollectionPartnerPaymentReferralFeeUsd  number
    awaitingCollectionPartnerPaymentCount  integer
    readyToInvoiceDebituraReferralFeeUsd  number
    readyToInvoiceDebituraCount  integer
    awaitingDebituraPaymentReferralFeeUsd  number
    awaitingDebituraPaymentCount  integer
    paidReferralFeeUsd  number
    paidCount  integer
    disputedReferralFeeUsd  number
    disputedCount  integer
  ]],

  -- What the filters of GET /reporting/transactions take
  PayoutCommissionPaymentStatus = "enum integer = 0 Unpaid | 1 Paid | 2 Credited",
  PlatformInvoicingStatus = "enum integer = 0 NotInvoiced | 1 InvoiceIssued | 2 PaymentReceived | "
    .. "3 InvoiceCredited",
  -- The documents leave 3 without a name; StatusInfo suggests Disputed.
  ReferralInvoicingStatus = "enum integer = 0 Pending | 1 Invoiced | 2 Paid | 3",
  TransactionRevenueStage = [[enum integer = 0 Pending | 1 ConfirmedPendingInvoice
                          | 2 AwaitingCollectionPartnerPayment | 3 ReadyToInvoiceDebitura
                          | 4 AwaitingDebituraPayment | 5 Paid | 6 Disputed]],

  GetFilterOptionsResponse = [[
    countries  [FilterOptionCountry]?
    carveoutPartners  [FilterOptionCarveoutPartner]?
  ]],
  FilterOptionCountry = [[
    id  integer
    name  string?
  ]],
  FilterOptionCarveoutPartner = [[
    id  uuid
    name  string?
  ]],
}
