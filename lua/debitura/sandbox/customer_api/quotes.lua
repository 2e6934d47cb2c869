--- Requests for quotes and their quotes, as a client reads them.
-- @module debitura.sandbox.customer_api.quotes

local core = require("debitura.core")
local coverage = require("debitura.sandbox.model.coverage")
local quotes = require("debitura.sandbox.model.quotes")
local reply = require("debitura.sandbox.api.reply")
local time = require("debitura.base.time")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local null = core.null

local handle = {}

local function lead_view(case, lead)
  return {
    quoteRequestId = lead.id, caseId = case.id, status = lead.status,
    leadFlowStatus = #lead.quotes > 0 and "Quoted" or "Qualified", quoteType = "SuccessFee",
    maxQuotes = quotes.MAX, currentQuotesCount = #lead.quotes,
    outcome = lead.selected_at and "QuoteSelected" or null,
    dateCreated = time.format(lead.created_at), dateQualified = time.format(lead.created_at),
    leadsDoneOffered = null, dateReminderSent = null, dateReminderTwoSent = null,
    dateOutcomeSelected = lead.selected_at and time.format(lead.selected_at) or null,
  }
end

local function quote_view(case, lead, quote)
  return {
    quoteId = quote.id, quoteRequestId = lead.id, partnerId = case.partner_id,
    partnerName = coverage.partners[case.partner_id].name, status = quote.status,
    agreementType = "SuccessFee", proposedSolution = null, partnerWhyUsSection = null,
    currency = case.currency, dateCreated = time.format(quote.created_at),
  }
end

local function find(items, id)
  for _, item in ipairs(items) do
    if item.id == id then return item end
  end
end

local function with_lead(serve)
  return with_case(function(call, case)
    local lead = find(case.leads, call.params.quoteRequestId)
    return lead and serve(call, case, lead) or reply.not_found("The quote request")
  end)
end

handle["cases.quote_requests"] = with_case(function(_, case)
  local views = {}
  for index, lead in ipairs(case.leads) do
    views[index] = lead_view(case, lead)
    views[index].purpose = "PhaseChange"
  end
  return reply.json(200, { quoteRequests = core.json.array(views) })
end)

handle["cases.quote_request"] = with_lead(function(_, case, lead)
  local view = lead_view(case, lead)
  view.isMaxBidCountReached = #lead.quotes >= quotes.MAX
  view.request, view.existingFees = lead.text, null
  return reply.json(200, view)
end)

handle["cases.quotes"] = with_lead(function(_, case, lead)
  local views = {}
  for index, quote in ipairs(lead.quotes) do
    local view = quote_view(case, lead, quote)
    view.hourlyRate, view.hourlyEstimated = null, null
    view.flatFeeEstimate, view.hybridEstimate = null, null
    view.successFee, view.phase, view.offerNature = quote.fee, "Legal", "Recommendation"
    views[index] = view
  end
  return reply.json(200, { quotes = core.json.array(views) })
end)

handle["cases.quote"] = with_lead(function(call, case, lead)
  local quote = find(lead.quotes, call.params.quoteId)
  if not quote then return reply.not_found("The quote") end
  local view = quote_view(case, lead, quote)
  view.feeComments, view.fullQuoteLink, view.dateUpdated = null, null, null
  view.pricing = {
    hourlyRate = null, hourlyEstimated = null, flatFeeEstimate = null, successFeeFee = quote.fee,
    hybridEstimate = null, costProcessMisc = 0,
  }
  return reply.json(200, view)
end)

return { operations = handle }
