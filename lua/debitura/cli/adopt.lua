--- `debitura adopt`: takes over what exists at Debitura into the store.
-- @module debitura.cli.adopt

local core = require("debitura.core")
local input = require("debitura.cli.input")
local must = require("debitura.cli.must")
local status = require("debitura.cli.exit_status")

local command = {
  summary = "Takes over clients and cases that exist at Debitura, and writes to no customer.",
  json = true, changes = true, tables = true, makes_store = true,
  details = "Clients with an active link and those in the onboarding come from Debitura, links "
    .. "that wait for the customer's approval from FILE: JSON, an array or one object a line, each "
    .. "{\"payload\": CreateClientRequest} and, where they are known, \"url\", \"requested_at\" "
    .. "and \"expires_at\". What is in the store already stays as it is, so that a run that was "
    .. "stopped is run again.",
}

function command.describe(parser)
  parser:argument("file", "Links that are pending; - for standard input."):argname("FILE")
    :args("?")
  parser:flag("--unchecked", "Leave the payloads to Debitura's own checks.")
end

local COLUMNS = {
  { "TENANT", "tenant" }, { "STATE", "state" }, { "RESULT", "result" },
  { "ROW", "row", rank = 2 }, { "REASON", "reason" },
}

--- One object a line.
local function lines_of(content, name)
  local rows, number = core.json.array {}, 0
  for line in (content .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    if line:find("%S") then
      local row = core.json.decode(line)
      if type(row) ~= "table" then
        return nil, ("%s: line %d is no JSON object"):format(name, number)
      end
      rows[#rows + 1] = row
    end
  end
  return rows
end

local function read_pending(path)
  local name, content = path == "-" and "standard input" or path, must(input.read(path))
  if not content:find("^%s*%[") then return lines_of(content, name) end
  local rows, err = core.json.decode(content)
  if rows then return rows end
  return nil, ("%s: no JSON: %s"):format(name, err.message)
end

local function tell(session, counts)
  local arguments = session.arguments
  if arguments.json then
    session.out:object(counts)
  else
    session:note(("%s%d of %d clients and %d cases; there already: %d, refused: %d."):format(
      arguments.dry_run and "Would adopt " or "Adopted ", counts.adopted, counts.total,
      counts.cases, counts.known, counts.refused))
    if counts.unnamed > 0 then
      session:note(("%d cases have no creditorReference, and are not followed."):format(
        counts.unnamed))
    end
  end
end

--- The recipes; a trial needs no store.
local function recipes_of(session)
  local recipes, err = session:recipes()
  if recipes or not session.arguments.dry_run or type(err) ~= "table" or not err.missing then
    return recipes, err
  end
  session.defined.store:stand_in()
  return session:recipes()
end

function command.run(arguments, session)
  local pending = arguments.file and must(read_pending(arguments.file))
  local recipes = must(recipes_of(session))
  local shown, counts, err, so_far = session.out:table(COLUMNS), nil, nil, nil
  local ended = session:until_asked(function(stop)
    counts, err, so_far = recipes:adopt {
      pending = pending, check = not arguments.unchecked, dry_run = arguments.dry_run,
      on_progress = function(step)
        shown:row(step)
        return not stop()
      end,
    }
  end)
  shown:close()
  counts = counts or so_far
  if counts then tell(session, counts) end
  if err then return nil, err end
  if not ended then
    session:note("Stopped; the same command goes on from here.")
    return status.interrupted
  end
  return status.of_many(counts.adopted + counts.known, counts.refused)
end

return command
