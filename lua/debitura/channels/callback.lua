--- Gives a hosted URL to a function of the platform.
-- @module debitura.channels.callback

local options = require("debitura.base.options")
local usage = require("debitura.base.usage")

local callback = {}

local Channel = {}
Channel.__index = Channel

--- @tparam table message see debitura.channels
-- @return what the function gives
function Channel:deliver(message)
  return self.call(message)
end

callback.options = options.define("debitura.channels.callback", {
  { "name", "text", default = "callback", "two callbacks of one recipe need different ones" },
})

--- Makes the channel.
-- @tparam function call takes the message, see debitura.channels; gives true when it was delivered,
--   or nil and an error. It is called again with the same `key` after a failure, and after a crash
--   in mid-delivery.
-- @tparam[opt] table given see `callback.options`
-- @treturn table
function callback.new(call, given)
  if type(call) ~= "function" then
    usage.error("debitura.channels.callback: a function expected, got " .. type(call))
  end
  return setmetatable({ name = callback.options:read(given).name, call = call }, Channel)
end

return callback
