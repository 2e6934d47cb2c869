--- The rockspec of a release: that of the checkout, with the release's version and its archive.

local version = require("debitura.base.version")

local DEVELOPMENT = "debitura-scm-1.rockspec"

local rockspec = {}

--- @treturn table text by path
function rockspec.files()
  local file = assert(io.open(DEVELOPMENT, "rb"))
  local text = file:read("*a")
  file:close()
  local number = version.number
  text = text:gsub('version = "scm%-1"', function() return ('version = "%s-1"'):format(number) end)
  -- A source rock has the archive in it, and LuaRocks finds it there by its name.
  text = text:gsub("source = %b{}", function()
    return ('source = { url = "debitura-%s.tar.gz", dir = "debitura-%s" }'):format(number, number)
  end)
  return { ["debitura-" .. number .. "-1.rockspec"] = text }
end

return rockspec
