--- Cases as the partner API reads them: over all clients that are linked.
-- @module debitura.sandbox.partner_api.cases

local cases = require("debitura.sandbox.model.cases")
local coverage = require("debitura.sandbox.model.coverage")
local lists = require("debitura.sandbox.api.lists")
local reply = require("debitura.sandbox.api.reply")
local time = require("debitura.base.time")
local views = require("debitura.sandbox.api.views")

local handle = {}

local SORTS = {
  datecreated = "case.created_at", grossamount = "case.amount",
  duedate = function(row) return row.case.due_date or row.case.date end,
}

local FILTERS = {
  fromdate = { "from", "case.created_at" }, todate = { "to", "case.created_at" },
  externaltenantid = { "is", "link.tenant" },
  statuses = { "one_of", "case.lifecycle", function(row)
    return cases.lifecycles[row.case.lifecycle]
  end },
  countryids = { "one_of", function(row)
    return coverage.jurisdictions[row.case.jurisdiction_id].country_id
  end },
  collectionpartnerids = { "one_of", "case.partner_id" },
  query = { "holds", "case.reference", "case.creditor_reference", "case.debtor.name" },
}

local GROUPS = { Active = "active", Closed = "closed", Paused = "paused" }

local function summary(rows, now)
  local month, this_month, groups = time.format(now):sub(1, 7), 0,
    { active = 0, pending = 0, closed = 0, paused = 0 }
  for _, row in ipairs(rows) do
    local group = GROUPS[row.case.lifecycle] or "pending"
    groups[group] = groups[group] + 1
    if time.format(row.case.created_at):sub(1, 7) == month then this_month = this_month + 1 end
  end
  return { totalCases = #rows, casesThisMonth = this_month, byLifecycle = groups }
end

handle["cases.list"] = function(call)
  local state, query, rows = call.state, call.query, {}
  for _, id in ipairs(state.cases.ids) do
    local case = state.cases.by_id[id]
    local row = { case = case, link = cases.link_of(state, case) }
    if row.link then rows[#rows + 1] = row end
  end
  rows = lists.filter(rows, query, FILTERS)
  lists.sort(rows, query.sort or "DateCreated:desc", SORTS)
  local page, shown = lists.page(query, rows, 10, function(row)
    return views.item(state, row.case, row.link)
  end)
  return { page = page, cases = shown, summary = summary(rows, call.now) }
end

handle["cases.get"] = function(call)
  local state = call.state
  local case = state.cases.by_id[call.params.id]
  local link = case and cases.link_of(state, case)
  if not link then return reply.not_found("The case") end
  return views.detail(state, case, link)
end

return { operations = handle }
