--- Shows a hosted URL on the terminal, or wherever `write` puts it: for trials and for operators.
-- @module debitura.channels.print

local options = require("debitura.base.options")

local print_channel = {}

local LINE = "For %s (%s, generation %d): %s\n"

local Channel = {}
Channel.__index = Channel

--- @tparam table message see debitura.channels
-- @treturn boolean true
function Channel:deliver(message)
  self.write(LINE:format(message.tenant, message.variant, message.generation, message.url))
  return true
end

print_channel.options = options.define("debitura.channels.print", {
  { "name", "text", default = "print", "two of a kind in one recipe need different ones" },
  { "write", "function", default = function(text) io.stdout:write(text) end,
    "takes a text; default: standard output" },
})

--- Makes the channel.
-- @tparam[opt] table given see `print_channel.options`
-- @treturn table
function print_channel.new(given)
  local read = print_channel.options:read(given)
  return setmetatable({ name = read.name, write = read.write }, Channel)
end

return print_channel
