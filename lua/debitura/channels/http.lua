--- Delivers a hosted URL to the platform's own endpoint: the message as JSON, signed as Debitura signs webhooks.
-- @module debitura.channels.http

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local wire = require("debitura.channels.sender")

local http = {}

local OPERATION = "channels.http"

--- The header that carries the signature.
http.SIGNATURE_HEADER = "X-Debitura-Delivery-Signature"

local Channel = { name = "http" }
Channel.__index = Channel

function Channel.__tostring(self)
  return "debitura.channels.http (" .. self.name .. ")"
end

-- A key as a header can carry it. Those that are visible ASCII stay as they are.
local function header_value(key)
  return encoding.percent(key, "[^!-$&-~]")
end

-- What any status but 2xx means.
local function not_taken(status)
  local redirect = status >= 300 and status < 400
  return nil, failure.new {
    kind = status >= 500 and "server" or "transport", operation = OPERATION, status = status,
    message = "the endpoint did not take it" .. (redirect and ": it redirects, which is not followed" or ""),
  }
end

--- Posts one message. A 2xx is a delivery.
-- @tparam table message
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure, which names neither the endpoint's path nor the hosted URL: its `status` is the answer's, where there was one
function Channel:deliver(message)
  local body, problem = core.json.encode(message)
  if not body then return nil, failure.new { kind = "validation", operation = OPERATION, message = problem.message, sent = false } end
  local headers = {}
  for name, value in pairs(self.headers) do headers[name] = value end
  headers["Content-Type"] = "application/json"
  headers["Idempotency-Key"] = header_value(message.key)
  headers[http.SIGNATURE_HEADER] = core.signature.sign(self.secret, body, self.clock())
  local answer, failed = self.wire:send("submit", { method = "POST", url = self.url, headers = headers, body = body })
  if not answer then return nil, failed end
  if answer.status >= 200 and answer.status < 300 then return true end
  return not_taken(answer.status)
end

--- Closes the connections; not while deliveries are under way. The next delivery opens new ones.
function Channel:close()
  self.wire:close()
end

local OURS = { ["content-type"] = true, ["idempotency-key"] = true, [http.SIGNATURE_HEADER:lower()] = true }

local function check_options(options)
  local allowed, problem = core.check_url(tostring(options.url))
  if not allowed then error(problem.message, 3) end
  if not options.secret then error("secret: what the messages are signed with, Base64", 3) end
  allowed, problem = core.signature.sign(options.secret, "", 0)
  if not allowed then error("secret: " .. problem.message, 3) end
  for name in pairs(options.headers or {}) do
    if OURS[tostring(name):lower()] then error(("headers: %s is set by the channel"):format(name), 3) end
  end
  if options.clock ~= nil and type(options.clock) ~= "function" then error("clock: a function expected", 3) end
end

--- Makes the channel.
-- @tparam table options `url` (https, or http to a loopback host), `secret` (Base64, text or `debitura.secret`), `headers` (further ones:
--   name to text or `debitura.secret`), `name` ("http"), `timeout` (seconds, 30), `ca_file` (PEM; default: the system's), `clock`
--   (a function that gives Unix seconds; default: the machine's), `waiter` (see `debitura.waiter`; default: that of here and now)
-- @treturn table with `deliver` and `close`
-- @raise when an option is wrong
function http.new(options)
  if type(options) ~= "table" then error("options table expected", 2) end
  check_options(options)
  return setmetatable({
    name = options.name, url = options.url, secret = core.secret(options.secret), headers = options.headers or {},
    clock = options.clock or core.system.now, wire = wire.new(OPERATION, options),
  }, Channel)
end

--- Verifies what the endpoint received and reads it. Act once for a `key`: the same message may come again.
-- @tparam table delivery `body` (the raw request body), `signature` (the X-Debitura-Delivery-Signature header), `secret` or `secrets`
--   (while one is rotated), and optionally `now`, `tolerance` (300), `skew` (30; seconds)
-- @treturn[1] table the message
-- @treturn[2] nil
-- @treturn[2] table failure: kind "unauthorized", its `type` the reason (missing, malformed, no_match, too_old, in_future), or "malformed"
-- @raise when a secret is missing or is not Base64
function http.verify(delivery)
  if type(delivery.body) ~= "string" then error("body: the raw request body is needed, as a string", 2) end
  local verifier, problem = core.signature.verifier {
    secrets = delivery.secrets or { delivery.secret }, tolerance = delivery.tolerance, skew = delivery.skew,
  }
  if not verifier then error(problem.message, 2) end
  local signed_at, reason = verifier:verify(delivery.signature, delivery.body, delivery.now or core.system.now())
  if not signed_at then
    return nil, failure.new {
      kind = "unauthorized", type = reason, operation = OPERATION, message = "the signature is not that of the channel with this secret",
    }
  end
  local message = core.json.decode(delivery.body)
  if type(message) == "table" and type(message.key) == "string" and type(message.url) == "string" then return message end
  return nil, failure.new { kind = "malformed", operation = OPERATION, message = "the body is no message of a channel" }
end

return http
