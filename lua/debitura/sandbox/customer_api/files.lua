--- Files of cases: uploaded through either API, listed, and downloadable at the address that is listed.
-- @module debitura.sandbox.customer_api.files

local clock = require("debitura.sandbox.model.clock")
local cases = require("debitura.sandbox.model.cases")
local chats = require("debitura.sandbox.customer_api.chats")
local encoding = require("debitura.sandbox.model.encoding")
local forms = require("debitura.sandbox.api.forms")
local random = require("debitura.sandbox.model.random")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local files = { partner = {}, customer = {}, pages = {} }

local MAX_SIZE = 25 * 1024 * 1024
local MAX_KEPT = 64 * 1024 * 1024 -- of contents altogether; what is older loses its content, not its record

local EXTENSIONS = {
  pdf = "application/pdf", xls = "application/vnd.ms-excel",
  xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", csv = "text/csv", txt = "text/plain",
  jpg = "image/jpeg", jpeg = "image/jpeg", png = "image/png", gif = "image/gif",
}

local DOCUMENT_TYPES = {
  OriginalInvoice = true, DebtorDocuments = true, CreditorDocuments = true, PartnerDocuments = true, DemandLetter = true,
  Miscellaneous = true,
}

local function extension(name)
  return (name:match("%.(%w+)$") or ""):lower()
end

--- Keeps a file's content, and drops the oldest that no longer fit.
local function keep(state, id, content)
  local kept = state.contents
  kept.by_id[id] = content
  table.insert(kept.ids, id)
  kept.size = kept.size + #content
  while kept.size > MAX_KEPT do
    local oldest = table.remove(kept.ids, 1)
    kept.size = kept.size - #kept.by_id[oldest]
    kept.by_id[oldest] = nil
  end
end

--- Takes an upload.
-- @treturn[1] table the record
-- @treturn[2] nil
-- @treturn[2] table the refusal
local function accept(call, case, part_name)
  local parts = forms.read(call.request.headers["content-type"], call.request.body)
  if not parts then return nil, reply.failure(400, "ValidationError", "The body must be multipart/form-data.") end
  local by_name = {}
  for _, part in ipairs(parts) do by_name[part.name] = part end
  local part = by_name[part_name]
  if not part or not part.filename or part.filename == "" then
    return nil, reply.failure(400, "ValidationError", ("The file is required, as part '%s'."):format(part_name))
  end
  if #part.content > MAX_SIZE then return nil, reply.failure(413, "PayloadTooLarge", "The file is larger than 25 MB.") end
  if not EXTENSIONS[extension(part.filename)] then
    return nil, reply.failure(415, "UnsupportedMediaType", "Files of this type are not taken.")
  end
  local description = by_name.Description and by_name.Description.content
  if not encoding.is_text(part.filename) or not encoding.is_text(description or "") then
    return nil, reply.failure(400, "ValidationError", "Names and descriptions must be UTF-8.")
  end
  local document_type = by_name.DocumentType and by_name.DocumentType.content or "OriginalInvoice"
  if not DOCUMENT_TYPES[document_type] then return nil, reply.failure(400, "ValidationError", "DocumentType is none of those known.") end
  local file = records.add(call.state.files, {
    id = random.uuid(call.state.random), case_id = case.id, name = part.filename, size = #part.content, created_at = call.now,
    description = description, document_type = document_type,
  })
  keep(call.state, file.id, part.content)
  cases.note(case, call.now, "FileUploaded", "File uploaded", file.name)
  return file
end

local function view(state, file)
  return {
    id = file.id, dateCreated = clock.iso(file.created_at), dateUpdated = clock.iso(file.created_at), caseId = file.case_id,
    entityType = "Case", entityId = file.case_id, fileName = file.name, url = state.settings.base_url .. "/files/" .. file.id,
    description = file.description, documentType = file.document_type,
  }
end

files.partner["cases.upload_file"] = function(call)
  local state = call.state
  local case = state.cases.by_id[call.params.caseId]
  if not case or not state.link_of_creditor[case.creditor_id] then return reply.not_found("The case") end
  local file, refusal = accept(call, case, "file")
  if not file then return refusal end
  if call.query.sendchatnotification ~= false then
    chats.system(state, case, ("A file was uploaded: %s"):format(file.name), call.now)
  end
  return reply.empty(200)
end

files.customer["cases.upload_file"] = with_case(function(call, case)
  local file, refusal = accept(call, case, "File")
  return file and reply.json(200, view(call.state, file)) or refusal
end)

files.customer["cases.files"] = with_case(function(call, case)
  local views = {}
  for _, file in ipairs(records.select(call.state.files, function(one) return one.case_id == case.id end)) do
    views[#views + 1] = view(call.state, file)
  end
  return reply.array(views)
end)

--- /files/{id}: the content, for whoever knows the address.
function files.pages.files(call)
  local id = call.request.path:match("^/files/([%x-]+)$")
  local file, content = call.state.files.by_id[id or ""], call.state.contents.by_id[id or ""]
  if not file or not content then return reply.not_found("The file") end
  return {
    status = 200, body = content,
    headers = { ["content-type"] = EXTENSIONS[extension(file.name)], ["content-disposition"] = "attachment" },
  }
end

return files
