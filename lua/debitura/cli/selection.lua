--- Which links a command is about: those that are named, or those that options choose.
-- @module debitura.cli.selection

local link_machine = require("debitura.recipes.link")
local listing = require("debitura.cli.listing")
local options = require("debitura.cli.options")
local records = require("debitura.cli.records")

local selection = {}

--- Adds the options.
-- @tparam table parser of argparse
function selection.describe(parser)
  listing.describe_states(parser, records.states(link_machine))
  parser:option("--older-than", "Those that nothing has moved for so long, such as 7d.")
    :argname("SPAN"):convert(options.span)
  parser:option("--expiring", "Those whose URL expires within so long, such as 2d.")
    :argname("SPAN"):convert(options.span)
  parser:flag("--undelivered", "Those whose URL no channel has brought to the customer.")
end

--- Whether any of them was given.
-- @tparam table arguments
-- @treturn boolean
function selection.is_given(arguments)
  return arguments.state[1] ~= nil or arguments.older_than ~= nil or arguments.expiring ~= nil
    or arguments.undelivered == true
end

--- What the store is asked for, and what is looked at here.
-- @tparam table arguments
-- @tparam number now
-- @treturn table for `records.each`
-- @treturn function whether a link is chosen
function selection.filter(arguments, now)
  local state, has_state = listing.states(arguments.state)
  local filter = { kind = "link" }
  if arguments.undelivered then filter.undelivered = true else filter.state = state end
  return filter, function(link)
    if not has_state(link) then return false end
    if arguments.older_than and link.updated_at > now - arguments.older_than then return false end
    if not arguments.expiring then return true end
    local ends = link.url and link.expires_at
    return ends ~= nil and ends >= now and ends <= now + arguments.expiring
  end
end

return selection
