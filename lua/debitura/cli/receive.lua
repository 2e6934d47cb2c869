--- `debitura receive`: keeps webhooks in a store's inbox, until Ctrl-C.
-- @module debitura.cli.receive

local carrier = require("debitura.webhook.carrier")
local core = require("debitura.core")
local nginx = require("debitura.nginx")
local owner = require("debitura.nginx.owner")
local verify = require("debitura.webhook.verify")

local command = { summary = "Receives webhooks: keeps them in a store, for receiver:work to handle." }

local DEFAULT_PORT = 8788
local LOOK_AROUND = 1 -- seconds between looks at the log and whether nginx is still there

local CONFIGURATION = [[
  client_max_body_size 1m;
  init_by_lua_block { require("debitura.webhook.carrier").load([=====[$OPTIONS]=====]) }
  init_worker_by_lua_block { require("debitura.webhook.carrier").start() }
  server {
    listen $ADDRESS:$PORT;
    server_tokens off;
    location / { content_by_lua_block { require("debitura.webhook.carrier").serve() } }
  }
]]

function command.describe(parser)
  parser:option("--port", "Port to listen on."):default(tostring(DEFAULT_PORT)):convert(tonumber)
  parser:option("--listen", "Address to listen on; TLS is the business of a proxy before it."):default("127.0.0.1")
  parser:option("--store", "Such as sqlite:///path; one with a password belongs into DEBITURA_STORE.")
  parser:option("--secret-file", "File with the webhook secret, or several, one in a line; else DEBITURA_WEBHOOK_SECRET holds it."
    .. " May be rewritten at any time.")
  parser:option("--accept-late", "Seconds up to which an older signature passes, if the event is new."):convert(tonumber)
  parser:flag("--verbose", "Also tells of what was kept.")
end

--- Whether webhooks could be kept: nobody should learn from the first one that they cannot.
local function check(arguments)
  local secrets, reason = carrier.secrets(arguments.secret_file)
  if not secrets then return nil, reason end
  local sound, problem = pcall(verify.new, { secrets = secrets })
  if not sound then return nil, problem end
  local ledger
  ledger, reason = carrier.open(arguments.store)
  if not ledger then return nil, reason end
  ledger:close()
  return true
end

local function start(arguments)
  local text = assert(core.json.encode {
    store = arguments.store, secret_file = arguments.secret_file and nginx.absolute(arguments.secret_file),
    accept_late = arguments.accept_late, owner = owner.pid(),
  })
  local environment = {}
  for _, name in pairs(carrier.variables) do environment[#environment + 1] = "env " .. name .. ";" end
  return nginx.start {
    http = CONFIGURATION:gsub("%$(%u+)", { OPTIONS = text, ADDRESS = arguments.listen }), port = arguments.port,
    main = table.concat(environment, "\n"), log_level = arguments.verbose and "info" or "warn",
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

function command.run(arguments)
  local ready, reason = check(arguments)
  if not ready then
    io.stderr:write("debitura receive: ", tostring(reason), "\n")
    return 2
  end
  local server
  server, reason = start(arguments)
  if not server then
    io.stderr:write("debitura receive: ", reason, "\n")
    return 1
  end
  io.stdout:write(("Webhooks are received at http://%s:%d, by any path. Ctrl-C stops it.\n"):format(arguments.listen, server.port))
  io.stdout:flush()
  -- Ctrl-C comes as an error out of the sleep.
  local _, stopped = pcall(watch, server)
  server:stop()
  if tostring(stopped):find("interrupted", 1, true) then return 0 end
  io.stderr:write("debitura receive: nginx has ended.\n")
  return 1
end

return command
