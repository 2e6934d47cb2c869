--- Files that the partner uploads for a case.
-- @module debitura.sandbox.partner_api.files

local chats = require("debitura.sandbox.model.chats")
local reply = require("debitura.sandbox.api.reply")
local uploads = require("debitura.sandbox.api.uploads")

local handle = {}

handle["cases.upload_file"] = function(call)
  local state = call.state
  local case = state.cases.by_id[call.params.caseId]
  if not case or not state.link_of_creditor[case.creditor_id] then
    return reply.not_found("The case")
  end
  local file, refusal = uploads.accept(call, case, "file")
  if not file then return refusal end
  if call.query.sendchatnotification ~= false then
    chats.system(state, case, ("A file was uploaded: %s"):format(file.name), call.now)
  end
  return reply.empty(200)
end

return { operations = handle }
