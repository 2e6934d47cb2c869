--- One credential's way to one API: engine, waiter, limits, retries, time budget, hooks.
-- Takes a checked request (debitura.client.request), gives the decoded answer or a failure (debitura.base.failure).
-- Knows nothing of single operations.
-- @module debitura.client.session

local answer = require("debitura.client.response")
local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local limiter = require("debitura.client.limiter")
local log = require("debitura.base.log")
local request = require("debitura.client.request")
local task = require("debitura.async.task")
local waiter = require("debitura.async.waiters")

local session = {}

local MEBIBYTE = 1024 * 1024

--- Defaults of every option that is a number; seconds, bytes and counts.
session.defaults = {
  timeout = 60, -- one attempt
  connect_timeout = 10,
  budget = 120, -- the call with all its attempts and pauses
  attempts = 3,
  backoff_base = 0.5,
  backoff_cap = 8,
  max_response_bytes = 16 * MEBIBYTE,
  max_connections = 64,
}

local NONE = {}

--- Those that a single call may set for itself.
local OF_EACH_CALL = { "timeout", "budget", "attempts" }

--- Of an attempt that begins when the budget is all but spent.
local LEAST_TIMEOUT = 0.001

--- Whether a request of a retry class may be sent once more after `failed`.
-- What may have reached the server is repeated only where a repetition is harmless (domain: "on calls that are safe
-- or idempotent"); what certainly never left is repeated always.
local MAY_REPEAT = {
  safe = function() return true end,
  idempotent = function() return true end,
  keyed = function(prepared, failed) return prepared.headers["Idempotency-Key"] ~= nil or failed.sent == false end,
  never = function(_, failed) return failed.sent == false end,
}

--- A uniformly distributed number in [0, 1), not shared with the application's math.random.
local function uniform()
  local a, b, c, d = core.system.random(4):byte(1, 4)
  return (((a * 256 + b) * 256 + c) * 256 + d) / 4294967296
end

local function positive_number(name, value, default, level)
  if value == nil then return default end
  if type(value) ~= "number" or value ~= value or value <= 0 then
    error(("option '%s': a positive number expected"):format(name), level + 1)
  end
  return value
end

local Session = {}
Session.__index = Session

function Session:__tostring()
  return "debitura.session (" .. self.base_url .. ")"
end

-- The engine, made at the first call: a partner object may be built before nginx forks its workers.
-- @treturn[1] userdata
-- @treturn[2] nil
-- @treturn[2] table the core's `{code, message}`, when the system has nothing left to make one of
function Session:engine()
  if self.lender then return self.lender:engine() end
  local problem
  if not self.opened_engine then
    self.opened_engine, problem = core.engine {
      max_connections = self.max_connections, ca_file = self.ca_file, ca_path = self.ca_path, proxy = self.proxy,
      max_response_bytes = self.max_response_bytes, user_agent = self.user_agent,
    }
  end
  return self.opened_engine, problem
end

--- How to wait here and now: the same partner object may serve several phases of nginx.
-- @treturn[1] table waiter
-- @treturn[2] nil
-- @treturn[2] table failure, in a phase of nginx that cannot wait
function Session:waiter()
  local chosen = task.waiter() or self.chosen_waiter
  if chosen then return chosen end
  return waiter.auto()
end

-- Sees to it that the next call has its credential at hand.
-- @treturn boolean whether it has
function Session:authorize()
  return self.credential({}) ~= nil
end

-- Waits until the limits let a request pass.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure, when that would be after the deadline
function Session:admit(patient, operation, deadline)
  if not self.limiter then return true end
  while true do
    local seconds, reason = self.limiter:reserve()
    if seconds <= 0 then return true end
    if self.clock() + seconds >= deadline then return nil, answer.held_back(operation, seconds, reason) end
    patient.sleep(seconds)
  end
end

-- Sends once and waits.
-- @treturn[1] table the answer as it came: `status`, `headers`, `body`, `request_id`, `timing`
-- @treturn[2] nil
-- @treturn[2] table failure
function Session:exchange(prepared, deadline)
  local operation = prepared.operation.name
  local patient, stopped = self:waiter()
  if not patient then
    stopped.operation = operation
    return nil, stopped
  end
  local admitted, refused = self:admit(patient, operation, deadline)
  if not admitted then return nil, refused end

  local seconds = math.max(LEAST_TIMEOUT, deadline - self.clock())
  local transfer
  local engine, problem = self:engine()
  if engine then
    transfer, problem = engine:submit {
      method = prepared.method,
      url = self.base_url .. prepared.path_and_query,
      headers = prepared.headers,
      body = prepared.body,
      form = prepared.form,
      connect_timeout = math.min(self.connect_timeout, seconds),
      timeout = math.min(prepared.timeout, seconds),
      max_response_bytes = self.max_response_bytes,
    }
  end
  if not transfer then return nil, answer.undelivered(operation, problem) end

  local waited
  waited, stopped = patient.wait(engine, transfer)
  if not waited then
    transfer:cancel()
    stopped.operation = operation
    return nil, stopped
  end

  local response
  response, problem = transfer:result()
  if not response then return nil, answer.undelivered(operation, problem) end
  return response
end

-- Sends once with a credential; after a 401 once more with another one, where there is another. When that is refused
-- too, the client's link itself is no longer valid.
function Session:authorized_exchange(prepared, attempt, deadline)
  local used, failed = self.credential(prepared.headers)
  if not used then return nil, failed end
  local response
  response, failed = self:exchange(prepared, deadline)
  if not response or response.status ~= 401 then return response, failed end

  used, failed = self.credential(prepared.headers, used)
  if not used then return not failed and response or nil, failed end
  self:notify("retry", prepared, attempt, nil, { kind = "unauthorized", status = 401, request_id = response.request_id }, 0)
  response, failed = self:exchange(prepared, deadline)
  if not response or response.status ~= 401 then return response, failed end
  return nil, answer.link_invalid(prepared.operation, response)
end

-- How long to wait before the next attempt, or nil when there must be none.
function Session:pause_after(prepared, failed, attempt, deadline)
  if attempt >= prepared.attempts or not failed.retryable then return nil end
  if not MAY_REPEAT[prepared.operation.retry](prepared, failed) then return nil end
  -- Full jitter: a crowd that failed together does not come back together.
  local pause = failed.retry_after or self.random() * math.min(self.backoff_cap, self.backoff_base * 2 ^ (attempt - 1))
  return self.clock() + pause < deadline and pause or nil
end

-- Tells the logger and the hook for an event, where there are any.
function Session:notify(name, prepared, attempt, response, failed, pause)
  local hook = self.hooks[name]
  if not hook and not self.log then return end
  local row, source = prepared.operation, response or failed or NONE
  local event = {
    operation = row.name, attempt = attempt, method = row.method, path = row.path, unlisted = row.unlisted,
    status = source.status, request_id = source.request_id, kind = failed and failed.kind, pause = pause,
    seconds = response and response.timing.total,
    bytes_up = response and response.bytes_up, bytes_down = response and response.bytes_down,
  }
  if self.log then self.log(name, event) end
  if hook then hook(event) end
end

-- Sends a checked request until it is answered, must not be repeated, or the time budget is spent.
-- @tparam table prepared what debitura.client.request made, with `timeout`, `budget` and `attempts`
-- @treturn[1] decoded body, or true where the answer has none
-- @treturn[1] nil
-- @treturn[1] table the answer: `status`, `headers`, `body`, `request_id`, `timing`
-- @treturn[2] nil
-- @treturn[2] table failure
function Session:send(prepared)
  local deadline = self.clock() + prepared.budget
  local attempt = 0
  while true do
    attempt = attempt + 1
    self:notify("request", prepared, attempt)
    local data
    local response, failed = self:authorized_exchange(prepared, attempt, deadline)
    if response then data, failed = answer.read(prepared.operation, response) end
    self:notify("response", prepared, attempt, response, failed)
    if not failed then return data, nil, response end

    failed.attempts = attempt
    if failed.status == 429 and failed.retry_after and self.limiter then self.limiter:hold(failed.retry_after) end
    local pause = self:pause_after(prepared, failed, attempt, deadline)
    if not pause then return nil, failed end
    self:notify("retry", prepared, attempt, nil, failed, pause)
    self:waiter().sleep(pause)
  end
end

--- Checks, sends and decodes one call.
-- @tparam table row an operation row
-- @tparam table arguments see debitura.client.request.arguments
-- @tparam[opt] table options of this call: `check`, `idempotency_key`, `timeout`, `budget`, `attempts`
-- @treturn[1] decoded body, or true where the answer has none
-- @treturn[1] nil
-- @treturn[1] table the answer: `status`, `headers`, `body`, `request_id`, `timing`
-- @treturn[2] nil
-- @treturn[2] table failure
function Session:call(row, arguments, options)
  options = options or {}
  local prepared, failed = request.build(row, arguments, {
    check = options.check, environment = self.environment, now = core.system.now(),
    idempotency_key = options.idempotency_key or row.idempotency_key and encoding.random_hex(16) or nil,
  })
  if not prepared then return nil, failed end
  for index = 1, #OF_EACH_CALL do
    local name = OF_EACH_CALL[index]
    local given = options[name]
    prepared[name] = given == nil and self[name] or positive_number(name, given, nil, 3)
  end
  return self:send(prepared)
end

--- The limiter that the options ask for: their own, none (false), or the usual one.
local function limiter_of(options, clock)
  local given = options.limiter
  if given ~= nil then
    if given and not limiter.is(given) then error("option 'limiter': one made by debitura.limiter, or false, expected", 4) end
    return given
  end
  if options.lender then return options.lender.limiter end
  return limiter.new { clock = clock }
end

--- Makes a session.
-- @tparam table options `base_url`, `credential` (see debitura.client.credential), `environment`, and any of `session.defaults`,
--   `ca_file`, `ca_path`, `proxy`, `user_agent`, `engine`, `lender` (a session whose engine and limiter are shared), `waiter`,
--   `clock` (monotonic seconds), `random` ([0, 1)), `limiter` (see debitura.client.limiter; false: none), `logger` (see debitura.base.log),
--   `on_request`, `on_response`, `on_retry`: functions given one table with `operation`, `attempt`, `method`, `path` (the
--   template), and of an answer or a repetition `status`, `kind` (of a failure), `request_id`; of an answer also `seconds`,
--   `bytes_up`, `bytes_down` (of the bodies, as they were sent); of a repetition also `pause` (seconds)
-- @treturn table
function session.new(options)
  local clock = options.clock or core.system.monotonic
  local self = setmetatable({
    base_url = options.base_url, environment = options.environment, credential = options.credential,
    ca_file = options.ca_file, ca_path = options.ca_path, proxy = options.proxy, user_agent = options.user_agent,
    opened_engine = options.engine, lender = options.lender, chosen_waiter = options.waiter,
    clock = clock, random = options.random or uniform, limiter = limiter_of(options, clock),
    hooks = { request = options.on_request, response = options.on_response, retry = options.on_retry },
    log = options.logger and log.new(options.logger),
  }, Session)
  for name, default in pairs(session.defaults) do self[name] = positive_number(name, options[name], default, 3) end
  return self
end

return session
