--- `debitura cases import`: many cases, out of a file.
-- @module debitura.cli.case_import

local core = require("debitura.core")
local counted = require("debitura.base.text").counted
local import = require("debitura.import")
local maps = require("debitura.import.maps")
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local sorted_keys = require("debitura.base.sorted_keys")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local TOLD_MAX = 100 -- wrong lines that are told on standard error; a report has all

local command = {
  name = "import", summary = "Submits the cases of a CSV or JSON lines file.", json = true,
  changes = true, destroys = true, makes_store = true,
  details = "The header of a CSV file names the API's fields: creditorReference, amountToRecover, "
    .. "debtor.name and so on; --map reads other systems' files. Without --tenant a column "
    .. "externalTenantId says whose each case is, or each JSON line is {\"externalTenantId\": …, "
    .. "\"case\": {…}}. The whole file is read first: what is wrong is told by its line, and what "
    .. "is right is summed up, before anything is sent. No cell is guessed. Stopped and called "
    .. "again it goes on where it was.",
}

function command.describe(parser)
  parser:argument("file", "CSV or JSON lines; - for standard input."):argname("FILE")
  parser:option("--tenant", "All cases are this client's."):argname("TENANT")
  parser:option("--format", "csv or jsonl; default: by the name, or how the file begins.")
    :choices { "csv", "jsonl" }
  parser:option("--decimal", "What is before decimals, comma or point; else 1.234 is refused.")
    :choices(maps.choices.decimal)
  parser:option("--dates", "What 01/02/2026 is: dmy or mdy; else only 2026-02-01 is read.")
    :choices(maps.choices.dates)
  parser:option("--encoding", "Such as windows-1252; default: by the byte order mark, or UTF-8.")
    :choices(maps.choices.encoding)
  parser:option("--map",
    "A JSON file that says what the columns of another system are, - for standard input.")
    :argname("MAP")
  parser:option("--map-template",
    "Only write a first map of the file's columns, to MAP, - for standard output."):argname("MAP")
  parser:option("--report",
    "Write what is wrong, line by line, to this file, - for standard output, not standard error.")
    :argname("REPORT")
  options.count(parser, "--limit", "How many at most.")
  parser:flag("--again", "Starts anew what has ended without success, also with another body.")
  parser:flag("--record-only", "Only record them; a sweep submits them.")
  parser:flag("--restart", "From the first line, whatever an earlier run has taken.")
end

-- Complaints ----------------------------------------------------------------------------------

--- What is wrong with a line, as one line.
local function complaint(line, err)
  local parts = {}
  for _, name in ipairs(sorted_keys(err.fields or {})) do
    parts[#parts + 1] = ("%s: %s"):format(name, table.concat(err.fields[name], "; "))
  end
  return ("line %d: %s")
    :format(line, text.clean(parts[1] and table.concat(parts, ", ") or tostring(err)))
end

-- What tells of wrong lines, and what ends that.
local function complainer(session, report)
  local told, is_json = 0, session.arguments.json
  local function complain(line, err)
    told = told + 1
    if not report and told > TOLD_MAX then return end
    local said = { kind = err.kind or "validation", line = line, fields = err.fields }
    if not report then
      session:complain(complaint(line, err), said)
    elseif is_json then
      said.message = err.message
      report:write(assert(core.json.encode { error = said }), "\n")
    else
      report:write(complaint(line, err), "\n")
    end
  end
  return complain, function()
    if report then
      if report ~= io.stdout then report:close() end
    elseif told > TOLD_MAX then
      session:note(("… and %d more lines; --report FILE has them all."):format(told - TOLD_MAX))
    end
  end
end

-- Summaries -----------------------------------------------------------------------------------

local function sum_of(row)
  return counted("%s in %d case{|s}", row.count):format(row.total, row.count)
end

--- Says what a file holds before anything is sent.
local function tell_of(session, summary)
  session:note(("Records: %d right, %d wrong%s"):format(summary.right, summary.wrong,
    summary.wrong > 0 and ", which are left out" or ""))
  for _, row in ipairs(summary.sums) do session:note(row.currency .. " " .. sum_of(row)) end
  for _, note in ipairs(summary.notes) do session:note(note) end
end

local function question(arguments, summary)
  local sums = {}
  for i, row in ipairs(summary.sums) do sums[i] = row.currency .. " " .. row.total end
  return counted("%d case{ is|s are} %s: %s", summary.right):format(summary.right,
    arguments.record_only and "recorded for a sweep" or "submitted", table.concat(sums, ", "))
end

-- The fields of a result: the counts, the sums of what was found right.
local function fields_of(counts, first)
  local fields = {}
  for name, count in pairs(counts) do
    if type(count) == "number" and name ~= "total" and name ~= "skipped" then
      fields[#fields + 1] = { (name:gsub("^%l", string.upper)), name }
    end
  end
  table.sort(fields, function(a, b) return a[1] < b[1] end)
  if counts.skipped and counts.skipped > 0 then
    table.insert(fields, 1, { "Lines taken before", "skipped" })
  end
  table.insert(fields, 1, { first, "total" })
  for _, row in ipairs(counts.sums or {}) do
    fields[#fields + 1] = { row.currency, function() return sum_of(row) end }
  end
  return fields
end

-- Running -------------------------------------------------------------------------------------

--- What is wrong with a file as a whole, if that is what an import has failed with.
local function problems_in(err)
  return err and err.fields and err.fields.file
end

--- Tells what is wrong with a file as a whole.
-- @treturn number the exit status that it leads to
local function refuse_file(session, problems)
  local arguments = session.arguments
  if not arguments.json then
    session:say(("debitura: %s cannot be imported, nothing was sent:"):format(
      text.clean(arguments.file)))
  end
  for _, problem in ipairs(problems) do
    session:complain(text.clean(problem), { kind = "validation", file = arguments.file })
  end
  return status.refused
end

--- How the file is read.
local function reading(arguments)
  local chosen = {
    external_tenant_id = arguments.tenant, format = arguments.format, limit = arguments.limit,
    decimal = arguments.decimal, dates = arguments.dates, encoding = arguments.encoding,
  }
  if arguments.tenant == "" then return nil, "--tenant: the client's externalTenantId is empty" end
  if not arguments.map then return chosen end
  local problems
  chosen.map, problems = import.map(arguments.map)
  if chosen.map then return chosen end
  return nil, ("%s: %s"):format(arguments.map, table.concat(problems, "; "))
end

--- Tells what a dry run has found.
local function tell_of_trial(session, summary, right, wrong)
  local result = {
    total = summary.records, wrong = wrong, sums = core.json.array(summary.sums),
    notes = core.json.array(summary.notes),
  }
  session.out:record(result, fields_of(result, "Records"))
  for _, note in ipairs(summary.notes) do session:note(note) end
  return status.of_many(right, wrong)
end

--- Reads a file alone, where there is no store in which its cases may be already.
local function try_alone(session, chosen, complain)
  chosen.on_wrong = function(record) complain(record.line, record) end
  chosen.now = core.system.now()
  local summary, problems = import.check(session.arguments.file, chosen)
  if not summary then return refuse_file(session, problems) end
  return tell_of_trial(session, summary, summary.right, summary.wrong)
end

--- The run without its last step.
local function try(session, chosen, complain)
  local settings, recipes = session:settings(), nil
  if settings and settings.store then recipes = session:recipes() end
  if not recipes then return try_alone(session, chosen, complain) end
  local arguments, summary = session.arguments, nil
  chosen.again, chosen.restart, chosen.dry_run = arguments.again, true, true
  chosen.on_error, chosen.on_summary = complain, function(found) summary = found end
  local counts, err = recipes.submission:import(arguments.file, chosen)
  if problems_in(err) then return refuse_file(session, problems_in(err)) end
  if not counts then return nil, err end
  local wrong = counts.wrong or 0
  return tell_of_trial(session, summary, counts.total - wrong, wrong)
end

--- Shows the summary and asks, on a terminal.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
local function ask(session, summary)
  tell_of(session, summary)
  if summary.right == 0 then return true end
  return session:confirm(question(session.arguments, summary), nil, session:keyboard() ~= nil)
end

--- Results of an import that call for attention.
local BAD = { wrong = true, rejected = true, unsupported = true, blocked = true, submitting = true }

local function tell(session, counts, sums)
  local good, bad = 0, 0
  for name, count in pairs(counts) do
    if name ~= "total" and name ~= "skipped" then
      if BAD[name] then bad = bad + count else good = good + count end
    end
  end
  local fields = fields_of(counts, "Records")
  counts.sums = sums
  session.out:record(counts, fields)
  return good, bad
end

local function run(session, chosen, complain)
  local arguments = session.arguments
  local recipes = must(session:recipes())
  local bar, counts, so_far = session:progress("bytes"), nil, nil
  local err, sums, refused
  chosen.record_only, chosen.restart = arguments.record_only, arguments.restart
  chosen.again, chosen.on_error = arguments.again, complain
  function chosen.on_summary(summary)
    local sure
    sums = core.json.array(summary.sums)
    sure, refused = ask(session, summary)
    -- From here on a signal ends it between two cases.
    core.signals.mode("defer")
    return sure ~= nil
  end
  function chosen.on_progress(step)
    so_far = step.counts
    bar:update(step.bytes, step.size)
    return not core.signals.came()
  end
  local ended = session:until_interrupted(function()
    counts, err, so_far = recipes.submission:import(arguments.file, chosen)
  end)
  core.signals.mode(core.signals.came() and "note" or "raise")
  bar:finish()
  if refused then return nil, refused end
  counts = counts or so_far
  local good, bad = 0, 0
  if counts then good, bad = tell(session, counts, sums) end
  if not ended or core.signals.came() then
    session:note("Stopped; the same command goes on from here.")
    return status.interrupted
  end
  if problems_in(err) then return refuse_file(session, problems_in(err)) end
  if err then return nil, err end
  return status.of_many(good, bad)
end

local function write_template(arguments, session)
  local template, problems = import.map_template(arguments.file, { encoding = arguments.encoding })
  if not template then return refuse_file(session, problems) end
  local path = arguments.map_template
  if path == "-" then
    session.out:document(template)
    return status.done
  end
  local file = io.open(path, "rb")
  if file then
    file:close()
    return nil, path .. ": is there already, and is not written over"
  end
  file = must(io.open(path, "wb"))
  file:write(template)
  file:close()
  session:note(("%s is a first map: look it through, it is only guessed from the names."):format(
    path))
  return status.done
end

function command.run(arguments, session)
  if arguments.file ~= "-" then must(core.system.permissions(arguments.file)) end
  if arguments.map_template then return write_template(arguments, session) end
  -- A million lines fit into few megabytes if garbage is not left lying for long. Lua 5.4 begins
  -- in its generational mode, which leaves it; Lua 5.1 knows no modes.
  pcall(collectgarbage, "incremental")
  collectgarbage("setpause", 110)
  collectgarbage("setstepmul", 400)
  local chosen = must(reading(arguments))
  local complain, finish = complainer(session,
    arguments.report == "-" and io.stdout
      or arguments.report and must(io.open(arguments.report, "wb")))
  local code, err = (arguments.dry_run and try or run)(session, chosen, complain)
  finish()
  return code, err
end

return command
