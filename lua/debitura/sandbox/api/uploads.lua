--- Uploads of files through either API: what is taken, and how what is not is refused.
-- @module debitura.sandbox.api.uploads

local encoding = require("debitura.base.encoding")
local files = require("debitura.sandbox.model.files")
local forms = require("debitura.sandbox.api.forms")
local reply = require("debitura.sandbox.api.reply")

local uploads = {}

local MAX_SIZE = 25 * 1024 * 1024

local DOCUMENT_TYPES = {
  OriginalInvoice = true, DebtorDocuments = true, CreditorDocuments = true,
  PartnerDocuments = true, DemandLetter = true, Miscellaneous = true,
}

local function refuse(message)
  return nil, reply.failure(400, "ValidationError", message)
end

--- Takes an upload.
-- @tparam table call
-- @tparam table case
-- @tparam string part_name of the form's part that is the file
-- @treturn[1] table the file's record
-- @treturn[2] nil
-- @treturn[2] table the refusal
function uploads.accept(call, case, part_name)
  local parts = forms.multipart(call.request.headers["content-type"], call.request.body)
  if not parts then return refuse("The body must be multipart/form-data.") end
  local by_name = {}
  for _, part in ipairs(parts) do by_name[part.name] = part end
  local part = by_name[part_name]
  if not part or not part.filename or part.filename == "" then
    return refuse(("The file is required, as part '%s'."):format(part_name))
  end
  if #part.content > MAX_SIZE then
    return nil, reply.failure(413, "PayloadTooLarge", "The file is larger than 25 MB.")
  end
  if not files.type(part.filename) then
    return nil, reply.failure(415, "UnsupportedMediaType", "Files of this type are not taken.")
  end
  local description = by_name.Description and by_name.Description.content
  if not encoding.is_utf8(part.filename) or not encoding.is_utf8(description or "") then
    return refuse("Names and descriptions must be UTF-8.")
  end
  local kind = by_name.DocumentType and by_name.DocumentType.content or "OriginalInvoice"
  if not DOCUMENT_TYPES[kind] then return refuse("DocumentType is none of those known.") end
  return files.add(call.state, case, {
    name = part.filename, content = part.content, description = description, document_type = kind,
  }, call.now)
end

return uploads
