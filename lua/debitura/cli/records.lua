--- What the commands about links and cases share.
-- @module debitura.cli.records

local input = require("debitura.cli.input")
local must = require("debitura.cli.must")
local stored = require("debitura.workflow.records")

local records = {}

--- What a record holds besides its columns; nothing where it cannot be opened.
-- @tparam table record
-- @treturn table data
function records.data(record)
  local read = stored.read(record)
  return read and read.data or {}
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

return records
