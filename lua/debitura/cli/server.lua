--- A command that serves HTTP: an nginx with its Lua module, until Ctrl-C.
-- @module debitura.cli.server

local core = require("debitura.core")
local nginx = require("debitura.nginx_app")
local options = require("debitura.cli.options")
local status = require("debitura.cli.exit_status")

local server = {}

local LOOK_AROUND = 1 -- seconds between looks at the log and whether nginx is still there

local CONFIGURATION = [[
  client_max_body_size 8m;
  $RESOLVER
  init_by_lua_block { require("debitura.cli.nginx_app").$LOAD([=====[$OPTIONS]=====]) }
  server {
    listen $ADDRESS:$PORT;
    server_tokens off;
    location $PATH { content_by_lua_block { require("debitura.cli.nginx_app").$SERVE() } }
  }
]]

--- Adds what every such command takes.
-- @tparam table parser of argparse
-- @tparam number port the default
function server.describe(parser, port)
  parser:option("--port", "Port to listen on; 0 for one that is free."):argname("PORT")
    :default(tostring(port)):convert(options.whole(0))
  parser:option("--store",
    "Instead of the configured one. An address with a password belongs into DEBITURA_STORE.")
      :argname("ADDRESS")
  parser:option("--user",
    "Who nginx's workers are, where root starts it; default: whose the file of the store is.")
    :argname("USER")
end

--- The file of a store that is one.
-- @tparam table session
-- @treturn ?string
function server.file_of(session)
  local settings = session:settings()
  return settings and settings.store and settings.store.address:match("^sqlite://(/.+)$")
end

--- Who the workers are to be where root starts them: root's rights are too many for what answers
-- the network.
-- @treturn ?string nil for this command's own user
local function user_of(arguments, path)
  if arguments.user then return arguments.user end
  local _, _, owner = core.system.permissions(path or "/")
  local _, is_root = core.system.permissions("/")
  return is_root and owner ~= "root" and owner or nil
end

local function start(session, given)
  local arguments, passed = session.arguments, given.options
  passed.app, passed.store = arguments.app and nginx.absolute(arguments.app), arguments.store
  return nginx.start {
    http = CONFIGURATION:gsub("%$(%u+)", {
      LOAD = given.load, SERVE = given.serve, OPTIONS = assert(core.json.encode(passed)),
      ADDRESS = given.listen, PATH = given.path, RESOLVER = nginx.resolver(),
    }),
    main = nginx.thread_pool("debitura", 2), port = arguments.port ~= 0 and arguments.port or nil,
    log_level = given.log_level, signal = "QUIT",
    user = user_of(arguments, server.file_of(session)),
  }
end

--- Shows what nginx logs, until it ends.
local function watch(running)
  local log = io.open(running.directory .. "/error.log", "rb")
  repeat
    local is_there = running:running()
    if log then
      log:seek("cur") -- past the end that was reached the last time
      io.stderr:write(log:read("*a"))
    end
    if is_there then core.system.sleep(LOOK_AROUND) end
  until not is_there
end

--- Serves until Ctrl-C, or until nginx ends.
-- @tparam table session
-- @tparam table given `name` of the command; `load`, `serve` (functions of
--   debitura.cli.nginx_app), `options` (what the first is given), `listen` (an address), `path`,
--   `log_level`; `said`: what is printed once it serves, with `$URL`
-- @treturn number exit status
function server.run(session, given)
  local name = "debitura " .. given.name
  local running, err = start(session, given)
  if not running then
    session:say(name .. ": " .. err)
    return status.refused
  end
  local url = ("http://%s:%d"):format(given.listen, running.port)
  session.out:line((given.said:gsub("%$URL", url)))
  io.stdout:flush()
  local ended = session:until_interrupted(function() watch(running) end)
  running:stop()
  if not ended then return status.done end
  session:say(name .. ": nginx has ended.")
  return status.refused
end

return server
