--- The Customer API as an object: for one client of a partner, or for a creditor that acts for
-- itself.
-- @module debitura.client.customer

local client_options = require("debitura.client.options")
local credential = require("debitura.client.credential")
local methods = require("debitura.client.methods")
local session = require("debitura.client.session")

local customer = {}

customer.hosts = {
  production = "https://customer-api.debitura.com",
  test = "https://testcustomer-api.debitura.com",
}

local new_object = methods.constructor("customer", {})

--- Makes an object for a creditor that acts for itself with a key of its own.
-- @tparam table options `api_key`, `environment` or `base_url`, and others: see the page of options
-- @treturn table with the groups `cases`, `contracts`, `coverage`, `divisions`, `payments`,
--   `tasks`, `test`, `users`, `webhooks` and the methods `me` and `call`
-- @raise at the caller's line, when an option is unknown, missing or wrong
function customer.new(options)
  local read = client_options.read(client_options.customer, options, customer.hosts)
  return new_object(session.new(read, credential.key(read.api_key)))
end

--- Makes an object for one client of a partner; see debitura.client.partner.
-- @tparam table parent the partner's session, whose options, engine and limiter are shared
-- @tparam string base_url of the Customer API
-- @tparam table tokens the partner's tokens
-- @tparam string tenant the client's externalTenantId
-- @treturn table as `new`
function customer.of_tenant(parent, base_url, tokens, tenant)
  return new_object(parent:share(base_url, credential.token(tokens, tenant)))
end

return customer
