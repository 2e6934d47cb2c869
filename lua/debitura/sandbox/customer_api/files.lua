--- Files of a client's cases: uploaded, and listed with the address at which they can be
-- downloaded.
-- @module debitura.sandbox.customer_api.files

local lists = require("debitura.sandbox.api.lists")
local records = require("debitura.sandbox.model.records")
local uploads = require("debitura.sandbox.api.uploads")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local handle = {}

local function view(state, file)
  return {
    id = file.id, dateCreated = file.created_at, dateUpdated = file.created_at,
    caseId = file.case_id, entityType = "Case", entityId = file.case_id, fileName = file.name,
    url = state.settings.base_url .. "/files/" .. file.id, description = file.description,
    documentType = file.document_type,
  }
end

handle["cases.upload_file"] = with_case(function(call, case)
  local file, refusal = uploads.accept(call, case, "File")
  return file and view(call.state, file) or refusal
end)

handle["cases.files"] = with_case(function(call, case)
  local found = records.select(call.state.files, function(one) return one.case_id == case.id end)
  return lists.map(found, function(file) return view(call.state, file) end)
end)

return { operations = handle }
