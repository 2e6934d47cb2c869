--- What the programs beside this one share, and the command by `debitura --app`: the definition of
-- a platform, configured by its environment.
--
--     DEBITURA_API_KEY         the partner's key
--     DEBITURA_BASE_URL        a sandbox's address; without it the test environment is used
--     DEBITURA_STORE           such as sqlite:///var/lib/app/store.db
--     DEBITURA_ENCRYPTION_KEY  of the store: openssl rand -base64 32
--     DEBITURA_LINKS           a file to which URLs are written instead of to the customers; a mail
--                              channel takes its place in an application

local debitura = require("debitura")

local url = os.getenv("DEBITURA_BASE_URL")

--- A channel is a table with a name and a function: see docs/channels.md for mail and HTTP.
local outbox = {
  name = "outbox",
  deliver = function(_, message)
    local file, problem = io.open(os.getenv("DEBITURA_LINKS"), "ab")
    if not file then return nil, problem end
    file:write(("%s\t%s\t%s\n"):format(message.tenant, message.variant, message.url))
    file:close()
    return true
  end,
}

return debitura.platform {
  name = "Sample Platform",
  api_key = os.getenv("DEBITURA_API_KEY"), base_url = url, environment = not url and "test" or nil,
  store = {
    address = os.getenv("DEBITURA_STORE"), encryption_key = os.getenv("DEBITURA_ENCRYPTION_KEY"),
  },
  channels = { outbox },
}
