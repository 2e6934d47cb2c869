--- How a client is brought to sign and to be identified: what a parked case needs becomes one
-- request to the customer, and its end lets all cases go that have waited for it.
-- @module debitura.recipes.steps.request_signing

local cases = require("debitura.recipes.cases")
local clients = require("debitura.recipes.steps.clients")
local core = require("debitura.core")
local jobs = require("debitura.workflow.jobs")
local look_up = require("debitura.recipes.steps.look_up")
local only = require("debitura.recipes.steps.only")
local protected = require("debitura.async.protected")

local steps = {}

--- Kinds of failure that say no to the director's data.
local REFUSED = { validation = true, business = true, forbidden = true, conflict = true,
  too_large = true }

local OUTSTANDING = { outstanding = true }

--- From the case that needs it to the record that the customer is asked about.
function steps.request_signing(work, job, case)
  if not case or case.state == "submitting" or job.generation ~= case.generation then
    return work:skip(job)
  end
  local kind = case.state == "parked" and case.reason == "kyc" and "kyc" or "signing"
  local asked, err = work:apply_to({ kind = kind, tenant = job.tenant, name = "" }, {
    name = "needed", url = case.url, terms = case.terms,
  })
  if not asked then return nil, err end
  return work:finish(job, "requested")
end

--- What a case had waited for is done.
steps.report_signed = only({ created = true }, function(work, job)
  local kind = job.args.kind
  local told, err = work:apply_to({ kind = kind, tenant = job.tenant, name = "" }, {
    name = kind == "kyc" and "done" or "signed",
  })
  if not told then return nil, err end
  return work:finish(job, "reported")
end)

--- Sends the director's data, where the platform has them. A function that raises to the last is
-- one that has none: the customer is asked.
steps.submit_kyc = only(OUTSTANDING, function(work, job)
  local ran, results = protected(function() return work.context.directors(job.tenant) end)
  local director = ran and results[1]
  if not ran and job.attempt < jobs.ATTEMPTS then
    return work:postpone(job, "directors raised an error: " .. tostring(results[1]))
  end
  if not director then return work:decide(job, "no_director") end
  local _, err = work.context.partner.clients:submit_kyc(job.tenant, director, {
    idempotency_key = "debitura-" .. core.digest.sha256(job.key),
  })
  if not err then return work:decide(job, "submitted") end
  -- What is wrong with the data is for the platform to mend; the customer is asked meanwhile.
  if REFUSED[err.kind] then return work:decide(job, "no_director") end
  return work:retry_later(job, err)
end)

--- Asks Debitura whether anything is open still; a customer who signed one of several things has a
-- fresh URL for the others.
steps.look_up = only(OUTSTANDING, function(work, job)
  local url, err = look_up.signing_url(work.context, job.tenant)
  if url == nil then
    local told, failed = clients.doubt(work, job.tenant, err)
    if not told then return nil, failed end
    return work:retry_later(job, err)
  end
  if not url then return work:decide(job, "done") end
  local asked
  asked, err = work:decide(job, { name = "needed", url = url })
  return asked and "outstanding", err
end)

function steps.release(work, job)
  local released, err = cases.release(work, job.tenant, job.record)
  if not released then return nil, err end
  return work:finish(job, "released")
end

return steps
