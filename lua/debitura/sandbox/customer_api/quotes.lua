--- Requests for quotes and their quotes, as a client reads them.
-- @module debitura.sandbox.customer_api.quotes

local coverage = require("debitura.sandbox.model.coverage")
local lists = require("debitura.sandbox.api.lists")
local quotes = require("debitura.sandbox.model.quotes")
local reply = require("debitura.sandbox.api.reply")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local handle = {}

local function lead_view(case, lead)
  return {
    quoteRequestId = lead.id, caseId = case.id, status = lead.status,
    leadFlowStatus = #lead.quotes > 0 and "Quoted" or "Qualified", quoteType = "SuccessFee",
    maxQuotes = quotes.MAX, currentQuotesCount = #lead.quotes,
    outcome = lead.selected_at and "QuoteSelected", dateCreated = lead.created_at,
    dateQualified = lead.created_at, dateOutcomeSelected = lead.selected_at,
  }
end

local function quote_view(case, lead, quote)
  return {
    quoteId = quote.id, quoteRequestId = lead.id, partnerId = case.partner_id,
    partnerName = coverage.partners[case.partner_id].name, status = quote.status,
    agreementType = "SuccessFee", currency = case.currency, dateCreated = quote.created_at,
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
  return { quoteRequests = lists.map(case.leads, function(lead)
    local view = lead_view(case, lead)
    view.purpose = "PhaseChange"
    return view
  end) }
end)

handle["cases.quote_request"] = with_lead(function(_, case, lead)
  local view = lead_view(case, lead)
  view.isMaxBidCountReached = #lead.quotes >= quotes.MAX
  view.request = lead.text
  return view
end)

handle["cases.quotes"] = with_lead(function(_, case, lead)
  return { quotes = lists.map(lead.quotes, function(quote)
    local view = quote_view(case, lead, quote)
    view.successFee, view.phase, view.offerNature = quote.fee, "Legal", "Recommendation"
    return view
  end) }
end)

handle["cases.quote"] = with_lead(function(call, case, lead)
  local quote = find(lead.quotes, call.params.quoteId)
  if not quote then return reply.not_found("The quote") end
  local view = quote_view(case, lead, quote)
  view.pricing = { successFeeFee = quote.fee, costProcessMisc = 0 }
  return view
end)

return { operations = handle }
