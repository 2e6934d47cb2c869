--- What channels that send over the network share: an engine of their own, made by the first delivery, and the way to wait
-- of here and now. Any number of deliveries may be under way at once.
-- @module debitura.channels.sender

local answer = require("debitura.client.response")
local core = require("debitura.core")
local task = require("debitura.async.task")
local waiter = require("debitura.async.waiters")

local wire = {}

-- Seconds of one delivery, and of its connection: well below the lease that a recipe holds meanwhile (300).
local TIMEOUT, CONNECT_TIMEOUT = 30, 10
local MAX_CONNECTIONS = 8 -- mail servers turn away a client that opens dozens
local REPLY_MAX = 64 * 1024 -- bytes; nobody reads what an endpoint says

local Wire = {}
Wire.__index = Wire

-- The engine. An application may be loaded before nginx forks its workers, and an engine does not survive that.
function Wire:engine()
  local problem
  if not self.opened then self.opened, problem = core.engine(self.settings) end
  return self.opened, problem
end

-- Starts a transfer and waits for it.
function Wire:exchange(patient, submit, request)
  local engine, problem = self:engine()
  if not engine then return nil, problem end
  local transfer
  transfer, problem = engine[submit](engine, request)
  if not transfer then return nil, problem end
  local waited, stopped = patient.wait(engine, transfer)
  if waited then return transfer:result() end
  transfer:cancel()
  return nil, { code = "transport", message = stopped.message }
end

--- Sends and waits for the answer.
-- @tparam string submit the engine's method, "submit" or "submit_mail"
-- @tparam table request what that method takes
-- @treturn[1] table the answer
-- @treturn[2] nil
-- @treturn[2] table failure; its `status` is the code by which a mail server refused
function Wire:send(submit, request)
  local patient, stopped = task.waiter() or self.waiter
  if not patient then patient, stopped = waiter.auto() end
  if not patient then
    stopped.operation = self.operation
    return nil, stopped
  end
  local result, problem = self:exchange(patient, submit, request)
  if result then return result end
  local failed = answer.undelivered(self.operation, problem)
  if problem.status and problem.status >= 400 then failed.status = problem.status end
  return nil, failed
end

--- Closes the connections; not while deliveries are under way. The next delivery opens new ones.
function Wire:close()
  if self.opened then self.opened:close() end
  self.opened = nil
end

--- @tparam string operation by which failures name the channel
-- @tparam table options the channel's: `timeout`, `ca_file`, `waiter`
-- @treturn table
function wire.new(operation, options)
  local timeout = options.timeout or TIMEOUT
  if type(timeout) ~= "number" or not (timeout > 0 and timeout < math.huge) then error("timeout: seconds, more than 0", 3) end
  return setmetatable({
    operation = operation, waiter = options.waiter,
    settings = {
      timeout = timeout, connect_timeout = math.min(timeout, CONNECT_TIMEOUT), ca_file = options.ca_file,
      max_connections = MAX_CONNECTIONS, max_response_bytes = REPLY_MAX,
    },
  }, Wire)
end

return wire
