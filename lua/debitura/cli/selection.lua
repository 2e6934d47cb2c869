--- Which records a command is about, as its options choose them.
-- @module debitura.cli.selection

local link_machine = require("debitura.recipes.link")
local listing = require("debitura.cli.listing")
local options = require("debitura.cli.options")
local sorted_keys = require("debitura.base.sorted_keys")

local selection = {}

--- Adds the options.
-- @tparam table parser of argparse
-- @tparam table machine of the records
function selection.describe(parser, machine)
  listing.describe_states(parser, sorted_keys(machine.states))
  options.span(parser, "--older-than", "Those that nothing has moved for so long, such as 7d.")
end

--- The same for links, which have a URL.
-- @tparam table parser of argparse
function selection.describe_links(parser)
  selection.describe(parser, link_machine)
  options.span(parser, "--expiring", "Those whose URL expires within so long, such as 2d.")
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
-- @tparam string kind of record
-- @tparam table arguments
-- @tparam number now
-- @treturn table for `listing.each`
-- @treturn function whether a record is chosen
function selection.filter(kind, arguments, now)
  local state, has_state = listing.states(arguments.state)
  local filter = { kind = kind }
  if arguments.undelivered then filter.undelivered = true else filter.state = state end
  return filter, function(record)
    if not has_state(record) then return false end
    if arguments.older_than and record.updated_at > now - arguments.older_than then return false end
    if not arguments.expiring then return true end
    local ends = record.url and record.expires_at
    return ends ~= nil and ends >= now and ends <= now + arguments.expiring
  end
end

return selection
