--- Delivers a hosted URL by returning it: `request` gives it as `outcome.redirect`, for the customer who is waiting in the
-- browser. Asking again gives it again.
-- @module debitura.channels.redirect

local redirect = {}

local Channel = { name = "redirect", inline = true }
Channel.__index = Channel

-- Gives the URL for `request` to return.
function Channel.deliver(_, message)
  return message.url
end

--- Makes the channel.
-- @treturn table
function redirect.new()
  return setmetatable({ name = Channel.name }, Channel)
end

return redirect
