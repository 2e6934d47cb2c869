--- The permalink as a WSAPI application, for Lua's other web servers:
--
--     local run = require("debitura.permalink.wsapi").new(recipes:door())
--     local status, headers, iterator = run(wsapi_env)
-- @module debitura.permalink.wsapi

local wsapi = {}

--- Makes the application.
-- @tparam table door see debitura.recipes
-- @treturn function from a WSAPI environment to status, headers and an iterator over the body
function wsapi.new(door)
  return function(env)
    local status, body, headers = door:handle { method = env.REQUEST_METHOD, path = env.PATH_INFO or "" }
    return status, headers, coroutine.wrap(function() coroutine.yield(body) end)
  end
end

return wsapi
