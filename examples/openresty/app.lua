--- The application of nginx.conf beside this file. Everything is made in a worker's first timer or request, where connections can be
-- opened. With a Redis store nothing in here blocks; SQLite does for the moment of its commit.

-- luacheck: globals ngx

local core = require("debitura.core")
local debitura = require("debitura")

local app = {}

local SWEEP_EVERY = tonumber(os.getenv("DEBITURA_SWEEP_EVERY") or 60) -- seconds

local made = {}

local function store()
  made.store = made.store or assert(debitura.store.open(os.getenv("DEBITURA_STORE")))
  return made.store
end

--- What customers are brought their links by; a mail channel in an application (docs/channels.md).
local outbox = {
  name = "outbox",
  deliver = function(_, message)
    ngx.log(ngx.NOTICE, "a link is to be brought to ", message.recipient and message.recipient.name or message.tenant)
    return true
  end,
}

function app.recipes()
  if made.recipes then return made.recipes end
  local url = os.getenv("DEBITURA_URL")
  made.recipes = debitura.recipes.new {
    partner = debitura.partner { api_key = os.getenv("DEBITURA_API_KEY"), base_url = url, environment = not url and "test" or nil },
    store = store(), clock = ngx.time, channels = { outbox },
    handover = debitura.handover.new {
      url = os.getenv("DEBITURA_PLATFORM_URL") .. "/debitura/h/", store = store(), clock = ngx.time, partner_name = "Sample Platform",
    },
  }
  return made.recipes
end

function app.receiver()
  made.receiver = made.receiver or debitura.webhook.receiver {
    secrets = { os.getenv("DEBITURA_WEBHOOK_SECRET") }, store = store(),
    on = { ["*"] = function(event) return app.recipes():handle(event) end },
  }
  return made.receiver
end

--- Asks for a client, and answers with the customer's link at the platform's own URL.
function app.customers()
  ngx.req.read_body()
  local payload = core.json.decode(ngx.req.get_body_data() or "")
  if type(payload) ~= "table" then return ngx.exit(400) end
  local outcome, failed = app.recipes().approval:request(payload)
  if not outcome then
    ngx.status = failed.kind == "validation" and 400 or 503
    return ngx.say(core.json.encode { message = failed.message, fields = failed.fields })
  end
  ngx.say(core.json.encode {
    state = outcome.state, advice = outcome.advice,
    link = outcome.variant and app.recipes().handover:url(payload.externalTenantId, outcome.variant) or nil,
  })
end

local function sweep(premature)
  if premature then return end
  local counts, failed = app.recipes():sweep()
  if not counts then ngx.log(ngx.ERR, "sweep: ", tostring(failed)) end
end

--- For init_worker_by_lua: every worker works off webhooks, the first one sweeps.
function app.start()
  require("debitura.webhook.openresty").work(app.receiver)
  if ngx.worker.id() == 0 then assert(ngx.timer.every(SWEEP_EVERY, sweep)) end
end

return app
