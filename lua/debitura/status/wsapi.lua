--- The metrics and the desk as WSAPI applications, for Lua's other web servers.
--
--     local run = require("debitura.status.wsapi").metrics(platform.status)
--     local code, headers, iterator = run(wsapi_env)
--
--     local serve = require("debitura.status.wsapi").desk(platform.desk)
-- @module debitura.status.wsapi

local metrics = require("debitura.status.metrics")
local read_body = require("debitura.webhook.wsapi").read_body

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

--- Headers as CGI has them, by their lower-case names.
local function headers_of(env)
  return setmetatable({}, { __index = function(_, name)
    if type(name) ~= "string" then return nil end
    local written = name:upper():gsub("-", "_")
    return env[written == "CONTENT_TYPE" and written or "HTTP_" .. written]
  end })
end

--- Makes the application that serves the desk. A server that cannot tell the browser's header
-- Sec-Fetch-Site on (`HTTP_SEC_FETCH_SITE`) shows it, and no action is done.
-- @tparam table desk see debitura.status.desk
-- @treturn function from a WSAPI environment to code, headers and an iterator over the body
function wsapi.desk(desk)
  return function(env)
    local code, text, headers
    local method, body = env.REQUEST_METHOD, ""
    if method == "POST" then body = read_body(env, desk.max_body) end
    if body then
      code, text, headers = desk:handle {
        method = method, path = env.PATH_INFO or "", query = env.QUERY_STRING, body = body,
        headers = headers_of(env), user = env.REMOTE_USER, address = env.REMOTE_ADDR,
      }
    else
      code, text, headers = desk:refuse_large()
    end
    return code, headers, coroutine.wrap(function() coroutine.yield(text) end)
  end
end

return wsapi
