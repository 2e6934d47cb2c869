--- A partner's webhook endpoint: what a location of nginx runs. It keeps what comes in; the work is
-- done elsewhere.
--
--     location = /debitura/webhooks {
--       set $store /var/lib/app/store.db;
--       set $secret_file /etc/app/debitura-webhook-secret;
--       content_by_lua_block {
--         require("debitura.webhook.openresty").serve(require("scripts.demo_endpoint")())
--       }
--     }

local debitura = require("debitura")

local ngx = ngx
local receiver

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- The receiver of this worker, made at its first request: connections do not survive the fork of
-- nginx's workers.
return function()
  if receiver then return receiver end
  local secret_file = ngx.var.secret_file
  receiver = debitura.webhook.receiver {
    -- Read each time, so that another secret can be put in its place.
    secret = function() return read_file(secret_file) end,
    -- Debitura waits 10 seconds for an answer, and this worker has other requests to serve.
    store = assert(debitura.store.open("sqlite://" .. ngx.var.store, { busy_timeout = 2 })),
  }
  return receiver
end
