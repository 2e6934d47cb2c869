--- Another attempt for what was given up: the command `retry` of jobs and of webhooks.
-- @module debitura.cli.revival

local exit_status = require("debitura.cli.exit_status")
local listing = require("debitura.cli.listing")
local must = require("debitura.cli.must")
local text = require("debitura.cli.text")

local revival = {}

--- The dead ones that are meant.
-- @treturn[1] table array of rows, which have at least their key
-- @treturn[2] nil
-- @treturn[2] string|table problem
local function chosen(kind, arguments, store)
  local rows = {}
  for i, key in ipairs(arguments[kind.key]) do rows[i] = { [kind.key] = key } end
  if rows[1] and arguments.all then return nil, ("either %ss or --all"):format(kind.key) end
  if rows[1] then return rows end
  if not arguments.all then return nil, ("which? Give %ss, or --all"):format(kind.key) end
  must(listing.each(store, kind.list, { state = "dead" }, function(row)
    rows[#rows + 1] = row
  end))
  return rows
end

--- Whether a row is dead, and unless it is only asked, gives it another attempt.
local function attempt(kind, store, row, only_asked, now)
  if not only_asked then return kind.revive(store, row, now) end
  local found, err = kind.find(store, row)
  if found == nil then return nil, err end
  return found and found.state == "dead"
end

local function run(kind, counted, arguments, session)
  local store = must(session:store())
  local rows = must(chosen(kind, arguments, store))
  local revived, refused, bar = 0, 0, session:progress(counted, #rows)
  for i, row in ipairs(rows) do
    local done, err = attempt(kind, store, row, arguments.dry_run, session:now())
    if done == nil then
      bar:finish()
      return nil, err
    end
    if done then revived = revived + 1 else refused = refused + 1 end
    if not done then
      session:refuse(("%s was not given up."):format(text.clean(row[kind.key])), "conflict")
    end
    bar:update(i)
  end
  bar:finish()
  session:count(revived, "revived", "Will be tried again", "Would be tried again")
  return exit_status.of_many(revived, refused)
end

--- Makes the command.
-- @tparam table kind of debitura.store.revival
-- @tparam table said `summary`, `about` (of the argument), `counted` (what the progress counts)
-- @treturn table see debitura.cli
function revival.command(kind, said)
  return {
    name = "retry", summary = said.summary, json = true, changes = true,
    describe = function(parser)
      parser:argument(kind.key, said.about):argname(kind.key:upper()):args("*")
      parser:flag("--all", "All of them.")
    end,
    run = function(arguments, session) return run(kind, said.counted, arguments, session) end,
  }
end

return revival
