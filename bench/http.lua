-- One GET on a kept-alive connection, against the same in plain C with libcurl: CPU time, measured
-- in turns.

local core = require("debitura.core")
local nginx = require("debitura.nginx_app")
local rounds = require("bench.support.rounds")

local GETS = 2000

local program = rounds.compile("curl_baseline", "libcurl")
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

local function baseline()
  local pipe = assert(io.popen(("%s '%s' %d"):format(program, request.url, GETS)))
  local microseconds = pipe:read("*n")
  pipe:close()
  return assert(microseconds, "the baseline failed") / 1e6
end

rounds.compare("get_kept_alive", function() return rounds.cpu(get, GETS) end, baseline)
engine:close()
server:stop()
