--- Webhook subscriptions of a client.
-- @module debitura.sandbox.customer_api.subscriptions

local subscriptions = require("debitura.sandbox.api.subscriptions")

return { operations = subscriptions.operations(201) }
