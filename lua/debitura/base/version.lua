--- The version of this module, and what it runs on.
-- @module debitura.base.version

local core = require("debitura.core")

local version = {}

--- The module's own, and the one place where it stands: scripts/generate.lua writes it into the
-- rockspec, `make release` asks the changelogs for it.
version.number = "1.0.0"

local jit = rawget(_G, "jit")

--- The interpreter's.
version.lua = jit and jit.version or _VERSION

--- How requests name what sends them.
-- @treturn string such as `"debitura-lua/1.0.0 (Lua 5.4; libcurl 7.88.1)"`
function version.user_agent()
  return ("debitura-lua/%s (%s; libcurl %s)"):format(
    version.number, version.lua, core.system.versions().libcurl)
end

return version
