--- Which names the sandbox answers to. A page on the Internet whose name is made to lead to this
-- machine would otherwise be of the sandbox's own origin.
-- @module debitura.sandbox.server.hosts

local is_loopback = require("debitura.base.is_loopback")

local hosts = {}

--- Tells whether a request is meant for this sandbox.
-- @tparam ?string header `Host`; a request of HTTP/1.0 may lack it, no browser's does
-- @tparam string address the one that the request came in by
-- @tparam table names further ones
-- @treturn boolean
function hosts.known(header, address, names)
  if not header then return true end
  local name = header:lower():gsub(":%d+$", "")
  if is_loopback(name) or name == address or name == "[" .. address .. "]" then return true end
  for _, other in ipairs(names) do
    if name == other:lower() then return true end
  end
  return false
end

return hosts
