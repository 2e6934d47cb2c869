--- Which files Debitura takes, and how one is described for sending.
--
-- The file itself is streamed from disk later; here it is only opened to learn that it can be read
-- and how large it is.
-- @module debitura.client.upload

local core = require("debitura.core")

local upload = {}

--- 25 MB, the documented limit of both APIs (413 beyond it).
upload.MAX_BYTES = 25 * 1024 * 1024

--- The documented extensions of both APIs (415 for others), with the media type each is sent as.
upload.MEDIA_TYPES = {
  pdf = "application/pdf",
  xls = "application/vnd.ms-excel",
  xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv = "text/csv",
  txt = "text/plain",
  jpg = "image/jpeg",
  jpeg = "image/jpeg",
  png = "image/png",
  gif = "image/gif",
}

local function check_size(size, name, report)
  if size == 0 then
    report(name, "is empty")
  elseif size > upload.MAX_BYTES then
    report(name, ("is larger than 25 MB (%d bytes)"):format(size))
  end
end

--- Describes one file as a part of a form.
-- @tparam string name the part's name
-- @tparam string|table file a path, or `{path=}` or `{data=}` with optional `filename` and
--   `content_type`; with `data`, `filename` is needed
-- @tparam function report called with a part's name and what is wrong with it
-- @tparam boolean checked whether type, size and readability are looked at
-- @treturn ?table `{name, path | data, filename, content_type}`
function upload.part(name, file, report, checked)
  if type(file) == "string" then file = { path = file } end
  if type(file) ~= "table" or (type(file.path) == "string") == (type(file.data) == "string") then
    return report(name, "must be a path, or a table with path or data")
  end
  local filename = file.filename or file.path and file.path:match("[^/]*$")
  if type(filename) ~= "string" or filename == "" then return report(name, "needs a filename") end
  -- The name stands in a header of the part.
  if filename:find("%c") then return report(name, "has a control character in its name") end
  local extension = (filename:match("%.([^.]+)$") or ""):lower()
  local media_type = upload.MEDIA_TYPES[extension]
  if checked then
    if not media_type then
      report(name, "must be a pdf, xls, xlsx, csv, txt, jpg, jpeg, png or gif file")
    end
    local size, unreadable
    if file.data then size = #file.data else size, unreadable = core.system.file_size(file.path) end
    if size then
      check_size(size, name, report)
    else
      report(name, "cannot be read: " .. unreadable)
    end
  end
  return {
    name = name, path = file.path, data = file.data, filename = filename,
    content_type = file.content_type or media_type or "application/octet-stream",
  }
end

return upload
