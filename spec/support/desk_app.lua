-- What an nginx worker of the desk's spec holds: a platform on the store of a directory, which
-- notes there what it delivers.

local debitura = require("debitura")
local openresty = require("debitura.status.openresty")

local app = {}

local platform

--- Answers one request.
-- @tparam string directory
-- @tparam function authorize
function app.serve(directory, authorize)
  platform = platform or debitura.platform {
    environment = "test", api_key = "key", base_url = "http://127.0.0.1:1",
    store = "sqlite://" .. directory .. "/store.db",
    channels = { { name = "mail", deliver = function(_, message)
      local file = assert(io.open(directory .. "/delivered", "ab"))
      file:write(message.tenant, "\n")
      file:close()
      return true
    end } },
    desk = { actions = true, authorize = function(request) return app.authorize(request) end },
  }
  app.authorize = authorize
  openresty.desk(platform.desk)
end

return app
