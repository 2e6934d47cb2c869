--- GETs on a kept-alive connection, for benchmarks that count what a process does:
-- INTERPRETER bench/support/gets.lua bare|same|decoded|call URL COUNT
--
-- `bare` is the engine alone; `same` sends what a call of the library sends, and does no more than
-- that; `decoded` makes tables of the answer besides, which is the least that a call can do; `call`
-- is that call.
local core = require("debitura.core")

local gets = {}

local function by_engine(engine, request)
  return function()
    local transfer = assert(engine:submit(request))
    while not transfer:done() do engine:wait(1) end
    local received = transfer:result()
    assert(received.status == 200)
    return received
  end
end

local ways = {}

function ways.bare(engine, url)
  return by_engine(engine, { method = "GET", url = url })
end

function ways.same(engine, url)
  return by_engine(engine, {
    method = "GET", url = url .. "/clients/tenant-1",
    headers = { Accept = "application/json", XApiKey = core.secret("sample-key") },
  })
end

function ways.decoded(engine, url)
  local same = ways.same(engine, url)
  return function() assert(core.json.decode(same().body)) end
end

function ways.call(engine, url)
  local debitura = require("debitura") -- what it keeps is no business of the others' collector
  local partner = debitura.partner {
    api_key = "sample-key", base_url = url, engine = engine,
    limiter = debitura.limiter { minute = 1e9, hour = 1e9, day = 1e9 }, -- counts, never waits
  }
  return function() assert(partner.clients:get("tenant-1")) end
end

--- Makes what gets once.
-- @tparam string way "bare", "same", "decoded" or "call"
-- @tparam userdata engine
-- @tparam string url
-- @treturn function
function gets.new(way, engine, url)
  return ways[way](engine, url)
end

--- The command that does so, without its last argument, the count.
-- @treturn string
function gets.command(way, url)
  return ("%s bench/support/gets.lua %s %s"):format(arg[-1], way, url)
end

if arg and arg[0] and arg[0]:find("bench/support/gets%.lua$") then
  local engine = assert(core.engine {})
  local get = gets.new(arg[1], engine, arg[2])
  for _ = 1, tonumber(arg[3]) do get() end
  engine:close()
end

return gets
