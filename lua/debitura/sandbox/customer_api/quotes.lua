--- Requests for quotes (leads): a case goes on by other means, and collection partners offer theirs. Requests, quotes and the
-- choice among them are made at the sandbox's controls, as no operation makes them.
-- @module debitura.sandbox.customer_api.quotes

local core = require("debitura.core")
local cases = require("debitura.sandbox.model.cases")
local clock = require("debitura.sandbox.model.clock")
local coverage = require("debitura.sandbox.model.coverage")
local random = require("debitura.sandbox.model.random")
local reply = require("debitura.sandbox.api.reply")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local null = core.null

local quotes = { customer = {} }
local handle = quotes.customer

local MAX_QUOTES = 3

-- Doing ------------------------------------------------------------------------------------------------------------

--- Asks for quotes.
-- @tparam table state
-- @tparam table case
-- @tparam ?string text what is asked for
-- @tparam number now
-- @treturn table the request
function quotes.request(state, case, text, now)
  local lead = {
    id = random.uuid(state.random), text = text or "Please quote for legal collection.", created_at = now, quotes = {}, status = "Open",
  }
  table.insert(case.leads, lead)
  cases.move(state, case, "Collecting Quotes", now)
  return lead
end

--- The request of a case that is still open.
-- @tparam table case
-- @treturn table|nil
function quotes.open_request(case)
  local last = case.leads[#case.leads]
  return last and last.status == "Open" and last or nil
end

--- Gives a quote.
-- @tparam table state
-- @tparam table case
-- @tparam table lead
-- @tparam number fee success fee in percent
-- @tparam number now
-- @treturn table|nil the quote; nil where there are as many as there may be
function quotes.give(state, case, lead, fee, now)
  if #lead.quotes >= MAX_QUOTES then return nil end
  local quote = { id = random.uuid(state.random), fee = fee, created_at = now, status = "Offered" }
  table.insert(lead.quotes, quote)
  cases.move(state, case, "Pending Quote Selection", now)
  return quote
end

--- Chooses the first quote of a request: the case goes on in the legal phase.
-- @tparam table state
-- @tparam table case
-- @tparam table lead
-- @tparam number now
function quotes.select(state, case, lead, now)
  for index, quote in ipairs(lead.quotes) do quote.status = index == 1 and "Accepted" or "Declined" end
  lead.status, lead.selected_at = "Closed", now
  cases.move(state, case, "Active", now)
  case.phase = "Legal"
end

-- Reading ----------------------------------------------------------------------------------------------------------

local function iso(seconds)
  return seconds and clock.iso(seconds) or null
end

local function lead_view(case, lead)
  return {
    quoteRequestId = lead.id, caseId = case.id, status = lead.status, leadFlowStatus = #lead.quotes > 0 and "Quoted" or "Qualified",
    quoteType = "SuccessFee", maxQuotes = MAX_QUOTES, currentQuotesCount = #lead.quotes,
    outcome = lead.selected_at and "QuoteSelected" or null, dateCreated = clock.iso(lead.created_at),
    dateQualified = clock.iso(lead.created_at), leadsDoneOffered = null, dateReminderSent = null, dateReminderTwoSent = null,
    dateOutcomeSelected = iso(lead.selected_at),
  }
end

local function quote_view(case, lead, quote)
  return {
    quoteId = quote.id, quoteRequestId = lead.id, partnerId = case.partner_id, partnerName = coverage.partners[case.partner_id].name,
    status = quote.status, agreementType = "SuccessFee", proposedSolution = null, partnerWhyUsSection = null, currency = case.currency,
    dateCreated = clock.iso(quote.created_at),
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
  view.isMaxBidCountReached, view.request, view.existingFees = #lead.quotes >= MAX_QUOTES, lead.text, null
  return reply.json(200, view)
end)

handle["cases.quotes"] = with_lead(function(_, case, lead)
  local views = {}
  for index, quote in ipairs(lead.quotes) do
    local view = quote_view(case, lead, quote)
    view.hourlyRate, view.hourlyEstimated, view.flatFeeEstimate, view.hybridEstimate = null, null, null, null
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
    hourlyRate = null, hourlyEstimated = null, flatFeeEstimate = null, successFeeFee = quote.fee, hybridEstimate = null,
    costProcessMisc = 0,
  }
  return reply.json(200, view)
end)

return quotes
