--- Webhook subscriptions of the partner.
-- @module debitura.sandbox.partner_api.subscriptions

local subscriptions = require("debitura.sandbox.api.subscriptions")

return { operations = subscriptions.operations(200) }
