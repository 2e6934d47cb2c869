--- The platform: app.lua, cron and `debitura --app debitura.lua …` load this one file. It takes
-- from the environment:
--
--     APP_HOME           a directory of its own: the store, the webhooks' secret, a log
--     APP_MAIL           the mail server, such as smtp://127.0.0.1:25
--     APP_WEBHOOKS       where Debitura reaches `debitura receive`, through what does TLS
--     APP_STORE_KEY      of the store: openssl rand -base64 32
--     DEBITURA_API_KEY   the partner's key
--     DEBITURA_BASE_URL  a sandbox's address; without it the test environment is used

local debitura = require("debitura")

local home, sandbox = os.getenv("APP_HOME"), os.getenv("DEBITURA_BASE_URL")

--- Tells the rest of the platform, here a file: at least once, so give it a key to do it once.
local function tell_crm(change)
  local file = assert(io.open(home .. "/changes.log", "ab"))
  file:write(("%s %s %s: %s -> %s\n"):format(change.tenant, change.kind, change.name, change.from,
    change.to))
  file:close()
end

return debitura.platform {
  name = "Sample Platform",
  api_key = os.getenv("DEBITURA_API_KEY"), base_url = sandbox,
  environment = not sandbox and "test" or nil,
  store = {
    address = "sqlite://" .. home .. "/store.db", encryption_key = os.getenv("APP_STORE_KEY"),
  },
  channels = { debitura.channels.email {
    url = os.getenv("APP_MAIL"), from = "collections@platform.example",
    brand = { name = "Sample Platform", support = "help@platform.example" },
  } },
  webhook = { url = os.getenv("APP_WEBHOOKS"), secret_file = home .. "/webhook-secret" },
  on_change = tell_crm,
}
