--- `debitura sweep`: does what is due for all links and cases; for cron and for operators.
-- @module debitura.cli.sweep

local options = require("debitura.cli.options")
local status = require("debitura.cli.exit_status")

local command = {
  summary = "Does what is due: reminders, expired links, parked cases, deliveries that failed.",
  json = true, changes = true,
  details = "Client by client, several at a time, no faster than Debitura allows, until nothing is "
    .. "due. May be stopped at any time, and run in several processes: what one is doing is "
    .. "left alone by the others.",
}

function command.describe(parser)
  parser:option("--limit", "How many steps at most."):argname("COUNT"):convert(options.whole(1))
end

local COLUMNS = {
  { "TENANT", "tenant" }, { "STEP", "kind" }, { "GENERATION", "generation" },
  { "CHANNEL", "channel" }, { "RESULT", "result" },
}

--- How many steps had each result, as one line.
local function summary(counts)
  local names, parts = {}, {}
  for name in pairs(counts) do
    if name ~= "total" and name ~= "missing" then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = ("%d %s"):format(counts[name], name) end
  return ("%d steps%s"):format(counts.total, parts[1] and ": " .. table.concat(parts, ", ") or "")
end

function command.run(arguments, session)
  local recipes, err = session:recipes()
  if not recipes then return nil, err end
  local bar, rows = session:progress("steps", arguments.limit), arguments.dry_run
    and session.out:table(COLUMNS)
  local seen = { total = 0 }
  local counts
  local ended = session:until_interrupted(function()
    counts, err = recipes:sweep { limit = arguments.limit, dry_run = arguments.dry_run,
      on_progress = function(step)
      seen.total, seen[step.result] = seen.total + 1, (seen[step.result] or 0) + 1
      if rows then rows:row(step) end
      bar:update(seen.total)
    end }
  end)
  bar:finish()
  if rows then rows:close() end
  if not arguments.dry_run and session.out.json then session.out:object(seen) end
  if not session.out.json then session:note(summary(seen)) end
  if not ended then
    session:note("Stopped; the job in progress is taken up again in ten minutes.")
    return status.interrupted
  end
  if not counts then return nil, err end
  local bad = counts.failed or 0
  if bad > 0 then
    session:note("What has failed is tried again later; `debitura links show` says why it has.")
  end
  for _, row in ipairs(counts.missing) do
    session:note(("%d jobs wait for a process that has %s."):format(row.count, row.needs))
  end
  if counts.missing[1] and bad == 0 then return status.partial end
  return status.of_many(counts.total - bad, bad)
end

return command
