--- The director identity check: submitted through the partner API or the signing chain, on file at once, reviewed later.
-- @module debitura.sandbox.model.kyc

local core = require("debitura.core")
local cases = require("debitura.sandbox.model.cases")
local chats = require("debitura.sandbox.customer_api.chats")
local clock = require("debitura.sandbox.model.clock")
local coverage = require("debitura.sandbox.model.coverage")
local jobs = require("debitura.sandbox.model.jobs")
local links = require("debitura.sandbox.model.links")
local reply = require("debitura.sandbox.api.reply")

local kyc = { partner = {}, jobs = {} }

-- Seconds from the submission until the review is under way and until it is done.
local REVIEW = { { status = "Processing", after = 3600 }, { status = "Completed", after = 86400 } }

--- Puts a director's identity on file. A later record replaces it, and its review begins anew.
-- @tparam table state
-- @tparam table creditor
-- @tparam table director `{name, address, born}`
-- @tparam number now
-- @treturn table the record
function kyc.submit(state, creditor, director, now)
  local record = { name = director.name, address = director.address, born = director.born, created_at = now }
  record.number = (creditor.contracts.kyc and creditor.contracts.kyc.number or 0) + 1
  creditor.contracts.kyc = record
  for _, step in ipairs(REVIEW) do
    jobs.add(state.jobs, now + step.after, "review_kyc", { creditor_id = creditor.id, number = record.number, status = step.status })
  end
  cases.signatures_changed(state, creditor, now)
  return record
end

function kyc.jobs.review_kyc(state, arguments, now)
  local creditor = state.creditors.by_id[arguments.creditor_id]
  local record = creditor and creditor.contracts.kyc
  if record and record.number == arguments.number then record.status, record.status_at = arguments.status, now end
end

--- The wire's spelling, which is not the enumeration's.
-- @tparam table state
-- @tparam table creditor
-- @treturn string "not_required", "pending" or "verified"
function kyc.status(state, creditor)
  local record = creditor.contracts.kyc
  if record then return record.status == "Completed" and "verified" or "pending" end
  for _, id in ipairs(creditor.case_ids) do
    if coverage.partners[state.cases.by_id[id].partner_id].needs_kyc then return "pending" end
  end
  return "not_required"
end

--- KycVerificationDto.
-- @tparam ?table record
-- @treturn table null where there is none
function kyc.view(record)
  if not record then return core.null end
  return {
    directorFullName = record.name, directorHomeAddress = record.address, directorDateOfBirth = record.born:sub(1, 10),
    dateCreated = clock.iso(record.created_at), verificationStatus = record.status or core.null,
    verificationStatusUpdatedAt = record.status_at and clock.iso(record.status_at) or core.null,
  }
end

kyc.partner["clients.submit_kyc"] = function(call)
  local state, body = call.state, call.body
  local link = links.of_tenant(state, call.params.externalTenantId)
  if not link then return reply.not_found("The client") end
  local creditor = state.creditors.by_id[link.creditor_id]
  local record = kyc.submit(state, creditor,
    { name = body.directorFullName, address = body.directorHomeAddress, born = body.directorDateOfBirth }, call.now)
  if call.query.sendchatnotification ~= false then
    for _, id in ipairs(creditor.case_ids) do
      local case = state.cases.by_id[id]
      if case.lifecycle == "Active" then chats.system(state, case, "A director identity check was submitted.", call.now) end
    end
  end
  return reply.json(201, kyc.view(record))
end

return kyc
