--- From what an HTTP server received to an event that is certainly Debitura's. Takes the raw body:
-- JSON that was decoded and encoded again does not carry the signature any more.
-- @module debitura.webhook.verify

local core = require("debitura.core")
local diagnosis = require("debitura.webhook.diagnosis")
local event = require("debitura.webhook.event")
local failure = require("debitura.base.failure")
local options = require("debitura.base.options")
local usage = require("debitura.base.usage")

local verify = {}

local MAX_SECRETS = 16

--- How old a signature may be: options of everything that verifies.
verify.ages = {
  { "tolerance", "seconds|false", default = 300,
    "age up to which a signature passes; false: any" },
  { "skew", "seconds|false", default = 30, "how far a signature may be ahead of the clock" },
}

--- What a verifier takes.
verify.options = options.define("debitura.webhook.verifier", {
  { "secret", "secret", "Base64, as Debitura shows it" },
  { "secrets", "table", "several while one is rotated, the newest first" },
}, verify.ages)

local Verifier = {}
Verifier.__index = Verifier

function Verifier.__tostring()
  return "debitura.webhook.verifier"
end

--- Checks a signature, and nothing else of the body.
-- @tparam string body the raw request body
-- @tparam ?string signature the value of the X-Debitura-Signature header
-- @tparam[opt] number now Unix seconds; default: the machine's clock
-- @treturn[1] number when it was signed, Unix seconds
-- @treturn[2] nil
-- @treturn[2] table failure of kind "unauthorized" whose `type` is the reason (missing, malformed,
--   no_match, too_old, in_future)
function Verifier:check(body, signature, now)
  local signed_at, reason, details = self.core:verify(signature, body, now)
  if signed_at then return signed_at end
  return nil, failure.new {
    kind = "unauthorized", type = reason, operation = "webhook", details = details,
    message = diagnosis.cause(reason, details, body),
  }
end

--- Verifies and parses one delivery.
-- @tparam string body the raw request body
-- @tparam ?string signature the value of the X-Debitura-Signature header
-- @tparam[opt] number now Unix seconds; default: the machine's clock
-- @treturn[1] table the event
-- @treturn[2] nil
-- @treturn[2] table failure of kind "unauthorized", see `check`, or of kind "malformed" when a
--   signed body is not an event
function Verifier:verify(body, signature, now)
  if type(body) ~= "string" then
    usage.error("body: the raw request body is needed, as a string; got " .. type(body))
  end
  local signed_at, err = self:check(body, signature, now)
  if not signed_at then return nil, err end
  return event.read(body)
end

--- Prepares a verifier with secrets that come from the world.
-- @tparam table secrets array
-- @tparam number|false tolerance
-- @tparam number|false skew
-- @treturn[1] table see `new`
-- @treturn[2] nil
-- @treturn[2] string what is wrong with them, which quotes none
function verify.prepare(secrets, tolerance, skew)
  if #secrets == 0 then return nil, "a webhook secret is missing" end
  if #secrets > MAX_SECRETS then return nil, ("more than %d secrets"):format(MAX_SECRETS) end
  for i, secret in ipairs(secrets) do
    if type(secret) ~= "string" and type(secret) ~= "userdata" then
      return nil, ("secret %d of %d is neither text nor debitura.secret"):format(i, #secrets)
    end
  end
  local prepared, err = core.signature.verifier {
    secrets = secrets, tolerance = tolerance, skew = skew,
  }
  if not prepared then return nil, err.message end
  return setmetatable({ core = prepared }, Verifier)
end

local function of_options(read)
  local secrets = read.secrets or { read.secret }
  local verifier, err = verify.prepare(secrets, read.tolerance, read.skew)
  if not verifier then usage.error("debitura.webhook.verifier: " .. err) end
  return verifier
end

--- Prepares secrets once, for many deliveries.
-- @tparam table given see `verify.options`
-- @treturn table with the methods `verify(body, signature, now)` and `check`
-- @raise when a secret is missing or is not Base64
function verify.new(given)
  return of_options(verify.options:read(given))
end

-- The verifier of the last single secret: `secret`, `tolerance`, `skew`, `verifier`.
local last

local function is_last(read)
  return last and last.tolerance == read.tolerance and last.skew == read.skew
    and last.secret:equals(read.secret)
end

--- A verifier for one delivery. Keying one costs as much as verifying, and most programs have one
-- secret, so that of the last one is kept.
-- @tparam table read what options give that have those of `verify.options`
-- @treturn table see `new`
-- @raise when a secret is missing or is not Base64
function verify.for_one(read)
  if read.secrets then return of_options(read) end
  if is_last(read) then return last.verifier end
  local verifier = of_options(read)
  last = {
    secret = core.secret(read.secret), tolerance = read.tolerance, skew = read.skew,
    verifier = verifier,
  }
  return verifier
end

return verify
