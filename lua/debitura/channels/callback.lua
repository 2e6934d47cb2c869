--- Hands a hosted URL to a function of the platform.
-- @module debitura.channels.callback

local callback = {}

local Channel = { name = "callback" }
Channel.__index = Channel

--- @tparam table message
-- @return what the function gives
function Channel:deliver(message)
  return self.call(message)
end

--- Makes the channel.
-- @tparam function call takes the message `{key, tenant, generation, variant, url, expires_at}`; gives true when it was delivered, or
--   nil and why not. It is called again with the same `key` after a failure, and after a crash in mid-delivery.
-- @tparam[opt] table options `name` ("callback"): two callbacks of one recipe need different ones
-- @treturn table
function callback.new(call, options)
  if type(call) ~= "function" then error("callback: a function is needed", 2) end
  return setmetatable({ name = options and options.name, call = call }, Channel)
end

return callback
