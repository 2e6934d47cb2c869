--- The stores that the benchmarks measure, each with the durability that it is meant to be run with.
local core = require("debitura.core")
local resp = require("debitura.store.redis.resp")
local server = require("spec.support.server")
local store = require("debitura.store")

local ledgers = {}

--- The stores by name, in the order in which they are measured; each opens an empty place and gives it with how to close it.
ledgers.names = { "sqlite", "postgresql", "redis" }

local open = {}

function open.sqlite()
  local directory = server.directory()
  return { address = "sqlite://" .. directory .. "/ledger.db", options = {} }, function() server.run("rm -rf " .. directory) end
end

for _, name in ipairs { "postgresql", "redis" } do
  open[name] = function()
    local running = assert(require("spec.support." .. name).start { durable = true })
    return running:place(), function() running:stop() end
  end
end

--- @treturn table place `address`, `options`, and both as JSON in `text`
-- @treturn function that ends it
function ledgers.open(name)
  local place, close = open[name]()
  place.text = assert(core.json.encode { address = place.address, options = place.options })
  return place, close
end

function ledgers.connect(place)
  return assert(store.open(place.address, place.options))
end

local FILL = [[with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < :count)
  insert into inbox (id, tenant, event, body, received_at, replay, state, attempt, due_at)
  select 'evt-' || n, 't' || (n - 1) % :tenants, 'case.created', :body, n, 0, case when n <= :tenants then 'open' else 'waiting' end, 0, n
  from numbers]]

--- Adds events by the store's own verb, many in a row before their answers are read.
local function fill_redis(ledger, count, tenants, body)
  local transport, call = ledger.backend.transport, ledger.backend.transport.call
  ledger:inbox_add("evt-1", "t0", "case.created", body, 1) -- connects, and loads the script
  local sent = {}
  local function flush()
    transport.connection:send(table.concat(sent))
    for _ = 1, #sent do assert(resp.read(transport.connection)) end
    sent = {}
  end
  function transport.call(_, arguments)
    sent[#sent + 1] = resp.encode(arguments)
    if #sent == 1000 then flush() end
    return "new"
  end
  for n = 2, count do ledger:inbox_add("evt-" .. n, "t" .. (n - 1) % tenants, "case.created", body, n) end
  flush()
  transport.call = call
end

--- Fills an empty inbox: a tenth of the events are due, each of a tenant of its own, the others wait for those.
function ledgers.fill(ledger, count, body)
  local connection, tenants = ledger.backend.connection, math.ceil(count / 10)
  if not connection then return fill_redis(ledger, count, tenants, body) end
  assert(connection:run(FILL, { count = count, tenants = tenants, body = body }))
  assert(connection:run("analyze")) -- what the database would find out by itself in the next minutes
end

return ledgers
