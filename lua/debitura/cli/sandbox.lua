--- `debitura sandbox`: Debitura's partner side on this machine, until Ctrl-C.
-- @module debitura.cli.sandbox

local core = require("debitura.core")
local sandbox = require("debitura.sandbox")

local command = { summary = "Runs a stand-in for Debitura on this machine." }

local DEFAULT_PORT = 8787
local LOOK_AROUND = 5 -- seconds between looks whether nginx is still there

function command.describe(parser)
  parser:option("--port", "Port to listen on; 0 for one that is free."):default(tostring(DEFAULT_PORT)):convert(tonumber)
  parser:option("--listen", "Address to listen on."):default("127.0.0.1")
  parser:option("--config", "JSON file with settings, seed, situations and accounts; docs/sandbox.md lists them.")
  parser:option("--state", "SQLite file that keeps the sandbox over restarts.")
end

local function read_config(path)
  if not path then return {} end
  local file, reason = io.open(path, "rb")
  if not file then return nil, reason end
  local text = file:read("*a")
  file:close()
  local config, problem = core.json.decode(text)
  if type(config) ~= "table" then return nil, path .. ": " .. (problem and problem.message or "an object is expected") end
  return config
end

local BANNER = [[
The sandbox is running; everything in it is made up. Ctrl-C stops it.

  partner API    %s     header XApiKey: %s
  Customer API   %s     bearer token from POST /oauth/token
  controls       %s/_sandbox

  debitura.partner { api_key = "%s", base_url = "%s" }

Webhooks: POST /v1/Webhooks takes http URLs of this machine and answers with the secret that signs them.
A customer who is known already: client.supportEmail = "office@existing.example".
Time: curl -X POST %s/_sandbox/clock -H 'Content-Type: application/json' -d '{"advance":"7d1h"}'
]]

function command.run(arguments)
  local config, reason = read_config(arguments.config)
  if not config then
    io.stderr:write("debitura sandbox: ", reason, "\n")
    return 2
  end
  config.port = arguments.port ~= 0 and arguments.port or nil
  config.address, config.state_file = arguments.listen, arguments.state
  if arguments.listen ~= "127.0.0.1" then
    io.stderr:write("Warning: listening on ", arguments.listen, "; whoever reaches this port controls the sandbox.\n")
  end
  local server
  server, reason = sandbox.start(config)
  if not server then
    io.stderr:write("debitura sandbox: ", reason, "\n")
    return 1
  end
  io.stdout:write(BANNER:format(server.url, server.api_key, server.customer_url, server.url, server.api_key, server.url, server.url))
  io.stdout:flush()
  -- Ctrl-C comes as an error out of the sleep.
  local _, stopped = pcall(function()
    while server:running() do core.system.sleep(LOOK_AROUND) end
  end)
  local log = server:log()
  server:stop()
  if log ~= "" then io.stderr:write(log) end
  if tostring(stopped):find("interrupted", 1, true) then return 0 end
  io.stderr:write("debitura sandbox: nginx has ended.\n")
  return 1
end

return command
