--- What a command works with: a platform and its parts, and the ways to speak to its caller. All of
-- it is made when it is first asked for. What cannot be had comes as nil and a problem, which a
-- command returns as it is: a failure (see debitura.base.failure), or a text, which is what is
-- wrong with the command line or the configuration.
-- @module debitura.cli.session

local config = require("debitura.cli.config")
local core = require("debitura.core")
local failure = require("debitura.base.failure")
local failure_text = require("debitura.cli.failure_text")
local merged = require("debitura.base.merged")
local must = require("debitura.cli.must")
local output = require("debitura.cli.output")
local platform = require("debitura.platform")
local progress = require("debitura.cli.progress")
local status = require("debitura.cli.exit_status")
local store = require("debitura.store")
local text = require("debitura.cli.text")

local session = {}

local STDIN, STDOUT, STDERR = 0, 1, 2

local Session = {}
Session.__index = Session

-- What a command works with -----------------------------------------------------------------------

--- The configuration; see debitura.cli.config.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string
function Session:config()
  if not self.loaded then
    local err
    self.loaded, err = config.load {
      environment = os.getenv, app = self.arguments.app,
      store = { address = self.arguments.store },
      -- Standard output is the result's.
      write = function(text_) self.stderr:write(text_) end,
    }
    if not self.loaded then return nil, err end
  end
  return self.loaded
end

--- The options of the platform, or as many as are configured.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string
function Session:settings()
  local loaded, err = self:config()
  if not loaded then return nil, err end
  return loaded.options
end

--- What is configured of webhooks.
-- @treturn[1] table perhaps empty
-- @treturn[2] nil
-- @treturn[2] string
function Session:webhook()
  local settings, err = self:settings()
  if not settings then return nil, err end
  return settings.webhook or {}
end

--- What is to be configured, where it is missing.
local MISSING = {
  api_key = { "no API key", "DEBITURA_API_KEY" },
  environment = { "no environment, test or production", "DEBITURA_ENVIRONMENT" },
  store = { "no store, such as sqlite:///var/lib/app/store.db", "DEBITURA_STORE" },
}

--- A mistake in the options, with what to do where something is missing.
local function explain(message, loaded)
  local said = config.plain(message)
  local name = said:match("^option '([%w_]+)': missing")
  local missing = MISSING[name]
  if not missing then return said end
  if loaded.platform then
    return ("%s: %s: option '%s' is missing"):format(loaded.path, missing[1], name)
  end
  return ('%s: put it into %s, or as "%s" into %s (chmod 600)'):format(missing[1], missing[2], name,
    loaded.path or loaded.default_path or "a file that DEBITURA_CONFIG names")
end

--- The platform: everything else that a command works with is a part of it.
-- @treturn[1] table see debitura.platform
-- @treturn[2] nil
-- @treturn[2] string
function Session:platform()
  if self.defined then return self.defined end
  local loaded, err = self:config()
  if not loaded then return nil, err end
  local sound, defined = true, loaded.platform
  if not defined then sound, defined = pcall(platform.new, loaded.options) end
  if not sound then return nil, explain(defined, loaded) end
  if defined.options.store and not self.makes_store then defined.store:require_existing() end
  local arguments, present = self.arguments, defined.presence
  present.role = arguments.subcommand and arguments.command .. " " .. arguments.subcommand
    or arguments.command
  present.command = not arguments.follow
  self.defined = defined
  return defined
end

--- A part of the platform.
-- @tparam string name
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string
function Session:part(name)
  local defined, err = self:platform()
  if not defined then return nil, err end
  local sound, made = pcall(function() return defined[name] end)
  if not sound then return nil, explain(made, self.loaded) end
  return made
end

--- The partner object.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string
function Session:partner() return self:part("partner") end

--- The store, opened.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string|table failure
function Session:store()
  local part, err = self:part("store")
  if not part then return nil, err end
  local opened
  opened, err = part:opened()
  return opened and part, err
end

--- The store, opened whatever environment it belongs to; the caller closes it.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string|table failure
function Session:any_store()
  local part, err = self:part("store")
  if not part then return nil, err end
  local any = store.lazy(self.defined.options.store)
  any:require_existing()
  return any:opened()
end

--- The recipes; see debitura.recipes.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string|table failure
function Session:recipes()
  local recipes, err = self:part("recipes")
  if not recipes then return nil, err end
  local opened
  opened, err = self:store()
  return opened and recipes, err
end

--- The time, by the platform's clock where there is a platform.
-- @treturn number Unix seconds
function Session:now()
  local defined = self.defined
  return defined and defined.options.clock and defined.options.clock() or core.system.now()
end

--- Whether real customers are concerned.
-- @treturn boolean
function Session:production()
  local defined = self:platform()
  return not defined or defined.environment == "production"
end

-- Speaking ----------------------------------------------------------------------------------------

--- Says something that is neither the result nor a complaint: on standard error, with `--json` as
-- `{"note": …}`, and not with `--quiet`.
-- @tparam string line
function Session:note(line)
  if self.arguments.quiet then return end
  self:say(self.arguments.json and core.json.encode { note = line } or line)
end

--- Writes a line to standard error.
-- @tparam string line
function Session:say(line)
  self.stderr:write(line, "\n")
end

--- Complains: with `--json` as `{"error": …}`.
-- @tparam string message
-- @tparam table more fields of the error: `kind`, and others
function Session:complain(message, more)
  if not self.arguments.json then return self:say(message) end
  self:say(assert(core.json.encode { error = merged({ message = message }, more) }))
end

--- Complains of what was not done, where no failure says so.
-- @tparam string message
-- @tparam string kind of failure
-- @treturn number the exit status that it leads to
function Session:refuse(message, kind)
  self:complain(message, { kind = kind, retryable = false })
  return status.of_kind[kind]
end

--- Prints how many something was done about, or would be; not with `--quiet`.
-- @tparam number count
-- @tparam string name of the count
-- @tparam string done its label
-- @tparam string would the label of a dry run
function Session:count(count, name, done, would)
  local dry_run = self.arguments.dry_run
  if self.arguments.quiet then return end
  self.out:record({ [name] = count, dry_run = dry_run }, { { dry_run and would or done, name } })
end

--- Whether there is a person, or a script, to be told that there was nothing to do; cron would make
-- a mail of it.
-- @treturn boolean
function Session:tells_of_nothing()
  if self.arguments.quiet then return false end
  return self.arguments.json or core.system.terminal(STDERR) ~= nil
end

--- Where a person answers: standard input, or the terminal itself where a pipe or file is standard
-- input.
-- @treturn ?file nil where there is no terminal
function Session:keyboard()
  if core.system.terminal(STDIN) then return io.stdin end
  if self.tty == nil then
    self.tty = core.system.terminal(STDERR) and io.open("/dev/tty") or false
  end
  return self.tty or nil
end

local function unconfirmed(message)
  return nil, failure.new { kind = "forbidden", message = message, sent = false }
end

--- Asks before something that cannot be taken back.
-- @tparam string what will be done, as a sentence without its full stop
-- @tparam[opt="yes"] string word to be typed, such as an id
-- @tparam[opt] boolean always true: not in production alone
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
function Session:confirm(what, word, always)
  local production = self:production()
  if self.arguments.yes or not (production or always) then return true end
  local keyboard = self:keyboard()
  if not keyboard then
    return unconfirmed(("%s. %s must be confirmed: add --yes, or run it on a terminal"):format(what,
      production and "In production this" or "This"))
  end
  word = word or "yes"
  self.stderr:write(("%s%s.\nType %s to go on: "):format(production and "PRODUCTION: " or "", what,
    word))
  self.stderr:flush()
  local typed = keyboard:read("*l")
  if typed and typed:match("^%s*(.-)%s*$") == word then return true end
  return unconfirmed("not confirmed; nothing was done")
end

--- Whether something is to be done: a dry run says what would be, and else it is asked about. What
-- is not confirmed ends the command.
-- @tparam string would what a dry run says
-- @param ... what `confirm` takes
-- @treturn boolean
function Session:proceeds(would, ...)
  if self.arguments.dry_run then
    self:note(would)
    return false
  end
  return must(self:confirm(...))
end

--- A bar for work that takes a while.
-- @tparam string what is counted
-- @tparam[opt] number total
-- @treturn table see debitura.cli.progress
function Session:progress(what, total)
  return progress.new {
    stream = self.stderr, screen = not self.arguments.quiet and core.system.terminal(STDERR) or nil,
    what = what, total = total,
    clock = core.system.monotonic,
  }
end

--- Tells of a problem.
-- @param err failure or text
-- @treturn number the exit status that it leads to
function Session:fail(err)
  local code = status.of(err)
  if not failure.is(err) then
    local message = text.clean_lines(tostring(err))
    self:complain(self.arguments.json and message or "debitura: " .. message,
      { kind = "usage", retryable = false })
    return code
  end
  local shown = failure_text.shown(err)
  if self.arguments.json then
    self:complain(err.message, shown)
    return code
  end
  self:say("debitura: " .. text.clean_lines(tostring(err)))
  for _, line in ipairs(failure_text.lines(shown)) do self:say(text.clean_lines(line)) end
  return code
end

--- Does something until it ends or a signal comes (Ctrl-C, TERM or HUP), as an error out of
-- whatever is under way.
-- @tparam function work
-- @treturn boolean false when one came
function Session.until_interrupted(_, work)
  local sound, err = pcall(work)
  if sound then return true end
  if tostring(err):find("interrupted!", 1, true) then return false end
  error(err, 0)
end

--- Does something that ends by itself soon after a signal has come, between two steps. A second
-- signal does not wait for that.
-- @tparam function work is given a function that says whether one has come
-- @treturn boolean false when one came
function Session:until_asked(work)
  core.signals.mode("defer")
  local ended = self:until_interrupted(function() work(core.signals.came) end)
  core.signals.mode(core.signals.came() and "note" or "raise")
  return ended and not core.signals.came()
end

--- Says in the store how the run has ended, and closes what was opened.
-- @tparam number code the exit status
function Session:close(code)
  if not self.defined then return end
  self.defined.presence:finish(("exit status %d"):format(code))
  self.defined:close()
end

--- Whether a terminal is to be painted; see no-color.org.
local function has_colours()
  return (os.getenv("NO_COLOR") or "") == "" and (os.getenv("TERM") or "dumb") ~= "dumb"
end

--- Makes the session of one command.
-- @tparam table arguments as argparse gives them: `json`, `dry_run` and `yes` where the command has
--   these flags
-- @tparam table parser the whole command's
-- @tparam table command whether it `makes_store`, where there is none yet
-- @treturn table with the methods above, `arguments`, `parser`, `stderr`, and `out` (see
--   debitura.cli.output)
function session.new(arguments, parser, command)
  local self = setmetatable({
    arguments = arguments, parser = parser, stderr = io.stderr,
    makes_store = command.makes_store and not arguments.dry_run,
  }, Session)
  local screen = core.system.terminal(STDOUT)
  self.out = output.new(io.stdout, {
    json = arguments.json, wide = arguments.wide, screen = screen,
    colours = screen and has_colours(), clock = function() return self:now() end,
  })
  return self
end

return session
