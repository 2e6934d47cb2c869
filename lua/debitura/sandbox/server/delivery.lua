--- Sends webhook deliveries through this library's own engine. The only place in the sandbox from
-- which a request leaves.
-- @module debitura.sandbox.server.delivery

local core = require("debitura.core")
local waiter = require("debitura.async.waiters")

local delivery = {}

local MAX_CONNECTIONS = 64
local MAX_ANSWER = 64 * 1024 -- what a receiver says is not read any further

local engine

--- Makes one attempt and waits for its outcome.
-- @tparam table effect see `debitura.sandbox.server.dispatch`
-- @treturn table `{status, seconds}`, or `{error, seconds}` with "timeout", "transport" or another
--   word for what failed
function delivery.send(effect)
  engine = engine or core.engine { max_connections = MAX_CONNECTIONS,
    user_agent = "debitura-sandbox" }
  local started = core.system.monotonic()
  local transfer, err = engine:submit {
    method = "POST", url = effect.url, headers = effect.headers, body = effect.body,
    connect_timeout = effect.timeout, timeout = effect.timeout, max_response_bytes = MAX_ANSWER,
  }
  local answer
  if transfer then
    waiter.auto().wait(engine, transfer)
    answer, err = transfer:result()
  end
  return { status = answer and answer.status, error = err and err.code,
    seconds = core.system.monotonic() - started }
end

return delivery
