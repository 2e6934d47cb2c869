--- What the benchmark for webhooks runs in nginx and in processes of its own.
local core = require("debitura.core")
local debitura = require("debitura")

local receiver = {}

receiver.SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"

--- @tparam string text JSON of the store's `address` and `options`; without an address nothing is
--   kept
function receiver.new(text)
  local place = assert(core.json.decode(text))
  return debitura.webhook.receiver {
    secret = receiver.SECRET, on = { ["*"] = function() end },
    store = place.address and assert(debitura.store.open(place.address, place.options))
      or { inbox_add = function() return "new" end },
  }
end

local serving

--- For content_by_lua.
function receiver.serve(text)
  serving = serving or receiver.new(text)
  require("debitura.webhook.openresty").serve(serving)
end

--- Processes an inbox and prints when it began and ended, and how many events that were.
-- @tparam string text as of `receiver.new`
-- @tparam string start when it begins, in seconds of the machine's clock that only goes forward
function receiver.work(text, start)
  local worker = receiver.new(text)
  core.system.sleep(math.max(0, start - core.system.monotonic()))
  local began = core.system.monotonic()
  local counts = assert(worker:work { once = true, batch = 1e9 })
  print(("%.6f %.6f %d"):format(began, core.system.monotonic(), counts.total))
end

if arg and arg[0] and arg[0]:find("bench/support/receiver%.lua$") then
  receiver.work(arg[1], tonumber(arg[2]))
end

return receiver
