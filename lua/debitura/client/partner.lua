--- The Referral Partner API as an object.
-- @module debitura.client.partner

local client_options = require("debitura.client.options")
local credential = require("debitura.client.credential")
local customer = require("debitura.client.customer")
local methods = require("debitura.client.methods")
local session = require("debitura.client.session")
local tokens = require("debitura.client.tokens")
local usage = require("debitura.base.usage")

local partner = {}

--- The two environments share nothing: keys, clients, tokens, webhook secrets.
partner.hosts = {
  production = "https://referral-api.debitura.com",
  test = "https://testreferral-api.debitura.com",
}

local Partner = {}
local new_object = methods.constructor("partner", Partner)

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

--- What part of the limits on requests is used.
-- @treturn ?table by window: `minute`, `hour`, `day`; nil without a limiter, or where its store
--   cannot say
function Partner:limits_used()
  local limits = self.session.limiter
  return limits and limits:used(self.session:account()) or nil
end

--- The Customer API for one client, on the partner's engine. Tokens are minted, kept and renewed as
-- needed, and shared by all objects that this partner object makes.
-- @tparam string external_tenant_id the client's externalTenantId
-- @treturn table see debitura.client.customer
function Partner:customer(external_tenant_id)
  if type(external_tenant_id) ~= "string" or external_tenant_id == "" then
    usage.error("partner:customer: the client's externalTenantId expected")
  end
  return customer.of_tenant(self.session, self.customer_base_url, self.client_tokens,
    external_tenant_id)
end

-- A base URL of one's own must not lead to real customers because it was not said where the other
-- API is.
local function customer_base_url(read, has_own_host)
  local url = read.customer_base_url
    or has_own_host and read.base_url .. "/customer" or customer.hosts[read.environment]
  return (url:gsub("/+$", ""))
end

--- Makes a partner object.
-- @tparam table options `api_key`, `environment` ("production" or "test") or `base_url`, and
--   others: see the page of options
-- @treturn table with the groups `clients`, `cases`, `webhooks`, `reporting`, `coverage`, `tokens`,
--   the methods `me`, `filter_options`, `call` and `customer`, and the short forms `create_client`,
--   `get_client`, `create_token`, `create_webhook`
-- @raise at the caller's line, when an option is unknown, missing or wrong
function partner.new(options)
  local read = client_options.read(client_options.partner, options, partner.hosts)
  local object = new_object(session.new(read, credential.key(read.api_key)))
  object.customer_base_url = customer_base_url(read, options.base_url ~= nil)
  object.client_tokens = tokens.new(object, read.store)
  return object
end

return partner
