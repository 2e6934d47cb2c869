--- Cases as a client submits and reads them through the Customer API.
-- @module debitura.sandbox.customer_api.cases

local cases = require("debitura.sandbox.model.cases")
local contracts = require("debitura.sandbox.model.contracts")
local coverage = require("debitura.sandbox.model.coverage")
local lists = require("debitura.sandbox.api.lists")
local reply = require("debitura.sandbox.api.reply")
local views = require("debitura.sandbox.api.views")

local customer_cases = { operations = {} }
local handle = customer_cases.operations

local DAY = 86400

--- Makes a handler that is given the case of the path; one of another creditor does not exist.
-- @tparam function serve called with call and case
-- @tparam[opt] boolean bodiless the 404 has no body
-- @treturn function
function customer_cases.with_case(serve, bodiless)
  return function(call)
    local case = call.state.cases.by_id[call.params.id]
    if case and case.creditor_id == call.creditor.id then return serve(call, case) end
    return bodiless and reply.empty(404) or reply.not_found("The case")
  end
end

local with_case = customer_cases.with_case

local function invoice(call, case)
  return views.invoice(call.state, case)
end

handle["cases.create"] = function(call)
  local state, link, body = call.state, call.link, call.body
  local case, errors = cases.create(state, call.creditor, body,
    { now = call.now, allow_pending = body.allowPendingContracts == true,
      via_partner = call.by_partner == true })
  if case then return invoice(call, case) end
  local shown, signing = {}, false
  for index, one in ipairs(errors) do
    local url = one.item and contracts.url(state, link, one.item, body.returnUrl)
    signing = signing or url ~= nil
    shown[index] = { type = one.type, message = one.message, solutionUrl = url }
  end
  return reply.business(shown, signing and contracts.url(state, link, nil, body.returnUrl) or nil)
end

-- Reading -----------------------------------------------------------------------------------------

local function zero() return 0 end

local SORTS = {
  datecreated = "created_at", dateupdated = "updated_at", datefinished = "finished_at",
  datecollectionstarted = "started_at", date = "date", grossamount = "amount",
  duedate = function(case) return case.due_date or case.date end,
  remainder = cases.remainder, interestfees = zero, collectionfees = zero, reminderfees = zero,
  lifecycle = "lifecycle", closecode = "close_code",
}

local FILTERS = {
  ids = { "one_of", "id" }, debtorids = { "one_of", "debtor_id" },
  divisionids = { "one_of", "division_id" },
  statuses = { "one_of", "lifecycle", function(case) return cases.lifecycles[case.lifecycle] end },
}

handle["cases.list"] = function(call)
  local state, query = call.state, call.query
  local found = lists.filter(lists.map(call.creditor.case_ids, function(id)
    return state.cases.by_id[id]
  end), query, FILTERS)
  lists.sort(found, query.sort or "DateCreated:desc", SORTS)
  local page, shown = lists.page(query, found, 10, function(case)
    return views.invoice(state, case)
  end)
  return { page = page, cases = shown }
end

handle["cases.get"] = with_case(invoice)

handle["cases.by_creditor_reference"] = function(call)
  local case = call.state.cases.by_id[call.creditor.references[call.params.creditorReference] or ""]
  return case and invoice(call, case) or reply.not_found("The case")
end

handle["cases.by_reference"] = function(call)
  for _, id in ipairs(call.creditor.case_ids) do
    local case = call.state.cases.by_id[id]
    if case.reference == call.params.caseReference:upper() then return invoice(call, case) end
  end
  return reply.not_found("The case")
end

handle["cases.contract_status"] = with_case(function(call, case)
  local state, link = call.state, call.link
  local partner, open = coverage.partners[case.partner_id], {}
  local needed = contracts.needed(coverage.jurisdictions[case.jurisdiction_id], partner)
  for _, item in ipairs(contracts.open(state, call.creditor, needed)) do open[item.kind] = item end
  local function item_view(kind)
    local item = open[kind]
    return {
      signed = item == nil or (kind == "sdca" and call.creditor.contracts.sdca ~= nil),
      requiresResigning = item ~= nil and kind == "sdca" and call.creditor.contracts.sdca ~= nil,
      solutionUrl = item and contracts.url(state, link, item),
    }
  end
  local has_appendix = coverage.jurisdictions[case.jurisdiction_id].appendix
  return {
    sdca = item_view("sdca"), poa = item_view("poa"),
    pricingAppendix = has_appendix and item_view("jpa"),
    collectionPartnerName = partner.name, needsPoaSigning = open.poa ~= nil or open.jpa ~= nil,
  }
end)

handle["cases.timeline"] = with_case(function(_, case)
  local items = lists.map(case.timeline, function(entry)
    return { date = entry.at, type = entry.type, title = entry.title,
      description = entry.description, actor = entry.actor or { type = "System" } }
  end)
  return { items = items, currentEngagementPhase = case.phase }
end)

--- ExclusivePeriodDto.
local function exclusive_view(case, now)
  local terminated = case.finished_at and case.finished_at < case.exclusive_end
  return {
    engagementStartDate = case.started_at, currentEndDate = case.exclusive_end,
    daysRemaining = terminated and 0 or math.ceil((case.exclusive_end - now) / DAY),
    status = terminated and "Terminated" or now < case.exclusive_end and "Active" or "Expired",
    extensions = lists.map(case.extensions, function(one)
      return { type = one.type, eventDate = one.at, newEndDate = one.new_end }
    end),
  }
end

handle["cases.exclusive_period"] = with_case(function(call, case)
  if not case.exclusive_end then return reply.not_found("A collection period of the case") end
  return exclusive_view(case, call.now)
end)

handle["cases.validation"] = with_case(function(_, case)
  return views.validation(case)
end)

return customer_cases
