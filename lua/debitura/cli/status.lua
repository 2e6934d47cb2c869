--- `debitura status`: how the store stands, what is wrong, and what to type.
-- @module debitura.cli.status

local core = require("debitura.core")
local exit_status = require("debitura.cli.exit_status")
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local report = require("debitura.status.report")
local screen = require("debitura.cli.status_screen")

local command = {
  summary = "Shows how links, jobs, webhooks and processes stand, and what to type.", json = true,
  details = "Exits with 0 whenever the store could be read; with --fail-on with 4 from that level "
    .. "on, and what is wrong stands last.",
}

local WATCH_EVERY = 5 -- seconds

function command.describe(parser)
  parser:flag("--watch", "Show it again every few seconds, until Ctrl-C.")
  options.span(parser, "--every", "How often, with --watch.")
  parser:option("--fail-on", "Exit with 4 from this level on: warn or fail.")
    :choices { "warn", "fail" }:argname("LEVEL")
  parser:flag("--prometheus", "As metrics, for the textfile collector of node_exporter.")
end

--- The store in a few words.
local function about(session, seen)
  local settings = session:settings()
  local kind = settings.store.address:match("^%a+")
  return ("%s, %s"):format(kind, seen.environment or "no environment yet")
end

local CLEAR = "\27[H\27[2J"

local function show(session, seen)
  local out, arguments = session.out, session.arguments
  if out.json then return out:object(seen) end
  for i, line in ipairs(screen.lines(seen, about(session, seen), arguments.fail_on)) do
    local clear = i == 1 and arguments.watch and out.screen and CLEAR or ""
    out:line(clear .. out:paint(line.level, line[1]))
  end
end

--- Reads once and shows it.
-- @treturn[1] number exit status
-- @treturn[2] nil
-- @treturn[2] string|table problem
local function once(arguments, session)
  local status = must(session:part("status"))
  if arguments.prometheus then
    local text, err = status:metrics()
    if err then return nil, err end
    session.out:line((text:gsub("\n$", "")))
    if not arguments.fail_on then return exit_status.done end
  end
  local seen = must(status:read())
  if not arguments.prometheus then show(session, seen) end
  local trips = arguments.fail_on and report.reaches(seen.level, arguments.fail_on)
  return trips and exit_status.partial or exit_status.done
end

--- Shows it again and again.
local function watch(arguments, session)
  local code, err
  session:until_asked(function(stop)
    repeat
      code, err = once(arguments, session)
      session.out:finish()
      if not code or stop() then return end
      core.system.sleep(arguments.every or WATCH_EVERY)
    until stop()
  end)
  return code, err
end

function command.run(arguments, session)
  if arguments.prometheus and arguments.json then return nil, "either --prometheus or --json" end
  if arguments.every == 0 then return nil, "--every: more than 0s expected" end
  must(session:store())
  if arguments.watch then return watch(arguments, session) end
  return once(arguments, session)
end

return command
