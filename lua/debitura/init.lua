--- The front door.
--
--     local debitura = require "debitura"
--     local partner = debitura.partner { api_key = key, environment = "test" }
--     local client, err = partner:create_client(payload)
--
-- What the world does comes back as `nil, err` (see `debitura.failure`); the programmer's mistakes raise an error.
-- @module debitura

local core = require("debitura.core")
local customer = require("debitura.customer")
local failure = require("debitura.failure")
local limiter = require("debitura.limiter")
local parallel = require("debitura.parallel")
local partner = require("debitura.partner")
local store = require("debitura.store")
local waiter = require("debitura.waiter")
local webhook = require("debitura.webhook")

return {
  --- JSON null, the same value as `cjson.null` and `ngx.null`.
  null = core.null,
  --- Marks a table as a JSON array, so that an empty one becomes `[]`.
  array = core.json.array,
  --- Wraps a credential so that it shows itself to nobody.
  secret = core.secret,
  --- Makes a partner object; see `debitura.partner`.
  partner = partner.new,
  --- Makes an object for a creditor that acts for itself; see `debitura.customer`.
  customer = customer.new,
  --- Runs many calls at once; see `debitura.parallel`.
  parallel = parallel,
  --- Makes a limiter; see `debitura.limiter`.
  limiter = limiter.new,
  --- Webhooks; see `debitura.webhook`.
  webhook = webhook,
  --- The ledger of recipes and webhooks; see `debitura.store`.
  store = store,
  --- Ways to wait in event loops; see `debitura.waiter`.
  waiter = waiter,
  --- Whether a value is a failure; see `debitura.failure`.
  is_failure = failure.is,
}
