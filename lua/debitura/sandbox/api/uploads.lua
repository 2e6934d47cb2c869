--- Uploads of files through either API: what is taken, and how what is not is refused.
-- @module debitura.sandbox.api.uploads

local check = require("debitura.operations.validate")
local encoding = require("debitura.base.encoding")
local files = require("debitura.sandbox.model.files")
local forms = require("debitura.sandbox.api.forms")
local reply = require("debitura.sandbox.api.reply")
local upload = require("debitura.client.upload")

local uploads = {}

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
  if #part.content > upload.MAX_BYTES then
    return nil, reply.failure(413, "PayloadTooLarge", "The file is larger than 25 MB.")
  end
  if not files.type(part.filename) then
    return nil, reply.failure(415, "UnsupportedMediaType", "Files of this type are not taken.")
  end
  local values, problem = {}, nil
  for _, field in ipairs(call.row.form) do
    local text = by_name[field.name] and by_name[field.name].content or field.default
    if field.type == "string" then
      values[field.name] = text
      check.value(field, text, field.name, { report = function(name, message)
        problem = name .. " " .. message
      end })
    end
  end
  if problem then return refuse(problem) end
  if not encoding.is_utf8(part.filename .. "\n" .. (values.Description or "")) then
    return refuse("Names and descriptions must be UTF-8.")
  end
  return files.add(call.state, case, {
    name = part.filename, content = part.content, description = values.Description,
    document_type = values.DocumentType,
  }, call.now)
end

return uploads
