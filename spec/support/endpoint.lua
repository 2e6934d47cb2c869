--- The receiver that the specs of endpoints run in nginx.

-- luacheck: read globals ngx

local debitura = require("debitura")

local endpoint = {}

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local OF_TENANT = { acme = "YW5vdGhlci1zZWNyZXQ=" }

local receiver

--- @tparam string directory of the store
function endpoint.receiver(directory)
  receiver = receiver or debitura.webhook.receiver {
    store = assert(debitura.store.open("sqlite://" .. directory .. "/store.db")),
    secret = function(_, subscription)
      if subscription then return OF_TENANT[subscription] end
      return SECRET
    end,
    on = { ["*"] = function(event) ngx.log(ngx.WARN, "heard of ", event.id) end },
  }
  return receiver
end

--- The most memory that this worker ever held, in bytes.
function endpoint.peak()
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("^VmHWM:%s+(%d+)")
    if kilobytes then return kilobytes * 1024 end
  end
end

return endpoint
