--- `debitura sweep`: does what is due for all links and cases; for cron and for operators.
-- @module debitura.cli.sweep

local counted = require("debitura.base.text").counted
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local sentences = require("debitura.cli.sentences")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local command = {
  summary = "Does what is due: reminders, expired links, parked cases, deliveries that failed.",
  json = true, changes = true,
  details = "Client by client, several at a time, no faster than Debitura allows, until nothing is "
    .. "due. May be stopped at any time, and run in several processes: what one is doing is "
    .. "left alone by the others.",
}

function command.describe(parser)
  options.count(parser, "--limit", "How many steps at most.")
end

local COLUMNS = {
  { "TENANT", "tenant" }, { "STEP", "kind" }, { "GENERATION", "generation", rank = 5 },
  { "CHANNEL", "channel" }, { "RESULT", "result" },
}

--- Results of steps that have neither done nor failed anything.
local NEITHER = { "skipped", "waiting", "lost" }

--- What was done, as one line.
local function tell(session, counts)
  if counts.total == 0 then
    if session:tells_of_nothing() then session:note("Nothing is due.") end
    return
  end
  session:note(counted("%d step{|s}: %s.", counts.total):format(counts.total,
    sentences.summary(counts)))
end

--- The exit status, once it is said what calls for attention.
local function judge(session, counts, seen)
  local bad, good = counts.failed or 0, counts.total - (counts.failed or 0)
  for _, word in ipairs(NEITHER) do good = good - (counts[word] or 0) end
  if bad > 0 then
    local again = seen.retried and " and {is|are} tried again" or " for good"
    session:complain(text.clean(counted("%d step{|s} failed" .. again .. ", such as %s of %s: %s",
      bad):format(bad, seen.failed.kind, seen.failed.tenant, seen.failed.problem or "unknown")),
      { kind = "server", retryable = seen.retried })
  end
  for _, row in ipairs(counts.missing) do
    session:complain(counted("%d job{ waits|s wait} for a process that has %s.", row.count)
      :format(row.count, row.needs), { kind = "configuration", retryable = false })
  end
  if bad > 0 and good > 0 then return status.partial end
  if bad > 0 then return seen.retried and status.transport or status.refused end
  return counts.missing[1] and status.partial or status.done
end

function command.run(arguments, session)
  local recipes = must(session:recipes())
  local bar, rows = session:progress("steps", arguments.limit), arguments.dry_run
    and session.out:table(COLUMNS)
  local seen, done = {}, { total = 0 }
  local counts, err
  local ended = session:until_asked(function(stop)
    counts, err = recipes:sweep { limit = arguments.limit, dry_run = arguments.dry_run,
      on_progress = function(step)
      done.total, done[step.result] = done.total + 1, (done[step.result] or 0) + 1
      if step.result == "failed" then
        seen.failed, seen.retried = step, seen.retried or not step.given_up
      end
      if rows then rows:row(step) end
      bar:update(done.total)
      return not stop()
    end }
  end)
  bar:finish()
  if rows then rows:close() end
  if not session.out.json then
    tell(session, done)
  elseif not arguments.dry_run and not arguments.quiet then
    session.out:object(done)
  end
  if not counts and err then return nil, err end
  if not ended then
    session:note("Stopped; a sweep goes on from here.")
    return status.interrupted
  end
  return judge(session, counts, seen)
end

return command
