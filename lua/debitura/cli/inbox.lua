--- `debitura inbox`: the webhooks that were kept, and what became of them.
-- @module debitura.cli.inbox

local counted = require("debitura.base.text").counted
local dead = require("debitura.store.revival")
local listing = require("debitura.cli.listing")
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local receiver = require("debitura.webhook.receiver")
local revival = require("debitura.cli.revival")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local PAGE = 500 -- rows that are asked for at once

local STATES = { "open", "waiting", "done", "dead" }

-- Listing -----------------------------------------------------------------------------------------

local COLUMNS = {
  { "ID", "id" }, { "EVENT", "event", rank = 2 }, { "TENANT", "tenant", rank = 3 },
  { "STATE", "state" }, { "ATTEMPT", "attempt", rank = 4 },
  { "RECEIVED", "received_at", moment = true, rank = 2 }, { "RESULT", "result" },
}

local list = { name = "list", summary = "Lists webhooks in the order in which they came.",
  json = true, tables = true,
  details = "Of the states, an event that is waiting comes after an earlier one of its client." }

function list.describe(parser)
  listing.describe_states(parser, STATES)
  parser:option("--tenant", "Of this client only."):argname("TENANT")
  options.span(parser, "--older-than", "Those that came so long ago, such as 7d.")
  listing.describe(parser, COLUMNS)
end

function list.run(arguments, session)
  local state, has_state = listing.states(arguments.state)
  local before = arguments.older_than and session:now() - arguments.older_than or math.huge
  return listing.print(session, COLUMNS, "inbox_list", { state = state, tenant = arguments.tenant },
    function(item) return has_state(item) and item.received_at <= before and item end)
end

-- One webhook -------------------------------------------------------------------------------------

local FIELDS = {
  { "Id", "id" }, { "Event", "event" }, { "Tenant", "tenant" }, { "State", "state" },
  { "Attempt", "attempt" }, { "Received", "received_at", moment = true },
  { "Due", function(item) return item.state == "open" and item.due_at or nil end, moment = true },
  { "Ended", "ended_at", moment = true },
  { "Replay", function(item) return item.replay == 1 end }, { "Result", "result" },
}

local show = { name = "show", summary = "Shows one webhook with its body.", json = true }

function show.describe(parser)
  parser:argument("id", "Of the event."):argname("ID")
end

function show.run(arguments, session)
  local store = must(session:store())
  local item = must(store:inbox_item(arguments.id))
  if not item then
    return session:refuse(("There is no event %s in the inbox."):format(text.clean(arguments.id)),
      "not_found")
  end
  session.out:record(item, FIELDS)
  if not session.out.json then session.out:document(item.body) end
  return status.done
end

-- Processing it ----------------------------------------------------------------------------------

local work = {
  name = "work", summary = "Processes webhooks.", json = true, changes = true,
  details = "By the recipes, which follow links and cases. FILE is a Lua program that returns "
    .. "functions by the names of events, as `on` of debitura.webhook.receiver takes them, or a "
    .. "function that is given { partner =, store = } and returns those.",
}

function work.describe(parser)
  parser:option("--handlers", "What is done about the events instead."):argname("FILE")
  parser:flag("--follow", "Go on until Ctrl-C, instead of ending when nothing is due.")
  options.count(parser, "--limit", "How many at most; not with --follow.")
  options.count(parser, "--at-once", "How many side by side, of different tenants."):default("16")
end

--- Where no program is named, the recipes handle events.
local function default_handlers(session)
  local recipes = must(session:recipes())
  return { ["*"] = function(event) return recipes:handle(event) end }
end

--- The handlers of a program.
-- @treturn[1] table functions by the names of events
-- @treturn[2] nil
-- @treturn[2] string|table problem
local function handlers_of(arguments, session)
  if not arguments.handlers then return default_handlers(session) end
  local chunk = must(loadfile(arguments.handlers))
  local ran, on = pcall(chunk)
  if ran and type(on) == "function" then
    local platform = must(session:platform())
    ran, on = pcall(on, platform)
  end
  if not ran then return nil, ("%s: %s"):format(arguments.handlers, tostring(on)) end
  if type(on) ~= "table" then
    return nil, arguments.handlers .. ": functions by the names of events are to be returned"
  end
  return on
end

local WORKED = {
  { "Done", "done" }, { "Without a handler", "unheard" }, { "To be tried again", "retried" },
  { "Given up", "dead" }, { "Lost", "lost" },
}

local function count_due(session, store)
  local now, due = session:now(), 0
  must(listing.each(store, "inbox_list", { state = "open" }, function(item)
    if item.due_at <= now then due = due + 1 end
  end))
  session.out:record({ due = due }, { { "Due", "due" } })
  return status.done
end

--- The exit status, once it is said what calls for attention.
local function judge(session, counts)
  local bad = counts.retried + counts.dead
  for _, row in ipairs {
    { counts.retried, "failed and {is|are} tried again", true },
    { counts.dead, "{was|were} given up: `debitura inbox list --state dead`", false },
  } do
    if row[1] > 0 then
      session:complain(counted("%d webhook{|s} " .. row[2] .. ".", row[1]):format(row[1]),
        { kind = "server", retryable = row[3] })
    end
  end
  if bad > 0 and counts.total == bad then
    return counts.retried > 0 and status.transport or status.refused
  end
  return status.of_many(counts.total - bad, bad)
end

local function process(arguments, session, stop)
  local store = must(session:store())
  if arguments.dry_run then return count_due(session, store) end
  local on = must(handlers_of(arguments, session))
  local sound, worker = pcall(receiver.new, { store = store, secret = false, on = on })
  if not sound then return nil, tostring(worker) end
  local counts = must(worker:work {
    once = not arguments.follow, batch = arguments.limit or 2 ^ 31, at_once = arguments.at_once,
    stop = stop,
  })
  for _, field in ipairs(WORKED) do counts[field[2]] = counts[field[2]] or 0 end
  if counts.total > 0 and not arguments.quiet or session:tells_of_nothing() then
    session.out:record(counts, WORKED)
  end
  return judge(session, counts)
end

function work.run(arguments, session)
  local code, err
  local ended = session:until_asked(function(stop)
    code, err = process(arguments, session, stop)
  end)
  if not ended and not err then return arguments.follow and status.done or status.interrupted end
  return code, err
end

-- Dead letters ------------------------------------------------------------------------------------

local retry = revival.command(dead.events, {
  summary = "Gives webhooks that were given up another attempt.",
  about = "Of events that are dead.", counted = "events",
})

-- Forgetting --------------------------------------------------------------------------------------

local forget = {
  name = "forget", summary = "Drops what was done long ago.", json = true, changes = true,
  destroys = true,
  details = "What is forgotten would count as new, were it sent again: Debitura repeats for an "
    .. "hour and a half, a person may replay later.",
}

function forget.describe(parser)
  options.span(parser, "--older-than", "A span of time since it was done."):default("7d")
end

function forget.run(arguments, session)
  local store = must(session:store())
  local before = session:now() - arguments.older_than
  local count, bar = 0, session:progress("events")
  if arguments.dry_run then
    must(listing.each(store, "inbox_list", { state = "done" }, function(item)
      if item.ended_at < before then count = count + 1 end
    end))
  else
    must(session:confirm("This drops the events that were done before " .. text.moment(before)))
    repeat
      local dropped, err = store:inbox_forget(before, PAGE)
      if not dropped then
        bar:finish()
        return nil, err
      end
      count = count + dropped
      bar:update(count)
    until dropped < PAGE
    bar:finish()
  end
  session:count(count, "forgotten", "Forgotten", "Would be forgotten")
  return status.done
end

return {
  summary = "Lists, shows, processes and forgets webhooks that were kept.",
  commands = { list, show, work, retry, forget },
}
