--- What the commands about links and cases share.
-- @module debitura.cli.records

local input = require("debitura.cli.input")
local listing = require("debitura.cli.listing")
local must = require("debitura.cli.must")
local sorted_keys = require("debitura.base.sorted_keys")
local stored = require("debitura.workflow.records")

local records = {}

local PAGE = 500 -- rows that are asked for at once

--- The states of a machine, in order, for an option's choices.
-- @tparam table machine see debitura.workflow.machine
-- @treturn table
function records.states(machine)
  return sorted_keys(machine.states)
end

--- What a record holds besides its columns; nothing where it cannot be opened.
-- @tparam table record
-- @treturn table data
function records.data(record)
  local read = stored.read(record)
  return read and read.data or {}
end

--- Goes through the records that fit a filter.
-- @tparam table store
-- @tparam table filter what the store's `records` takes, without `state` and `limit`
-- @tparam function wanted whether a record is
-- @tparam function use is given each record, and ends it by returning false
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
function records.each(store, filter, wanted, use)
  filter.limit = PAGE
  local page, err
  repeat
    page, err = store:records(filter)
    for _, record in ipairs(page or {}) do
      if wanted(record) and not use(record) then return true end
      filter.after = record
    end
  until not page or #page == 0
  return page and true, err
end

--- Lists the records that fit a filter.
-- @tparam table session
-- @tparam table columns see debitura.cli.output
-- @tparam function visible gives the row of a record
-- @tparam table filter what the store's `records` takes, without `state` and `limit`
-- @tparam function wanted whether a record is
-- @treturn[1] number exit status
-- @treturn[2] nil
-- @treturn[2] table failure
function records.list(session, columns, visible, filter, wanted)
  local store = must(session:store())
  return listing.print(session, columns, function(use)
    return records.each(store, filter, wanted, function(record) return use(visible(record)) end)
  end)
end

--- What a command that hands a JSON file to the recipes begins with.
-- @tparam table arguments `file`, `dry_run`
-- @tparam table session
-- @tparam string would what a dry run says
-- @tparam function try (recipes, what the file holds): what the recipes would refuse
-- @treturn[1] table what the file holds
-- @treturn[1] table the recipes
-- @treturn[2] boolean false: it was a dry run
-- @treturn[3] nil
-- @treturn[3] string|table problem
function records.prepare(arguments, session, would, try)
  local value = must(input.json(arguments.file))
  local recipes, err = session:recipes()
  if arguments.dry_run and (recipes or err.missing) then
    if recipes then must(try(recipes, value)) end
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
