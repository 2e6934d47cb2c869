--- The metrics as a location of nginx with its Lua module; who may read them is nginx's business:
--
--     location = /metrics {
--       allow 10.0.0.0/8;
--       deny all;
--       content_by_lua_block {
--         require("debitura.status.openresty").metrics(require("app.platform").status)
--       }
--     }
-- @module debitura.status.openresty

-- luacheck: globals ngx

local metrics = require("debitura.status.metrics")

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

return openresty
