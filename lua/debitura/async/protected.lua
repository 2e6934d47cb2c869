--- Runs functions that the platform gave, which may raise and may wait.
-- @module debitura.async.protected

local task = require("debitura.async.task")
local waiters = require("debitura.async.waiters")

--- Runs a function as pcall does; it may wait here, whatever the Lua.
-- @tparam function run
-- @treturn boolean whether it raised no error
-- @treturn table what it returned, `n` values; or the error as its first
local function protected(run)
  return task.pcall(run, task.waiter() or (waiters.auto()))
end

return protected
