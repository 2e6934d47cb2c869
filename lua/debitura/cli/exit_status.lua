--- What the command's exit status says, and which failure leads to which.
-- @module debitura.cli.exit_status

local failure = require("debitura.base.failure")

local status = {
  done = 0,
  refused = 1, -- Debitura or this library said no; the same again will be refused again
  usage = 2, -- the command line or the configuration is wrong; nothing was sent
  -- not reached, not answered in time, or not able just now; the same again may succeed
  transport = 3,
  partial = 4, -- some of many failed, or something needs attention
  broken = 70, -- a mistake in this program; as sysexits.h has it
  interrupted = 130, -- by Ctrl-C, TERM or HUP; as shells have it: 128 and the number of SIGINT
}

local REFUSED, TRANSPORT = status.refused, status.transport

--- For every kind of failure its status.
status.of_kind = {
  transport = TRANSPORT, timeout = TRANSPORT, server = TRANSPORT, rate_limited = TRANSPORT,
  store = TRANSPORT, validation = REFUSED, unauthorized = REFUSED, forbidden = REFUSED,
  not_found = REFUSED, conflict = REFUSED, business = REFUSED, too_large = REFUSED,
  unsupported_media = REFUSED, malformed = REFUSED, limit = REFUSED, link_invalid = REFUSED,
  onboarding_incomplete = REFUSED, unreadable = REFUSED, configuration = status.usage,
}

--- The status that a problem leads to.
-- @param problem a failure; or a text, which is what is wrong with the command line or the
--   configuration
-- @treturn number
function status.of(problem)
  if not failure.is(problem) then return status.usage end
  -- A store that is locked or away may be there later; one that is misnamed or not installed will
  -- not.
  if problem.kind == "store" and not problem.retryable then return REFUSED end
  return status.of_kind[problem.kind]
end

--- The status of many steps.
-- @tparam number succeeded how many did
-- @tparam number failed how many did not
-- @param problem one of the failures, if any
-- @treturn number
function status.of_many(succeeded, failed, problem)
  if failed == 0 then return status.done end
  if succeeded > 0 then return status.partial end
  return problem and status.of(problem) or REFUSED
end

return status
