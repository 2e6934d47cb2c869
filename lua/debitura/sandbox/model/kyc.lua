--- The director identity check: submitted through the partner API or the signing chain, on file at
-- once, reviewed later.
-- @module debitura.sandbox.model.kyc

local cases = require("debitura.sandbox.model.cases")
local coverage = require("debitura.sandbox.model.coverage")
local jobs = require("debitura.sandbox.model.jobs")

local kyc = { jobs = {} }

-- Seconds from the submission until the review is under way and until it is done.
local REVIEW = {
  { status = "Processing", after = 3600 },
  { status = "Completed", after = 86400 },
}

--- Puts a director's identity on file. A later record replaces it, and its review begins anew.
-- @tparam table state
-- @tparam table creditor
-- @tparam table director `{name, address, born}`
-- @tparam number now
-- @treturn table the record
function kyc.submit(state, creditor, director, now)
  local earlier = creditor.contracts.kyc
  local record = {
    name = director.name, address = director.address, born = director.born, created_at = now,
    number = (earlier and earlier.number or 0) + 1,
  }
  creditor.contracts.kyc = record
  for _, step in ipairs(REVIEW) do
    local arguments = { creditor_id = creditor.id, number = record.number, status = step.status }
    jobs.add(state.jobs, now + step.after, "review_kyc", arguments)
  end
  cases.signatures_changed(state, creditor, now)
  return record
end

function kyc.jobs.review_kyc(state, arguments, now)
  local creditor = state.creditors.by_id[arguments.creditor_id]
  local record = creditor and creditor.contracts.kyc
  if record and record.number == arguments.number then
    record.status, record.status_at = arguments.status, now
  end
end

--- How the check of a creditor stands. Whether cases count that came with a link and so skipped it,
-- which is Debitura's known gap, says the setting `carried_kyc`.
-- @tparam table state
-- @tparam table creditor
-- @treturn string "not_required", "pending" or "verified"
function kyc.status(state, creditor)
  local record = creditor.contracts.kyc
  if record then return record.status == "Completed" and "verified" or "pending" end
  for _, id in ipairs(creditor.case_ids) do
    local case = state.cases.by_id[id]
    local counts = not case.carried or state.settings.carried_kyc == "pending"
    if counts and coverage.partners[case.partner_id].needs_kyc then return "pending" end
  end
  return "not_required"
end

return kyc
