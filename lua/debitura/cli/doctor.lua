--- `debitura doctor`: whether all is in place, and what to do where it is not.
-- @module debitura.cli.doctor

local checks = require("debitura.cli.checks")
local report = require("debitura.cli.report")
local status = require("debitura.cli.exit_status")

local unpack = table.unpack or unpack -- luacheck: ignore

local command = {
  summary = "Looks whether all is in place, and tells what to do where it is not.", json = true,
  changes = true,
  details = "Each check is a line: ok, skip (there is nothing to check), warn or fail. What "
    .. "`debitura status` knows to be wrong has a line each.",
}

function command.describe(parser)
  parser:option("--url", "Where webhooks are received; default: the configured webhook.url.")
    :argname("URL")
  parser:flag("--enable", "Wake the subscription where Debitura has switched it off.")
  parser:flag("--catch-up",
    "Put into the inbox what Debitura knows of links and cases and no webhook has told.")
end

function command.run(_, session)
  local seen, told = {}, report.new(session, status.refused)
  for _, name in ipairs(checks.order) do
    local need = checks.needs[name]
    local found = need and not seen[need] and { "skip" } or { checks[name](seen, session) }
    if type(found[1]) ~= "table" then
      told:line(name, unpack(found, 1, 4))
    else -- several at once
      for _, line in ipairs(found[1]) do
        told:line(line.check or name, line.result, line.said, line.advice, line.code)
      end
    end
  end
  return told:status()
end

return command
