--- Carries a receiver in nginx for `debitura receive`: what its processes run.
-- @module debitura.cli.nginx_app

local config = require("debitura.cli.config")
local core = require("debitura.core")
local openresty = require("debitura.webhook.openresty")
local receiver = require("debitura.webhook.receiver")
local secrets = require("debitura.cli.secrets")
local store = require("debitura.store")

local carrier = {}

-- Seconds; Debitura waits 10 for an answer. A lock that another holds blocks the worker, a Redis
-- that does not answer does not.
local PATIENCE = {
  sqlite = { busy_timeout = 2 }, postgresql = { busy_timeout = 2 },
  redis = { timeout = 5 }, rediss = { timeout = 5 },
}

local options, settings, received

--- Opens the store that options or the configuration name.
-- @tparam ?string address
-- @tparam table configured see debitura.cli.config
-- @treturn[1] table store
-- @treturn[2] nil
-- @treturn[2] string|table what is wrong
function carrier.open(address, configured)
  address = address or configured.store
  if not address then return nil, "no store: give --store or DEBITURA_STORE" end
  local given = {
    address = address, encryption_key = configured.encryption_key,
    encryption_keys = configured.encryption_keys,
  }
  for name, value in pairs(PATIENCE[address:match("^%a+")] or {}) do given[name] = value end
  return store.open(given)
end

--- Takes what the command was given: for init_by_lua, in the process that has the command's
-- environment; its workers inherit what is read here.
-- @tparam string text JSON of `store`, `secret_file`, `accept_late`
function carrier.load(text)
  options, settings = assert(core.json.decode(text)), assert(config.load(os.getenv))
end

local function make()
  local opened, reason = carrier.open(options.store, settings)
  if not opened then return nil, reason end
  return receiver.new {
    store = opened, accept_late = options.accept_late,
    secret = function() return assert(secrets.read(settings, options.secret_file)) end,
  }
end

--- Serves one request: for content_by_lua. A worker opens its own connection, with its first
-- request.
function carrier.serve()
  local reason
  if not received then received, reason = make() end
  if not received then return openresty.unavailable(reason) end
  openresty.serve(received)
end

return carrier
