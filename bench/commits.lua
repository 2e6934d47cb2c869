-- Commits of a SQLite store for each webhook that a worker processes, sixteen side by side: with a
-- handler that does nothing (aim: at most 0.2), and with the recipes and an event that moves its
-- record (aim: at most 1.2), against the store's verbs alone, an event after the other.
local backlog = require("spec.support.backlog")
local debitura = require("debitura")
local desk = require("spec.support.desk")
local stores = require("bench.support.stores")

local EVENTS, AT_ONCE = 320, 16

--- A store that holds a pending link of each tenant and an event that links it.
-- @treturn table the store
-- @treturn function that ends it
local function filled()
  local place, close = stores.open("sqlite")
  local opened = stores.connect(place)
  assert(opened.backend.connection:run("pragma synchronous = off"))
  local tenants = {}
  for n = 1, EVENTS do tenants[n] = backlog.tenant(n) end
  backlog.ask(opened, tenants)
  for _, tenant in ipairs(tenants) do
    local event, body = debitura.webhook.example("client.linked",
      { id = "linked-" .. tenant, data = { externalTenantId = tenant } })
    assert(opened:inbox_add({ id = event.id, tenant = tenant, event = event.event, body = body },
      desk.T0))
  end
  return opened, close
end

--- Commits while something runs: a transaction is one, and so is a statement outside of one.
local function commits_during(opened, run)
  local connection, open, count = opened.backend.connection, false, 0
  local execute = connection.execute
  function connection.execute(own, statement)
    local word = statement:lower():match("^%s*(%a+)")
    if word == "begin" then open = true end
    local reads = word == "select" or word == "pragma" or word == "rollback"
    if word == "commit" or not open and not reads then count = count + 1 end
    if word == "commit" or word == "rollback" then open = false end
    return execute(own, statement)
  end
  run()
  connection.execute = nil
  return count
end

--- Processes all events with a handler.
local function by_worker(handler_of)
  return function(opened)
    local counts = assert(debitura.webhook.receiver {
      secret = false, store = opened, clock = function() return backlog.NOW end,
      on = { ["*"] = handler_of(opened) },
    }:work { once = true, batch = 1e9, at_once = AT_ONCE })
    assert(counts.done == EVENTS)
  end
end

local function one_by_one(opened)
  for _ = 1, EVENTS do
    local item = assert(opened:inbox_claim { limit = 1, now = backlog.NOW, lease = 300 })[1]
    assert(opened:inbox_done(item, backlog.NOW))
  end
end

local function measure(work)
  local opened, close = filled()
  local commits = commits_during(opened, function() work(opened) end) / EVENTS
  local moved = #opened:records { kind = "link", state = "carried", limit = EVENTS }
  opened:close()
  close()
  return commits, moved
end

local baseline = measure(one_by_one)

local function report(name, work, moves)
  local commits, moved = measure(work)
  assert(moved == (moves and EVENTS or 0), "the events have not done what they should")
  print(("%s %.2f commits/event %.2f"):format(name, commits, commits / baseline))
end

report("work_commits_of_nothing", by_worker(function() return function() end end), false)
report("work_commits_of_recipes", by_worker(function(opened)
  local recipes = debitura.recipes.new(desk.new(opened):options {
    clock = function() return backlog.NOW end,
  })
  return function(event, context) return recipes:handle(event, context) end
end), true)
