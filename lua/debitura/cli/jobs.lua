--- `debitura jobs`: what records have enqueued, and what was given up.
-- @module debitura.cli.jobs

local dead = require("debitura.store.revival")
local listing = require("debitura.cli.listing")
local revival = require("debitura.cli.revival")

local COLUMNS = {
  { "KEY", "key" }, { "KIND", "kind" }, { "TENANT", "tenant" }, { "STATE", "state" },
  { "ATTEMPT", "attempt", rank = 3 }, { "NEEDS", "needs", rank = 4 },
  { "DUE", "due_at", moment = true, rank = 2 }, { "RESULT", "result" },
}

local list = { name = "list", summary = "Lists jobs in the order in which they are due.",
  json = true, tables = true }

function list.describe(parser)
  parser:mutex(
    parser:option("--state", "open or dead; default: open."):choices { "open", "dead" }
      :argname("STATE"),
    parser:option("--tenant", "Of this client, also those that are done."):argname("TENANT"),
    parser:option("--needs", "Open ones that need this, such as channel:email."):argname("WHAT"))
  listing.describe(parser, COLUMNS)
end

function list.run(arguments, session)
  local filter = { state = arguments.state, tenant = arguments.tenant, needs = arguments.needs }
  if next(filter) == nil then filter.state = "open" end
  return listing.print(session, COLUMNS, "jobs", filter)
end

local retry = revival.command(dead.jobs, {
  summary = "Gives jobs that were given up another attempt.", about = "Of jobs that are dead.",
  counted = "jobs",
})

return { summary = "What links and cases have enqueued.", commands = { list, retry } }
