--- The application of spec/nginx_app/reload_spec.lua: what its workers run.

-- luacheck: globals ngx

local debitura = require("debitura")
local endpoint = require("spec.support.endpoint")
local openresty = require("debitura.webhook.openresty")

local reloaded = {}

local partner

--- Processes what is received: for init_worker_by_lua.
function reloaded.start(directory)
  openresty.work(function() return endpoint.receiver(directory) end, { idle = 0.05, lease = 1 })
end

--- Receives a webhook: for content_by_lua.
function reloaded.receive(directory)
  openresty.serve(endpoint.receiver(directory))
end

--- Asks the upstream about the client in the query: for content_by_lua.
function reloaded.call(upstream)
  partner = partner or debitura.partner {
    api_key = "sample-key", base_url = upstream,
    limiter = debitura.limiter { minute = 1e9, hour = 1e9, day = 1e9 },
  }
  local client, err = partner.clients:get(ngx.var.arg_client)
  ngx.status = client and 200 or 502
  ngx.print(client and client.externalTenantId or tostring(err))
end

return reloaded
