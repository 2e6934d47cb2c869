--- Calls functions that the platform gave, which may raise and may wait.
-- @module debitura.webhook.call

local task = require("debitura.async.task")
local waiters = require("debitura.async.waiters")

local call = {}

--- Runs a function as pcall does; it may wait here, whatever the Lua.
-- @tparam function run
-- @treturn boolean whether it raised no error
-- @treturn table what it returned, `n` values; or the error as its first
function call.protected(run)
  return task.pcall(run, task.waiter() or (waiters.auto()))
end

return call
