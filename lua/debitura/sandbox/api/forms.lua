--- Reads forms with files: multipart/form-data.
-- @module debitura.sandbox.api.forms

local forms = {}

local MAX_PARTS = 20

local function read_part(text)
  local head, content = text:match("^\r\n(.-)\r\n\r\n(.*)\r\n$")
  if not head then return nil end
  local part = { content = content }
  for line in (head .. "\r\n"):gmatch("(.-)\r\n") do
    local name, value = line:match("^([^:]+):%s*(.*)$")
    if name and name:lower() == "content-disposition" then
      part.name = value:match(';%s*name="([^"]*)"') or value:match(";%s*name=([^;%s]+)")
      part.filename = value:match('filename="([^"]*)"') or value:match("filename=([^;%s]+)")
    end
  end
  return part.name and part or nil
end

--- Reads multipart/form-data.
-- @tparam ?string content_type the header, which names the boundary
-- @tparam string body
-- @treturn table|nil array of `{name, filename (of a file), content}`; nil where it is no such form
function forms.multipart(content_type, body)
  if not (content_type or ""):lower():find("^%s*multipart/form%-data") then return nil end
  local boundary = content_type:match('[Bb]oundary="([^"]+)"')
    or content_type:match("[Bb]oundary=([^;%s]+)")
  if not boundary then return nil end
  local marker = "--" .. boundary
  local from, to = body:find(marker, 1, true)
  local parts = {}
  while from and body:sub(to + 1, to + 2) ~= "--" do
    local next_from, next_to = body:find(marker, to + 1, true)
    if not next_from then return nil end
    local part = read_part(body:sub(to + 1, next_from - 1))
    if not part or #parts >= MAX_PARTS then return nil end
    parts[#parts + 1] = part
    from, to = next_from, next_to
  end
  return from and parts or nil
end

return forms
