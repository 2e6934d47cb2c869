--- The desk in nginx over a store of 1,000,000 links, jobs and events, 16 looking at once:
-- its overview (aim: p99 below 100 ms), a search, one link; each against a store of 1,000. And what
-- that costs another request of the same worker, against that request alone.
--
-- BENCH_DESK is the larger number, BENCH_STORES names the stores that are measured. Filling takes
-- minutes, so that it is not part of the everyday benchmarks: BENCH=desk runs it.
local core = require("debitura.core")
local load = require("bench.support.load")
local nginx = require("debitura.nginx_app")
local rounds = require("bench.support.rounds")
local stores = require("bench.support.stores")

local STORES = os.getenv("BENCH_STORES") or table.concat(stores.names, " ")
local MANY, FEW = tonumber(os.getenv("BENCH_DESK") or 1000000), 1000
local AT_ONCE, SECONDS = 16, 5

local CONFIGURATION = [[
  server {
    listen 127.0.0.1:$PORT backlog=1024;
    location = /neighbour { content_by_lua_block { ngx.print("here") } }
    location /desk/ {
      content_by_lua_block { require("bench.support.desk").serve([=====[$PLACE]=====]) }
    }
  }
]]

--- What is looked at; the tenant is one that is pending in both stores, in each of which those that
-- begin as it does and are pending fill a page.
local PAGES = {
  { "overview", "" }, { "search", "links?tenant=$BEGINNING&state=pending" },
  { "link", "link?tenant=$TENANT" },
}
local TENANTS = { sqlite = "z1", postgresql = "z1", redis = "t20" }

--- The median and p99 of each page, in microseconds, and of another request beside the first.
local function measure(name, count)
  local place, close = stores.open(name)
  local opened = stores.connect(place)
  assert(opened:stamp("test"))
  stores.fill_records(opened, count)
  if name == "postgresql" then assert(opened.backend.connection:run("analyze")) end
  opened:close()
  local server = assert(nginx.start {
    main = "thread_pool debitura threads=2;",
    http = CONFIGURATION:gsub("%$PLACE", function() return stores.text(place) end),
  })
  local found = {}
  local sound, err = pcall(function()
    for _, page in ipairs(PAGES) do
      local url = server.url .. "/desk/" .. page[2]:gsub("%$TENANT", TENANTS[name])
        :gsub("%$BEGINNING", TENANTS[name]:sub(1, 1))
      load.put(url, 1, 1) -- opens the store
      found[page[1]] = load.put(url, AT_ONCE, SECONDS)
    end
    found.alone = load.put(server.url .. "/neighbour", 1, 2)
    local pipe = assert(io.popen(load.command(server.url .. "/desk/", AT_ONCE, 4)))
    core.system.sleep(1)
    found.beside = load.put(server.url .. "/neighbour", 1, 2)
    pipe:close()
  end)
  server:stop()
  close()
  assert(sound, err)
  return found
end

for name in STORES:gmatch("%a+") do
  local few, many = measure(name, FEW), measure(name, MANY)
  for _, page in ipairs(PAGES) do
    for _, percent in ipairs { "p50", "p99" } do
      local value, small = many[page[1]][percent], few[page[1]][percent]
      rounds.report(("desk_%s_%s_%s"):format(page[1], percent, name), value, "us", value / small)
    end
  end
  rounds.report("desk_neighbour_p99_" .. name, many.beside.p99, "us",
    many.beside.p99 / many.alone.p99)
end
