--- What a command works with: the configuration and what is made from it, and the ways to speak to
-- who called it. All of it is made when it is first asked for. What cannot be had comes as nil and
-- a problem, which a command returns as it is: a failure (see debitura.base.failure), or a text,
-- which is what is wrong with the command line or the configuration.
-- @module debitura.cli.session

local config = require("debitura.cli.config")
local confirm = require("debitura.cli.confirm")
local core = require("debitura.core")
local debitura = require("debitura")
local failure = require("debitura.base.failure")
local output = require("debitura.cli.output")
local progress = require("debitura.cli.progress")
local status = require("debitura.cli.status")
local text = require("debitura.cli.text")

local session = {}

local STDIN, STDOUT, STDERR = 0, 1, 2

local Session = {}
Session.__index = Session

-- What is made from the configuration -------------------------------------------------------------

--- The configuration; see debitura.cli.config.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string
function Session:config()
  if not self.loaded then
    local reason
    self.loaded, reason = config.load(os.getenv)
    if not self.loaded then return nil, reason end
  end
  return self.loaded
end

--- A message of this library's, without the place in the program.
local function plain(message)
  return (tostring(message):gsub("^%S+:%d+: ", ""))
end

local PARTNER_OPTIONS = { "api_key", "environment", "base_url", "customer_base_url", "timeout",
  "ca_file", "proxy" }

--- The partner object.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string
function Session:partner()
  if self.made_partner then return self.made_partner end
  local settings, reason = self:config()
  if not settings then return nil, reason end
  if not settings.api_key then
    return nil, ('no API key: put it into DEBITURA_API_KEY, or as "api_key" into %s (chmod 600)')
      :format(
      settings.path or settings.default_path or "a file that DEBITURA_CONFIG names")
  end
  if not settings.environment and not settings.base_url then
    return nil, 'no environment: put "test" or "production" into DEBITURA_ENVIRONMENT, or as "environment" into the configuration'
  end
  local options = {}
  for _, name in ipairs(PARTNER_OPTIONS) do options[name] = settings[name] end
  local sound, partner = pcall(debitura.partner, options)
  if not sound then return nil, plain(partner) end
  self.made_partner = partner
  return partner
end

--- The Customer API for one client.
-- @tparam string tenant externalTenantId
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string
function Session:customer(tenant)
  local partner, reason = self:partner()
  if not partner then return nil, reason end
  if tenant == "" then return nil, "the client's externalTenantId is empty" end
  return partner:customer(tenant)
end

--- The store; closed when the command ends.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string|table failure
function Session:store()
  if self.opened_store then return self.opened_store end
  local settings, reason = self:config()
  if not settings then return nil, reason end
  if not settings.store then
    return nil,
      "no store: put its address, such as sqlite:///var/lib/app/ledger.db, into DEBITURA_STORE"
      .. ' or as "store" into the configuration'
  end
  local sound, store, failed = pcall(debitura.store.open, settings.store, {
    encryption_key = settings.encryption_key, encryption_keys = settings.encryption_keys,
  })
  if not sound then return nil, plain(store) end
  self.opened_store = store
  return store, failed
end

--- Those that options can describe; the others take a function, or a browser that waits.
local CHANNELS = { email = true, http = true, print = true }

--- The channels, see debitura.channels.
-- @treturn[1] table array
-- @treturn[2] nil
-- @treturn[2] string
function Session:channels()
  local settings, reason = self:config()
  if not settings then return nil, reason end
  local made = {}
  for index, description in ipairs(settings.channels or {}) do
    local options = {}
    for name, value in pairs(description) do options[name] = value end
    options.type = nil
    -- Standard output is the result's.
    if description.type == "print" then options.write =
      function(message) self.stderr:write(message) end end
    if not CHANNELS[description.type] then
      return nil, ('channels[%d].type: "email", "http" or "print" is expected'):format(index)
    end
    local sound, result = pcall(require("debitura.channels")[description.type], options)
    if not sound then return nil, ("channels[%d]: %s"):format(index, plain(result)) end
    made[index] = result
  end
  return made
end

local RECIPE_OPTIONS = { "return_url", "window_days", "reminders", "max_generations" }

--- The recipes on the configured store and channels; see debitura.recipes.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string|table failure
function Session:recipes()
  if self.made_recipes then return self.made_recipes end
  local options = { clock = core.system.now }
  for _, name in ipairs { "partner", "store", "channels" } do
    local made, reason = self[name](self)
    if not made then return nil, reason end
    options[name] = made
  end
  for _, name in ipairs(RECIPE_OPTIONS) do options[name] = self.loaded[name] end
  if self.loaded.permalink then
    local given = { store = options.store, clock = options.clock }
    for name, value in pairs(self.loaded.permalink) do given[name] = value end
    local sound, permalink = pcall(debitura.permalink.new, given)
    if not sound then return nil, "permalink: " .. plain(permalink) end
    options.permalink = permalink
  end
  local sound, recipes = pcall(debitura.recipes.new, options)
  if not sound then return nil, plain(recipes) end
  self.made_recipes = recipes
  return recipes
end

--- Whether real customers are concerned. A host of one's own counts as such, unless it is said not
-- to be, or is this machine: only there is plain http allowed.
-- @treturn boolean
function Session:production()
  local settings = self:config() or {}
  if settings.environment or not settings.base_url then return settings.environment ~= "test" end
  return settings.base_url:find("^[Hh][Tt][Tt][Pp]:") == nil
end

-- Speaking ----------------------------------------------------------------------------------------

--- Says something that is not the result: on standard error.
-- @tparam string line
function Session:note(line)
  self.stderr:write(line, "\n")
end

--- Asks before something that cannot be taken back.
-- @tparam string what will be done, as a sentence without its full stop
-- @tparam[opt="yes"] string word to be typed, such as an id
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
function Session:confirm(what, word)
  return confirm.ask({ what = what, word = word or "yes" }, {
    production = self:production(), yes = self.arguments.yes,
    terminal = core.system.terminal(STDIN) ~= nil,
    write = function(question)
      self.stderr:write(question)
      self.stderr:flush()
    end,
    read = function() return io.stdin:read("*l") end,
  })
end

--- A bar for work that takes a while.
-- @tparam string what is counted
-- @tparam[opt] number total
-- @treturn table see debitura.cli.progress
function Session:progress(what, total)
  return progress.new {
    stream = self.stderr, screen = core.system.terminal(STDERR), what = what, total = total,
    clock = core.system.monotonic,
  }
end

local ADVICE = {
  unauthorized = "Is DEBITURA_API_KEY a key of this environment? `debitura doctor` tells.",
  transport = "`debitura doctor` tells what is in the way.",
  link_invalid = "`debitura clients show` tells how the client's link stands.",
  onboarding_incomplete = "`debitura clients show` gives the URL to hand over.",
}

local function advice_for(problem)
  if problem.retry_after then return ("Try again in %.0f s."):format(problem.retry_after) end
  -- Without a status it was not Debitura who refused.
  if problem.kind == "unauthorized" and not problem.status then return nil end
  return ADVICE[problem.kind]
end

local SHOWN = { "kind", "status", "type", "message", "operation", "fields", "retryable",
  "retry_after", "attempts", "request_id" }

--- Tells of a problem.
-- @param problem failure or text
-- @treturn number the exit status that it leads to
function Session:fail(problem)
  local code = status.of(problem)
  if self.arguments.json and failure.is(problem) then
    local shown = {}
    for _, name in ipairs(SHOWN) do shown[name] = problem[name] end
    self:note(assert(core.json.encode { error = shown }))
    return code
  end
  self:note("debitura: " .. text.clean_lines(tostring(problem)))
  local advice = failure.is(problem) and advice_for(problem)
  if advice then self:note(advice) end
  return code
end

--- Does something until it ends or Ctrl-C comes, as an error out of whatever is under way.
-- @tparam function work
-- @treturn boolean false when Ctrl-C came
function Session.until_interrupted(_, work)
  local sound, problem = pcall(work)
  if sound then return true end
  if tostring(problem):find("interrupted!", 1, true) then return false end
  error(problem, 0)
end

--- Closes what was opened.
function Session:close()
  if self.opened_store then self.opened_store:close() end
end

--- Makes the session of one command.
-- @tparam table arguments as argparse gives them: `json`, `dry_run` and `yes` where the command has
--   these flags
-- @tparam table parser the whole command's
-- @treturn table with the methods above, `arguments`, `parser`, `stderr`, and `out` (see
--   debitura.cli.output)
function session.new(arguments, parser)
  return setmetatable({
    arguments = arguments, parser = parser, stderr = io.stderr,
    out = output.new(io.stdout, { json = arguments.json, screen = core.system.terminal(STDOUT) }),
  }, Session)
end

return session
