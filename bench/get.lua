-- One GET on a kept-alive connection, against the same in plain C with libcurl: CPU time, measured in turns.

local core = require("debitura.core")
local nginx = require("debitura.nginx")

local ROUNDS, GETS = 15, 2000
local BASELINE = "build/bench/curl_baseline"

assert(os.execute("mkdir -p build/bench && cc -O2 -o " .. BASELINE .. " bench/curl_baseline.c $(pkg-config --cflags --libs libcurl)"))
local server = assert(nginx.start { http = [[
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:$PORT;
    location / { default_type application/json; return 200 '{"id":"sample"}'; }
  }
]] })
local engine = assert(core.engine {})
local request = { method = "GET", url = server.url .. "/" }

local function get()
  local transfer = assert(engine:submit(request))
  while not transfer:done() do engine:wait(1) end
  assert(transfer:result().status == 200)
end

local function ours()
  local start = os.clock()
  for _ = 1, GETS do get() end
  return (os.clock() - start) * 1e6 / GETS
end

local function baseline()
  local pipe = assert(io.popen(("%s '%s' %d"):format(BASELINE, request.url, GETS)))
  local microseconds = pipe:read("*n")
  pipe:close()
  return assert(microseconds, "the baseline failed")
end

local function median(list)
  table.sort(list)
  return list[math.floor(#list / 2) + 1]
end

get()
local mine, plain, ratios = {}, {}, {}
for round = 1, ROUNDS do
  plain[round], mine[round] = baseline(), ours()
  ratios[round] = mine[round] / plain[round]
end
engine:close()
server:stop()
print(("get_kept_alive %.1f us %.2f"):format(median(mine), median(ratios)))
