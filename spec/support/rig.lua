-- All recipes on the sandbox's model: a store, a mailbox, the sandbox's clock. What the library
-- sends reaches the model without a network, what the model delivers is handed to the recipes when
-- a spec says so.

local core = require("debitura.core")
local model_partner = require("spec.support.model_partner")
local recipes = require("debitura.recipes")
local store = require("debitura.store")
local support = require("spec.support.desk")
local task = require("debitura.async.task")
local waiters = require("debitura.async.waiters")

local unpack = table.unpack or unpack -- luacheck: ignore

local rig = {}

local Rig = {}
Rig.__index = Rig

--- Hands over the webhooks that have come in.
function Rig:work()
  while #self.debitura.inbox > 0 do
    assert(self.recipes:handle(table.remove(self.debitura.inbox, 1)))
  end
end

--- Lets time pass, then does what is due.
function Rig:advance(duration)
  self.debitura:advance(duration)
  self:work()
  return assert(self.recipes:sweep())
end

--- What is done at the sandbox's controls.
function Rig:control(path, body)
  local response = self.debitura:send {
    method = "POST", path_and_query = "/_sandbox/" .. path,
    headers = { ["content-type"] = "application/json" },
    body = core.json.encode(body),
  }
  assert(response.status == 200, response.body)
  return core.json.decode(response.body)
end

function Rig:approve(tenant)
  self:control("requests", { externalTenantId = tenant, action = "approve" })
  self:work()
end

function Rig:sign(tenant)
  self:control("clients", { externalTenantId = tenant, action = "sign" })
  self:work()
end

--- The variants of what the customer was sent, in order.
function Rig:variants()
  local list = {}
  for i, message in ipairs(self.mail) do
    list[i] = message.variant .. (message.reminder and " reminder" or "")
  end
  return list
end

--- How a link stands: its state, and how many cases came with it, are awaited, and have failed.
function Rig:standing(tenant)
  local link = assert(self.recipes.runner:record("link", tenant, ""))
  return { link.state, link.data.cases or 0, link.data.awaited or 0, link.data.failed or 0 }
end

--- The jobs of a tenant's records, of one kind; the first due comes first.
function Rig:jobs(tenant, kind)
  local list = {}
  for _, job in ipairs(self.store:jobs { tenant = tenant }) do
    if job.kind == kind then list[#list + 1] = job end
  end
  return list
end

--- How many cases Debitura has of a reference.
function Rig:count(reference)
  local count = 0
  for _, case in pairs(self.debitura.state.cases.by_id) do
    if case.creditor_reference == reference then count = count + 1 end
  end
  return count
end

--- A client that is linked and has signed nothing yet, or all there is to sign when it was
-- `onboarded`.
function Rig:client(tenant, onboarded)
  local payload = support.payload { externalTenantId = tenant, cases = core.json.array {} }
  payload.client.supportEmail = "office@" .. tenant .. ".example"
  payload.users[1].email = tenant .. (onboarded and "@onboarded.example" or "@new.example")
  return assert(self.recipes.approval:request(payload))
end

--- A sample case that can be placed.
function rig.case(reference, country)
  local case = support.payload().cases[1]
  case.creditorReference, case.debtor.countryAlpha2 = reference, country or "DK"
  return case
end

-- Set by the suites that try the recipes with functions that wait; it takes much longer.
local WAITS = os.getenv("SPEC_WAITS") == "1"

-- Runs a verb in a task, as a worker of webhooks does: where a function of the platform waits, the
-- task yields, which PUC Lua 5.1 cannot do amid a bare pcall.
local function run_in_task(verb, object, ...)
  local arguments = { n = select("#", ...), ... }
  local running = task.start(function() return verb(object, unpack(arguments, 1, arguments.n)) end)
  running:finish(waiters.block)
  if not running.sound then error(running.results[1], 0) end
  return unpack(running.results, 1, running.results.n)
end

--- An object whose methods run in tasks.
local function waiting(object)
  if not WAITS then return object end
  return setmetatable({}, {
    __index = function(_, name)
      local value = object[name]
      if type(value) ~= "function" then return value end
      return function(_, ...) return run_in_task(value, object, ...) end
    end,
    __newindex = object,
  })
end

--- What the platform's own functions wait for.
local function pause()
  if WAITS and task.waiter() then task.waiter().sleep(0) end
end

local function pausing(run)
  return function(...)
    pause()
    return run(...)
  end
end

--- @tparam[opt] table options of the recipes
function rig.new(options)
  local self = setmetatable({ debitura = model_partner.new(), mail = {} }, Rig)
  local chosen = {
    partner = self.debitura, clock = function() return self.debitura:now() end,
    channels = { { name = "mail", deliver = function(_, message)
      pause()
      table.insert(self.mail, message)
      return true
    end } },
  }
  for name, value in pairs(options or {}) do
    chosen[name] = type(value) == "function" and name ~= "clock" and pausing(value) or value
  end
  chosen.store = chosen.store or assert(store.open("memory:"))
  self.store, self.options, self.recipes = chosen.store, chosen, waiting(recipes.new(chosen))
  for _, name in ipairs { "approval", "recovery", "signing", "submission" } do
    self.recipes[name] = waiting(self.recipes[name])
  end
  return self
end

return rig
