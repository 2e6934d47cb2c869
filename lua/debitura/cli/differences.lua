--- `debitura differences`: how Debitura's answers differ from its documents, as clients that
-- observe have seen it.
-- @module debitura.cli.differences

local listing = require("debitura.cli.listing")
local must = require("debitura.cli.must")
local observer = require("debitura.client.observer")
local sorted_keys = require("debitura.base.sorted_keys")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local command = {
  summary = "Lists how answers differ from Debitura's documents.", json = true, tables = true,
  details = "What clients with observe = true have seen, in all processes on the store. No value "
    .. "of an answer is kept. Exits with 4 when something that fails was seen.",
}

function command.describe(parser)
  parser:mutex(
    parser:flag("--shapes", "What answers are built of: paths, types, how often, words of lists."),
    parser:flag("--clear", "Forgets what was seen until now."))
end

local COLUMNS = {
  { "OPERATION", "operation" }, { "STATUS", "status" }, { "SEVERITY", "severity" },
  { "COUNT", "count" }, { "FIRST SEEN", "first_at", moment = true },
  { "LAST SEEN", "last_at", moment = true }, { "API", "api" }, { "KIND", "kind" },
  { "PATH", "path" }, { "WHAT DIFFERS", "message" },
}

local SHAPE_COLUMNS = {
  { "ANSWER", "answer" }, { "PATH", "path" }, { "TYPES", "types" }, { "SEEN", "seen", rank = 2 },
  { "ABSENT", "absent", rank = 2 }, { "WORDS", "words", rank = 3 },
}

--- One path of a shape as it is printed.
local function shape_row(place, path, counted)
  local types, seen = {}, 0
  for _, kind in ipairs(sorted_keys(counted.kinds)) do
    if kind ~= "absent" then
      types[#types + 1], seen = kind, seen + counted.kinds[kind]
    end
  end
  return { answer = place, path = path, types = table.concat(types, ", "), seen = seen,
    absent = counted.kinds.absent or 0, words = table.concat(sorted_keys(counted.words), ", ") }
end

local function print_shapes(session, shapes)
  local rows = {}
  for _, place in ipairs(sorted_keys(shapes)) do
    local paths = shapes[place].paths
    for _, path in ipairs(sorted_keys(paths)) do
      rows[#rows + 1] = shape_row(place, path, paths[path])
    end
  end
  return session.out:rows(SHAPE_COLUMNS, rows)
end

--- Prints them; gives how many there are, and the exit status.
local function print_differences(session, seen)
  local code = listing.severities(session, COLUMNS, seen.differences, function(one)
    return {
      ("%s %d: %s%s"):format(one.operation, one.status, one.path ~= "" and one.path .. " " or "",
        one.message),
      ("%s, first seen %s"):format(one.count == 1 and "once" or one.count .. " times",
        text.relative(one.first_at, session:now())),
    }
  end)
  if seen.dropped > 0 then
    session:note(("%d more were seen and not kept: there are too many kinds."):format(seen.dropped))
  end
  return #seen.differences, code
end

function command.run(arguments, session)
  local store = must(session:store())
  if arguments.clear then
    must(observer.clear(store, session:now()))
    return status.done
  end
  local seen = must(observer.read(store, session:now()))
  local count, code
  if arguments.shapes then
    count, code = print_shapes(session, seen.shapes), status.done
  else
    count, code = print_differences(session, seen)
  end
  if count == 0 then
    session:note(next(seen.shapes) and "There are none."
      or "There are none: no client with observe = true has seen an answer.")
  end
  return code
end

return command
