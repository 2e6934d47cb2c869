--- The application of nginx.conf beside this file. Its settings come from the environment:
--
--     DEBITURA_API_KEY              the partner's key
--     DEBITURA_BASE_URL             a sandbox's address; without it the test environment is used
--     DEBITURA_STORE                postgresql://user:password@host/database
--     DEBITURA_ENCRYPTION_KEY       of the store: openssl rand -base64 32
--     DEBITURA_WEBHOOK_SECRET_FILE  what `debitura webhooks ensure --secret-file` has written
--     PLATFORM_URL                  where customers reach /debitura/h/: https://platform.example
--     PLATFORM_MAIL                 the mail server, such as smtp://127.0.0.1:25
--
-- Everything is made in a worker's first timer or request: connections do not survive the fork of
-- nginx's workers.

-- luacheck: globals ngx

local core = require("debitura.core")
local debitura = require("debitura")

local app = {}

local SWEEP_EVERY = 60 -- seconds
local SWEEP_STEPS = 500 -- in one timer: what nginx allots in it is freed at its end

local url = os.getenv("DEBITURA_BASE_URL")

--- Its parts are made when they are first used.
local platform = debitura.platform {
  name = "Sample Platform", api_key = os.getenv("DEBITURA_API_KEY"), base_url = url,
  environment = not url and "test" or nil, clock = ngx.time,
  store = {
    address = os.getenv("DEBITURA_STORE"), encryption_key = os.getenv("DEBITURA_ENCRYPTION_KEY"),
  },
  channels = { debitura.channels.email {
    url = os.getenv("PLATFORM_MAIL"), from = "collections@platform.example",
    brand = { name = "Sample Platform" },
  } },
  return_url = os.getenv("PLATFORM_URL"),
  permalink = { url = os.getenv("PLATFORM_URL") .. "/debitura/h/" },
  webhook = { secret_file = os.getenv("DEBITURA_WEBHOOK_SECRET_FILE") },
  desk = { actions = true, authorize = function(request) return "act", request.user end },
  on_alert = function(alert) -- a platform has better places to tell it
    ngx.log(ngx.ERR, alert.said, ": ", alert.type)
  end,
}

app.platform = platform

function app.permalink_handler()
  app.handler = app.handler or platform.recipes:permalink_handler()
  return app.handler
end

--- Asks for a client, and answers with the customer's link at the platform's own URL.
function app.customers()
  ngx.req.read_body()
  local payload = core.json.decode(ngx.req.get_body_data() or "")
  if type(payload) ~= "table" then return ngx.exit(400) end
  local outcome, failed = platform.recipes.approval:request(payload)
  if not outcome then
    ngx.status = failed.kind == "validation" and 400 or 503
    return ngx.say(core.json.encode { message = failed.message, fields = failed.fields })
  end
  ngx.say(core.json.encode {
    state = outcome.state, advice = outcome.advice,
    link = outcome.variant and platform.recipes.permalink:url(payload.externalTenantId,
      outcome.variant) or nil,
  })
end

--- Does what is due, and comes back. What is in progress when nginx exits is left to the next one.
local function sweep(premature)
  if premature then return end
  local sound, counts, failed = pcall(function()
    return platform.recipes:sweep { limit = SWEEP_STEPS, on_progress = function()
      return not ngx.worker.exiting()
    end }
  end)
  if not sound or not counts then ngx.log(ngx.ERR, "sweep: ", tostring(failed or counts)) end
  local more = sound and counts and counts.total == SWEEP_STEPS
  if not ngx.worker.exiting() then assert(ngx.timer.at(more and 0 or SWEEP_EVERY, sweep)) end
end

--- For init_worker_by_lua: every worker processes webhooks, the first one sweeps. On several hosts
-- as well: who comes second finds that what another has in progress is not due.
function app.start()
  require("debitura.webhook.openresty").work(function() return platform.receiver end)
  if ngx.worker.id() == 0 then assert(ngx.timer.at(0, sweep)) end
end

return app
