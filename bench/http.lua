-- One GET on a kept-alive connection, against the same in plain C with libcurl: CPU time, measured
-- in turns, and instructions (aim for these: 1.15). And POSTs over HTTP/2, sixteen at once, to a
-- server that goes away (GOAWAY) after five requests, against one that stays; one that is not
-- answered, or served twice, ends the run.

local certificates = require("spec.support.certificates")
local core = require("debitura.core")
local gets = require("bench.support.gets")
local instructions = require("bench.support.instructions")
local nginx = require("debitura.nginx_app")
local origin = require("spec.support.origin")
local rounds = require("bench.support.rounds")

local GETS, POSTS, AT_ONCE, ROUNDS = 2000, 208, 16, 5

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

-- GOAWAY ------------------------------------------------------------------------------------------

local OVER_HTTP2 = [[
  lua_shared_dict served 1m;
  server {
    listen 127.0.0.1:$PORT ssl http2; server_name localhost;
    ssl_certificate $CERTIFICATES/good.pem; ssl_certificate_key $CERTIFICATES/good.key;
    keepalive_requests 1000000;
    location / { content_by_lua_block {
      ngx.req.read_body()
      ngx.print((ngx.shared.served:incr(ngx.var.request_uri, 1, 0)))
    } }
    location /leaving/ { keepalive_requests 5; content_by_lua_block {
      ngx.req.read_body()
      ngx.print((ngx.shared.served:incr(ngx.var.request_uri, 1, 0)))
    } }
  }
]]

local directory, remove = origin.directory()
certificates.make(directory)
server = assert(nginx.start { http = OVER_HTTP2:gsub("%$CERTIFICATES", directory) })
local base = server.url:gsub("^http:", "https:"):gsub("127%.0%.0%.1", "localhost")
local sent = 0

--- Seconds for one POST.
local function posting(path)
  return function()
    local own = core.engine { ca_file = directory .. "/authority.pem", proxy = "" }
    local began = core.system.monotonic()
    for _ = 1, POSTS / AT_ONCE do
      local transfers = {}
      for i = 1, AT_ONCE do
        sent = sent + 1
        transfers[i] = assert(own:submit { method = "POST", url = base .. path .. sent,
          body = "once" })
      end
      for _, transfer in ipairs(transfers) do
        local result, err = origin.finish(own, transfer)
        assert(result and result.body == "1", err and err.message or "served twice")
      end
    end
    own:close()
    return (core.system.monotonic() - began) / POSTS
  end
end

rounds.compare("http2_posts_going_away", posting("/leaving/"), posting("/staying/"), ROUNDS)
server:stop()
remove()
