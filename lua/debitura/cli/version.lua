--- `debitura version`: this module, and what it stands on.
-- @module debitura.cli.version

local core = require("debitura.core")
local status = require("debitura.cli.exit_status")
local version = require("debitura.base.version")

local command = { summary = "Tells the versions of this module and of what it stands on.",
  json = true }

--- All of them.
-- @treturn table by name
function command.versions()
  local found = core.system.versions()
  found.debitura, found.lua = version.number, version.lua
  return found
end

local FIELDS = {
  { "debitura", "debitura" }, { "Lua", "lua" }, { "libcurl", "libcurl" }, { "OpenSSL", "openssl" },
  { "cJSON", "cjson" },
}

function command.run(_, session)
  session.out:record(command.versions(), FIELDS)
  return status.done
end

return command
