-- Ports for what has to know its port before it starts, and cannot try another: below those that
-- the system gives to whatever connects.

local core = require("debitura.core")

local FIRST, MANY = 10000, 20000

--- @tparam number count
-- @treturn number as many, all different
return function(count)
  local start = core.system.random(3)
  local high, middle, low = start:byte(1, 3)
  local ports = {}
  for index = 1, count do
    ports[index] = FIRST + ((high * 65536 + middle * 256 + low) + index) % MANY
  end
  return (table.unpack or unpack)(ports) -- luacheck: read globals unpack table.unpack
end
