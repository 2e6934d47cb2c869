--- What the commands about links and cases share.
-- @module debitura.cli.records

local input = require("debitura.cli.input")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local records = {}

local PAGE = 500 -- rows that are asked for at once

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

--- Lists the records that fit a filter.
-- @tparam table session
-- @tparam table columns see debitura.cli.output
-- @tparam function visible gives the row of a record
-- @tparam table filter what the store's `records` takes, without `limit`
-- @tparam ?number limit how many at most
-- @treturn[1] number exit status
-- @treturn[2] nil
-- @treturn[2] table failure
function records.list(session, columns, visible, filter, limit)
  local store, err = session:store()
  if not store then return nil, err end
  local shown, left = session.out:table(columns), limit or math.huge
  local page
  repeat
    filter.limit = math.min(PAGE, left)
    page, err = store:records(filter)
    for _, record in ipairs(page or {}) do
      shown:row(visible(record))
      filter.after, left = record, left - 1
    end
  until not page or #page == 0 or left == 0
  if shown:close() == 0 and page then session:note("There are none.") end
  return page and status.done, err
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
