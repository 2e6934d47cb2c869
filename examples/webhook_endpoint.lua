--- A partner's webhook endpoint as a location of nginx: verify, write to the ledger, acknowledge. Work comes later.
--
--     location /debitura/webhooks {
--       set $ledger /var/lib/app/ledger.db;
--       set $secret_file /etc/app/debitura-webhook-secret;
--       client_max_body_size 1m;
--       client_body_buffer_size 1m;    # so that a body is never spooled to a file
--       content_by_lua_block { require("examples.webhook_endpoint").serve() }
--     }

local debitura = require("debitura")
local store = require("debitura.store")

local endpoint = {}

local ngx = ngx
local verifier, ledger

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- What a worker needs, opened at its first request: connections do not survive the fork of nginx's workers.
local function open()
  verifier = verifier or debitura.webhook.verifier { secret = read_file(ngx.var.secret_file) }
  if ledger then return ledger end
  local reason
  -- Debitura waits 10 seconds for an answer, and this worker has other requests to serve.
  ledger, reason = store.open("sqlite://" .. ngx.var.ledger, { busy_timeout = 2 })
  return ledger, reason
end

--- Receives one webhook.
-- @treturn number the status to answer: Debitura tries again after anything but 2xx
-- @treturn[opt] string what goes to the log
local function receive()
  if ngx.req.get_method() ~= "POST" then return 405 end
  local ready, reason = open()
  if not ready then return 503, tostring(reason) end
  ngx.req.read_body()
  local body = ngx.req.get_body_data() or ""
  local event, why = verifier:verify(body, ngx.var.http_x_debitura_signature)
  if not event then return why.kind == "unauthorized" and 401 or 400, tostring(why) end

  local data = type(event.data) == "table" and event.data or {}
  local tenant = type(data.externalTenantId) == "string" and data.externalTenantId or nil
  local added, problem = ledger:inbox_add(event.id, tenant, event.event, body, ngx.now())
  if not added then return 503, tostring(problem) end
  return 204
end

--- Answers one request of the location.
function endpoint.serve()
  local status, reason = receive()
  if reason then ngx.log(ngx.WARN, "webhook answered with ", status, ": ", reason) end
  return ngx.exit(status)
end

return endpoint
