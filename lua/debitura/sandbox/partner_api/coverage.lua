--- What a case would cost and ask for, and where cases can be collected. It needs no client.
-- @module debitura.sandbox.partner_api.coverage

local contracts = require("debitura.sandbox.model.contracts")
local views = require("debitura.sandbox.api.coverage")

local handle = {}

--- What is pending is what a new client would have to sign.
handle["cases.preview"] = function(call)
  local view, jurisdiction, partner = views.preview(call.body, call.now)
  local actions = {}
  for index, item in ipairs(partner and contracts.needed(jurisdiction, partner) or {}) do
    local of_partner = item.kind == "poa" or item.kind == "kyc"
    actions[index] = {
      type = contracts.steps[item.kind].action,
      collectionPartnerId = of_partner and item.key or nil,
    }
  end
  view.pendingActions = actions
  return view
end

handle["coverage.list"] = function() return views.list() end

return { operations = handle }
