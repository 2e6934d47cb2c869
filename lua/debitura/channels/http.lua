--- Delivers a hosted URL to the platform's own endpoint: the message as JSON, signed as Debitura
-- signs webhooks.
-- @module debitura.channels.http

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local merged = require("debitura.base.merged")
local null = require("debitura.base.null")
local options = require("debitura.base.options")
local sender = require("debitura.channels.sender")
local usage = require("debitura.base.usage")
local verify = require("debitura.webhook.verify")

local http = {}

local OPERATION = "channels.http"

--- The header that carries the signature.
http.SIGNATURE_HEADER = "X-Debitura-Delivery-Signature"

-- 4xx that can pass when the same is sent again: a request that took too long, and a limit.
local PASSING = { [408] = true, [429] = true }

local Channel = {}
Channel.__index = Channel

function Channel.__tostring(self)
  return "debitura.channels.http (" .. self.name .. ")"
end

-- A key as a header can carry it. Those that are visible ASCII stay as they are.
local function header_value(key)
  return encoding.percent(key, "[^!-$&-~]")
end

-- What any status but 2xx means.
local function refusal(status)
  local message = "the endpoint did not take it"
  if status >= 300 and status < 400 then
    message = message .. ": it redirects, which is not followed"
  end
  return failure.new {
    kind = status >= 500 and "server" or "transport", operation = OPERATION, status = status,
    message = message, final = status >= 400 and status < 500 and not PASSING[status],
  }
end

function Channel:headers_of(message, body)
  return merged(self.headers, {
    ["Content-Type"] = "application/json", ["Idempotency-Key"] = header_value(message.key),
    [http.SIGNATURE_HEADER] = core.signature.sign(self.secret, body, self.clock()),
  })
end

--- Posts one message. A 2xx is a delivery.
-- @tparam table message see debitura.channels
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure, which names neither the endpoint's path nor the hosted URL: its
--   `status` is the answer's, where there was one; `final` is true for a 4xx but 408 and 429, and
--   for a message that cannot be written
function Channel:deliver(message)
  local body, err = core.json.encode(message)
  if not body then
    return nil, failure.new {
      kind = "validation", operation = OPERATION, message = err.message, sent = false,
      final = true,
    }
  end
  local answer
  answer, err = self.sender:send("submit", {
    method = "POST", url = self.url, headers = self:headers_of(message, body), body = body,
  })
  if not answer then return nil, err end
  if answer.status >= 200 and answer.status < 300 then return true end
  return nil, refusal(answer.status)
end

--- Closes the connections; not while deliveries are under way. The next delivery opens new ones.
function Channel:close()
  self.sender:close()
end

-- Options -------------------------------------------------------------------------------------

local OURS = {
  ["content-type"] = true, ["idempotency-key"] = true, [http.SIGNATURE_HEADER:lower()] = true,
}

local function url_problem(url)
  local allowed, err = core.check_url(url)
  if not allowed then return (err.message:gsub("^url: ", "")) end
end

local function secret_problem(secret)
  local signed, err = core.signature.sign(secret, "", 0)
  if not signed then return err.message end
end

local function headers_problem(headers)
  for name in pairs(headers) do
    if OURS[tostring(name):lower()] then return name .. " is set by the channel" end
  end
end

http.options = options.define("debitura.channels.http", {
  { "url", "string", required = true, check = url_problem,
    "https, or http to a loopback host" },
  { "secret", "secret", required = true, check = secret_problem,
    "what the messages are signed with, Base64" },
  { "headers", "table", default = {}, check = headers_problem,
    "further ones: name to text or debitura.secret" },
  { "name", "text", default = "http", "two of a kind in one recipe need different ones" },
}, sender.options)

--- Makes the channel.
-- @tparam table given see `http.options`
-- @treturn table with `deliver` and `close`
-- @raise when an option is wrong
function http.new(given)
  local read = http.options:read(given)
  return setmetatable({
    name = read.name, url = read.url, secret = core.secret(read.secret), headers = read.headers,
    clock = read.clock, sender = sender.new(OPERATION, read),
  }, Channel)
end

-- Verifying -----------------------------------------------------------------------------------

local DELIVERY = options.define("debitura.channels.verify", {
  { "body", "string", required = true, "the raw request body is needed, as a string" },
  { "signature", "any", "the header X-Debitura-Delivery-Signature" },
  { "secret", "secret", "Base64" },
  { "secrets", "table", "several while one is rotated" },
  { "now", "number", "Unix seconds; default: the machine's clock" },
}, verify.ages)

local function refused(kind, message, reason)
  return nil, failure.new { kind = kind, type = reason, operation = OPERATION, message = message }
end

--- Verifies what the endpoint received and reads it. Act once for a `key`: the same message may
-- come again.
-- @tparam table given `body` (the raw request body), `signature` (the X-Debitura-Delivery-Signature
--   header), `secret` or `secrets` (while one is rotated), and optionally `now`, `tolerance` (300),
--   `skew` (30; seconds)
-- @treturn[1] table the message
-- @treturn[2] nil
-- @treturn[2] table failure: kind "unauthorized", its `type` the reason (missing, malformed,
--   no_match, too_old, in_future), or "malformed"
-- @raise when a secret is missing or is not Base64
function http.verify(given)
  local read = DELIVERY:read(given)
  local secrets = read.secrets or { read.secret }
  usage.check(secrets[1], "debitura.channels.verify: the secret is missing")
  local verifier, err = core.signature.verifier {
    secrets = secrets, tolerance = read.tolerance, skew = read.skew,
  }
  if not verifier then usage.error("debitura.channels.verify: " .. err.message) end
  local now = read.now or core.system.now()
  local signed_at, reason = verifier:verify(read.signature, read.body, now)
  if not signed_at then
    return refused("unauthorized", "the signature is not that of the channel with this secret",
      reason)
  end
  local message = core.json.decode(read.body)
  if null.text(message, "key") and null.text(message, "url") then return message end
  return refused("malformed", "the body is no message of a channel")
end

return http
