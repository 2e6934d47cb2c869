--- A rehearsal of the whole story with Debitura's test environment, or with a sandbox: each step
-- says what is expected and where that is written, and what was seen.
-- @module debitura.rehearsal

local clean_up = require("debitura.rehearsal.clean_up")
local core = require("debitura.core")
local environment = require("debitura.rehearsal.environment")
local hearing = require("debitura.rehearsal.hearing")
local merged = require("debitura.base.merged")
local null = require("debitura.base.null")
local observer = require("debitura.client.observer")
local partner = require("debitura.client.partner")
local progress = require("debitura.rehearsal.progress")
local runner = require("debitura.rehearsal.runner")
local sandbox = require("debitura.sandbox")
local stage = require("debitura.rehearsal.stage")

local rehearsal = {}

local DAY, WINDOW = 86400, 7 -- seconds; days of a window that is not configured
local SANDBOX_ADDRESS = "operator@rehearsal.example"

local Rehearsal = setmetatable({}, { __index = stage.methods })
Rehearsal.__index = Rehearsal

--- A partner object that tries nothing twice and notes what came back.
local function client(self, given)
  local read = merged(given.partner)
  read.api_key, read.environment = given.api_key, given.environment
  read.base_url, read.customer_base_url = given.base_url, given.customer_base_url
  read.attempts, read.limiter = 1, false
  read.timeout, read.budget = self.options.patience, self.options.patience
  local made = partner.new(read)
  local exchange = made.session.exchange
  function made.session.exchange(...)
    local received, err = exchange(...)
    self.received = received
    return received, err
  end
  if given.store then -- for `debitura differences`
    made.session.observer = observer.new { store = self.platform.store, all = true }
  end
  self.session, self.customer_url = made.session, made.customer_base_url
end

--- The sandbox at an address, found by its clock.
local function find_sandbox(url, patience)
  local found = sandbox.at(url, nil, patience)
  local clock, err = found:control("GET", "clock")
  if null.field(clock, "unix") and clock.frozen ~= nil then return found end
  return nil, ("no sandbox answers at %s%s; a rehearsal goes to one, or to Debitura's test "
    .. "environment itself"):format(url, err and " (" .. (err:match("^status %d+") or err) .. ")"
    or "")
end

--- How webhooks are heard.
local function ears_of(self, given, keeper)
  local hook = given.webhook or {}
  local inbox = hook.url and hook.secret_file and given.store
  if self.sandbox and (self.options.unattended or not inbox) then
    return hearing.sink(self.sandbox)
  end
  if not inbox then
    return hearing.inbox { why = "webhook.url, webhook.secret_file and store are to be configured, "
      .. "and the receiver must be running" }
  end
  return hearing.inbox { url = hook.url, store = self.platform.store, keep = keeper.keep,
    drop = keeper.drop }
end

--- Takes up the rehearsal in the file, or begins one.
local function take_up(self, path, anew)
  local session = self.session
  local about = { begun_at = core.system.now(), account = session:account(),
    base_url = session.base_url, place = self.place }
  local present, err = progress.read(path)
  if present == nil then return nil, err end
  if present and (present.state.account ~= about.account
    or present.state.base_url ~= about.base_url) then
    return nil, ("%s is a rehearsal with another key or at another address: name another file with "
      .. "--file"):format(path)
  end
  self.progress = present or progress.begin(path, about)
  if anew and present then
    clean_up.run(self, true)
    local things = present.state.things
    for _, thing in ipairs(things) do
      if not thing.stays then
        return nil, "what the rehearsal so far has made is not cleaned up; --clean tells"
      end
    end
    self.progress = progress.begin(path, about)
    self.progress.state.things = things
  end
  self.facts = self.progress.state.facts
  return true
end

--- Opens a rehearsal. Nothing but the question whether a sandbox is there is sent.
-- @tparam table given `platform`; `path` of the file that keeps it; `options`: `unattended`, `to`,
--   `patience` (seconds for an answer), `existing`, `choice`, `expiring`, `other_partner`,
--   `not_creditor` (addresses), `reset_accounts`, `again`, `anew`, `idle` (nothing will be run);
--   `ask(what, url)`: gives "done", "skip" or "later"; `keeper`: `keep(self, secret)` and
--   `drop(self, mark)`
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string why not
function rehearsal.open(given)
  local self = setmetatable({
    platform = given.platform, options = given.options, ask = given.ask, tokens = {},
    channels = given.platform.options.channels or {}, clock = core.system.now,
  }, Rehearsal)
  local err
  self.place, err = environment.of(given.platform)
  if not self.place then return nil, err end
  if self.options.unattended and self.place ~= "sandbox" then
    return nil, "--unattended is for a sandbox: here people approve and sign"
  end
  client(self, given.platform.options)
  if self.place == "sandbox" then
    self.sandbox, err = find_sandbox(self.session.base_url, self.options.patience)
    if not self.sandbox then return nil, err end
  elseif not self.options.to and not self.options.idle then
    return nil, "--to ADDRESS is needed: an address of your own, which made up customers get"
  end
  if not (self.options.to or SANDBOX_ADDRESS):find("^[^@%s]+@[^@%s]+$") then
    return nil, "--to: a mail address is expected"
  end
  self.delivers = self.options.to ~= nil
  self.options.to = self.options.to or SANDBOX_ADDRESS
  function self.window()
    local settings = self.sandbox and self.sandbox:control("GET", "settings")
    return (settings and settings.ttl_days or given.platform.options.window_days or WINDOW) * DAY
  end
  self.ears = ears_of(self, given.platform.options, given.keeper)
  local taken
  taken, err = take_up(self, given.path, self.options.anew)
  if not taken then return nil, err end
  return self
end

--- Walks through what is still to be done; see debitura.rehearsal.runner.
function Rehearsal:run(tell)
  if self.options.again then
    for name, result in pairs(self.progress.state.steps) do
      if result.verdict ~= "agrees" then self.progress.state.steps[name] = nil end
    end
    self.progress.state.differences, self.progress.state.noted = {}, {}
  end
  return runner.run(self, tell)
end

--- Removes what was made of a kind.
function Rehearsal:withdraw(kind)
  clean_up.run(self, true, kind)
end

--- Removes what was made.
-- @tparam[opt] boolean all also what a step waits for, which is to be done again then
function Rehearsal:clean_up(all)
  if self.session.observer then self.session.observer:flush() end
  return clean_up.run(self, all)
end

local COUNTED = { agrees = "agrees", differs = "differs", ["not tried"] = "not_tried" }

--- What the rehearsal has seen so far, fit to be handed on.
-- @treturn table `run`, `place`, `begun_at`, `steps` (array of `name`, `level`, `expected`,
--   `source`, `verdict`, `seen`, `differences`, `why`, `due_at`), `noted` (array of texts), `left`
--   (array of `kind`, `name`, `problem`), `kept` (the same, for steps that wait, or
--   because it was there before), `counts`, and
--   `agrees`: whether all does
function Rehearsal:report()
  local state = self.progress.state
  local report = {
    run = state.run, place = state.place, begun_at = state.begun_at, steps = core.json.array {},
    noted = core.json.array {}, left = core.json.array {}, kept = core.json.array {},
    counts = { agrees = 0, differs = 0, not_tried = 0 }, agrees = true,
  }
  for index, step in ipairs(runner.steps) do
    local result = state.steps[step.name] or { verdict = "not tried", why = "not reached yet" }
    report.steps[index] = {
      name = step.name, level = step.level, expected = step.expected, source = step.source,
      verdict = result.verdict, seen = result.seen, why = result.why, due_at = result.due_at,
      at = result.at, waits = result.waits,
      differences = result.differences or core.json.array {},
    }
    local counted = COUNTED[result.verdict]
    report.counts[counted] = report.counts[counted] + 1
    if result.verdict == "differs" or result.verdict ~= "agrees" and step.level == "mandatory" then
      report.agrees = false
    end
  end
  for text in pairs(state.noted) do table.insert(report.noted, text) end
  table.sort(report.noted)
  for _, thing in ipairs(state.things) do
    local stays = thing.stays or clean_up.is_waited_for(self, thing)
    table.insert(stays and report.kept or report.left,
      { kind = thing.kind, name = thing.name, problem = thing.problem })
  end
  report.agrees = report.agrees and not report.left[1]
  return report
end

return rehearsal
