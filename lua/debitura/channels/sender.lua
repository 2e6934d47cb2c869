--- What channels that send over the network share: an engine of their own, made by the first
-- delivery, and the way to wait of here and now. Any number of deliveries may be under way at once.
-- @module debitura.channels.sender

local core = require("debitura.core")
local response = require("debitura.client.response")
local task = require("debitura.async.task")
local waiters = require("debitura.async.waiters")

local sender = {}

-- Seconds; one delivery has to end well within the lease that a recipe holds meanwhile.
local TIMEOUT, CONNECT_TIMEOUT = 30, 10
local MAX_CONNECTIONS = 8 -- mail servers turn away a client that opens dozens
local REPLY_MAX = 64 * 1024 -- bytes; what an endpoint says is not read

--- Options of every channel with connections of its own.
sender.options = {
  { "timeout", "positive", default = TIMEOUT, "seconds of one delivery" },
  { "ca_file", "text", "PEM; default: the system's" },
  { "clock", "function", default = core.system.now, "gives Unix seconds" },
  { "waiter", "table", "see debitura.waiter; default: that of here and now" },
}

local Sender = {}
Sender.__index = Sender

-- The engine. An application may be loaded before nginx forks its workers, and an engine does not
-- survive that.
function Sender:engine()
  local err
  if not self.opened then self.opened, err = core.engine(self.settings) end
  return self.opened, err
end

-- Starts a transfer and waits for it.
function Sender:exchange(waiter, submit, request)
  local engine, err = self:engine()
  if not engine then return nil, err end
  local transfer
  transfer, err = engine[submit](engine, request)
  if not transfer then return nil, err end
  local waited, stopped = waiter.wait(engine, transfer)
  if waited then return transfer:result() end
  transfer:cancel()
  return nil, { code = "transport", message = stopped.message }
end

--- Sends and waits for the answer.
-- @tparam string submit the engine's method, "submit" or "submit_mail"
-- @tparam table request what that method takes
-- @treturn[1] table the answer
-- @treturn[2] nil
-- @treturn[2] table failure; its `status` is the code by which a mail server refused, `where` is
--   "to" when it refused the recipient
function Sender:send(submit, request)
  local waiter, err = task.waiter() or self.waiter, nil
  if not waiter then waiter, err = waiters.auto() end
  if not waiter then
    err.operation = self.operation
    return nil, err
  end
  local result
  result, err = self:exchange(waiter, submit, request)
  if result then return result end
  local failed = response.undelivered(self.operation, err)
  if err.status and err.status >= 400 then failed.status, failed.where = err.status, err.where end
  return nil, failed
end

--- Closes the connections; not while deliveries are under way. The next delivery opens new ones.
function Sender:close()
  if self.opened then self.opened:close() end
  self.opened = nil
end

--- @tparam string operation by which failures name the channel
-- @tparam table read the channel's options, those of `sender.options` among them
-- @treturn table
function sender.new(operation, read)
  return setmetatable({
    operation = operation, waiter = read.waiter,
    settings = {
      timeout = read.timeout, connect_timeout = math.min(read.timeout, CONNECT_TIMEOUT),
      ca_file = read.ca_file, max_connections = MAX_CONNECTIONS, max_response_bytes = REPLY_MAX,
    },
  }, Sender)
end

return sender
