--- What `doctor` and `check` say: a line for each check, and the exit status that follows.
-- @module debitura.cli.report

local status = require("debitura.cli.exit_status")

local report = {}

local Report = {}
Report.__index = Report

local INDENT = (" "):rep(21)

--- Says what a check has found.
-- @tparam string name
-- @tparam string result "ok", "skip", "warn" or "fail"
-- @tparam ?string said what was seen
-- @tparam ?string advice
-- @tparam ?number code the exit status that a failure leads to
function Report:line(name, result, said, advice, code)
  if result == "fail" then self.failed = self.failed or code or self.default end
  local out = self.out
  if out.json then
    return out:object { check = name, result = result, said = said, advice = advice }
  end
  out:paragraph(said or "not looked at", ("%-4s  %-13s  "):format(result, name))
  if advice then out:paragraph(advice, INDENT) end
end

--- The exit status: that of the first check that failed.
-- @treturn number
function Report:status()
  return self.failed or status.done
end

--- Makes one.
-- @tparam table session
-- @tparam number default the exit status of a failure that says none
-- @treturn table with `line` and `status`
function report.new(session, default)
  return setmetatable({ out = session.out, default = default }, Report)
end

return report
