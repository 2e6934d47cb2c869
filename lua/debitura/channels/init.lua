--- Ways to bring a hosted URL to the customer.
--
-- A channel is a table with a `name` (letters, digits, _ and -) and a method `deliver(message)` that gives true, or nil and
-- why not. A message has `key` (the same when a delivery is tried again: what has seen it may drop it), `tenant`,
-- `generation`, `variant` ("approval", "choice" or "onboarding"), `url`, and `expires_at` (Unix seconds, or nil).
-- @module debitura.channels

return {
  print = require("debitura.channels.print").new,
  callback = require("debitura.channels.callback").new,
  redirect = require("debitura.channels.redirect").new,
}
