--- The stores that the benchmarks measure, each with the durability that it is meant to be run
-- with.
local core = require("debitura.core")
local fill_redis = require("spec.support.redis_filler")
local fill_sql = require("spec.support.store_filler").fill
local server = require("spec.support.server")
local store = require("debitura.store")

local stores = {}

--- The stores by name, in the order in which they are measured.
stores.names = { "sqlite", "postgresql", "redis" }

local start = {}

function start.sqlite()
  local directory, count = server.directory(), 0
  return {
    place = function()
      count = count + 1
      return { address = ("sqlite://%s/%d.db"):format(directory, count), options = {} }
    end,
    stop = function() server.run("rm -rf " .. directory) end,
  }
end

for _, name in ipairs { "postgresql", "redis" } do
  start[name] = function()
    local running = assert(require("spec.support." .. name).start { durable = true })
    return {
      place = function() return running:place() end,
      stop = function() running:stop() end,
    }
  end
end

--- Starts what keeps a store.
-- @treturn table `place()` gives the `address` and `options` of a new one, `stop()` ends it
function stores.start(name)
  return start[name]()
end

--- A new and empty place.
-- @treturn table place
-- @treturn function that ends it
function stores.open(name)
  local running = stores.start(name)
  return running.place(), running.stop
end

--- A place as JSON.
function stores.text(place)
  return assert(core.json.encode { address = place.address, options = place.options })
end

function stores.connect(place)
  return assert(store.open(place.address, place.options))
end

local FILL = [[with recursive numbers(n) as (
    select 1 union all select n + 1 from numbers where n < :count)
  insert into inbox (id, tenant, event, body, received_at, replay, state, attempt, claim, due_at)
  select 'evt-' || n, 't' || ((n - 1) % :tenants), 'case.created', :body, n, 0,
    case when n <= :tenants then 'open' else 'waiting' end, 0, 0, n
  from numbers]]

-- For Redis; the text is the number of tenants and the body.
local FILL_REDIS = [[
  local tenants, body = string.match(text, '^(%d+) (.*)$')
  local tenant = '=t' .. (n - 1) % tenants
  inbox_add { '=evt-' .. n, tenant, '=case.created', '=' .. body, '=0', '=' .. n }]]

--- Fills Redis without its log, which it writes at the end, once: meanwhile each of its writes
-- copies a page.
local function fill_unlogged(opened, ...)
  local function call(...) return assert(opened.backend:call({ ... }, true)) end
  call("CONFIG", "SET", "appendonly", "no")
  fill_redis(opened, ...)
  call("CONFIG", "SET", "appendonly", "yes")
  local said
  repeat
    core.system.sleep(0.2)
    said = call("INFO", "persistence")
  until said:find("aof_rewrite_in_progress:0", 1, true)
    and said:find("aof_rewrite_scheduled:0", 1, true)
end

--- Fills an empty inbox: a tenth of the events are due, each of a tenant of its own, the others
-- wait for those.
function stores.fill(opened, count, body)
  local connection, tenants = opened.backend.connection, math.ceil(count / 10)
  if not connection then
    return fill_unlogged(opened, { "inbox_add" }, FILL_REDIS, count,
      ("%d %s"):format(tenants, body))
  end
  if connection.settings then assert(connection:run("set statement_timeout = 0")) end
  local values = { count = count, tenants = tenants, body = body }
  assert(connection:run(FILL, values))
  -- what the database would find out by itself in the next minutes
  assert(connection:run("analyze"))
end

-- A link with a job and an event, for Redis.
local LINK = [[
  record_move { '=t' .. n, '=1', '', '', '', '=1', '=link', '=', '=0', '=e', '', '',
    '=2', '=state', n % 20 == 0 and '=pending' or '=linked', '=expires_at', '=' .. n * 100,
    '=1', '=j' .. n, '=look', '=link', '=', '=1', '', n % 2 == 1 and '=channel:email' or '=', '',
    '=' .. n }
  inbox_add { '=evt-' .. n, '=t' .. n, '=case.created', '={}', '=0', '=5' }]]

--- Fills an empty store with links, jobs and events, and where it is SQL with cases.
-- @tparam table opened
-- @tparam number count of each
function stores.fill_records(opened, count)
  if opened.backend.connection then return fill_sql(opened, count) end
  fill_unlogged(opened, { "record_move", "inbox_add" }, LINK, count)
end

return stores
