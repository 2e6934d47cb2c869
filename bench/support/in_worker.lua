--- What the benchmark for nginx runs inside of a worker: the same call through the engine and
-- through a cosocket.

-- luacheck: read globals ngx

local core = require("debitura.core")
local waiter = require("debitura.async.waiters")

local in_worker = {}

local engine

--- @treturn string body
function in_worker.engine(port, path)
  engine = engine or assert(core.engine {})
  local transfer = assert(engine:submit { method = "GET", url = "http://127.0.0.1:" .. port
    .. path })
  assert(assert(waiter.auto()).wait(engine, transfer))
  return assert(transfer:result()).body
end

--- The least that can be done: no TLS, no limits, no checks.
-- @treturn string body
function in_worker.cosocket(port, path)
  local socket = ngx.socket.tcp()
  assert(socket:connect("127.0.0.1", port))
  assert(socket:send("GET " .. path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
  local length
  repeat
    local line = assert(socket:receive())
    length = line:match("^Content%-Length: (%d+)") or length
  until line == ""
  local body = assert(socket:receive(tonumber(length)))
  assert(socket:setkeepalive(60000, 128))
  return body
end

return in_worker
