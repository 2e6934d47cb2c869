--- PostgreSQL's addresses: made safe where they leave something open, and kept out of messages
-- where they are secret. libpq reads `postgresql://user:password@host:port/database?parameters`,
-- and quotes parts of what it cannot read.
-- @module debitura.store.sql.address

local encoding = require("debitura.base.encoding")
local is_loopback = require("debitura.base.is_loopback")
local text = require("debitura.base.text")

local postgresql_address = {}

-- What is asked of libpq unless the address says otherwise: not to wait for ever for a host that
-- does not answer, and TLS that is verified.
local DEFAULTS = {
  { "connect_timeout", "10" }, -- seconds
  { "tcp_user_timeout", "30000" }, -- milliseconds
  { "fallback_application_name", "debitura" },
  { "client_encoding", "UTF8" },
  { "target_session_attrs", "read-write" }, -- of several hosts the one that is not a standby
}
local VERIFIED = { "sslmode", "verify-full" }
local UNENCRYPTED = { disable = true, allow = true, prefer = true } -- or perhaps

--- Whether every host of an authority is this machine. A socket's directory is not looked for: TLS
-- is ignored there.
local function stays_here(hosts)
  for host in (hosts .. ","):gmatch("([^,]*),") do
    if not is_loopback((host:gsub(":%d+$", ""))) then return false end
  end
  return true
end

--- Whether a part of the address is encoded so that libpq and we read the same.
local function is_encoded(part)
  return part:gsub("%%%x%x", ""):find("^[%w%-._~!$&'()*+,;=]*$") ~= nil
end

--- Reads an address.
-- @tparam string rest what follows "postgresql:"
-- @treturn[1] string the address for libpq
-- @treturn[1] table the secret parts of it, as they may be quoted
-- @treturn[1] boolean whether what goes there can be read on a network
-- @treturn[2] nil
-- @treturn[2] string what is wrong with it; quotes nothing
function postgresql_address.read(rest)
  local authority, path, query = rest:match("^//([^/?]*)([^?]*)%??(.*)$")
  if not authority then
    return nil, "write its address as postgresql://user:password@host/database"
  end
  local user_info, hosts = authority:match("^(.*)@([^@]*)$")
  local user, password = (user_info or ""):match("^([^:]*):?(.*)$")
  if not is_encoded(user) or not is_encoded(password) or path:find("@", 1, true) then
    return nil, "special characters in its user name or password must be percent-encoded, "
      .. "such as %40 for @"
  end

  local secrets, given, parameters = { password }, {}, {}
  for name, value in query:gmatch("([^&=]+)=([^&]*)") do
    given[name] = value
    if name == "password" or name == "sslpassword" then secrets[#secrets + 1] = value end
  end
  if query ~= "" then parameters[1] = query end
  local function default(parameter)
    if given[parameter[1]] then return end
    parameters[#parameters + 1] = parameter[1] .. "=" .. parameter[2]
  end
  for _, parameter in ipairs(DEFAULTS) do default(parameter) end
  local leaves = given.host or given.hostaddr or not stays_here(hosts or authority)
  if leaves then default(VERIFIED) end
  return "postgresql://" .. authority .. path .. "?" .. table.concat(parameters, "&"), secrets,
    leaves and UNENCRYPTED[given.sslmode] or false
end

--- A message of libpq without the secrets.
function postgresql_address.scrub(message, secrets)
  for _, secret in ipairs(secrets) do
    for _, quoted in ipairs { secret, encoding.from_percent(secret) } do
      message = text.redact(message, quoted)
    end
  end
  return message
end

return postgresql_address
