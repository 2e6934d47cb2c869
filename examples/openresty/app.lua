--- The application of nginx.conf beside this file. Its settings come from the environment:
--
--     DEBITURA_API_KEY              the partner's key
--     DEBITURA_BASE_URL             a sandbox's address; without it the test environment is used
--     DEBITURA_STORE                redis://…: then nothing in here blocks a worker. SQLite blocks
--                                   it for the moment of a commit, PostgreSQL until it answers
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

local NAME = "Sample Platform"
local SWEEP_EVERY = 60 -- seconds
local SWEEP_STEPS = 500 -- in one timer: what nginx allots in it is freed at its end

local made = {}

local function store()
  made.store = made.store or assert(debitura.store.open {
    address = os.getenv("DEBITURA_STORE"), encryption_key = os.getenv("DEBITURA_ENCRYPTION_KEY"),
  })
  return made.store
end

local function make_recipes()
  local url, platform = os.getenv("DEBITURA_BASE_URL"), os.getenv("PLATFORM_URL")
  return debitura.recipes.new {
    partner = debitura.partner { api_key = os.getenv("DEBITURA_API_KEY"), base_url = url,
      environment = not url and "test" or nil },
    store = store(), clock = ngx.time, return_url = platform,
    channels = { debitura.channels.email {
      url = os.getenv("PLATFORM_MAIL"), from = "collections@platform.example",
      brand = { name = NAME },
    } },
    permalink = debitura.permalink.new { url = platform .. "/debitura/h/", store = store(),
      clock = ngx.time, brand = { name = NAME } },
  }
end

function app.recipes()
  made.recipes = made.recipes or make_recipes()
  return made.recipes
end

function app.permalink_handler()
  local recipes = app.recipes()
  made.handler = made.handler or recipes.permalink:handler(recipes)
  return made.handler
end

--- The secrets, the newest first. Read each time, so that `debitura webhooks rotate` needs no
-- restart.
local function secrets()
  local found = {}
  for line in io.lines(os.getenv("DEBITURA_WEBHOOK_SECRET_FILE")) do found[#found + 1] = line end
  return found
end

function app.receiver()
  made.receiver = made.receiver or debitura.webhook.receiver {
    secret = secrets, store = store(), on = { ["*"] = function(event)
      return app.recipes():handle(event)
    end },
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
    link = outcome.variant and app.recipes().permalink:url(payload.externalTenantId,
      outcome.variant) or nil,
  })
end

--- Does what is due, and comes back. What is in progress when nginx exits is left to the next one.
local function sweep(premature)
  if premature then return end
  local sound, counts, failed = pcall(function()
    return app.recipes():sweep { limit = SWEEP_STEPS, on_progress = function()
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
  require("debitura.webhook.openresty").work(app.receiver)
  if ngx.worker.id() == 0 then assert(ngx.timer.at(0, sweep)) end
end

return app
