--- The director identity check, as the partner submits it.
-- @module debitura.sandbox.partner_api.kyc

local chats = require("debitura.sandbox.model.chats")
local kyc = require("debitura.sandbox.model.kyc")
local reply = require("debitura.sandbox.api.reply")
local views = require("debitura.sandbox.api.views")
local with_client = require("debitura.sandbox.partner_api.clients").with_client

local handle = {}

handle["clients.submit_kyc"] = with_client(function(call, creditor)
  local state, body = call.state, call.body
  local record = kyc.submit(state, creditor, {
    name = body.directorFullName, address = body.directorHomeAddress,
    born = body.directorDateOfBirth,
  }, call.now)
  if call.query.sendchatnotification ~= false then
    for _, id in ipairs(creditor.case_ids) do
      local case = state.cases.by_id[id]
      if case.lifecycle == "Active" then
        chats.system(state, case, "A director identity check was submitted.", call.now)
      end
    end
  end
  return reply.json(201, views.kyc(record))
end)

return { operations = handle }
