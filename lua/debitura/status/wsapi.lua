--- The metrics as a WSAPI application, for Lua's other web servers:
--
--     local run = require("debitura.status.wsapi").metrics(platform.status)
--     local code, headers, iterator = run(wsapi_env)
-- @module debitura.status.wsapi

local metrics = require("debitura.status.metrics")

local wsapi = {}

--- Makes the application that serves the metrics.
-- @tparam table status see debitura.status
-- @treturn function from a WSAPI environment to code, headers and an iterator over the body
function wsapi.metrics(status)
  return function()
    local text = status:metrics()
    local headers = {
      ["Content-Type"] = metrics.CONTENT_TYPE, ["Content-Length"] = tostring(#text),
    }
    return 200, headers, coroutine.wrap(function() coroutine.yield(text) end)
  end
end

return wsapi
