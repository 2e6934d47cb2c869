--- `debitura jobs`: what records have enqueued, and what was given up.
-- @module debitura.cli.jobs

local dead = require("debitura.store.revival")
local listing = require("debitura.cli.listing")
local revival = require("debitura.cli.revival")

local PAGE = 500 -- rows that are asked for at once

--- Goes through the jobs that fit a filter, page by page; `use(job)` ends it by false.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
local function each(store, filter, use)
  local after
  repeat
    local page, err = store:jobs {
      state = filter.state, tenant = filter.tenant, needs = filter.needs, after = after,
      limit = PAGE,
    }
    if not page then return nil, err end
    for _, job in ipairs(page) do
      if use(job) == false then return true end
      after = job
    end
  until #page < PAGE
  return true
end

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
  local store, err = session:store()
  if not store then return nil, err end
  local filter = { state = arguments.state, tenant = arguments.tenant, needs = arguments.needs }
  if next(filter) == nil then filter.state = "open" end
  return listing.print(session, COLUMNS, function(use) return each(store, filter, use) end)
end

local retry = revival.command(dead.jobs, {
  summary = "Gives jobs that were given up another attempt.", about = "Of jobs that are dead.",
  counted = "jobs",
})

return { summary = "What links and cases have enqueued.", commands = { list, retry } }
