--- Files of cases. Their contents are kept in memory up to a bound.
-- @module debitura.sandbox.model.files

local cases = require("debitura.sandbox.model.cases")
local random = require("debitura.sandbox.model.random")
local records = require("debitura.sandbox.model.records")
local upload = require("debitura.client.upload")

local files = {}

-- Of contents altogether; what is older loses its content, not its record.
local MAX_KEPT = 64 * 1024 * 1024

--- The media type of a file by its name.
-- @tparam string name
-- @treturn string|nil nil where Debitura takes no such files
function files.type(name)
  return upload.MEDIA_TYPES[(name:match("%.(%w+)$") or ""):lower()]
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

--- Adds a file to a case.
-- @tparam table state
-- @tparam table case
-- @tparam table file `name`, `content`, `description`, `document_type`
-- @tparam number now
-- @treturn table the record
function files.add(state, case, file, now)
  local record = records.add(state.files, {
    id = random.uuid(state.random), case_id = case.id, name = file.name,
    created_at = now, description = file.description, document_type = file.document_type,
  })
  keep(state, record.id, file.content)
  cases.note(case, now, "FileUploaded", "File uploaded", file.name)
  return record
end

return files
