--- /files/{id}: the content of a file, for anyone who knows the address.
-- @module debitura.sandbox.pages.files

local files = require("debitura.sandbox.model.files")
local reply = require("debitura.sandbox.api.reply")

local pages = {}

function pages.files(call)
  local id = call.request.path:match("^/files/([%x-]+)$") or ""
  local file, content = call.state.files.by_id[id], call.state.contents.by_id[id]
  if not file or not content then return reply.not_found("The file") end
  local headers = {
    ["content-type"] = files.type(file.name), ["content-disposition"] = "attachment",
  }
  return { status = 200, body = content, headers = headers }
end

return { pages = pages }
