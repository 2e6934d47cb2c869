--- Shows a hosted URL on the terminal, or wherever `write` puts it: for trials and for operators.
-- @module debitura.channels.print

local print_channel = {}

local Channel = { name = "print" }
Channel.__index = Channel

--- @tparam table message
-- @treturn boolean
function Channel:deliver(message)
  self.write(("For %s (%s, generation %d): %s\n"):format(message.tenant, message.variant, message.generation, message.url))
  return true
end

--- Makes the channel.
-- @tparam[opt] table options `write` (a function of a text; default: standard output), `name` ("print")
-- @treturn table
function print_channel.new(options)
  options = options or {}
  return setmetatable({ name = options.name, write = options.write or function(text) io.stdout:write(text) end }, Channel)
end

return print_channel
