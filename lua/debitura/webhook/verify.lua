--- From what an HTTP server received to an event that is certainly Debitura's.
-- Takes the raw body: JSON that was decoded and encoded again does not carry the signature any more.
-- @module debitura.webhook.verify

local core = require("debitura.core")
local failure = require("debitura.base.failure")

local verify = {}

--- What each reason of the core's verifier means and what to do about it.
local ADVICE = {
  missing = "the request has no X-Debitura-Signature header; it does not come from Debitura, or a proxy removed the header",
  malformed = "the X-Debitura-Signature header is not of the form t={seconds},v1={64 hex digits}",
  no_match = "no signature fits: the secret is another subscription's or was rotated, or the body is not the raw request body",
  too_old = "the signature is older than the tolerance allows: a replayed request, or this machine's clock is ahead",
  in_future = "the signature is from the future: this machine's clock is behind",
}

--- Reads an event out of a verified body.
-- Envelope: `{id, event, timestamp, data}`, with `specVersion` and `links` in the newer form.
-- @tparam string body
-- @treturn[1] table the event, unknown fields included
-- @treturn[2] nil
-- @treturn[2] table failure of kind "malformed"
function verify.parse(body)
  local event, problem = core.json.decode(body)
  if problem then
    return nil, failure.new { kind = "malformed", message = "the event is not JSON: " .. problem.message, operation = "webhook" }
  end
  for _, field in ipairs { "id", "event" } do
    if type(event) ~= "table" or type(event[field]) ~= "string" or event[field] == "" then
      return nil, failure.new {
        kind = "malformed", message = ("the event has no '%s'"):format(field), operation = "webhook", fields = { [field] = { "required" } },
      }
    end
  end
  return event
end

local Verifier = {}
Verifier.__index = Verifier

function Verifier.__tostring()
  return "debitura.webhook.verifier"
end

--- Verifies and parses one delivery.
-- @tparam string body the raw request body
-- @tparam ?string signature the value of the X-Debitura-Signature header
-- @tparam[opt] number now Unix seconds; default: the machine's clock
-- @treturn[1] table the event
-- @treturn[2] nil
-- @treturn[2] table failure of kind "unauthorized" whose `type` is the reason (missing, malformed, no_match, too_old,
--   in_future), or of kind "malformed" when a signed body is not an event
function Verifier:verify(body, signature, now)
  if type(body) ~= "string" then error("body: the raw request body is needed, as a string; got " .. type(body), 2) end
  local signed_at, reason, details = self.core:verify(signature, body, now or core.system.now())
  if not signed_at then
    return nil, failure.new {
      kind = "unauthorized", type = reason, message = ADVICE[reason], operation = "webhook", details = details,
    }
  end
  return verify.parse(body)
end

--- Prepares secrets once, for many deliveries.
-- @tparam table options `secret` or `secrets` (array, the newest first; strings or `core.secret`, Base64 as Debitura shows them),
--   `tolerance` (seconds a signature may be old, 300), `skew` (seconds it may be ahead, 30)
-- @treturn table with the method `verify(body, signature, now)`
-- @raise when a secret is missing or is not Base64
function verify.new(options)
  if type(options) ~= "table" then error("options table expected", 2) end
  local secrets = options.secrets or { options.secret }
  if type(secrets) ~= "table" or #secrets == 0 then error("a webhook secret is missing: give secret = or secrets = { ... }", 2) end
  local prepared, problem = core.signature.verifier { secrets = secrets, tolerance = options.tolerance, skew = options.skew }
  if not prepared then error(problem.message, 2) end
  return setmetatable({ core = prepared }, Verifier)
end

return verify
