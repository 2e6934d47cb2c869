--- What the benchmark for webhooks runs in nginx and in processes of its own.
local core = require("debitura.core")
local debitura = require("debitura")

local receive = {}

receive.SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"

--- @tparam string text JSON of the store's `address` and `options`; without an address nothing is
--   kept
function receive.receiver(text)
  local place = assert(core.json.decode(text))
  return debitura.webhook.receiver {
    secret = receive.SECRET, on = { ["*"] = function() end }, logger = function() end,
    store = place.address and assert(debitura.store.open(place.address, place.options))
      or { inbox_add = function() return "new" end },
  }
end

local receiver

--- For content_by_lua.
function receive.serve(text)
  receiver = receiver or receive.receiver(text)
  require("debitura.webhook.openresty").serve(receiver)
end

--- Works off an inbox and prints when it began and ended, and how many events that were.
function receive.work(text)
  local worker = receive.receiver(text)
  local began = core.system.monotonic()
  local counts = assert(worker:work { once = true, batch = 1e9 })
  print(("%.6f %.6f %d"):format(began, core.system.monotonic(), counts.total))
end

if arg and arg[0] and arg[0]:find("bench/support/receive%.lua$") then receive.work(arg[1]) end

return receive
