--- What the partner API offers in the test environment only: deleting clients, firing events.
-- @module debitura.sandbox.partner_api.testing

local accounts = require("debitura.sandbox.model.accounts")
local cases = require("debitura.sandbox.model.cases")
local events = require("debitura.sandbox.model.events")
local links = require("debitura.sandbox.model.links")
local quotes = require("debitura.sandbox.model.quotes")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local time = require("debitura.base.time")
local webhooks = require("debitura.sandbox.model.webhooks")
local with_client = require("debitura.sandbox.partner_api.clients").with_client

local handle = {}

-- Clients ---------------------------------------------------------------------------------------

local UNDER_WAY = { ["Active"] = true, ["Paused"] = true, ["More Info Required"] = true }

--- What keeps a client from being deleted: cases that are past pending and open, requests that have
-- quotes.
local function blockers(state, creditor)
  local found = {}
  for _, id in ipairs(creditor.case_ids) do
    local case = state.cases.by_id[id]
    if UNDER_WAY[case.lifecycle] then
      found[#found + 1] = ("Case %s is %s."):format(case.reference, case.lifecycle)
    end
    local lead = quotes.open_request(case)
    if lead and #lead.quotes > 0 then
      found[#found + 1] = ("Case %s has active quotes."):format(case.reference)
    end
  end
  return found
end

handle["clients.is_deletable"] = with_client(function(call, creditor)
  local found = blockers(call.state, creditor)
  return { isDeletable = #found == 0, blockers = found }
end)

--- The service declares no answer for a client that is not deletable; the sandbox refuses with 403.
handle["clients.delete"] = with_client(function(call, creditor)
  local state = call.state
  local found = blockers(state, creditor)
  if #found > 0 then return reply.failure(403, "NotDeletable", table.concat(found, " ")) end
  cases.delete(state, creditor, function() return true end)
  links.forget(state, creditor)
  accounts.close(state, creditor)
  records.remove(state.creditors, creditor.id)
  return reply.empty(204)
end)

-- Events on demand ------------------------------------------------------------------------------

local function queued(event, count)
  return { eventType = event, enqueuedCount = count, message = "Queued." }
end

local function trigger_client_event(call, event)
  local state = call.state
  local link = links.of_tenant(state, call.body.externalTenantId)
  if not link then return reply.not_found("The link") end
  local about = {
    tenant = link.tenant, creditor = state.creditors.by_id[link.creditor_id],
    attributed = link.attributed,
    data = event:find("_signed$") and { signedAt = time.format(call.now) } or {},
  }
  if event == "client.link_declined" then about.attributed = nil end
  return queued(event, webhooks.emit(state, event, about, call.now))
end

local function trigger_case_event(call, event)
  local state, body = call.state, call.body
  local case = state.cases.by_id[body.caseId:lower()]
  if not case or not state.link_of_creditor[case.creditor_id] then
    return reply.not_found("The case")
  end
  local data = events.of_cases[event](state, case)
  if event == "case.updated" then
    data.oldLifecycle = body.oldLifecycle or case.lifecycle
    data.newLifecycle = body.newLifecycle or "Closed"
  elseif event == "case.closed" then
    data.closeCode = body.closeCode or "Paid"
    data.closeComment = body.closeComment
  end
  return queued(event, cases.tell(state, case, event, data, call.now, { owner = "partner" }))
end

handle["webhooks.test"] = function(call)
  local event = call.body.eventType
  local trigger = events.of_cases[event] and trigger_case_event or trigger_client_event
  return trigger(call, event)
end

return { operations = handle }
