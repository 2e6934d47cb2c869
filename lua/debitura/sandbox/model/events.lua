--- What an event about a case says beside the case itself, from the case's present state.
-- @module debitura.sandbox.model.events

local chats = require("debitura.sandbox.model.chats")
local payments = require("debitura.sandbox.model.payments")

local events = {}

--- Event to a function of state and case that gives its data, or nil where there is nothing to
-- tell.
events.of_cases = {
  ["case.created"] = function() return {} end,
  ["case.updated"] = function(_, case)
    return { oldLifecycle = case.lifecycle, newLifecycle = case.lifecycle }
  end,
  ["case.closed"] = function(_, case)
    return { closeCode = case.close_code, closeComment = case.close_comment }
  end,
  ["payment.created"] = function(state, case) return payments.newest(state, case, false) end,
  ["payment.deleted"] = function(state, case) return payments.newest(state, case, true) end,
  ["chat.created"] = function(_, case) return chats.newest(case) end,
}

return events
