--- `debitura export`: all that is kept of a client, as the law may ask for.
-- @module debitura.cli.export

local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local command = {
  summary = "Prints all that the store keeps of a client, as JSON.",
  details = "Records with their history, jobs, and webhooks with their bodies. What it prints is "
    .. "personal, and holds URLs that act for the customer: keep it where only its reader can.",
  describe = options.tenant,
}

function command.run(arguments, session)
  local recipes = must(session:recipes())
  local exported = must(recipes:export(arguments.tenant))
  if not exported then
    session:note(("Nothing is kept of %s."):format(text.clean(arguments.tenant)))
    return status.refused
  end
  for _, record in ipairs(exported.records) do record.unreadable = nil end
  session.out:object(exported)
  return status.done
end

return command
