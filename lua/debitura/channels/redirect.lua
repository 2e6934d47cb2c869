--- Delivers a hosted URL by returning it: `request` gives it as `outcome.redirect`, for the
-- customer who is waiting in the browser. Asking again gives it again.
-- @module debitura.channels.redirect

local options = require("debitura.base.options")

local redirect = {}

local Channel = { inline = true }
Channel.__index = Channel

-- Gives the URL for `request` to return.
function Channel.deliver(_, message)
  return message.url
end

redirect.options = options.define("debitura.channels.redirect", {
  { "name", "text", default = "redirect", "by which records and jobs name it" },
})

--- Makes the channel.
-- @tparam[opt] table given see `redirect.options`
-- @treturn table
function redirect.new(given)
  return setmetatable({ name = redirect.options:read(given).name }, Channel)
end

return redirect
