--- One credential's way to one API: engine, waiter, limits, retries, time budget, hooks.
-- Takes a checked request (debitura.client.request), gives the decoded response or a failure
-- (debitura.base.failure). Knows nothing of single operations.
-- @module debitura.client.session

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local limiter = require("debitura.client.limiter")
local log = require("debitura.base.log")
local observer = require("debitura.client.observer")
local request = require("debitura.client.request")
local response = require("debitura.client.response")
local task = require("debitura.async.task")
local version = require("debitura.base.version")
local waiters = require("debitura.async.waiters")

local session = {}

local NONE = {}

--- Of fields that no description names; a program may make up any number.
local MOST_WARNINGS = 100

--- Of an attempt that begins when the budget is all but spent.
local LEAST_TIMEOUT = 0.001

--- Whether a request of a retry class may be sent once more after `err`.
-- What may have reached the server is repeated only where a repetition is harmless (domain: "on
-- calls that are safe or idempotent"); what certainly never left is repeated always.
local MAY_REPEAT = {
  safe = function() return true end,
  idempotent = function() return true end,
  keyed = function(sent, err)
    return sent.headers["Idempotency-Key"] ~= nil or err.sent == false
  end,
  never = function(_, err) return err.sent == false end,
}

--- A uniformly distributed number in [0, 1), not shared with the application's math.random.
local function uniform()
  local a, b, c, d = core.system.random(4):byte(1, 4)
  return (((a * 256 + b) * 256 + c) * 256 + d) / 4294967296
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
  if self.parent then return self.parent:engine() end
  local err
  if not self.opened_engine then
    local options = self.options
    self.opened_engine, err = core.engine {
      max_connections = options.max_connections, max_response_bytes = options.max_response_bytes,
      ca_file = options.ca_file, ca_path = options.ca_path, proxy = options.proxy,
      user_agent = options.user_agent or version.user_agent(),
      connect_timeout = options.connect_timeout,
      max_header_bytes = options.max_header_bytes, max_header_lines = options.max_header_lines,
    }
  end
  return self.opened_engine, err
end

--- How to wait here and now: the same partner object may serve several phases of nginx.
-- @treturn[1] table waiter
-- @treturn[2] nil
-- @treturn[2] table failure, in a phase of nginx that cannot wait
function Session:waiter()
  local chosen = task.waiter() or self.options.waiter
  if chosen then return chosen end
  return waiters.auto()
end

--- What tells the key from others wherever several meet, such as in a store, without showing it.
-- @treturn string 16 hexadecimal digits
function Session:account()
  if self.parent then return self.parent:account() end
  if not self.account_id then
    self.account_id = encoding.hex(core.signature.hmac(self.options.api_key, "account"):sub(1, 8))
  end
  return self.account_id
end

-- Sees to it that the next call has its credential at hand.
-- @treturn boolean whether it has
function Session:authorize()
  return self.credential({}) ~= nil
end

-- Waits until the limits let a request pass.
-- @treturn ?table failure, when that would be after the deadline
local function admit(self, waiter, operation, deadline)
  while true do
    local seconds, window = self.limiter:reserve(self.account_id or self:account())
    if seconds <= 0 then return nil end
    if self.clock() + seconds >= deadline then
      return response.held_back(operation, seconds, window)
    end
    waiter.sleep(seconds)
  end
end

-- Hands a request to the engine.
-- @treturn[1] userdata the transfer
-- @treturn[2] nil
-- @treturn[2] table failure
local function submit(self, sent, deadline)
  local engine, err = self.opened_engine, nil
  if not engine then engine, err = self:engine() end
  local transfer
  if engine then
    local seconds, longest = deadline - self.clock(), sent.options.timeout or self.options.timeout
    sent.timeout = seconds > longest and longest or math.max(LEAST_TIMEOUT, seconds)
    transfer, err = engine:submit(sent)
  end
  if not transfer then return nil, response.undelivered(sent.operation.name, err) end
  return transfer
end

-- Sends once and waits.
-- @treturn[1] userdata the response as it came: `status`, `headers`, `body`, `request_id`, `timing`
-- @treturn[2] nil
-- @treturn[2] table failure
function Session:exchange(sent, deadline)
  local operation = sent.operation.name
  local waiter, err = self:waiter()
  if not waiter then
    err.operation = operation
    return nil, err
  end
  err = self.limiter and admit(self, waiter, operation, deadline)
  if err then return nil, err end

  local transfer, done
  transfer, err = submit(self, sent, deadline)
  if not transfer then return nil, err end
  done, err = waiter.wait(self.opened_engine, transfer)
  if not done then
    transfer:cancel()
    err.operation = operation
    return nil, err
  end

  local received
  received, err = transfer:result()
  if not received then return nil, response.undelivered(operation, err) end
  return received
end

-- Sends once with a credential; after a 401 once more with another one, where there is another.
-- When that is refused too, the client's link itself is no longer valid.
local function authorized_exchange(self, sent, attempt, deadline)
  local used, err = self.credential(sent.headers)
  if not used then return nil, err end
  local received
  received, err = self:exchange(sent, deadline)
  if not received or received.status ~= 401 then return received, err end

  used, err = self.credential(sent.headers, used)
  if not used then return not err and received or nil, err end
  self:notify("retry", sent, attempt, nil,
    { kind = "unauthorized", status = 401, request_id = received.request_id }, 0)
  received, err = self:exchange(sent, deadline)
  if not received or received.status ~= 401 then return received, err end
  return nil, response.link_invalid(sent.operation, received)
end

-- How long to wait before the next attempt, or nil when there must be none.
function Session:pause_after(sent, err, attempt, deadline)
  if attempt >= (sent.options.attempts or self.options.attempts) then return nil end
  if not err.retryable or not MAY_REPEAT[sent.operation.retry](sent, err) then return nil end
  -- Full jitter: a crowd that failed together does not come back together.
  local longest = math.min(self.options.backoff_cap, self.options.backoff_base * 2 ^ (attempt - 1))
  local pause = err.retry_after or self.random() * longest
  return self.clock() + pause < deadline and pause or nil
end

-- The level of what a session has to say.
local function level_of(name, err)
  if name == "request" then return "debug" end
  return (err or name == "retry") and "warn" or "info"
end

-- Tells the logger and the hook for an event, where there are any that want to know.
function Session:notify(name, sent, attempt, received, err, pause)
  local hook = self.hooks[name]
  local level = level_of(name, err)
  local logged = self.log and self.log.wants(level)
  if not hook and not logged then return end
  local row, source = sent.operation, received or err or NONE
  local event = {
    operation = row.name, attempt = attempt, method = row.method, path = row.path,
    unlisted = row.unlisted,
    status = source.status, request_id = source.request_id, kind = err and err.kind, pause = pause,
    seconds = received and received.timing.total,
    bytes_up = received and received.bytes_up, bytes_down = received and received.bytes_down,
  }
  if logged then self.log.write(level, log.line(name, event)) end
  if hook then hook(event) end
end

-- Tells the logger once of each field of bodies that no description names.
function Session:warn_of_unknown(built)
  if not self.log then return end
  for _, field in ipairs(built.unknown_fields) do
    local place = built.operation.name .. " " .. field
    if not self.warned[place] and #self.warned < MOST_WARNINGS then
      self.warned[place], self.warned[#self.warned + 1] = true, place
      self.log.write("warn", log.line("unknown_field",
        { operation = built.operation.name, field = field }))
    end
  end
end

-- Sends a checked request until it is answered, must not be repeated, or the time budget is spent.
-- @tparam table row the operation
-- @tparam table options of this call, as debitura.client.options reads them
-- @tparam string path_and_query
-- @tparam table headers
-- @tparam[opt] string body
-- @tparam[opt] table form
-- @treturn[1] decoded body, or true where the response has none
-- @treturn[1] nil
-- @treturn[1] userdata the response: `status`, `headers`, `body`, `request_id`, `timing`
-- @treturn[2] nil
-- @treturn[2] table failure
function Session:send(row, options, path_and_query, headers, body, form)
  local own = self.options
  -- An engine of the session's own has them already.
  local limits = own.engine and own or NONE
  local sent = {
    operation = row, options = options,
    method = row.method, url = self.base_url .. path_and_query, headers = headers, body = body,
    form = form, connect_timeout = limits.connect_timeout,
    timeout = nil, -- room for that of each attempt
    max_response_bytes = limits.max_response_bytes,
    max_header_bytes = limits.max_header_bytes, max_header_lines = limits.max_header_lines,
  }
  local deadline, attempt = self.clock() + (options.budget or own.budget), 0
  while true do
    attempt = attempt + 1
    if self.told then self:notify("request", sent, attempt) end
    local data
    local received, err = authorized_exchange(self, sent, attempt, deadline)
    if received then
      data, err = response.read(row, received)
      if self.observer then self.observer:look(row, received, data) end
    end
    if self.told then self:notify("response", sent, attempt, received, err) end
    if not err then return data, nil, received end

    err.attempts = attempt
    if err.status == 429 and err.retry_after and self.limiter then
      self.limiter:hold(err.retry_after, self:account())
    end
    local pause = self:pause_after(sent, err, attempt, deadline)
    if not pause then return nil, err end
    if self.told then self:notify("retry", sent, attempt, nil, err, pause) end
    self:waiter().sleep(pause)
  end
end

--- Checks, sends and decodes one call.
-- @tparam table row an operation row
-- @tparam table arguments see debitura.client.request.arguments
-- @tparam table options of this call, as debitura.client.options reads them
-- @treturn as `send`
function Session:call(row, arguments, options)
  local built, err = request.build(row, arguments, {
    check = options.check, environment = self.environment, now = core.system.now(),
    idempotency_key = options.idempotency_key or row.idempotency_key and encoding.random_hex(16)
      or nil,
  })
  if not built then return nil, err end
  self:warn_of_unknown(built)
  return self:send(row, options, built.path_and_query, built.headers, built.body, built.form)
end

--- Makes another session with the same options, engine and limiter.
-- @tparam string base_url
-- @tparam function credential
-- @treturn table
function Session:share(base_url, credential)
  return setmetatable({ parent = self, base_url = base_url, credential = credential },
    { __index = self, __tostring = Session.__tostring })
end

--- Makes a session.
-- @tparam table options as debitura.client.options reads them
-- @tparam function credential see debitura.client.credential
-- @treturn table
function session.new(options, credential)
  local clock = options.clock or core.system.monotonic
  local own_limiter = options.limiter
  if own_limiter == nil then own_limiter = limiter.new { clock = clock } end
  local written = options.logger and log.new(options.logger)
  local hooks = {
    request = options.on_request, response = options.on_response, retry = options.on_retry,
  }
  return setmetatable({
    options = options, credential = credential,
    base_url = options.base_url, environment = options.environment,
    opened_engine = options.engine, limiter = own_limiter,
    clock = clock, random = options.random or uniform,
    hooks = hooks, told = written ~= nil or next(hooks) ~= nil, log = written, warned = {},
    observer = options.observe and observer.new { store = options.store, log = written } or nil,
  }, Session)
end

return session
