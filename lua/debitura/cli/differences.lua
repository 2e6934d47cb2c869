--- `debitura differences`: how Debitura's answers differ from its documents, as clients that
-- observe have seen it.
-- @module debitura.cli.differences

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
  local listed = session.out:table(SHAPE_COLUMNS)
  for _, place in ipairs(sorted_keys(shapes)) do
    local paths = shapes[place].paths
    for _, path in ipairs(sorted_keys(paths)) do listed:row(shape_row(place, path, paths[path])) end
  end
  return listed:close()
end

local LABEL = { fails = "fails  ", noted = "noted  " }

--- For people: two thoughts in lines that fit the screen.
local function tell(out, one, now)
  out:paragraph(text.clean(("%s %d: %s%s"):format(one.operation, one.status,
    one.path ~= "" and one.path .. " " or "", one.message)), LABEL[one.severity],
    one.severity == "fails" and out:paint("red", LABEL.fails) or nil)
  out:paragraph(("%s, first seen %s"):format(one.count == 1 and "once"
    or one.count .. " times", text.relative(one.first_at, now)), "       ")
end

--- Prints them; says how many there are, and whether any of them fails.
local function print_differences(session, seen)
  local out, failing = session.out, false
  local told = out.screen and not (out.json or out.wide)
  local listed = not told and out:table(COLUMNS)
  for _, one in ipairs(seen.differences) do
    if told then tell(out, one, session:now()) else listed:row(one) end
    failing = failing or one.severity == "fails"
  end
  if listed then listed:close() end
  if seen.dropped > 0 then
    session:note(("%d more were seen and not kept: there are too many kinds."):format(seen.dropped))
  end
  return #seen.differences, failing
end

function command.run(arguments, session)
  local store, err = session:store()
  if not store then return nil, err end
  if arguments.clear then
    local cleared
    cleared, err = observer.clear(store, session:now())
    return cleared and status.done, err
  end
  local seen
  seen, err = observer.read(store, session:now())
  if not seen then return nil, err end
  local count, failing
  if arguments.shapes then
    count = print_shapes(session, seen.shapes)
  else
    count, failing = print_differences(session, seen)
  end
  if count == 0 then
    session:note(next(seen.shapes) and "There are none."
      or "There are none: no client with observe = true has seen an answer.")
  end
  return failing and status.partial or status.done
end

return command
