--- `debitura desk`: the operators' pages on this machine, until Ctrl-C.
-- @module debitura.cli.desk

local encoding = require("debitura.base.encoding")
local must = require("debitura.cli.must")
local server = require("debitura.cli.server")

local command = {
  summary = "Serves the operators' pages on this machine's loopback address, until Ctrl-C.",
  details = "At an address that cannot be guessed, which it prints: other users of the machine do "
    .. "not find it. The pages only show, unless --actions is given.",
}

local DEFAULT_PORT, LOOPBACK = 8790, "127.0.0.1"

function command.describe(parser)
  server.describe(parser, DEFAULT_PORT)
  parser:flag("--actions", "Who has the address may act: deliver, close, forget and so on.")
  parser:flag("--personal", "Show customers' names and what was said of failures.")
  parser:option("--name", "Who acts, for the history; default: who is logged in.")
    :argname("NAME")
end

--- Who is logged in.
local function login()
  return os.getenv("SUDO_USER") or os.getenv("LOGNAME") or os.getenv("USER") or "the command"
end

function command.run(arguments, session)
  must(session:store()):close()
  if arguments.actions then must(session:recipes()) end
  local path = "/" .. encoding.random_hex(16) .. "/"
  return server.run(session, {
    name = "desk", load = "load_desk", serve = "serve_desk", listen = LOOPBACK, path = path,
    log_level = "warn", said = "The desk is at $URL" .. path .. " – Ctrl-C stops it.",
    options = { actions = arguments.actions, personal = arguments.personal,
      name = arguments.name or login() },
  })
end

return command
