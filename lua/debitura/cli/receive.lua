--- `debitura receive`: keeps webhooks in a store's inbox, until Ctrl-C.
-- @module debitura.cli.receive

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local must = require("debitura.cli.must")
local nginx = require("debitura.nginx_app")
local options = require("debitura.cli.options")
local secrets = require("debitura.cli.secrets")
local server = require("debitura.cli.server")

local command = {
  summary = "Receives webhooks: keeps them in the store, for `inbox work` or a program of yours to "
    .. "handle.",
  details = "At any path, until Ctrl-C.", makes_store = true,
}

local DEFAULT_PORT = 8788

function command.describe(parser)
  parser:option("--listen", "Address to listen on; TLS is the business of a proxy before it.")
    :argname("ADDRESS"):default("127.0.0.1")
  server.describe(parser, DEFAULT_PORT)
  parser:option("--secret-file",
    "File with the webhook secret, or several, one in each line. May be rewritten at any time.")
    :argname("FILE")
  options.span(parser, "--accept-late",
    "Span of time, such as 2h, up to which an older signature passes, if the event is new.")
  parser:flag("--verbose", "Also tell of what was kept.")
end

--- Whether webhooks could be kept, which must not become known with the first one only. Makes the
-- store where there is none.
local function check(arguments, session)
  local hook = must(session:webhook())
  must(secrets.verifier(hook, arguments.secret_file))
  local path = server.file_of(session)
  local is_new = path and not core.system.permissions(path)
  must(session:store()):close()
  if not (is_new and arguments.user) then return true end
  local given = os.execute(("chown %s %s"):format(encoding.shell(arguments.user),
    encoding.shell(path)))
  if given == true or given == 0 then return true end
  return nil, ("%s was not given to the user %s"):format(path, arguments.user)
end

function command.run(arguments, session)
  must(check(arguments, session))
  return server.run(session, {
    name = "receive", load = "load", serve = "serve", listen = arguments.listen, path = "/",
    options = {
      accept_late = arguments.accept_late,
      secret_file = arguments.secret_file and nginx.absolute(arguments.secret_file),
    },
    log_level = arguments.verbose and "info" or "warn",
    said = "Webhooks are received at $URL, by any path. Ctrl-C stops it.",
  })
end

return command
