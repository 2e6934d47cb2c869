--- Receives webhooks in nginx for `debitura receive`, and serves the desk for `debitura desk`: what
-- their processes run.
-- @module debitura.cli.nginx_app

local config = require("debitura.cli.config")
local core = require("debitura.core")
local desk = require("debitura.status.desk")
local openresty = require("debitura.webhook.openresty")
local platform = require("debitura.platform")
local status_openresty = require("debitura.status.openresty")

local nginx_app = {}

--- How long a store may take, in seconds: Debitura waits 10 for an answer.
local PATIENCE = {
  sqlite = { "busy_timeout", 2 }, postgresql = { "busy_timeout", 2 },
  redis = { "timeout", 5 }, rediss = { "timeout", 5 },
}

local defined, desk_of_operators

--- Defines the platform of a command, whose processes know it by a role.
local function define(given, role)
  local loaded = assert(config.load {
    environment = os.getenv, app = given.app, store = { address = given.store },
    webhook = { secret_file = given.secret_file, accept_late = given.accept_late },
  })
  local store = loaded.options.store
  local patience = store and PATIENCE[store.address:match("^%a+")]
  if patience then store[patience[1]] = patience[2] end
  defined = platform.new(loaded.options)
  defined.presence.role = role
end

--- Takes what the command was given: for init_by_lua, in the process that has the command's
-- environment; its workers inherit what is read here, and open the store each for itself.
-- @tparam string text JSON of `app`, `store`, `secret_file`, `accept_late`
function nginx_app.load(text)
  define(assert(core.json.decode(text)), "receive")
end

--- Serves one request: for content_by_lua.
function nginx_app.serve()
  openresty.serve(defined.receiver)
end

--- The same for the desk.
-- @tparam string text JSON of `app`, `store`, `actions`, `personal`, `name` (who acts)
function nginx_app.load_desk(text)
  local given = assert(core.json.decode(text))
  define(given, "desk")
  desk_of_operators = desk.new {
    status = defined.status, recipes = given.actions and defined.recipes or nil,
    actions = given.actions, personal = given.personal,
    -- A page of another site whose name leads here by now sends that name.
    authorize = function(request)
      local host = (request.headers.host or ""):match("^([^:]*):?%d*$")
      if host ~= "127.0.0.1" and host ~= "localhost" then return nil end
      return given.actions and "act" or "read", given.name
    end,
  }
end

--- Serves one request of the desk: for content_by_lua.
function nginx_app.serve_desk()
  status_openresty.desk(desk_of_operators)
end

return nginx_app
