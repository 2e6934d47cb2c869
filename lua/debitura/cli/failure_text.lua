--- A failure as a command tells of it, with what to do about it.
-- @module debitura.cli.failure_text

local hosted_url = require("debitura.recipes.hosted_url")

local failure_text = {}

local ADVICE = {
  unauthorized = "Is DEBITURA_API_KEY a key of this environment? `debitura doctor` tells.",
  transport = "`debitura doctor` tells what is in the way.",
  link_invalid = "`debitura clients show` tells how the client's link stands.",
  onboarding_incomplete = "`debitura clients show` gives the URL to hand over.",
}

local function advice_for(err)
  if err.retry_after then return ("Try again in %.0f s."):format(err.retry_after) end
  -- Without a status it was not Debitura who refused.
  if err.kind == "unauthorized" and not err.status then return nil end
  return ADVICE[err.kind]
end

local SHOWN = { "kind", "status", "type", "message", "operation", "fields", "retryable",
  "retry_after", "attempts", "request_id", "blockers" }

--- A failure as JSON shows it, without the addresses in what Debitura says.
-- @tparam table err failure
-- @treturn table
function failure_text.shown(err)
  local shown = { advice = advice_for(err) }
  for _, name in ipairs(SHOWN) do shown[name] = err[name] end
  shown.detail = err.detail and hosted_url.redacted(err.detail)
  for i, each in ipairs(err.business_errors or {}) do
    shown.business_errors = shown.business_errors or {}
    shown.business_errors[i] = { type = each.type,
      message = each.message and hosted_url.redacted(each.message) }
  end
  return shown
end

--- The same in lines: error by error, or the sentence beside them; and what is in the way.
-- @tparam table shown as `failure_text.shown` gives it
-- @treturn table array of texts
function failure_text.lines(shown)
  local lines = {}
  for i, each in ipairs(shown.business_errors or {}) do
    lines[i] = ("  %s: %s"):format(each.type or "", each.message or "")
  end
  if not lines[1] and shown.detail then lines[1] = "  Debitura says: " .. shown.detail end
  for _, blocker in ipairs(shown.blockers or {}) do
    lines[#lines + 1] = "  " .. hosted_url.redacted(blocker)
  end
  lines[#lines + 1] = shown.advice
  return lines
end

return failure_text
