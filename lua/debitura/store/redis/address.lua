--- Redis's addresses: `redis://[user][:password]@host[:port][/database]`, `rediss://` over TLS.
-- @module debitura.store.redis.address

local encoding = require("debitura.base.encoding")

local address = {}

local PORT = 6379

--- Reads an address.
-- @tparam string scheme "redis" or "rediss"
-- @tparam string rest what follows its colon
-- @treturn[1] table `host, port, user, password, database, tls`
-- @treturn[2] nil
-- @treturn[2] string what is wrong with it; quotes nothing
function address.read(scheme, rest)
  local authority, path = rest:match("^//([^/?#]*)/?([^/?#]*)$")
  if not authority then return nil, "write its address as redis://:password@host:port/database" end
  local user_info, location = authority:match("^(.*)@([^@]*)$")
  user_info, location = user_info or "", location or authority
  if user_info:gsub("%%%x%x", ""):find("[^%w%-._~!$&'()*+,;=:]") then
    return nil, "special characters in its user name or password must be percent-encoded, "
      .. "such as %40 for @"
  end
  local user, password = user_info:match("^([^:]*):?(.*)$")
  local host, port = location:match("^(%[[%x:.]+%]):?(%d*)$")
  if not host then host, port = location:match("^([%w%-._]+):?(%d*)$") end
  if not host then return nil, "its address names no host" end
  if not path:find("^%d*$") then return nil, "the database in its address is a number" end
  return {
    host = host:match("^%[(.*)%]$") or host, port = tonumber(port) or PORT,
    database = tonumber(path) or 0, tls = scheme == "rediss",
    user = user ~= "" and encoding.from_percent(user) or nil,
    password = password ~= "" and encoding.from_percent(password) or nil,
  }
end

return address
