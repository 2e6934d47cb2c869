--- Options that several commands take, and what turns their texts into values.
-- @module debitura.cli.options

local time = require("debitura.base.time")

local options = {}

--- A converter for whole numbers.
-- @tparam number least
-- @treturn function
function options.whole(least)
  return function(given)
    local number = tonumber(given)
    if number and number % 1 == 0 and number >= least and number < 2 ^ 53 then return number end
    return nil, ("a whole number, %d at least, is expected instead of '%s'"):format(least, given)
  end
end

--- A converter for spans of time such as 90s, 15m, 12h, 7d; to seconds, as which a bare number is
-- taken.
local function span(given)
  local seconds = time.duration(given)
  if seconds then return seconds end
  return nil, ("a span of time such as 90s, 15m, 12h or 7d is expected instead of '%s'")
    :format(given)
end

--- What a command may say of itself, and the flag that it gets for it.
local FLAGS = {
  { "json", "--json", "One JSON object in each line, for scripts." },
  { "changes", "--dry-run", "Only show what would be done." },
  { "tables", "--wide", "All columns in full, however wide the terminal is." },
  { "destroys", "--yes", "Do not ask, in production either." },
  { "changes", "--quiet", "Say only what went wrong, for cron." },
}

--- Adds the client that a command is about.
-- @tparam table parser of argparse
function options.tenant(parser)
  parser:argument("tenant", "The client's externalTenantId."):argname("TENANT")
end

--- Adds an option that takes a span of time.
-- @tparam table parser of argparse
-- @tparam string name
-- @tparam string about
-- @treturn table of argparse
function options.span(parser, name, about)
  return parser:option(name, about):argname("SPAN"):convert(span)
end

--- Adds an option that says how many, one at least.
-- @tparam table parser of argparse
-- @tparam string name
-- @tparam string about
-- @treturn table of argparse
function options.count(parser, name, about)
  return parser:option(name, about):argname("COUNT"):convert(options.whole(1))
end

--- Adds the flags of a command.
-- @tparam table parser of argparse
-- @tparam table command
function options.flags(parser, command)
  for _, flag in ipairs(FLAGS) do
    if command[flag[1]] then parser:flag(flag[2], flag[3]) end
  end
end

return options
