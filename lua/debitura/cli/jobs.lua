--- `debitura jobs`: what records have enqueued, and what was given up.
-- @module debitura.cli.jobs

local exit_status = require("debitura.cli.exit_status")
local listing = require("debitura.cli.listing")
local text = require("debitura.cli.text")

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

local retry = { name = "retry", summary = "Gives jobs that were given up another attempt.",
  json = true, changes = true }

function retry.describe(parser)
  parser:argument("key", "Of jobs that are dead."):argname("KEY"):args("*")
  parser:flag("--all", "All of them.")
end

--- The dead ones that are meant.
-- @treturn[1] table array of `{ key }`
-- @treturn[2] nil
-- @treturn[2] string|table problem
local function chosen(arguments, store)
  local jobs = {}
  for i, key in ipairs(arguments.key) do jobs[i] = { key = key } end
  if jobs[1] and arguments.all then return nil, "either keys or --all" end
  if jobs[1] then return jobs end
  if not arguments.all then return nil, "which? Give keys, or --all" end
  local listed, err = each(store, { state = "dead" }, function(job) jobs[#jobs + 1] = job end)
  return listed and jobs, err
end

function retry.run(arguments, session)
  local store, err = session:store()
  if not store then return nil, err end
  local jobs
  jobs, err = chosen(arguments, store)
  if not jobs then return nil, err end
  local revived, refused, bar = 0, 0, session:progress("jobs", #jobs)
  for i, job in ipairs(jobs) do
    local done = true
    if not arguments.dry_run then done, err = store:job_revive(job, session:now()) end
    if done == nil then
      bar:finish()
      return nil, err
    end
    if done then revived = revived + 1 else refused = refused + 1 end
    if not done then
      session:refuse(("%s was not given up."):format(text.clean(job.key)), "conflict")
    end
    bar:update(i)
  end
  bar:finish()
  session.out:record({ revived = revived, dry_run = arguments.dry_run },
    { { arguments.dry_run and "Would be tried again" or "Will be tried again", "revived" } })
  return exit_status.of_many(revived, refused)
end

return { summary = "What links and cases have enqueued.", commands = { list, retry } }
