--- A rehearsal in this process, with a sandbox.

local debitura = require("debitura")
local origin = require("spec.support.origin")
local rehearsal = require("debitura.rehearsal")

local walk = {}

--- Opens a rehearsal.
-- @tparam table service the sandbox
-- @tparam string path of its file
-- @tparam[opt] table options of the rehearsal; and `ask`, `keeper`, and `platform`, options of it
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string
function walk.open(service, path, options)
  local chosen = { unattended = true, to = "you@platform.example", patience = 20 }
  for name, value in pairs(options or {}) do chosen[name] = value end
  local given = {
    api_key = service.api_key, base_url = service.url,
    channels = { debitura.channels.callback(function() return true end) },
  }
  for name, value in pairs(chosen.platform or {}) do given[name] = value end
  return rehearsal.open {
    platform = debitura.platform(given), path = path, options = chosen, ask = chosen.ask,
    keeper = chosen.keeper or {},
  }
end

--- Goes through it.
-- @tparam table opened
-- @treturn table the report
function walk.through(opened)
  opened:run(function() end)
  opened:clean_up()
  return opened:report()
end

--- The steps of a report by their names.
function walk.by_name(report)
  local steps = {}
  for _, step in ipairs(report.steps) do steps[step.name] = step end
  return steps
end

--- A directory for the file, and what removes it.
walk.directory = origin.directory

return walk
