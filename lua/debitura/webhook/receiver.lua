--- Receives webhooks: verifies, parses, keeps them in the inbox of a store, and only then acknowledges. What is to be done
-- about them is a worker's business, later.
--
--     local receiver = debitura.webhook.receiver {
--       secrets = { secret }, store = store, on = { ["client.linked"] = function(event, context) ... end },
--     }
--     local status, body, headers = receiver:handle { method = method, headers = headers, body = body }
--     receiver:work { batch = 100, once = true }
--
-- Knows no HTTP server; `debitura.webhook.openresty` and `debitura.webhook.wsapi` are ways in.
--
-- Source of the facts: Debitura delivers at least once, waits 10 seconds for a 2xx, and tries 8 times within about 1.5 hours; then,
-- or on a 410, it switches the subscription off.
-- @module debitura.webhook.receiver

local core = require("debitura.core")
local diagnosis = require("debitura.webhook.diagnosis")
local log = require("debitura.base.log")
local verify = require("debitura.webhook.verify")
local worker = require("debitura.webhook.worker")

local receiver = {}

local MAX_BODY = 1024 * 1024
local MAX_NAME = 255 -- bytes of an event's id and of its name; they are keys in the store
local MAX_TENANT = 4 * 255 -- bytes; an externalTenantId has 255 characters at most

local Receiver = {}
Receiver.__index = Receiver

function Receiver.__tostring()
  return "debitura.webhook.receiver"
end

-- Reading a delivery -----------------------------------------------------------------------------------------------------

--- Headers by their lower-case names; one that was sent twice has a table, which fits nothing.
local function lowered(headers)
  local by_name = {}
  for name, value in pairs(headers or {}) do
    if type(name) == "string" then
      name = name:lower()
      by_name[name] = by_name[name] == nil and value or { by_name[name], value }
    end
  end
  return by_name
end

-- The verifier for a delivery; where the secret is chosen by a function, that may fail.
-- @treturn[1] table
-- @treturn[2] nil when nobody has a secret for it
-- @treturn[3] boolean false
-- @treturn[3] string what is wrong
function Receiver:verifier_for(headers, subscription)
  if self.verifier then return self.verifier end
  local chosen, secrets = pcall(self.secret, headers, subscription)
  if not chosen then return false, "the function secret failed" end
  if secrets == nil then return nil end
  if type(secrets) ~= "table" then secrets = { secrets } end
  local sound, verifier = pcall(verify.new, { secrets = secrets, tolerance = self.tolerance, skew = self.skew })
  -- What verify.new raises names the place of a secret and what is wrong with it, never the secret.
  if not sound then return false, verifier end
  return verifier
end

-- The event of a delivery, or the failure; a signed one that came late may pass all the same.
function Receiver:verify(verifier, body, signature, now)
  local event, failed = verifier:verify(body, signature, now)
  if event or failed.type ~= "too_old" or failed.details.age > self.accept_late then return event, failed end
  return verify.parse(body)
end

local function is_name(text, longest)
  return type(text) == "string" and text ~= "" and #text <= longest and not text:find("%c")
end

--- Whose events are worked off one after the other: the partner's tenant, or where there is none the case.
local function tenant_of(event)
  local data = type(event.data) == "table" and event.data or {}
  for _, field in ipairs { "externalTenantId", "caseId" } do
    if is_name(data[field], MAX_TENANT) then return data[field] end
  end
end

-- Answering --------------------------------------------------------------------------------------------------------------

--- What is answered: a status, a body, and what is worth a line in the log.
local function answer(status, body, told)
  told = told or {}
  told.status = status
  return status, body, told
end

function Receiver:keep(event, delivery, headers, now)
  for _, field in ipairs { "id", "event" } do
    if not is_name(event[field], MAX_NAME) then
      return answer(400, "not an event", { reason = "malformed", cause = ("'%s' is too long or has control characters"):format(field) })
    end
  end
  local told = { event = event.event, id = event.id }
  local named, tenant = pcall(self.tenant, event)
  if not named or tenant ~= nil and not is_name(tenant, MAX_TENANT) then
    told.reason, told.cause = "tenant", named and "the function tenant gave no name" or "the function tenant failed"
    return answer(503, "try again later", told)
  end
  if tostring(headers["x-debitura-replay"]):lower() == "true" then told.replay = true end
  local added, problem = self.store:inbox_add({
    id = event.id, tenant = tenant, event = event.event, body = delivery.body, replay = told.replay,
  }, now)
  if not added then
    -- Debitura tries again, so nothing is lost.
    told.reason, told.cause = "store", tostring(problem)
    return answer(503, "try again later", told)
  end
  told.result = added
  return answer(200, added == "new" and "kept" or added, told)
end

function Receiver:receive(delivery)
  local body = delivery.body
  if delivery.method ~= "POST" then return answer(405, "POST is expected", { reason = "method" }) end
  if #body > self.max_body then return self:too_large() end
  local headers = lowered(delivery.headers)
  local verifier, wrong = self:verifier_for(headers, delivery.subscription)
  if verifier == false then return answer(503, "try again later", { reason = "secret", cause = wrong }) end
  if not verifier then return answer(401, "unauthorized", { reason = "no_secret", cause = "there is no secret for this subscription" }) end

  local now, signature = self.clock(), headers["x-debitura-signature"]
  local event, failed = self:verify(verifier, body, signature, now)
  if event then return self:keep(event, delivery, headers, now) end
  if failed.kind == "malformed" then
    return answer(400, "not an event", { reason = "malformed", cause = failed.message })
  end
  local function fits(text)
    return (verifier.core:verify(signature, text, failed.details.timestamp)) ~= nil
  end
  return answer(401, "unauthorized", { reason = failed.type, cause = diagnosis.cause(failed, body, fits) })
end

function Receiver:too_large()
  return answer(413, ("at most %d bytes"):format(self.max_body), { reason = "max_body" })
end

function Receiver:tell(told)
  if not self.write then return end
  self.write(told.reason and "warn" or "info", log.line("webhook", told))
end

local HEADERS = { [405] = { Allow = "POST" } }
local NO_HEADERS = {}

local function told_of(self, status, body, told)
  self:tell(told)
  return status, body, HEADERS[status] or NO_HEADERS
end

--- Receives one delivery. When it answers 200 the event is in the inbox, whatever happens next.
-- @tparam table delivery `method`, `headers` (by name, in any case; a value is text, or a table when the header came more than
--   once), `body` (the raw request body), and `subscription` where the secret depends on it
-- @treturn number status: 200 kept, or known already; 400 no event; 401 not signed by Debitura; 405 no POST; 413 larger than
--   `max_body`; 503 the inbox could not be written, or the secret or the tenant could not be had: Debitura tries again
-- @treturn string the body of the answer, plain text
-- @treturn table further headers of the answer, by name
function Receiver:handle(delivery)
  if type(delivery) ~= "table" or type(delivery.body) ~= "string" then
    error("receiver:handle { method =, headers =, body = }: the raw request body is needed, as a string", 2)
  end
  if not self.verifier and not self.secret then error("receiver:handle: this receiver was made without a secret, only to work", 2) end
  return told_of(self, self:receive(delivery))
end

-- The answer to a delivery that is larger than `max_body`, for a way in that sees so before it has read the body.
-- @treturn number status
-- @treturn string body
-- @treturn table headers
function Receiver:refuse_large()
  return told_of(self, self:too_large())
end

--- Works off the inbox.
-- @function Receiver:work
-- @see debitura.webhook.worker.work
Receiver.work = worker.work

-- Making one -------------------------------------------------------------------------------------------------------------

local function check_number(options, name, default)
  local value = options[name]
  if value == nil then return default end
  if type(value) ~= "number" or value ~= value or value < 0 then error(name .. ": a number expected, not negative", 3) end
  return value
end

local function check_handlers(on)
  for name, handler in pairs(on) do
    if type(name) ~= "string" or type(handler) ~= "function" then error("on: functions by the names of events expected", 3) end
  end
  return on
end

local function check_function(options, name, default)
  local value = options[name]
  if value == nil then return default end
  if type(value) ~= "function" then error(name .. ": a function expected, got " .. type(value), 3) end
  return value
end

--- Makes a receiver.
-- @tparam table options
--   `secrets` (array, the newest first; Base64 as Debitura shows them) or `secret` (one, or a function of the headers, by their
--   lower-case names, and of `delivery.subscription`, that gives one or an array, or nil where there is none; or false for a
--   process that works and receives nothing);
--   `store` (see debitura.store); `on` (functions by the names of events; `"*"` hears every event, after its own function; see
--   debitura.webhook.worker for what they are given); `tolerance` (seconds a signature may be old, 300), `skew` (seconds it may be
--   ahead, 30), `accept_late` (seconds up to which an older signature passes when the inbox does not know the event's id, 0; what
--   `inbox_forget` has dropped is not known any more); `max_body` (bytes, 1 MiB); `tenant` (function of an event that names whose
--   events are worked off one after the other, by 1,020 bytes at most, or nil; default: `data.externalTenantId` or `data.caseId`);
--   `clock` (Unix seconds); `logger` (as debitura.partner takes it; default: ngx.log in nginx, else none)
-- @treturn table with the methods `handle` and `work`
-- @raise when an option is missing or wrong
function receiver.new(options)
  if type(options) ~= "table" then error("options table expected", 2) end
  if type(options.store) ~= "table" then error("store is missing: give what debitura.store.open returns", 2) end
  local ngx = rawget(_G, "ngx")
  local logger = options.logger or ngx and ngx.log
  local self = setmetatable({
    store = options.store, handlers = check_handlers(options.on or {}), clock = check_function(options, "clock", core.system.now),
    tenant = check_function(options, "tenant", tenant_of),
    tolerance = check_number(options, "tolerance"), skew = check_number(options, "skew"),
    accept_late = check_number(options, "accept_late", 0), max_body = check_number(options, "max_body", MAX_BODY),
    write = logger and log.writer(logger),
  }, Receiver)
  if type(options.secret) == "function" then
    self.secret = options.secret
  elseif options.secret ~= false or options.secrets then
    local sound, verifier = pcall(verify.new, options)
    if not sound then error(verifier, 2) end
    self.verifier = verifier
  end
  return self
end

return receiver
