--- What the commands about links and cases share.
-- @module debitura.cli.records

local input = require("debitura.cli.input")
local text = require("debitura.cli.text")

local records = {}

--- A column's source: a moment that the store keeps as seconds.
-- @tparam string name of the field
-- @treturn function
function records.moment(name)
  return function(row) return row[name] and text.moment(row[name]) or nil end
end

--- The states of a machine, in order, for an option's choices.
-- @tparam table machine see debitura.workflow.machine
-- @treturn table
function records.states(machine)
  local names = {}
  for name in pairs(machine.states) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- What a command that hands a JSON file to the recipes begins with.
-- @tparam table arguments `file`, `dry_run`
-- @tparam table session
-- @tparam string would what a dry run says
-- @treturn[1] table what the file holds
-- @treturn[1] table the recipes
-- @treturn[2] boolean false: it was a dry run
-- @treturn[3] nil
-- @treturn[3] string|table problem
function records.prepare(arguments, session, would)
  local value, err = input.json(arguments.file)
  if not value then return nil, err end
  local recipes
  recipes, err = session:recipes()
  if arguments.dry_run and (recipes or err.missing) then
    session:note(would)
    return false
  end
  if not recipes then return nil, err end
  return value, recipes
end

--- Whether a client is attributed to the partner, as a boolean; nil where Debitura has not said.
-- @tparam table data a link's
-- @treturn ?boolean
function records.attributed(data)
  if data.attributed == nil then return nil end
  return data.attributed == "yes"
end

return records
