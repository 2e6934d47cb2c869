--- `debitura doctor`: whether all is in place, and what to do where it is not.
-- @module debitura.cli.doctor

local checks = require("debitura.cli.checks")
local status = require("debitura.cli.status")

local command = {
  summary = "Looks whether all is in place, and tells what to do where it is not.", json = true,
  changes = true,
  details = "Each check is a line: ok, skip (there is nothing to check), warn or fail.",
}

function command.describe(parser)
  parser:option("--url", "Where webhooks are received; default: the configured webhook.url.")
    :argname("URL")
  parser:flag("--enable", "Wake the subscription where Debitura has switched it off.")
  parser:flag("--catch-up",
    "Put into the inbox what Debitura knows of links and cases and no webhook has told.")
end

local function report(session, name, result, said, advice)
  if session.out.json then
    return session.out:object { check = name, result = result, said = said, advice = advice }
  end
  session.out:line(("%-4s  %-13s  %s"):format(result, name, said or "not looked at"))
  if advice then session.out:line((" "):rep(21) .. advice) end
end

function command.run(_, session)
  local seen, code = {}, status.done
  for _, name in ipairs(checks.order) do
    local result, said, advice, its_status = checks[name](seen, session)
    report(session, name, result, said, advice)
    if result == "fail" and code == status.done then code = its_status or status.refused end
  end
  return code
end

return command
