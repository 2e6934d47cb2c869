--- The receiver as a WSAPI application, for Lua's other web servers.
--
--     local run = require("debitura.webhook.wsapi").new(receiver)
--     local status, headers, iterator = run(wsapi_env)
-- @module debitura.webhook.wsapi

local wsapi = {}

local CHUNK = 64 * 1024

--- Headers as CGI has them: HTTP_X_DEBITURA_SIGNATURE.
local HEADERS = {
  "X-Debitura-Signature", "X-Debitura-Timestamp", "X-Debitura-Event", "X-Debitura-Replay",
}

local function read_headers(env)
  local headers = {}
  for _, name in ipairs(HEADERS) do headers[name] = env["HTTP_" .. name:upper():gsub("-", "_")] end
  return headers
end

--- The whole body of a request.
-- @tparam table env of WSAPI
-- @tparam number max_body bytes
-- @treturn ?string nil when it is too large, of which no more is read than it takes to see that
function wsapi.read_body(env, max_body)
  local length = tonumber(env.CONTENT_LENGTH)
  local wanted = length or max_body + 1
  if wanted > max_body and length then return nil end
  local parts, size = {}, 0
  while size < wanted do
    local part = env.input:read(math.min(CHUNK, wanted - size))
    if not part or part == "" then break end
    parts[#parts + 1], size = part, size + #part
  end
  return size <= max_body and table.concat(parts) or nil
end

--- Makes the application.
-- @tparam table receiver see debitura.webhook.receiver
-- @tparam[opt] function subscription of the environment: what the receiver's function `secret` is
--   given
-- @treturn function from a WSAPI environment to status, headers and an iterator over the body
function wsapi.new(receiver, subscription)
  return function(env)
    local status, text, headers
    local body = ""
    if env.REQUEST_METHOD == "POST" then body = wsapi.read_body(env, receiver.max_body) end
    if body then
      status, text, headers = receiver:handle {
        method = env.REQUEST_METHOD, headers = read_headers(env), body = body,
        subscription = subscription and subscription(env),
      }
    else
      status, text, headers = receiver:refuse_large()
    end
    local sent = { ["Content-Type"] = "text/plain", ["Content-Length"] = tostring(#text) }
    for name, value in pairs(headers) do sent[name] = value end
    return status, sent, coroutine.wrap(function() coroutine.yield(text) end)
  end
end

return wsapi
