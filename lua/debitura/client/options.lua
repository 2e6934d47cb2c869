--- Reads the options that both APIs take: where requests go and who sends them.
-- A wrong option is the programmer's mistake and raises an error.
-- @module debitura.client.options

local core = require("debitura.core")

local settings = {}

--- Where requests go: a named environment, or a base URL of one's own (a sandbox, a proxy).
-- @tparam table options
-- @tparam table hosts base URL by environment
-- @tparam string field the option that holds a base URL
-- @treturn string the base URL, without a slash at its end
-- @treturn ?string the environment's name, nil for a base URL of one's own that does not say it
function settings.base_url(options, hosts, field)
  local base_url, environment = options[field], options.environment
  if environment ~= nil and not hosts[environment] then
    error(("environment: 'production' or 'test' expected, got '%s'"):format(tostring(environment)), 4)
  end
  if base_url == nil then
    environment = environment or "production"
    base_url = hosts[environment]
  end
  if type(base_url) ~= "string" then error(("%s: a URL expected, got %s"):format(field, type(base_url)), 4) end
  local allowed, problem = core.check_url(base_url)
  if not allowed then error(("%s: %s"):format(field, problem.message), 4) end
  return (base_url:gsub("/+$", "")), environment
end

--- The key, wrapped so that it shows itself to nobody.
-- @tparam table options `api_key`: string or `core.secret`
-- @treturn userdata
function settings.key(options)
  local key = options.api_key
  if key == nil or key == "" then error("api_key is missing: give the key that Debitura issued", 4) end
  if type(key) == "string" and key:find("%s") then
    error("api_key contains white space: it was probably copied with a line break or a blank", 4)
  end
  return core.secret(key)
end

--- A copy of the options without the key.
-- @tparam table options
-- @treturn table
function settings.without_key(options)
  local rest = {}
  for name, value in pairs(options) do rest[name] = value end
  rest.api_key = nil
  return rest
end

return settings
