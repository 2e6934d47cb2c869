--- Ways to bring a hosted URL to the customer.
--
-- A channel is a table with a `name` (letters, digits, _ and -) and a method `deliver(message)`
-- that gives true, or nil and an error. Where the error is a table whose field `final` is true, the
-- same message can never pass (an address that cannot be written, a 5xx at RCPT, a 4xx of an
-- endpoint but 408 and 429), and is not tried again.
--
-- A message has `key` (the same when a delivery is tried again: what has seen it may drop it),
-- `tenant`, `generation`, `variant` ("approval", "choice", "onboarding", "signing" or "kyc"),
-- `url`, and, where they are known, `expires_at` (Unix seconds), `reminder` (1, 2 …: which reminder
-- it is), `recipient` (`name`, `email`) and `country`, `language` (what the customer is written to
-- in).
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
