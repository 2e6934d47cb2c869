-- A partner's desk for the specs of recipes: a clock that is set by hand, a partner whose answers
-- are laid out beforehand, and a channel that remembers what it was given.

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local open_store = require("debitura.store").open
local timestamp = require("debitura.base.time")

local desk = {}

local Desk = {}
Desk.__index = Desk

desk.T0 = 1767225600 -- 2026-01-01T00:00:00Z

--- A sample payload; the contact's address leads the sandbox to 409 with the approval page.
function desk.payload(changes)
  local payload = {
    externalTenantId = "acme-1",
    client = { name = "Existing Customer Ltd", country = "Denmark",
      supportEmail = "office@existing.example" },
    users = { { name = "Nora New", email = "nora@new.example" } },
    cases = {},
  }
  for i = 1, 3 do
    payload.cases[i] = {
      currencyCode = "EUR", amountToRecover = 1000.10 * i, creditorReference = "INV-" .. i,
      date = "2025-10-01", dueDate = "2025-11-01",
      debtor = {
        type = "Company", name = "Sample Debtor A/S", contactPerson = "Dana Debtor",
        address = "Sample Street 1", city = "Copenhagen", countryAlpha2 = "DK",
        email = "debtor@debtor.example",
      },
    }
  end
  for name, value in pairs(changes or {}) do payload[name] = value end
  return payload
end

--- The failure of a 409 with an approval URL, as the library gives it.
function desk.needs_linking(url)
  return failure.new {
    kind = "conflict", status = 409, type = "ClientExistsNeedsLinking",
    message = "The client has an account already.", approval_url = url, variant = "approval",
    operation = "clients.create",
  }
end

--- Sweeps with a process that has all that jobs need.
-- @tparam table recipe
-- @tparam[opt] table options
-- @treturn table how many jobs ended with each word
function desk.swept(recipe, options)
  local counts = assert(recipe:sweep(options))
  if counts.missing[1] then error("jobs need what there is not: " .. counts.missing[1].needs) end
  counts.missing = nil
  return counts
end

--- POST /clients: records the payload as it would be sent, gives the next answer laid out.
function Desk:create_client(payload, options)
  self.sent_options = options
  table.insert(self.sent, core.json.encode(payload))
  local answer = table.remove(self.answers, 1)
  if not answer then error("no answer was laid out for this request") end
  if type(answer) == "function" then answer = answer() end
  if failure.is(answer) then return nil, answer end
  return answer
end

--- GET /clients/{externalTenantId}: the client when the desk's `active` names it.
function Desk:get_client(tenant)
  self.asked = (self.asked or 0) + 1
  if self.active == tenant then return { externalTenantId = tenant, onboardingDone = false } end
  return nil, self.unreachable or failure.new { kind = "not_found", status = 404,
    message = "There is no such client." }
end

--- A webhook about this desk's client.
function Desk:event(name, data, at)
  self.events = self.events + 1
  data = data or {}
  data.externalTenantId = data.externalTenantId or "acme-1"
  return {
    id = "evt-" .. self.events, specVersion = "1.0", event = name,
    timestamp = timestamp.format(at or self.now), data = data,
  }
end

function Desk:case_created(reference)
  return self:event("case.created", { creditorReference = reference, caseId = "case-" .. reference,
    reference = "Q-" .. reference })
end

--- The jobs of the client's records, of one kind; the first due comes first.
function Desk:jobs(kind)
  local list = {}
  for _, job in ipairs(self.store:jobs { tenant = "acme-1" }) do
    if job.kind == kind then list[#list + 1] = job end
  end
  return list
end

--- The store of a process that dies when `dead` is set: from then on it writes nothing.
function Desk:mortal_store()
  return setmetatable({}, { __index = function(_, verb)
    return function(_, ...)
      if self.dead then return nil, failure.new { kind = "store", message = "the process died" } end
      return self.store[verb](self.store, ...)
    end
  end })
end

--- What a recipe is made with.
function Desk:options(more)
  local options = {
    partner = self, store = self.store, clock = function() return self.now end,
    channels = { self.channel },
  }
  for name, value in pairs(more or {}) do options[name] = value end
  return options
end

--- The names of what happened to the client, oldest first.
function Desk:story()
  local names = {}
  for i, line in ipairs(self.store:record_history { kind = "link", tenant = "acme-1",
    name = "" }) do
    names[i] = line.event .. (line.to_state and " -> " .. line.to_state or " (" .. line.note .. ")")
  end
  return names
end

--- @tparam[opt] table store a store; default: one in memory
function desk.new(store)
  local self = setmetatable({
    now = desk.T0, sent = {}, answers = {}, delivered = {}, events = 0, store = store
      or assert(open_store("memory:")),
  }, Desk)
  self.channel = {
    name = "notes",
    deliver = function(_, message)
      if self.channel_fails then return nil, self.channel_fails end
      table.insert(self.delivered, message)
      return true
    end,
  }
  return self
end

return desk
