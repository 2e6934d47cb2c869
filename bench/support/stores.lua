--- The stores that the benchmarks measure, each with the durability that it is meant to be run
-- with.
local core = require("debitura.core")
local scripts = require("debitura.store.redis.scripts")
local server = require("spec.support.server")
local store = require("debitura.store")

local stores = {}

--- The stores by name, in the order in which they are measured; each opens an empty place and gives
-- it with how to close it.
stores.names = { "sqlite", "postgresql", "redis" }

local open = {}

function open.sqlite()
  local directory = server.directory()
  return { address = "sqlite://" .. directory .. "/store.db", options = {} }, function()
    server.run("rm -rf " .. directory)
  end
end

for _, name in ipairs { "postgresql", "redis" } do
  open[name] = function()
    local running = assert(require("spec.support." .. name).start { durable = true })
    return running:place(), function() running:stop() end
  end
end

--- @treturn table place `address`, `options`, and both as JSON in `text`
-- @treturn function that ends it
function stores.open(name)
  local place, close = open[name]()
  place.text = assert(core.json.encode { address = place.address, options = place.options })
  return place, close
end

function stores.connect(place)
  return assert(store.open(place.address, place.options))
end

local FILL = [[with recursive numbers(n) as (
    select 1 union all select n + 1 from numbers where n < :count)
  insert into inbox (id, tenant, event, body, received_at, replay, state, attempt, due_at)
  select 'evt-' || n, 't' || ((n - 1) % :tenants), 'case.created', :body, n, 0,
    case when n <= :tenants then 'open' else 'waiting' end, 0, n
  from numbers]]

local CHUNK = 1000 -- events for which Redis does nothing else

-- The store's own script, on the server, for many events in one call.
local FILL_REDIS = "local function add(KEYS, ARGV) " .. scripts.inbox_add .. [[ end
  local first, last, tenants = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  for n = first, last do
    local tenant = '=t' .. (n - 1) % tenants
    add(KEYS, {'=evt-' .. n, tenant, '=case.created', '=' .. ARGV[4], '=' .. n, '=0'})
  end]]

local function fill_redis(opened, count, tenants, body)
  for first = 1, count, CHUNK do
    local last = math.min(first + CHUNK - 1, count)
    local filled, problem = opened.backend.transport:call({
      "EVAL", FILL_REDIS, "1", opened.backend.prefix, tostring(first), tostring(last),
      tostring(tenants), body,
    }, false)
    assert(filled ~= nil, problem)
  end
end

--- Fills an empty inbox: a tenth of the events are due, each of a tenant of its own, the others
-- wait for those.
function stores.fill(opened, count, body)
  local connection, tenants = opened.backend.connection, math.ceil(count / 10)
  if not connection then return fill_redis(opened, count, tenants, body) end
  assert(connection:run(FILL, { count = count, tenants = tenants, body = body }))
  -- what the database would find out by itself in the next minutes
  assert(connection:run("analyze"))
end

return stores
