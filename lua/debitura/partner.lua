--- The Referral Partner API as an object.
-- @module debitura.partner

local api = require("debitura.api")
local core = require("debitura.core")
local session = require("debitura.session")

local partner = {}

--- The two environments share nothing: keys, clients, tokens, webhook secrets.
partner.hosts = {
  production = "https://referral-api.debitura.com",
  test = "https://testreferral-api.debitura.com",
}

local new_object, Partner = api.constructor("partner")

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

--- Where requests go: a named environment, or a base URL of one's own (a sandbox, a proxy).
local function base_url_of(options)
  local base_url, environment = options.base_url, options.environment
  if base_url == nil then
    if environment == nil then environment = "production" end
    base_url = partner.hosts[environment]
    if not base_url then
      error(("environment: 'production' or 'test' expected, got '%s'"):format(tostring(environment)), 3)
    end
  elseif type(base_url) ~= "string" then
    error("base_url: a URL expected, got " .. type(base_url), 3)
  end
  local allowed, problem = core.check_url(base_url)
  if not allowed then error("base_url: " .. problem.message, 3) end
  return (base_url:gsub("/+$", "")), environment
end

local function key_of(options)
  local key = options.api_key
  if key == nil or key == "" then error("api_key is missing: give the partner key that Debitura issued", 3) end
  if type(key) == "string" and key:find("%s") then
    error("api_key contains white space: it was probably copied with a line break or a blank", 3)
  end
  return core.secret(key)
end

--- Makes a partner object.
-- @tparam table options `api_key` (string or `core.secret`), `environment` ("production", the default, or "test") or
--   `base_url`, and what debitura.session takes: `timeout`, `connect_timeout`, `budget` (seconds), `attempts`, `ca_file`,
--   `ca_path`, `proxy`, `engine`, `waiter`, `on_request`, `on_response`, `on_retry`
-- @treturn table with the groups `clients`, `cases`, `webhooks`, `reporting`, `coverage`, `tokens`, the methods `me`,
--   `filter_options` and `call`, and the short forms `create_client`, `get_client`, `create_token`, `create_webhook`
-- @raise when a key is missing or has white space, the environment is unknown, or the URL is not https (http is for loopback)
function partner.new(options)
  if type(options) ~= "table" then error("debitura.partner: options table expected, got " .. type(options), 2) end
  local key = key_of(options)
  local settings = {}
  for name, value in pairs(options) do settings[name] = value end
  settings.api_key = nil
  settings.base_url, settings.environment = base_url_of(options)
  settings.credential = function(headers)
    headers.XApiKey = key
    return headers
  end
  return new_object(session.new(settings))
end

return partner
