--- `debitura receive`: keeps webhooks in a store's inbox, until Ctrl-C.
-- @module debitura.cli.receive

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local must = require("debitura.cli.must")
local nginx = require("debitura.nginx_app")
local options = require("debitura.cli.options")
local secrets = require("debitura.cli.secrets")
local status = require("debitura.cli.exit_status")
local verify = require("debitura.webhook.verify")

local command = {
  summary = "Receives webhooks: keeps them in the store, for `inbox work` or a program of yours to "
    .. "handle.",
  details = "At any path, until Ctrl-C.", makes_store = true,
}

local DEFAULT_PORT = 8788
local LOOK_AROUND = 1 -- seconds between looks at the log and whether nginx is still there

local CONFIGURATION = [[
  client_max_body_size 8m;
  $RESOLVER
  init_by_lua_block { require("debitura.cli.nginx_app").load([=====[$OPTIONS]=====]) }
  server {
    listen $ADDRESS:$PORT;
    server_tokens off;
    location / { content_by_lua_block { require("debitura.cli.nginx_app").serve() } }
  }
]]

function command.describe(parser)
  parser:option("--port", "Port to listen on; 0 for one that is free."):argname("PORT")
    :default(tostring(DEFAULT_PORT))
    :convert(options.whole(0))
  parser:option("--listen", "Address to listen on; TLS is the business of a proxy before it.")
    :argname("ADDRESS"):default("127.0.0.1")
  parser:option("--store",
    "Instead of the configured one. An address with a password belongs into DEBITURA_STORE.")
      :argname("ADDRESS")
  parser:option("--secret-file",
    "File with the webhook secret, or several, one in each line. May be rewritten at any time.")
    :argname("FILE")
  parser:option("--accept-late",
    "Span of time, such as 2h, up to which an older signature passes, if the event is new.")
    :argname("SPAN"):convert(options.span)
  parser:option("--user",
    "Who nginx's workers are, where root starts it; default: whose the file of the store is.")
    :argname("USER")
  parser:flag("--verbose", "Also tell of what was kept.")
end

--- The file of a store that is one.
local function file_of(session)
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

--- Whether webhooks could be kept, which must not become known with the first one only. Makes the
-- store where there is none.
local function check(arguments, session)
  local hook = must(session:webhook())
  local found = must(secrets.read(hook, arguments.secret_file))
  must(verify.prepare(found))
  local path = file_of(session)
  local is_new = path and not core.system.permissions(path)
  must(session:store()):close()
  if not (is_new and arguments.user) then return true end
  local given = os.execute(("chown %s %s"):format(encoding.shell(arguments.user),
    encoding.shell(path)))
  if given == true or given == 0 then return true end
  return nil, ("%s was not given to the user %s"):format(path, arguments.user)
end

local function start(arguments, session)
  local text = assert(core.json.encode {
    app = arguments.app and nginx.absolute(arguments.app), store = arguments.store,
    accept_late = arguments.accept_late,
    secret_file = arguments.secret_file and nginx.absolute(arguments.secret_file),
  })
  return nginx.start {
    http = CONFIGURATION:gsub("%$(%u+)", { OPTIONS = text, ADDRESS = arguments.listen,
      RESOLVER = nginx.resolver() }),
    main = nginx.thread_pool("debitura", 2), port = arguments.port ~= 0 and arguments.port or nil,
    log_level = arguments.verbose and "info" or "warn", signal = "QUIT",
    user = user_of(arguments, file_of(session)),
  }
end

--- Shows what nginx logs, until it ends.
local function watch(server)
  local log = io.open(server.directory .. "/error.log", "rb")
  repeat
    local running = server:running()
    if log then
      log:seek("cur") -- past the end that was reached the last time
      io.stderr:write(log:read("*a"))
    end
    if running then core.system.sleep(LOOK_AROUND) end
  until not running
end

function command.run(arguments, session)
  must(check(arguments, session))
  local server, err = start(arguments, session)
  if not server then
    session:say("debitura receive: " .. err)
    return status.refused
  end
  session.out:line(("Webhooks are received at http://%s:%d, by any path. Ctrl-C stops it.")
    :format(arguments.listen, server.port))
  io.stdout:flush()
  local ended = session:until_interrupted(function() watch(server) end)
  server:stop()
  if not ended then return status.done end
  session:say("debitura receive: nginx has ended.")
  return status.refused
end

return command
