--- Receives webhooks in nginx for `debitura receive`: what its processes run.
-- @module debitura.cli.nginx_app

local config = require("debitura.cli.config")
local core = require("debitura.core")
local openresty = require("debitura.webhook.openresty")
local platform = require("debitura.platform")

local nginx_app = {}

--- How long a store may take, in seconds: Debitura waits 10 for an answer.
local PATIENCE = {
  sqlite = { "busy_timeout", 2 }, postgresql = { "busy_timeout", 2 },
  redis = { "timeout", 5 }, rediss = { "timeout", 5 },
}

local defined

--- Takes what the command was given: for init_by_lua, in the process that has the command's
-- environment; its workers inherit what is read here, and open the store each for itself.
-- @tparam string text JSON of `app`, `store`, `secret_file`, `accept_late`
function nginx_app.load(text)
  local given = assert(core.json.decode(text))
  local loaded = assert(config.load {
    environment = os.getenv, app = given.app,
    store = { address = given.store },
    webhook = { secret_file = given.secret_file, accept_late = given.accept_late },
  })
  local store = loaded.options.store
  local patience = store and PATIENCE[store.address:match("^%a+")]
  if patience then store[patience[1]] = patience[2] end
  defined = platform.new(loaded.options)
  defined.presence.role = "receive"
end

--- Serves one request: for content_by_lua.
function nginx_app.serve()
  openresty.serve(defined.receiver)
end

return nginx_app
