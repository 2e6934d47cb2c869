--- `debitura rehearse`: walks through the whole story with Debitura's test environment, or with a
-- sandbox, and tells where it is not as the documents have it.
-- @module debitura.cli.rehearse

local core = require("debitura.core")
local input = require("debitura.cli.input")
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local page = require("debitura.rehearsal.page")
local rehearsal = require("debitura.rehearsal")
local secrets = require("debitura.cli.secrets")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local WIDTH, LABEL = 80, 11

local command = {
  summary = "Rehearses the whole story with Debitura's test environment, or with a sandbox.",
  json = true,
  details = "It makes clients, cases and a subscription, and removes them again, also after Ctrl-C "
    .. "and when it is started the next time. What takes days goes on when it is started again. "
    .. "Exits with 0 when all agrees, with 4 when something differs, is left behind, or is "
    .. "mandatory and not tried yet.",
}

--- Options that name an account which Debitura has.
local ACCOUNTS = {
  { "existing", "The office address of an account in the test environment that is to approve." },
  { "expiring", "That of another one, whose request is left unanswered." },
  { "choice", "The address of a user there." },
  { "other-partner", "The office address of another partner's client." },
  { "not-creditor", "That of an account that is no creditor's." },
}

function command.describe(parser)
  parser:option("--to", "An address of your own: the URL is delivered to it, and made up customers "
    .. "get it with a + and their names."):argname("ADDRESS")
  for _, row in ipairs(ACCOUNTS) do
    parser:option("--" .. row[1], row[2]):argname("ADDRESS")
  end
  parser:flag("--unattended", "Let the sandbox approve and sign.")
  parser:option("--file", "Keeps the rehearsal over days."):argname("FILE")
    :default("debitura-rehearsal.json")
  parser:option("--html", "Write the report as a page as well."):argname("FILE")
  options.span(parser, "--patience",
    "A span of time: how long an answer, or a webhook, is waited for."):default("30s")
  parser:flag("--again", "Go through what does not agree once more.")
  parser:flag("--anew", "Begin another rehearsal.")
  parser:flag("--report", "Show the report, and do nothing.")
  parser:flag("--clean", "Remove all that was made, and do nothing else.")
  parser:flag("--reset-accounts", "When cleaning up, delete the accounts named above, too, which "
    .. "are linked by then.")
end

-- The report --------------------------------------------------------------------------------------

--- A labelled paragraph of a width.
local function paragraph(out, label, content)
  local lines = text.wrap(text.clean(content), WIDTH - LABEL)
  out:line(text.fit(label, LABEL) .. table.concat(lines, "\n" .. (" "):rep(LABEL)))
end

local function show(out, report)
  if out.json then return out:object(report) end
  local title, summary = page.heading(report)
  out:line(title)
  out:line(summary)
  for _, step in ipairs(report.steps) do
    out:line("")
    out:line(out:paint(step.verdict, text.fit(step.verdict, LABEL)) .. step.name
      .. (step.level == "recommended" and " (recommended)" or ""))
    paragraph(out, "expected", ("%s (%s)"):format(step.expected, step.source))
    for _, line in ipairs(page.seen(step)) do
      paragraph(out, step.verdict == "not tried" and "because" or "seen", line)
    end
  end
  for _, section in ipairs { { "noted", report.noted }, { "kept", page.things(report.kept) },
    { "left", page.things(report.left) } } do
    if section[2][1] then out:line("") end
    for _, line in ipairs(section[2]) do paragraph(out, section[1], line) end
  end
end

--- Says that something is there still.
local function tell_of_left(session, report)
  if report.left[1] then session:note("Not all is cleaned up: `debitura rehearse --clean`.") end
end

--- Shows what there is, and what to do with it.
local function conclude(session, opened)
  local report = opened:report()
  show(session.out, report)
  local path = session.arguments.html
  if path then must(core.system.write_private(path, page.html(report))) end
  tell_of_left(session, report)
  for _, step in ipairs(report.steps) do
    if step.waits then
      session:note("The same command goes on, when what is waited for has come.")
      break
    end
  end
  return report.agrees and status.done or status.partial
end

-- Steps -------------------------------------------------------------------------------------------

local ANSWERS = { [""] = "done", s = "skip", l = "later" }

--- Asks a person to do something at Debitura.
local function asker(session)
  local keyboard = session:keyboard()
  if not keyboard then return nil end
  return function(what, url)
    session:say(("\n%s:\n%s"):format(what, url))
    while true do
      session.stderr:write("Enter when it is done, s to skip it, l to go on another day: ")
      session.stderr:flush()
      local line = keyboard:read("*l")
      if core.signals.came() then error("interrupted!", 0) end
      if not line then return "later" end
      local answer = ANSWERS[line:lower():match("^%s*(.-)%s*$")]
      if answer then return answer end
    end
  end
end

--- Where the platform's receiver finds secrets.
local function keeper_of(session)
  local path = (session:webhook() or {}).secret_file
  local keeper = {}

  function keeper.keep(_, secret)
    local file, err = secrets.keeper(path)
    if not file then return nil, err end
    local kept
    kept, err = file:keep(secret)
    file:close()
    return kept, err
  end

  --- Takes out of the file what has a mark.
  function keeper.drop(_, mark)
    local present, err = input.read(path)
    if not present then return nil, err end
    local lines = {}
    for word in present:gmatch("%S+") do
      if core.digest.sha256(word) ~= mark then lines[#lines + 1] = word end
    end
    return core.system.write_private(path, table.concat(lines, "\n") .. "\n")
  end

  return keeper
end

local function open(arguments, session)
  local platform = must(session:platform())
  local chosen = { unattended = arguments.unattended, to = arguments.to,
    patience = arguments.patience, again = arguments.again, anew = arguments.anew,
    reset_accounts = arguments.reset_accounts, idle = arguments.report or arguments.clean }
  for _, row in ipairs(ACCOUNTS) do
    local name = row[1]:gsub("-", "_")
    chosen[name] = arguments[name]
  end
  return must(rehearsal.open {
    platform = platform, path = arguments.file, options = chosen,
    ask = asker(session), keeper = keeper_of(session),
  })
end

--- Walks through the steps, and cleans up, whatever has happened.
local function walk(session, opened)
  local ran = session:until_interrupted(function()
    opened:run(function(step, result)
      if result then session:note(("%-10s %s"):format(result.verdict, step.name)) end
    end)
  end)
  core.signals.mode(ran and "raise" or "defer")
  if not ran then session:note("Interrupted; what was made is removed now.") end
  opened:clean_up()
  if not ran then tell_of_left(session, opened:report()) end
  return ran
end

--- Removes all that was made.
local function clean(session, opened)
  local removed, left = opened:clean_up(true), opened:report().left
  if session.out.json then session.out:object { removed = removed, left = left } end
  session.out:line(("%d removed, %d left"):format(removed, #left))
  for _, line in ipairs(page.things(left)) do paragraph(session.out, "left", line) end
  return left[1] and status.partial or status.done
end

function command.run(arguments, session)
  local opened = open(arguments, session)
  if arguments.clean then return clean(session, opened) end
  if not arguments.report and not walk(session, opened) then error("interrupted!", 0) end
  return conclude(session, opened)
end

return command
