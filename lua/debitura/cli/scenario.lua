--- `debitura scenario`: plays a story with Debitura in the sandbox.
-- @module debitura.cli.scenario

local core = require("debitura.core")
local input = require("debitura.cli.input")
local must = require("debitura.cli.must")
local sandbox = require("debitura.sandbox")
local scenario = require("debitura.sandbox.scenario")
local status = require("debitura.cli.exit_status")

local DEFAULT_KEY = "sandbox-key"

--- The text of a scenario: one that comes with the sandbox, or a file's.
local function text_of(name)
  local text, err = scenario.shipped(name), nil
  if not text then text, err = input.read(name) end
  if text then return text end
  return nil, ("%s; scenarios that come with the sandbox are %s"):format(err,
    table.concat(scenario.names(), ", "))
end

-- Running -----------------------------------------------------------------------------------------

local run = {
  name = "run", summary = "Plays scenarios, in a sandbox of their own.", json = true,
  details = "Exits with 0 when every step of each went as it should.",
}

function run.describe(parser)
  parser:argument("scenarios", "A JSON file, - for standard input, or the name of one that comes "
    .. "with the sandbox; none: all of these."):argname("SCENARIO"):args("*")
  parser:option("--at", "Where a sandbox runs already; its key is DEBITURA_API_KEY or sandbox-key.")
    :argname("URL")
end

local function open(arguments)
  if not arguments.at then return sandbox.start() end
  return sandbox.at(arguments.at, os.getenv("DEBITURA_API_KEY") or DEFAULT_KEY)
end

local function tell(session, report)
  if session.arguments.json then return session.out:object(report) end
  session.out:line(report.passed and ("ok    %s, %d steps"):format(report.name, report.steps)
    or ("FAIL  %s, step %d of %d (%s): %s"):format(report.name, report.step, report.steps,
      report.verb, report.problem))
end

--- All of them, read before any is played.
local function read_all(names)
  local texts = {}
  for index, name in ipairs(names) do
    texts[index] = must(text_of(name))
    local read, err = scenario.read(texts[index])
    if not read then return nil, ("%s: %s"):format(name, err) end
  end
  return texts
end

function run.run(arguments, session)
  local names = arguments.scenarios[1] and arguments.scenarios or scenario.names()
  local texts = must(read_all(names))
  local place = must(open(arguments))
  local passed, err = 0, nil
  for _, text in ipairs(texts) do
    local report
    report, err = place:play(text)
    if not report then break end
    tell(session, report)
    if report.passed then passed = passed + 1 end
  end
  place:stop()
  if err then return nil, err end
  return status.of_many(passed, #texts - passed)
end

-- Looking at them ---------------------------------------------------------------------------------

local list = { name = "list", summary = "Lists those that come with the sandbox.", json = true }

function list.run(_, session)
  local rows = {}
  for i, name in ipairs(scenario.names()) do
    rows[i] = { name = name, about = core.json.decode(scenario.shipped(name)).about }
  end
  session.out:rows({ { "NAME", "name" }, { "ABOUT", "about" } }, rows)
  return status.done
end

local show = {
  name = "show", summary = "Prints the file of one, to begin your own with.",
}

function show.describe(parser)
  parser:argument("scenario", "Its name."):argname("NAME"):choices(scenario.names())
end

function show.run(arguments)
  io.stdout:write(scenario.shipped(arguments.scenario))
  return status.done
end

return { summary = "Plays stories with Debitura in the sandbox.", commands = { run, list, show } }
