--- The Customer API as an object: for one client of a partner, or for a creditor that acts for itself.
-- @module debitura.client.customer

local api = require("debitura.client.methods")
local credential = require("debitura.client.credential")
local session = require("debitura.client.session")
local settings = require("debitura.client.options")

local customer = {}

customer.hosts = {
  production = "https://customer-api.debitura.com",
  test = "https://testcustomer-api.debitura.com",
}

local new_object = api.constructor("customer", {})

--- Makes an object for a creditor that acts for itself with a key of its own.
-- @tparam table options as debitura.partner.new takes them
-- @treturn table with the groups `cases`, `contracts`, `coverage`, `divisions`, `payments`, `tasks`, `test`, `users`,
--   `webhooks` and the methods `me` and `call`
-- @raise when a key is missing or has white space, the environment is unknown, or the URL is not https (http is for loopback)
function customer.new(options)
  if type(options) ~= "table" then error("debitura.customer: options table expected, got " .. type(options), 2) end
  local key = settings.key(options)
  local rest = settings.without_key(options)
  rest.base_url, rest.environment = settings.base_url(options, customer.hosts, "base_url")
  rest.credential = credential.key(key)
  return new_object(session.new(rest))
end

--- Makes an object for one client of a partner; see debitura.client.partner.
-- @tparam table options of the session, with `base_url` and `environment`
-- @tparam table tokens the partner's tokens
-- @tparam string tenant the client's externalTenantId
-- @treturn table as `new`
function customer.of_tenant(options, tokens, tenant)
  local own = settings.without_key(options)
  own.credential = credential.token(tokens, tenant)
  return new_object(session.new(own))
end

return customer
