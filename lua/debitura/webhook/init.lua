--- Webhooks: what a partner's platform does with Debitura's deliveries.
-- @module debitura.webhook

local verify = require("debitura.webhook.verify")

local webhook = {}

--- Prepares a verifier for many deliveries.
-- @function verifier
-- @see debitura.webhook.verify.new
webhook.verifier = verify.new

--- Verifies and parses one delivery. A server that receives many keeps a `verifier`.
-- @tparam table delivery `body` (the raw request body), `signature` (the X-Debitura-Signature header), `secret` or `secrets`,
--   and optionally `now`, `tolerance`, `skew` (seconds)
-- @treturn[1] table the event: `id`, `event`, `timestamp`, `data`, unknown fields included
-- @treturn[2] nil
-- @treturn[2] table failure: kind "unauthorized" (its `type` is the reason) or "malformed"
function webhook.verify(delivery)
  return verify.new(delivery):verify(delivery.body, delivery.signature, delivery.now)
end

return webhook
