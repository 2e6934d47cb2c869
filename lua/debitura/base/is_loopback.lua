--- Which hosts can only be this machine.
-- @module debitura.base.is_loopback

--- @tparam string host in lower case, as a URL has it: IPv6 in brackets, no port
-- @treturn boolean true for `localhost`, `[::1]` and the addresses of 127.0.0.0/8; false for what
--   only begins like one, which would be looked up as a name
local function is_loopback(host)
  if host == "localhost" or host == "[::1]" then return true end
  local octets = { host:match("^127%.(%d+)%.(%d+)%.(%d+)$") }
  for _, octet in ipairs(octets) do
    if tonumber(octet) > 255 or octet:find("^0%d") then return false end
  end
  return octets[1] ~= nil
end

return is_loopback
