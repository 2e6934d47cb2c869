-- What the sandbox takes: reading a client over keep-alive against a plain handler that prints the
-- same bytes (aim: at least half its rate), memory for 100,000 clients beside the bytes of their
-- payloads, and a whole rehearsal beside the time that it may take. The rate is what one worker
-- could serve, from the CPU time of the worker: the client that asks is slower than both.
local core = require("debitura.core")
local debitura = require("debitura")
local dispatch = require("debitura.sandbox.server.dispatch")
local nginx = require("debitura.nginx_app")
local rehearsal = require("debitura.rehearsal")
local rounds = require("bench.support.rounds")
local sandbox = require("debitura.sandbox")
local workers = require("bench.support.workers")

local ROUNDS, CALLS, AT_ONCE = 41, 1000, 16
local CLIENTS = 100000

local engine = assert(core.engine {})
local headers = { XApiKey = "sandbox-key", ["Content-Type"] = "application/json" }

local function answer(transfer)
  while not transfer:done() do engine:wait(10) end
  local response = assert(transfer:result())
  return response
end

local function payload(number)
  return core.json.encode {
    externalTenantId = ("tenant-%d"):format(number),
    client = { name = "Sample Client", country = "Denmark",
      supportEmail = ("office-%d@sample.example"):format(number) },
    users = { { name = "Sam Sample", email = ("sam-%d@sample.example"):format(number) } },
  }
end

-- Rate --------------------------------------------------------------------------------------------

local served = assert(sandbox.start { seed = 1 })
assert(answer(engine:submit { method = "POST", url = served.url .. "/clients", headers = headers,
  body = payload(1) }).status == 202)
local path = "/clients/tenant-1"
local client = answer(engine:submit { method = "GET", url = served.url .. path,
  headers = headers }).body

local plain = assert(nginx.start { http = ([[
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:$PORT;
    location / { content_by_lua_block {
      ngx.header["content-type"] = "application/json; charset=utf-8"
      local body = [=====[%s]=====]
      ngx.header["content-length"] = #body
      ngx.print(body)
    } }
  }
]]):format(client:gsub("%%", "%%%%")) })

-- Now there is a worker to look at.
assert(answer(engine:submit { method = "GET", url = plain.url .. path }).body == client)

--- CPU seconds that a server takes for one call.
local function cost(server, url)
  local before, open = workers.cpu(server.pid), {}
  for call = 1, CALLS + AT_ONCE do
    local slot = call % AT_ONCE + 1
    if open[slot] then assert(answer(open[slot]).body == client) end
    open[slot] = call <= CALLS
      and assert(engine:submit { method = "GET", url = url .. path, headers = headers }) or nil
  end
  return (workers.cpu(server.pid) - before) / CALLS
end

-- In short turns, so that a machine that is busy with other things slows both alike.
rounds.rate("sandbox_rps", function() return cost(served.server, served.url) end,
  function() return cost(plain, plain.url) end,
  ROUNDS)

engine:close()
served:stop()
plain:stop()

-- Memory ------------------------------------------------------------------------------------------

collectgarbage()
local before = collectgarbage("count")
local state = dispatch.new({}, 0)
local texts = 0
for number = 1, CLIENTS do
  local body = payload(number)
  texts = texts + #body
  local response = dispatch.handle(state, { method = "POST", path = "/clients", headers = {
    xapikey = "sandbox-key", ["content-type"] = "application/json" }, body = body }, number)
  assert(response.status == 202)
end
collectgarbage()
local used = (collectgarbage("count") - before) * 1024
print(("sandbox_memory_100000_clients %.0f MB %.1f"):format(used / 1e6, used / texts))

-- A rehearsal -------------------------------------------------------------------------------------

local LONGEST = 30 -- seconds

local place, kept_in = assert(sandbox.start { seed = 1 }), os.tmpname()
os.remove(kept_in)
local started = core.system.monotonic()
local walk = assert(rehearsal.open {
  platform = debitura.platform { api_key = place.api_key, base_url = place.url,
    channels = { debitura.channels.callback(function() return true end) } },
  path = kept_in, keeper = {},
  options = { unattended = true, to = "you@platform.example", patience = LONGEST },
})
walk:run(function() end)
walk:clean_up()
local seconds = core.system.monotonic() - started
assert(walk:report().agrees)
print(("rehearsal %.1f s %.2f"):format(seconds, seconds / LONGEST))
os.remove(kept_in)
place:stop()
