--- The Referral Partner API as an object.
-- @module debitura.client.partner

local api = require("debitura.client.methods")
local credential = require("debitura.client.credential")
local customer = require("debitura.client.customer")
local session = require("debitura.client.session")
local settings = require("debitura.client.options")
local tokens = require("debitura.client.tokens")

local partner = {}

--- The two environments share nothing: keys, clients, tokens, webhook secrets.
partner.hosts = {
  production = "https://referral-api.debitura.com",
  test = "https://testreferral-api.debitura.com",
}

local Partner = {}
local new_object = api.constructor("partner", Partner)

--- Short forms of the calls that every integration makes.
local SHORT_FORMS = {
  create_client = { "clients", "create" },
  get_client = { "clients", "get" },
  create_token = { "tokens", "create" },
  create_webhook = { "webhooks", "create" },
}

for short, place in pairs(SHORT_FORMS) do
  Partner[short] = function(self, ...)
    local group = self[place[1]]
    return group[place[2]](group, ...)
  end
end

--- The Customer API for one client, on the partner's engine. Tokens are minted, kept and renewed as needed, and shared by
-- all objects that this partner object makes.
-- @tparam string external_tenant_id the client's externalTenantId
-- @treturn table see debitura.client.customer
function Partner:customer(external_tenant_id)
  if type(external_tenant_id) ~= "string" or external_tenant_id == "" then
    error("partner:customer: the client's externalTenantId expected", 2)
  end
  local options = settings.without_key(self.options)
  options.base_url, options.environment = settings.base_url(self.options, customer.hosts, "customer_base_url")
  options.lender = self.session
  return customer.of_tenant(options, self.client_tokens, external_tenant_id)
end

--- Makes a partner object.
-- @tparam table options `api_key` (string or `core.secret`), `environment` ("production", the default, or "test") or
--   `base_url` with `customer_base_url`, `store` (debitura.store, through which workers share tokens; one for each key), and
--   what debitura.client.session takes: `timeout`, `connect_timeout`, `budget` (seconds), `attempts`, `ca_file`, `ca_path`, `proxy`,
--   `engine`, `waiter`, `limiter`, `logger`, `on_request`, `on_response`, `on_retry`
-- @treturn table with the groups `clients`, `cases`, `webhooks`, `reporting`, `coverage`, `tokens`, the methods `me`,
--   `filter_options`, `call` and `customer`, and the short forms `create_client`, `get_client`, `create_token`, `create_webhook`
-- @raise when a key is missing or has white space, the environment is unknown, or the URL is not https (http is for loopback)
function partner.new(options)
  if type(options) ~= "table" then error("debitura.partner: options table expected, got " .. type(options), 2) end
  local key = settings.key(options)
  local rest = settings.without_key(options)
  rest.base_url, rest.environment = settings.base_url(options, partner.hosts, "base_url")
  -- A base URL of one's own must not lead to real customers because nobody said where the other API is.
  if options.base_url and not options.customer_base_url then rest.customer_base_url = rest.base_url .. "/customer" end
  rest.credential = credential.key(key)
  local object = new_object(session.new(rest))
  object.options = rest
  object.client_tokens = tokens.new(object, options.store)
  return object
end

return partner
