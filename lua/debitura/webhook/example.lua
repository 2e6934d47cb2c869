--- Sample events for the tests of those who receive them: one of each kind, made up from end to
-- end.
--
-- Source of the fields: the partner documents and both OpenAPI documents, as
-- types/debitura/webhook.lua tells them.
-- @module debitura.webhook.example

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local sorted_keys = require("debitura.base.sorted_keys")
local time = require("debitura.base.time")
local usage = require("debitura.base.usage")

local example = {}

local CREDITOR = {
  id = "5a3c0000-0000-4000-8000-000000000001", companyName = "Sample Trading Ltd",
  registrationNumber = "00000000", countryId = 1, isAttributed = false,
}
local CASE = {
  caseId = "5a3c0000-0000-4000-8000-000000000002", reference = "SAMPLE1",
  creditorReference = "INV-1001", status = "Active", amount = 1000.1, currency = "EUR",
  debtorName = "Sample Debtor A/S",
}

--- What is special about each event: `about` a client or a case, whether it tells when it was
-- `signed`, `more` data, `older` when only the Customer API sends it.
local EVENTS = {
  ["client.link_requested"] = { about = "client" },
  ["client.linked"] = { about = "client" },
  -- A client that declined is attributed to no partner.
  ["client.link_declined"] = { about = "client", declined = true },
  ["client.link_expired"] = { about = "client" },
  ["client.onboarding.poa_signed"] = { about = "client", signed = true },
  ["client.onboarding.contract_signed"] = { about = "client", signed = true },
  ["case.created"] = { about = "case", more = { status = "Pending contract signing" } },
  ["case.updated"] = {
    about = "case", more = { oldLifecycle = "Pending Verification", newLifecycle = "Active" },
  },
  ["case.closed"] = {
    about = "case",
    more = { status = "Closed", closeCode = "Paid", closeComment = "Sample comment" },
  },
  ["cases.replay_failed"] = {
    about = "client",
    more = {
      failedCases = core.json.array {
        {
          caseIndex = 0, creditorReference = "INV-1001", errorType = "NoPartnerAvailable",
          errorMessage = "Sample message",
        },
      },
    },
  },
  ["payment.created"] = { about = "case", older = true },
  ["payment.deleted"] = { about = "case", older = true },
  ["chat.created"] = { about = "case", older = true },
}

--- The names of all events, in the order of the alphabet.
-- @treturn table
function example.names()
  return sorted_keys(EVENTS)
end

local function is_object(value)
  return type(value) == "table" and getmetatable(value) ~= core.json.array_mt
end

--- Puts changes on top of a value: objects field by field, anything else as it is.
local function merge(into, changes)
  for name, value in pairs(changes or {}) do
    if is_object(value) then value = merge(is_object(into[name]) and into[name] or {}, value) end
    into[name] = value
  end
  return into
end

local function check(name, changes)
  if type(name) ~= "string" then
    usage.error("debitura.webhook.example: the name of an event expected, got " .. type(name))
  end
  if changes ~= nil and type(changes) ~= "table" then
    usage.error("debitura.webhook.example: changes: a table expected, got " .. type(changes))
  end
end

--- Makes a sample event.
-- @tparam string name such as "client.linked"; a name that is not known gives an event with no
--   data, as one from the future
-- @tparam[opt] table changes fields to set, objects within objects: `{ data = { externalTenantId =
--   "tenant-7" } }`
-- @treturn table the event, as handlers are given it; its `id` is another one each time, its
--   `timestamp` now
-- @treturn string its JSON, as it is sent; `debitura.webhook.sign` signs it
function example.new(name, changes)
  check(name, changes)
  local kind = EVENTS[name] or {}
  local id = "evt_" .. encoding.random_hex(16)
  local now = time.format(core.system.now())
  local event = { id = id, event = name, timestamp = now, data = {} }
  if kind.about == "case" then merge(event.data, CASE) end
  if not kind.older then
    event.specVersion = "1.0"
    event.data.externalTenantId, event.data.creditor = "tenant-1", merge({}, CREDITOR)
    if kind.declined then event.data.creditor.isAttributed = nil end
    event.links = { client = "https://testreferral-api.debitura.com/clients/tenant-1" }
  end
  if kind.signed then event.data.signedAt = now end
  merge(event.data, kind.more)
  merge(event, changes)
  local text, err = core.json.encode(event)
  if not text then
    usage.error("debitura.webhook.example: the changes cannot be written as JSON: " .. err.message)
  end
  return event, text
end

return example
