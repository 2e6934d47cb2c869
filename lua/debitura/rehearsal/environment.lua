--- Where a rehearsal may take place: in Debitura's test environment, or in a sandbox on this
-- machine. Any other address may lead to real customers, whatever it says of itself, and is refused
-- before anything is sent.
-- @module debitura.rehearsal.environment

local customer = require("debitura.client.customer")
local is_loopback = require("debitura.base.is_loopback")
local partner = require("debitura.client.partner")

local environment = {}

--- The host of an address as a machine reads it: in lower case, without its port and final dot.
local function host_of(url)
  local authority = url:lower():match("^%a+://([^/?#\\]*)") or ""
  authority = authority:gsub("^.*@", ""):gsub(":%d*$", ""):gsub("%.$", "")
  return authority
end

local function is_production(url)
  for _, hosts in ipairs { partner.hosts, customer.hosts } do
    if host_of(url) == host_of(hosts.production) then return true end
  end
  return false
end

--- "test" or "sandbox"; nil for any other address. Only what is written plainly is taken.
local function place_of(url, hosts)
  local plain = url:lower():gsub("/+$", ""):gsub("^(https://[^/]*):443$", "%1")
  if plain == hosts.test then return "test" end
  local host = plain:match("^https?://(%[::1%])") or plain:match("^https?://([%w.-]+)")
  local rest = host and plain:match("^https?://[%w.:%[%]-]-:?%d*(/?.*)$")
  if host and is_loopback(host) and host_of(plain) == host and not rest:find("[@\\]") then
    return "sandbox"
  end
end

--- Tells where a rehearsal with this platform would take place. Nothing is sent.
-- @tparam table platform see debitura.platform
-- @treturn[1] string "test" or "sandbox"
-- @treturn[2] nil
-- @treturn[2] string why none may take place there
function environment.of(platform)
  local given, made = platform.options, platform.partner
  if platform.environment == "production" then
    return nil, "nothing is rehearsed in production: the environment must be 'test', or the "
      .. "base_url that of a sandbox on this machine"
  end
  local urls = { { made.session.base_url, partner.hosts }, { made.customer_base_url,
    customer.hosts } }
  local place
  for _, row in ipairs(urls) do
    local found = place_of(row[1], row[2])
    if not found or place and found ~= place then
      return nil, is_production(row[1]) and "this is production's host: nothing is rehearsed there"
        or "a rehearsal goes to Debitura's test environment or to a sandbox on this machine, and "
          .. host_of(row[1]) .. " may be neither"
    end
    place = found
  end
  if place == "sandbox" and given.partner and given.partner.proxy then
    return nil, "a sandbox on this machine is not reached through a proxy: remove partner.proxy"
  end
  return place
end

return environment
