--- What the benchmark for the desk runs in nginx.
local core = require("debitura.core")
local debitura = require("debitura")

local desk = {}

local serving

--- For content_by_lua.
-- @tparam string text JSON of the store's `address` and `options`
function desk.serve(text)
  if not serving then
    local store = core.json.decode(text)
    local given = store.options
    given.address = store.address
    serving = debitura.platform {
      environment = "test", store = given, desk = { authorize = function() return "read" end },
    }
  end
  require("debitura.status.openresty").desk(serving.desk)
end

return desk
