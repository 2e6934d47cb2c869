--- The metrics and the desk as locations of nginx with its Lua module. Who may read the metrics is
-- nginx's business, who may see the desk that of its function `authorize`:
--
--     location = /metrics {
--       allow 10.0.0.0/8;
--       deny all;
--       content_by_lua_block {
--         require("debitura.status.openresty").metrics(require("app.platform").status)
--       }
--     }
--     location /desk/ {
--       content_by_lua_block {
--         require("debitura.status.openresty").desk(require("app.platform").desk)
--       }
--     }
--
-- Of the stores, Redis does not block a worker; SQLite and PostgreSQL do not where nginx.conf has
-- the threads that debitura.webhook.openresty describes.
-- @module debitura.status.openresty

-- luacheck: globals ngx

local metrics = require("debitura.status.metrics")
local read_body = require("debitura.webhook.openresty").read_body

local openresty = {}

--- Serves the metrics: for content_by_lua.
-- @tparam table status see debitura.status
function openresty.metrics(status)
  local text, err = status:metrics()
  if err then ngx.log(ngx.WARN, "debitura: metrics: ", tostring(err)) end
  ngx.header["Content-Type"] = metrics.CONTENT_TYPE
  ngx.header["Content-Length"] = #text
  ngx.print(text)
end

local MAX_HEADERS = 100

--- Headers by their lower-case names; one that came several times says nothing.
local function headers_of()
  local headers = setmetatable(ngx.req.get_headers(MAX_HEADERS), nil)
  for name, value in pairs(headers) do
    if type(value) ~= "string" then headers[name] = nil end
  end
  return headers
end

--- Answers one request to the desk: for content_by_lua.
-- @tparam table desk see debitura.status.desk
function openresty.desk(desk)
  local method, headers, body = ngx.req.get_method(), headers_of(), ""
  if method == "POST" then
    body = read_body(headers["content-length"], desk.max_body)
  else
    ngx.req.discard_body()
  end
  local status, text, answered
  if body then
    status, text, answered = desk:handle {
      method = method, path = ngx.var.uri, query = ngx.var.args, body = body, headers = headers,
      user = ngx.var.remote_user, address = ngx.var.remote_addr,
    }
  else
    status, text, answered = desk:refuse_large()
  end
  ngx.status = status
  for name, value in pairs(answered) do ngx.header[name] = value end
  ngx.print(text)
end

return openresty
