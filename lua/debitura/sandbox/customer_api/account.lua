--- The client itself: GET /me, its team members, the state of its standard agreement.
-- @module debitura.sandbox.customer_api.account

local contracts = require("debitura.sandbox.model.contracts")
local lists = require("debitura.sandbox.api.lists")
local views = require("debitura.sandbox.api.views")

local handle = {}

handle["me"] = function(call)
  return views.creditor(call.creditor)
end

handle["users.list"] = function(call)
  local page, users = lists.page(call.query, call.creditor.user_ids, 50, function(id)
    local user = call.state.users.by_id[id]
    return { id = user.id, name = user.name, email = user.email }
  end)
  return { page = page, users = users }
end

handle["contracts.status"] = function(call)
  local state, creditor = call.state, call.creditor
  local signed, current = creditor.contracts.sdca ~= nil, contracts.onboarded(state, creditor)
  return {
    signed = signed, requiresResigning = signed and not current,
    invalidationReason = signed and not current and "NewVersion" or "None",
    termsUrl = signed and state.settings.base_url .. "/documents/sdca" or nil,
    solutionUrl = not current and contracts.url(state, call.link, { kind = "sdca" }) or nil,
  }
end

return { operations = handle }
