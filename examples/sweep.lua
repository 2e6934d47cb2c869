--- For cron, every few minutes: does what is due, says only what has failed, and ends with 1 when
-- something has.
--
--     */5 * * * * lua examples/sweep.lua
--
-- Two that overlap do each other no harm: what one is doing is left alone by the other.

local platform = require("examples.platform")

local failed = {}
local counts, problem = platform.recipes:sweep { on_progress = function(step)
  if step.result == "failed" then
    failed[#failed + 1] = ("%s: %s failed and is tried again later"):format(step.tenant, step.kind)
  end
end }
if not counts then
  io.stderr:write(tostring(problem), "\n")
  os.exit(1)
end
if failed[1] then
  io.stderr:write(table.concat(failed, "\n"), "\n")
  os.exit(1)
end
