--- The permalink as a WSAPI application, for Lua's other web servers.
--
--     local run = require("debitura.permalink.wsapi").new(recipes:permalink_handler())
--     local status, headers, iterator = run(wsapi_env)
-- @module debitura.permalink.wsapi

local wsapi = {}

--- Makes the application.
-- @tparam table handler see debitura.recipes
-- @treturn function from a WSAPI environment to status, headers and an iterator over the body
function wsapi.new(handler)
  return function(env)
    local status, body, headers = handler:handle {
      method = env.REQUEST_METHOD, path = env.PATH_INFO or "",
      accept_language = env.HTTP_ACCEPT_LANGUAGE,
    }
    return status, headers, coroutine.wrap(function() coroutine.yield(body) end)
  end
end

return wsapi
