--- The command line: finds the command and hands over.
--
-- Each command is a module beside this one, named in `COMMANDS`, and a table with
--
-- * `summary`, one line; `details`, more of it (optional);
-- * `describe(parser)`: adds arguments and options, with argparse (optional);
-- * `run(arguments, session)`: does it (see debitura.cli.session) and returns the exit status (see
--   debitura.cli.exit_status), or nil and a problem: a failure, or a text for what is wrong with
--   the command line or the configuration (debitura.cli.must ends it with one);
-- * `json`, `changes`, `destroys`, `tables` (true): it gets `--json`, `--dry-run` and `--quiet`,
--   `--yes`, `--wide`;
-- * or in place of the last four `commands`, an array of such tables, each with its `name`.
-- @module debitura.cli

local complete = require("debitura.cli.complete")
local core = require("debitura.core")
local deprecation = require("debitura.base.deprecation")
local failure = require("debitura.base.failure")
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local session = require("debitura.cli.session")
local status = require("debitura.cli.exit_status")

local cli = {}

--- The commands in the order of the help, each with its module.
local COMMANDS = {
  { "status", "debitura.cli.status" },
  { "desk", "debitura.cli.desk" },
  { "doctor", "debitura.cli.doctor" },
  { "check", "debitura.cli.check" },
  { "clients", "debitura.cli.clients" },
  { "adopt", "debitura.cli.adopt" },
  { "links", "debitura.cli.links" },
  { "cases", "debitura.cli.cases" },
  { "sweep", "debitura.cli.sweep" },
  { "jobs", "debitura.cli.jobs" },
  { "token", "debitura.cli.token" },
  { "call", "debitura.cli.call" },
  { "operations", "debitura.cli.operations" },
  { "differences", "debitura.cli.differences" },
  { "webhooks", "debitura.cli.webhooks" },
  { "inbox", "debitura.cli.inbox" },
  { "receive", "debitura.cli.receive" },
  { "store", "debitura.cli.store" },
  { "export", "debitura.cli.export" },
  { "forget", "debitura.cli.forget" },
  { "sandbox", "debitura.cli.sandbox" },
  { "scenario", "debitura.cli.scenario" },
  { "rehearse", "debitura.cli.rehearse" },
  { "completion", "debitura.cli.completion" },
  { "version", "debitura.cli.version" },
}

local MODULES = {}
for _, row in ipairs(COMMANDS) do MODULES[row[1]] = row[2] end

local STDOUT, DEFAULT_WIDTH, NARROWEST = 1, 80, 50

--- As wide as the terminal; where it is none, as COLUMNS says.
local function help_width()
  local width = core.system.terminal(STDOUT)
  if not width or width == 0 then width = tonumber(os.getenv("COLUMNS")) or DEFAULT_WIDTH end
  return math.max(width, NARROWEST)
end

--- Adds a command, or a group of them, to a parser.
local function add(parser, name, command)
  -- The target keeps the name of a command out of the way of options of the same name.
  local own = parser:command(name):summary(command.summary):target(" " .. name)
  own:description(command.details and command.summary .. "\n\n" .. command.details
    or command.summary)
  if command.commands then
    own:command_target("subcommand"):require_command(true)
    for _, inner in ipairs(command.commands) do add(own, inner.name, inner) end
  else
    if command.describe then command.describe(own) end
    options.flags(own, command)
  end
end

local INSTALL_HINT = "the Lua module argparse is missing; luarocks install argparse, or on Debian: "
  .. "apt-get install lua-argparse"

--- The parser of all commands.
-- @treturn[1] table of argparse; what it raises for a wrong command line is a table with `usage`
--   and `message`
-- @treturn[2] nil
-- @treturn[2] string how to install argparse
function cli.parser()
  local found, argparse = pcall(require, "argparse")
  if not found then return nil, INSTALL_HINT end
  local parser = argparse("debitura", "Debitura's partner APIs at the command line.")
  local width = help_width()
  parser:help_max_width(width):usage_max_width(width):help_description_margin(30)
    :command_target("command"):require_command(true)
  parser:option("--app",
    "A Lua file that returns debitura.platform { … }; default: what DEBITURA_CONFIG names.")
    :argname("FILE")
  -- argparse would end the process, with another status.
  function parser.error(current, message)
    error({ usage = current:get_usage(), message = message }, 0)
  end
  for _, row in ipairs(COMMANDS) do add(parser, row[1], require(row[2])) end
  return parser
end

--- The command that a command line names.
local function command_of(arguments)
  local command = require(MODULES[arguments.command])
  for _, inner in ipairs(command.commands or {}) do
    if inner.name == arguments.subcommand then return inner end
  end
  return command
end

--- Does what a command line says.
local function execute(command, arguments, own)
  local code, err = command.run(arguments, own)
  own.out:finish()
  return code or own:fail(err)
end

--- What an error out of a command leads to.
local function judge(err, own)
  -- Ctrl-C, TERM and HUP come as an error out of whatever is under way.
  if tostring(err):find("interrupted!", 1, true) then return status.interrupted end
  if failure.is(err) then return own:fail(err) end
  local ended = must.problem_in(err)
  if ended then
    local written, unwritten = pcall(own.out.finish, own.out)
    return own:fail(written and ended.problem or unwritten)
  end
  own:complain("debitura: a mistake in debitura itself: " .. debug.traceback(tostring(err), 3),
    { kind = "broken", retryable = false })
  return status.broken
end

--- Says what is wrong with a command line, whose own `--json` has not been understood.
local function complain_of(words, err)
  for _, word in ipairs(words) do
    if word == "--json" then
      io.stderr:write(assert(core.json.encode {
        error = { kind = "usage", message = err.message, usage = err.usage, retryable = false },
      }), "\n")
      return
    end
  end
  io.stderr:write(err.usage and err.usage .. "\n\n" or "", "debitura: ", err.message, "\n")
end

--- What the scripts of `debitura completion` ask for, who are no people: it is no command of the
-- help.
local function candidates(parser, words)
  local typed = {}
  for i = 2, #words do typed[i - 1] = words[i] end
  local own = session.new({}, parser, {})
  complete.run(typed, own)
  own:close(status.done)
  return status.done
end

local function run(words)
  local parser, missing = cli.parser()
  if not parser then
    complain_of(words, { message = missing })
    return status.refused
  end
  if words[1] == "complete" then return candidates(parser, words) end
  local now, line = deprecation.find("debitura ", words[1] or "")
  words[1] = now or words[1]
  local understood, arguments = pcall(parser.parse, parser, words)
  if not understood then
    if type(arguments) ~= "table" then error(arguments, 0) end
    complain_of(words, arguments)
    return status.usage
  end
  local command = command_of(arguments)
  local own = session.new(arguments, parser, command)
  if line then own:note(line) end
  local _, code = xpcall(function()
    if core.signals.came() then error("interrupted!", 0) end
    core.signals.mode("raise")
    return execute(command, arguments, own)
  end,
    function(err) return judge(err, own) end)
  core.signals.mode("note") -- closing is not interrupted
  own:close(code)
  return code
end

--- Runs a command line.
-- @tparam table words the words after the program's name
-- @treturn number exit status
function cli.run(words)
  core.signals.catch()
  core.signals.mode("note")
  local code = run(words)
  -- What was under way may have caught the error and made another of it.
  if core.signals.came() and code ~= status.done then code = status.interrupted end
  core.signals.release()
  return code
end

return cli
