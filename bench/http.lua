-- One GET on a kept-alive connection, against the same in plain C with libcurl: CPU time, measured
-- in turns, and instructions (aim for these: 1.15).

local core = require("debitura.core")
local gets = require("bench.support.gets")
local instructions = require("bench.support.instructions")
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
local url = server.url .. "/"
local in_c = program .. " " .. url
local engine = assert(core.engine {})
local get = gets.new("bare", engine, url)

local function baseline()
  local pipe = assert(io.popen(("%s %d"):format(in_c, GETS)))
  local microseconds = pipe:read("*n")
  pipe:close()
  return assert(microseconds, "the baseline failed") / 1e6
end

rounds.compare("get_kept_alive", function() return rounds.cpu(get, GETS) end, baseline)
instructions.compare("get_kept_alive_instructions", gets.command("bare", url), in_c)
engine:close()
server:stop()
