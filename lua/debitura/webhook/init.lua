--- Webhooks: what a partner's platform does with Debitura's deliveries.
-- @module debitura.webhook

local core = require("debitura.core")
local example = require("debitura.webhook.example")
local options = require("debitura.base.options")
local receiver = require("debitura.webhook.receiver")
local subscription = require("debitura.webhook.subscription")
local usage = require("debitura.base.usage")
local verify = require("debitura.webhook.verify")

local webhook = {}

--- Prepares a verifier for many deliveries.
-- @function verifier
-- @see debitura.webhook.verify.new
webhook.verifier = verify.new

local DELIVERY = options.define("debitura.webhook.verify", verify.options.rows, {
  { "body", "any", "the raw request body" },
  { "signature", "any", "the header X-Debitura-Signature" },
  { "now", "number", "Unix seconds; default: the machine's clock" },
})

--- Verifies and parses one delivery. The secret is kept for the next one, as a `debitura.secret`. A
-- server that receives many with several keeps a `verifier`.
-- @tparam table delivery `body` (the raw request body), `signature` (the X-Debitura-Signature
--   header), `secret` or `secrets`, and optionally `now`, `tolerance`, `skew` (seconds)
-- @treturn[1] table the event: `id`, `event`, `timestamp`, `data`, unknown fields included
-- @treturn[2] nil
-- @treturn[2] table failure: kind "unauthorized" (its `type` is the reason) or "malformed"
function webhook.verify(delivery)
  local read = DELIVERY:read(delivery)
  return verify.for_one(read):verify(read.body, read.signature, read.now)
end

--- Makes a receiver, which keeps deliveries in an inbox before it acknowledges them, and processes
-- them.
-- @function receiver
-- @see debitura.webhook.receiver.new
webhook.receiver = receiver.new

--- Sees to it that Debitura sends events to a URL.
-- @function ensure
-- @see debitura.webhook.subscription.ensure
webhook.ensure = subscription.ensure

--- Makes a sample event, for tests.
-- @function example
-- @see debitura.webhook.example.new
webhook.example = example.new

--- Signs a body as Debitura does, for tests.
-- @tparam string body
-- @tparam string|userdata secret Base64, text or `debitura.secret`
-- @tparam[opt] number time Unix seconds; default: now
-- @treturn string the value of the header X-Debitura-Signature
-- @raise when the secret is not Base64
function webhook.sign(body, secret, time)
  if type(body) ~= "string" then usage.error("debitura.webhook.sign: body: text expected") end
  local header, err = core.signature.sign(secret, body, time or core.system.now())
  if not header then usage.error("debitura.webhook.sign: " .. err.message) end
  return header
end

return webhook
