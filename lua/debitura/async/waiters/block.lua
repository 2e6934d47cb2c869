--- Waiting in plain Lua, where the whole process waits.
-- @module debitura.async.waiters.block

local core = require("debitura.core")
local driver = require("debitura.async.waiters.driver")

--- Longest single wait; bounds nothing, the transfer's own timeouts do.
local WAIT = 60

local block = { name = "block", sleep = core.system.sleep }

function block.wait(engine, transfer)
  while not transfer:done() do
    local err = driver.move(engine, WAIT)
    if err then return nil, driver.failed(err) end
  end
  return true
end

return block
