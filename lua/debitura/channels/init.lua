--- Ways to bring a hosted URL to the customer.
--
-- A channel is a table with a `name` (letters, digits, _ and -) and a method `deliver(message)` that gives true, or nil and
-- why not. A message has `key` (the same when a delivery is tried again: what has seen it may drop it), `tenant`,
-- `generation`, `variant` ("approval", "choice", "onboarding", "signing" or "kyc"), `url`, and, where they are known,
-- `expires_at` (Unix seconds), `reminder` (1, 2 …: which reminder it is) and `recipient` (`name`, `email`).
-- @module debitura.channels

local http = require("debitura.channels.http")

return {
  email = require("debitura.channels.email").new,
  http = http.new,
  verify = http.verify,
  print = require("debitura.channels.print").new,
  callback = require("debitura.channels.callback").new,
  redirect = require("debitura.channels.redirect").new,
}
