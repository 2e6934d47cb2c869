--- The front door.
--
--     local debitura = require "debitura"
--     local partner = debitura.partner { api_key = key, environment = "test" }
--     local client, err = partner:create_client(payload)
--
-- What the world does comes back as `nil, err` (see debitura.failure); the programmer's mistakes raise an error.
-- @module debitura

local core = require("debitura.core")
local customer = require("debitura.customer")
local failure = require("debitura.failure")
local partner = require("debitura.partner")
local waiter = require("debitura.waiter")
local webhook = require("debitura.webhook")

return {
  --- JSON null, the same value as `cjson.null` and `ngx.null`.
  null = core.null,
  --- Marks a table as a JSON array, so that an empty one becomes `[]`.
  array = core.json.array,
  --- Wraps a credential so that it shows itself to nobody.
  secret = core.secret,
  --- Makes a partner object; see debitura.partner.
  partner = partner.new,
  --- Makes an object for a creditor that acts for itself; see debitura.customer.
  customer = customer.new,
  --- Webhooks; see debitura.webhook.
  webhook = webhook,
  --- Ways to wait in event loops; see debitura.waiter.
  waiter = waiter,
  --- Whether a value is a failure; see debitura.failure.
  is_failure = failure.is,
}
