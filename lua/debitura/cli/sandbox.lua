--- `debitura sandbox`: Debitura's partner side on this machine, until Ctrl-C.
-- @module debitura.cli.sandbox

local core = require("debitura.core")
local input = require("debitura.cli.input")
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local sandbox = require("debitura.sandbox")
local status = require("debitura.cli.exit_status")

local command = { summary = "Runs a stand-in for Debitura on this machine.",
  details = "Until Ctrl-C. Everything in it is made up." }

local DEFAULT_PORT = 8787
local LOOK_AROUND = 5 -- seconds between looks whether nginx is still there

function command.describe(parser)
  parser:option("--port", "Port to listen on; 0 for one that is free."):argname("PORT")
    :default(tostring(DEFAULT_PORT))
    :convert(options.whole(0))
  parser:option("--listen", "Address to listen on."):argname("ADDRESS"):default("127.0.0.1")
  parser:option("--host-name",
    "Name, besides those of this machine, by which requests may reach it."):argname("NAME")
    :count("*")
  parser:option("--config",
    "JSON file with settings, seed, situations and accounts; docs/sandbox.md lists them.")
      :argname("FILE")
  parser:option("--state", "file that keeps the sandbox over restarts."):argname("FILE")
end

local BANNER = [[
The sandbox is running; everything in it is made up. Ctrl-C stops it.

  partner API    %s     header XApiKey: %s
  Customer API   %s     bearer token from POST /oauth/token
  controls       %s/_sandbox

  debitura.partner { api_key = "%s", base_url = "%s" }

Webhooks: POST /v1/Webhooks takes http URLs of this machine and gives the secret that signs them.
A customer who is known already: client.supportEmail = "office@existing.example".
Time: curl -X POST %s/_sandbox/clock -H 'Content-Type: application/json' -d '{"advance":"7d1h"}'
]]

-- What a configuration file may say, and its types.
local IN_FILE = { settings = "table", seed = "number", situations = "table", accounts = "table" }

local function read_config(path)
  local config = must(input.json(path))
  for name, value in pairs(config) do
    if not IN_FILE[name] then return nil, ("%s: unknown name '%s'"):format(path, name) end
    if type(value) ~= IN_FILE[name] then
      return nil, ("%s: '%s' must be a %s"):format(path, name, IN_FILE[name])
    end
  end
  return config
end

function command.run(arguments, session)
  local config = arguments.config and must(read_config(arguments.config)) or {}
  config.port = arguments.port ~= 0 and arguments.port or nil
  config.address, config.state_file = arguments.listen, arguments.state
  config.host_names = arguments.host_name
  if arguments.listen ~= "127.0.0.1" then
    session:say("Warning: listening on " .. arguments.listen
      .. "; any process that reaches this port controls the sandbox.")
  end
  local server, err = sandbox.start(config)
  if not server then
    session:say("debitura sandbox: " .. err)
    return status.refused
  end
  io.stdout:write(BANNER:format(server.url, server.api_key, server.customer_url, server.url,
    server.api_key, server.url, server.url))
  io.stdout:flush()
  local ended = session:until_interrupted(function()
    while server:running() do core.system.sleep(LOOK_AROUND) end
  end)
  local log = server:log()
  server:stop()
  if log ~= "" then io.stderr:write(log) end
  if not ended then return status.done end
  session:say("debitura sandbox: nginx has ended.")
  return status.refused
end

return command
