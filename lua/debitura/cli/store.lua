--- `debitura store`: what an operator does about the store itself.
-- @module debitura.cli.store

local failure = require("debitura.base.failure")
local layouts = require("debitura.store.layouts")
local must = require("debitura.cli.must")
local report = require("debitura.status.report")
local status = require("debitura.cli.exit_status")

local restamp = {
  name = "restamp", summary = "Says that the store belongs to the configured environment.",
  details = "A store belongs to the environment in which it was first used, and others are "
    .. "refused: its records are about clients that another environment does not have.",
  json = true, changes = true, destroys = true,
}

--- Restamps a store that is open.
local function stamp(session, found, environment)
  local was = must(found:stamp(nil))
  if was == environment then
    session:note(("The store belongs to %s already."):format(environment))
    return status.done
  end
  if session.arguments.dry_run then
    session:note(("The store would belong to %s instead of %s."):format(environment, was or "none"))
    return status.done
  end
  if was then
    must(session:confirm(("The store of %s becomes one of %s"):format(was, environment),
      environment, true))
  end
  must(found:restamp(environment))
  session.out:record({ environment = environment, was = was or nil },
    { { "Environment", "environment" }, { "Was", "was" } })
  return status.done
end

function restamp.run(_, session)
  local found = must(session:any_store())
  local code = stamp(session, found, session:platform().environment)
  found:close()
  return code
end

local migrate = {
  name = "migrate", summary = "Brings the store to this release's layout of tables and keys.",
  details = "A release reads the layouts of earlier ones; upgrade all processes first. It is done "
    .. "in one step, all of it or nothing, and cannot be taken back: have a backup.",
  json = true, changes = true, destroys = true,
}

--- The processes that are alive and do not read the latest layout, in words.
local function left_behind(session, found)
  local now, words = session:now(), {}
  for _, process in ipairs(must(found:summary(now)).processes) do
    if not process.ended_at and now - process.beat_at < report.ALIVE
      and not layouts.is_read_by(process.release, layouts.latest()) then
      words[#words + 1] = ("%s on %s, process %d, %s"):format(process.role, process.host,
        process.pid, process.release)
    end
  end
  return table.concat(words, "; ")
end

--- Migrates a store of an earlier layout.
local function raise(session, found, before)
  local latest = layouts.latest()
  for number = before + 1, latest do
    session:note(("Layout %d: %s."):format(number, layouts.list[number].adds))
  end
  local words = left_behind(session, found)
  if words ~= "" then
    must(nil, failure.new { kind = "conflict", retryable = true,
      message = ("processes run that do not read layout %d: %s; end them, or upgrade them, and "
        .. "try again in a minute"):format(latest, words) })
  end
  if not session:proceeds(("The store would go from layout %d to %d."):format(before, latest),
    ("The store goes from layout %d to %d, which releases before %s do not read"):format(before,
      latest, layouts.list[latest].since), nil, true) then
    return before
  end
  must(found:migrate())
  return latest
end

function migrate.run(_, session)
  local found = must(session:any_store())
  local before = must(found:layout())
  local after = before
  if before < layouts.latest() then
    after = raise(session, found, before)
  else
    session:note(("The store has layout %d already."):format(before))
  end
  found:close()
  session.out:record({ was = before, layout = after }, { { "Layout", "layout" }, { "Was", "was" } })
  return status.done
end

return { summary = "What is done about the store itself.", commands = { restamp, migrate } }
