--- What the specs for nginx run inside of a worker.

-- luacheck: read globals ngx

local core = require("debitura.core")
local debitura = require("debitura")
local waiter = require("debitura.async.waiters")

local in_worker = {}

local engine

--- Calls another location and waits for it.
-- @treturn string the body that came back, or why there is none
function in_worker.call(url)
  local found, err = waiter.auto()
  if not found then return tostring(err) end
  engine = engine or assert(core.engine {})
  local transfer = assert(engine:submit { method = "GET", url = url })
  assert(found.wait(engine, transfer))
  local response, problem = transfer:result()
  return response and response.body or problem.message
end

local partner
local waiting = 0

--- The Customer API's answer for a client, whose token all requests of the worker share.
-- @treturn string
function in_worker.me(url)
  partner = partner or debitura.partner { api_key = "sample-key", base_url = url }
  waiting = waiting + 1
  ngx.on_abort(function()
    waiting = waiting - 1
    ngx.exit(499)
  end)
  local me, err = partner:customer("tenant-1"):me()
  waiting = waiting - 1
  return err and tostring(err) or me.id
end

--- How many requests wait for that, of clients that have not hung up.
function in_worker.waiting()
  return waiting
end

--- How many transfers are under way that somebody still holds.
function in_worker.pending()
  collectgarbage()
  collectgarbage()
  return engine and engine:pending() or 0
end

--- Notes what a call gives in a phase from which nothing can be answered.
function in_worker.note(phase, url)
  ngx.shared.notes:set(phase, in_worker.call(url))
end

return in_worker
