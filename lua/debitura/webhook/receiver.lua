--- Receives webhooks: verifies the signature, keeps the body in the inbox of a store, and only then
-- acknowledges. What is in it, and what is to be done about it, is a worker's business, later.
--
--     local receiver = debitura.webhook.receiver {
--       secrets = { secret }, store = store,
--       on = { ["client.linked"] = function(event, context) ... end },
--     }
--     local status, body, headers = receiver:handle {
--       method = method, headers = headers, body = body,
--     }
--     receiver:work { batch = 100, once = true }
--
-- Knows no HTTP server; `debitura.webhook.openresty` and `debitura.webhook.wsapi` are ways in.
--
-- Source: Debitura delivers at least once, waits 10 seconds for a 2xx, and tries 8
-- times within about 1.5 hours; then, or on a 410, it switches the subscription off.
-- @module debitura.webhook.receiver

local core = require("debitura.core")
local diagnosis = require("debitura.webhook.diagnosis")
local event = require("debitura.webhook.event")
local log = require("debitura.base.log")
local options = require("debitura.base.options")
local protected = require("debitura.async.protected")
local usage = require("debitura.base.usage")
local verify = require("debitura.webhook.verify")
local worker = require("debitura.webhook.worker")

local receiver = {}

local TRIED_MAX = 64 * 1024 -- bytes of refused bodies that are looked into in a second
local MEBIBYTE = 1024 * 1024

local Receiver = {}
Receiver.__index = Receiver

function Receiver.__tostring()
  return "debitura.webhook.receiver"
end

-- Reading a delivery --------------------------------------------------------------------------

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

-- The verifier for a delivery whose secret is chosen by a function, which may fail. (Apart from the
-- callers, as LuaJIT compiles nothing that may make a closure.)
-- @treturn[1] table
-- @treturn[2] nil when there is no secret for it
-- @treturn[3] boolean false
-- @treturn[3] string what is wrong
function Receiver:chosen_verifier(headers, subscription)
  local sound, results = protected(function()
    local secrets = self.secret(headers, subscription)
    if secrets == nil then return nil end
    if type(secrets) ~= "table" then secrets = { secrets } end
    local verifier, err = verify.prepare(secrets, self.tolerance, self.skew)
    return verifier or false, err
  end)
  if not sound then return false, "the function secret failed" end
  return results[1], results[2]
end

-- Whether a delivery is Debitura's; one that came late may pass all the same.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
function Receiver:check(verifier, body, signature, now)
  local signed_at, err = verifier:check(body, signature, now)
  if signed_at then return true end
  if err.type == "too_old" and err.details.age <= self.accept_late then return true end
  return nil, err
end

-- The tenant by the function of the platform. Where that fails, the event is acknowledged all the
-- same: Debitura would try it eight times, and then switch the subscription off for all.
-- @treturn[1] ?string the tenant
-- @treturn[2] nil
-- @treturn[2] string what is wrong with the function
function Receiver:asked_tenant(body)
  local sound, results = protected(function() return self.tenant(event.read(body)) end)
  if not sound then return nil, "the function tenant failed" end
  local tenant = results[1]
  if tenant ~= nil and not event.is_tenant(tenant) then
    return nil, "the function tenant gave no name"
  end
  return tenant
end

-- Answering -----------------------------------------------------------------------------------

--- What is answered: a status, a body, and what is worth a line in the log.
local function answer(status, body, report)
  report = report or {}
  report.status = status
  return status, body, report
end

--- Debitura tries again, so nothing is lost.
local function later(report)
  return answer(503, "try again later", report)
end

-- What a signed body is kept as, whether or not it can be read: a worker gives up what it cannot
-- read.
-- @treturn table the inbox's event
-- @treturn ?string the reason for which it is worth a warning
-- @treturn ?string what is wrong
function Receiver:event_of(body)
  local row, err = event.head(body, self.max_event)
  if not row then
    return { id = event.key_of(body), event = event.UNREADABLE }, "malformed", err.message
  end
  if not self.tenant then return row end
  local tenant, cause = self:asked_tenant(body)
  if cause then return row, "tenant", cause end
  row.tenant = tenant
  return row
end

function Receiver:keep(body, headers, now)
  local row, reason, cause = self:event_of(body)
  local replay = headers["x-debitura-replay"]
  row.body, row.replay = body, replay and tostring(replay):lower() == "true" or nil
  local added, err = self.store:inbox_add(row, now)
  local text = added == "new" and "kept" or added
  if added and not reason and not self:logs("info") then return 200, text end
  local report = {
    event = row.event, id = row.id, replay = row.replay, result = added or nil,
    reason = reason, cause = cause,
  }
  if added then return answer(200, text, report) end
  report.reason, report.cause = "store", tostring(err)
  return later(report)
end

-- Whether so many bytes may be tried again with what is usually done to bodies on the way: a
-- stranger's deliveries must not keep this process busy.
function Receiver:may_try(bytes)
  local second = math.floor(core.system.monotonic())
  if second ~= self.second then self.second, self.tried = second, 0 end
  self.tried = self.tried + bytes
  return self.tried <= TRIED_MAX
end

function Receiver:refuse(verifier, body, signature, err)
  local function fits(text)
    return (verifier.core:verify(signature, text, err.details.timestamp)) ~= nil
  end
  local cause = err.message
  if err.type == "no_match" and self:may_try(#body) then
    cause = diagnosis.cause(err.type, err.details, body, fits)
  end
  return answer(401, "unauthorized", { reason = err.type, cause = cause })
end

function Receiver:receive(delivery)
  local body = delivery.body
  if delivery.method ~= "POST" then
    return answer(405, "POST is expected", { reason = "method" })
  end
  if #body > self.max_body then return self:too_large() end
  local headers = delivery.lower_case and delivery.headers or lowered(delivery.headers)
  local verifier, err = self.verifier, nil
  if not verifier then verifier, err = self:chosen_verifier(headers, delivery.subscription) end
  if verifier == false then return later { reason = "secret", cause = err } end
  if not verifier then
    return answer(401, "unauthorized", {
      reason = "no_secret", cause = "there is no secret for this subscription",
    })
  end

  local now, signature = self.clock(), headers["x-debitura-signature"]
  local sound
  sound, err = self:check(verifier, body, signature, now)
  if not sound then return self:refuse(verifier, body, signature, err) end
  return self:keep(body, headers, now)
end

function Receiver:too_large()
  return answer(413, ("at most %d bytes"):format(self.max_body), { reason = "max_body" })
end

-- Whether lines of a level are wanted.
function Receiver:logs(level)
  return self.log and self.log.wants(level)
end

function Receiver:report(report)
  local level = report.reason and "warn" or "info"
  if self:logs(level) then self.log.write(level, log.line("webhook", report)) end
end

local HEADERS = { [405] = { Allow = "POST" } }
local NO_HEADERS = {}

local function logged(self, status, body, report)
  if report then self:report(report) end
  return status, body, HEADERS[status] or NO_HEADERS
end

--- Receives one delivery. When it answers 200 the event is in the inbox, whatever happens next.
-- @tparam table delivery `method`, `headers` (by name, in any case, unless `lower_case` says that
--   all are in lower case; a value is text, or a table when the header came more than once), `body`
--   (the raw request body), and `subscription` where the secret depends on it
-- @treturn number status: 200 kept, or known already, also when no reader understands it; 401 not
--   signed by Debitura; 405 no POST; 413 larger than `max_body`; 503 the inbox could not be
--   written, or the secret could not be had: Debitura tries again
-- @treturn string the body of the answer, plain text
-- @treturn table further headers of the answer, by name
function Receiver:handle(delivery)
  if type(delivery) ~= "table" or type(delivery.body) ~= "string" then
    usage.error("receiver:handle { method =, headers =, body = }: the raw request body is needed, "
      .. "as a string")
  end
  if not self.verifier and not self.secret then
    usage.error("receiver:handle: this receiver was made without a secret, only to work")
  end
  return logged(self, self:receive(delivery))
end

-- The answer to a delivery that is larger than `max_body`, for a way in that sees so before it has
-- read the body.
-- @treturn number status
-- @treturn string body
-- @treturn table headers
function Receiver:refuse_large()
  return logged(self, self:too_large())
end

--- Processes the inbox.
-- @function Receiver:work
-- @see debitura.webhook.worker.work
Receiver.work = worker.work

-- Making one ----------------------------------------------------------------------------------

local function handlers_problem(on)
  for name, handler in pairs(on) do
    if type(name) ~= "string" or type(handler) ~= "function" then
      return "functions by the names of events expected"
    end
  end
end

--- What a receiver takes.
receiver.options = options.define("debitura.webhook.receiver", verify.ages, {
  { "secret", "secret|function|false",
    "Base64; or a function of the headers, by their lower-case names, and of "
      .. "`delivery.subscription`, that gives one or an array, nil where there is none; false for "
      .. "a process that works and receives nothing" },
  { "secrets", "table", "several while one is rotated, the newest first" },
  { "store", "object", required = true, "what debitura.store.open returns" },
  { "on", "table", default = {}, check = handlers_problem,
    "functions by the names of events; \"*\" hears every event, after its own function" },
  { "accept_late", "seconds", default = 0,
    "up to which age an older signature passes when the inbox does not know the event; what "
      .. "`inbox_forget` has dropped is not known any more" },
  { "max_body", "count", default = 8 * MEBIBYTE, "bytes of a delivery that is kept" },
  { "max_event", "count", default = MEBIBYTE,
    "bytes of a body that handlers are given; a larger one goes to the dead letters" },
  { "tenant", "function",
    "names whose events are processed one after the other, by 1,020 bytes at most, or gives "
      .. "nil; default: data.externalTenantId, else data.caseId" },
  { "clock", "function", default = core.system.now, "gives Unix seconds" },
  { "logger", "any", "as debitura.partner takes it; default: ngx.log in nginx, else none" },
})

--- Makes a receiver.
-- @tparam table given see `receiver.options`; a secret, several `secrets` or `secret = false` is
--   needed. See debitura.webhook.worker for what handlers are given.
-- @treturn table with the methods `handle` and `work`
-- @raise when an option is missing or wrong
function receiver.new(given)
  local read = receiver.options:read(given)
  local ngx = rawget(_G, "ngx")
  local logger = read.logger or ngx and ngx.log
  local self = setmetatable({
    store = read.store, handlers = read.on, clock = read.clock, tenant = read.tenant,
    tolerance = read.tolerance, skew = read.skew, accept_late = read.accept_late,
    max_body = read.max_body, max_event = read.max_event, log = logger and log.new(logger),
  }, Receiver)
  if type(read.secret) == "function" then
    self.secret = read.secret
  elseif read.secrets or read.secret ~= false then
    local err
    self.verifier, err = verify.prepare(read.secrets or { read.secret }, read.tolerance,
      read.skew)
    if not self.verifier then usage.error("debitura.webhook.receiver: " .. err) end
  end
  return self
end

return receiver
