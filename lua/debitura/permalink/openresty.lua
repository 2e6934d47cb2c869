--- The permalink as a location of nginx with its Lua module.
--
--     location /debitura/h/ {
--       content_by_lua_block {
--         require("debitura.permalink.openresty").serve(require("app.recipes"):permalink_handler())
--       }
--     }
--
-- where the module app.recipes returns the recipes. Waits without blocking for Debitura; of the
-- stores, Redis does not block either.
-- @module debitura.permalink.openresty

-- luacheck: globals ngx

local openresty = {}

--- Answers one request: for content_by_lua. nginx's access log shows the path, and with it the id;
-- `access_log off` in the location keeps it out.
-- @tparam table handler see debitura.recipes
function openresty.serve(handler)
  ngx.req.discard_body()
  local status, body, headers = handler:handle {
    method = ngx.req.get_method(), path = ngx.var.uri,
    accept_language = ngx.var.http_accept_language,
  }
  ngx.status = status
  for name, value in pairs(headers) do ngx.header[name] = value end
  ngx.print(body)
end

return openresty
