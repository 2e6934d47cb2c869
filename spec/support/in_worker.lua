--- What the specs for nginx run inside of a worker.

local core = require("debitura.core")
local waiter = require("debitura.async.waiters")

local in_worker = {}

local engine

--- Calls another location and waits for it.
-- @treturn string the body that came back, or why there is none
function in_worker.call(url)
  local patient, failed = waiter.auto()
  if not patient then return tostring(failed) end
  engine = engine or assert(core.engine {})
  local transfer = assert(engine:submit { method = "GET", url = url })
  assert(patient.wait(engine, transfer))
  local response, problem = transfer:result()
  return response and response.body or problem.message
end

--- How many transfers are under way that somebody still holds.
function in_worker.pending()
  collectgarbage()
  collectgarbage()
  return engine and engine:pending() or 0
end

--- Notes what a call gives in a phase from which nothing can be answered.
function in_worker.note(phase, url)
  ngx.shared.notes:set(phase, in_worker.call(url)) -- luacheck: read globals ngx
end

return in_worker
