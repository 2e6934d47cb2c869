--- A web server to test the engine with: well-behaved locations, and ones that break HTTP on the
-- raw socket. It is a real nginx; what misbehaves writes its bytes itself.

local nginx = require("debitura.nginx_app")

local origin = {}

local LOCATIONS = [[
  client_max_body_size 64m;
  client_body_buffer_size 64m;
  keepalive_requests 100000;
  large_client_header_buffers 4 32k;

  location = /hello { default_type text/plain; return 200 "hello\n"; }
  location = /answer {
    content_by_lua_block {
      ngx.status = tonumber(ngx.var.arg_status) or 200
      ngx.header["X-Request-Id"] = "req-1"
      ngx.header["X-Twice"] = { "one", "two" }
      ngx.header["Set-Cookie"] = { "a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "b=2" }
      if ngx.status ~= 204 then ngx.print(("x"):rep(tonumber(ngx.var.arg_size) or 0)) end
    }
  }
  # What was asked, as the server saw it: request line, headers, body.
  location = /echo {
    content_by_lua_block {
      ngx.req.read_body()
      ngx.header["Content-Type"] = "application/octet-stream"
      ngx.print(ngx.req.raw_header(), ngx.req.get_body_data() or "")
    }
  }
  location = /digest {
    content_by_lua_block {
      ngx.req.read_body()
      local body = ngx.req.get_body_data() or ""
      ngx.print(#body, " ", ngx.md5(body))
    }
  }
  location = /protocol {
    content_by_lua_block { ngx.print(ngx.var.server_protocol, " ", ngx.var.ssl_protocol or "") }
  }
  location = /compressed {
    gzip on; gzip_types *; gzip_min_length 1; gzip_comp_level 9; gzip_http_version 1.0;
    content_by_lua_block {
      local megabyte = (" "):rep(1024 * 1024)
      for _ = 1, tonumber(ngx.var.arg_megabytes) do
        ngx.print(megabyte)
        if not ngx.flush(true) then return end
      end
    }
  }
  # "sample " twenty times, compressed by gzip, brotli, zstd and Python's zlib.
  location = /encoded {
    content_by_lua_block {
      local bodies = {
        gzip = "H4sIAAAAAAACAytOzC3ISVUoHgwUAKQeTYqMAAAA", br = "oVgEwG+kqv01SFjbnCxjg4vYIoF/OwA=",
        zstd = "KLUv/SSMdQAAOHNhbXBsZSABAAJRxQhLt+i8", deflate = "eNorTswtyElVKB4MFACUijSp",
      }
      ngx.header["Content-Encoding"] = ngx.var.arg_as
      ngx.print(ngx.decode_base64(bodies[ngx.var.arg_as]))
    }
  }
  location = /stall {
    content_by_lua_block { ngx.sleep(tonumber(ngx.var.arg_seconds) or 600) ngx.print("late") }
  }
  location = /trickle {
    content_by_lua_block {
      ngx.header["Content-Length"] = 1000
      ngx.print("first") ngx.flush(true) ngx.sleep(600)
    }
  }
  location = /moved { return 302 /stolen; }
  location = /stolen {
    content_by_lua_block { ngx.shared.origin:incr("stolen", 1, 0) ngx.print("stolen") }
  }
  location = /count {
    content_by_lua_block { ngx.print(ngx.shared.origin:get(ngx.var.arg_of) or 0) }
  }
  # Takes the request and hangs up without a word.
  location = /hang-up {
    rewrite_by_lua_block { ngx.shared.origin:incr("hang-up", 1, 0) ngx.exit(444) }
  }

  location /raw/ {
    content_by_lua_block {
      local gzipped = ngx.decode_base64("H4sIAAAAAAACA6tWSlSyUipOzC3ISVUYFJRSLQBPeP5hlAAAAA==")
      local head = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
      local answers = {
        ["garbage"] = "\0\1\2\3 this is not HTTP\r\n\r\n",
        ["nothing"] = "",
        ["half-header"] = head .. "X-Half",
        ["half-body"] = head .. "Content-Length: 1000\r\n\r\nonly this",
        ["half-chunk"] = head .. "Transfer-Encoding: chunked\r\n\r\n10\r\nonly this",
        ["half-gzip"] = head .. "Content-Encoding: gzip\r\nContent-Length: 37\r\n\r\n"
          .. gzipped:sub(1, 20),
        ["short-gzip"] = head .. "Content-Encoding: gzip\r\n\r\n"
          .. gzipped:sub(1, tonumber(ngx.var.arg_bytes)),
        ["broken-gzip"] = head .. "Content-Encoding: gzip\r\nContent-Length: 22\r\n\r\n"
          .. "\31\139this is no gzip data",
        ["unknown-encoding"] = head .. "Content-Encoding: rot13\r\nContent-Length: 3\r\n\r\nuryyb",
        ["long-line"] = head .. "X-Long: " .. ("x"):rep(1024 * 1024) .. "\r\n\r\n",
        ["long-header"] = head .. ("X-Many: " .. ("x"):rep(1000) .. "\r\n"):rep(1024) .. "\r\n",
        ["many-lines"] = head .. ("X-Many: 1\r\n"):rep(2000) .. "\r\n",
        ["folded"] = head .. "X-Folded: one\r\n two\r\n\tthree\r\nContent-Length: 2\r\n\r\nok",
        ["no-colon"] = head .. "no colon here\r\nX-After: yes\r\nContent-Length: 2\r\n\r\nok",
        ["interim"] = "HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n" .. head
          .. "Content-Length: 2\r\n\r\nok",
        ["trailer"] = head .. "Transfer-Encoding: chunked\r\nX-Kept: yes\r\n\r\n"
          .. "2\r\nok\r\n0\r\nX-Kept: no\r\nX-Late: yes\r\n\r\n",
        ["colon-first"] = head .. ": no name\r\nX-After: yes\r\n:\r\nContent-Length: 2\r\n\r\nok",
        ["long-status"] = "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
        ["short-status"] = "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
        ["switching"] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
          .. "Connection: Upgrade\r\n\r\n",
        ["status-only"] = "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
        ["http10"] = "HTTP/1.0 200 OK\r\n\r\nuntil the end",
        ["huge-length"] = head .. "Content-Length: 99999999999999999999999\r\n\r\nok",
        ["two-lengths"] = head .. "Content-Length: 2\r\nContent-Length: 1\r\n\r\nok",
        ["odd-length"] = head .. "Content-Length: 2x\r\n\r\nok",
        ["equal-lengths"] = head .. "Content-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok",
        ["huge-chunk"] = head .. "Transfer-Encoding: chunked\r\n\r\n"
          .. "10000000000000000\r\nok\r\n0\r\n\r\n",
        ["largest-chunk"] = head .. "Transfer-Encoding: chunked\r\n\r\n"
          .. "ffffffffffffffff\r\nok\r\n0\r\n\r\n",
        ["early"] = head .. "Content-Length: 2\r\n\r\nok",
      }
      local endless = {
        ["endless-header"] = { head, "X-More: " .. ("x"):rep(100) .. "\r\n" },
        ["endless-interim"] = { "", "HTTP/1.1 100 Continue\r\n\r\n" },
        ["endless-trailer"] = { head .. "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
          "X-More: " .. ("x"):rep(100) .. "\r\n" },
      }
      local socket = ngx.req.socket(true)
      local name = ngx.var.uri:sub(6)
      socket:send(answers[name] or endless[name] and endless[name][1] or "")
      while endless[name] and socket:send(endless[name][2]) do end
    }
  }
]]

--- Starts it.
-- @tparam[opt] string servers server blocks in which `$LOCATIONS` stands for the locations above;
--   default: one on the two loopback addresses
-- @treturn table what nginx.start gives
function origin.start(servers)
  servers = servers or "server { listen 127.0.0.1:$PORT; listen [::1]:$PORT; $LOCATIONS }"
  return assert(nginx.start { http = "lua_shared_dict origin 1m;\n" .. servers:gsub("%$LOCATIONS",
    function() return LOCATIONS end) })
end

--- Runs transfers of an engine until one is done, and gives its result.
function origin.finish(engine, transfer)
  while not transfer:done() do engine:wait(1) end
  return transfer:result()
end

--- Submits and finishes.
function origin.fetch(engine, request)
  local transfer, refused = engine:submit(request)
  if not transfer then return nil, refused end
  return origin.finish(engine, transfer)
end

--- A directory of its own, removed by the function that comes with it.
function origin.directory()
  local pipe = assert(io.popen("mktemp -d"))
  local path = pipe:read("*l")
  pipe:close()
  return path, function() os.execute("rm -rf '" .. path .. "'") end
end

function origin.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

--- The standard output of a shell command.
function origin.output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

return origin
