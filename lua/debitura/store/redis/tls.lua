--- TLS outside of nginx, through LuaSec, which checks who has signed a certificate, but not for
-- which server.
-- @module debitura.store.redis.tls

local tls = {}

local INSTALL_HINT = "install LuaSec: apt-get install lua-sec, or luarocks install luasec"

--- Where systems keep the authorities that they trust.
local BUNDLES = {
  "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
}

local ALTERNATIVE_NAMES = "2.5.29.17"

local function bundle()
  local named = os.getenv("SSL_CERT_FILE")
  if named then return named end
  for _, path in ipairs(BUNDLES) do
    local file = io.open(path)
    if file then
      file:close()
      return path
    end
  end
end

--- Whether a name of a certificate is that of a host; the first label may be a star.
local function fits(name, host)
  name, host = name:lower(), host:lower()
  if name == host then return true end
  local rest = name:match("^%*(%..+)$")
  return rest ~= nil and host:match("^[^.]+(%..+)$") == rest
end

local function is_for(certificate, host)
  local names = certificate:extensions()[ALTERNATIVE_NAMES] or {}
  for _, address in ipairs(names.iPAddress or {}) do
    if address == host then return true end
  end
  if host:find("^[%d.]+$") or host:find(":", 1, true) then return false end
  for _, name in ipairs(names.dNSName or {}) do
    if fits(name, host) then return true end
  end
  return false
end

--- What is missing for it, or nil.
function tls.missing()
  if not pcall(require, "ssl") then return INSTALL_HINT end
end

--- Speaks TLS over a connection.
-- @tparam table connection of LuaSocket
-- @tparam table place `host`, and `ca_file` where that is not the system's
-- @tparam number timeout seconds
-- @treturn[1] table the connection from then on
-- @treturn[2] nil
-- @treturn[2] string what is wrong with the server
function tls.wrap(connection, place, timeout)
  local secured, err = require("ssl").wrap(connection, {
    mode = "client", protocol = "any", options = { "all", "no_sslv2", "no_sslv3" },
    verify = "peer", cafile = place.ca_file or bundle(),
  })
  if not secured then
    connection:close()
    return nil, err
  end
  secured:settimeout(timeout)
  if not place.host:find("^[%d.]+$") and not place.host:find(":", 1, true) then
    secured:sni(place.host)
  end
  local done
  done, err = secured:dohandshake()
  if done and is_for(secured:getpeercertificate(), place.host) then return secured end
  secured:close()
  return nil, done and "its certificate is not for " .. place.host or "TLS: " .. tostring(err)
end

return tls
