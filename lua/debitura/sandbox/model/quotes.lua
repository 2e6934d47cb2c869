--- Requests for quotes (leads): a case goes on by other means, and collection partners offer
-- theirs. Requests, quotes and the choice among them are made at the sandbox's controls, as no
-- operation makes them.
-- @module debitura.sandbox.model.quotes

local cases = require("debitura.sandbox.model.cases")
local random = require("debitura.sandbox.model.random")

local quotes = {}

--- How many quotes one request may get.
quotes.MAX = 3

--- Asks for quotes.
-- @tparam table state
-- @tparam table case
-- @tparam ?string text what is asked for
-- @tparam number now
-- @treturn table the request
function quotes.request(state, case, text, now)
  local lead = {
    id = random.uuid(state.random), text = text or "Please quote for legal collection.",
    created_at = now, quotes = {}, status = "Open",
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
  if #lead.quotes >= quotes.MAX then return nil end
  local quote = {
    id = random.uuid(state.random), fee = fee, created_at = now, status = "Offered",
  }
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
  for index, quote in ipairs(lead.quotes) do
    quote.status = index == 1 and "Accepted" or "Declined"
  end
  lead.status, lead.selected_at = "Closed", now
  cases.move(state, case, "Active", now)
  case.phase = "Legal"
end

return quotes
