--- What the command works with: from the environment, or from a JSON file that only its owner can
-- read. A variable goes before the file. The key is never taken from the command line, where every
-- user of the machine could see it.
-- @module debitura.cli.config

local core = require("debitura.core")
local input = require("debitura.cli.input")

local config = {}

-- What a value may be -----------------------------------------------------------------------------

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

local function is_array_of(item)
  return function(value)
    if type(value) ~= "table" or #value == 0 then return false end
    local count = 0
    for _ in pairs(value) do count = count + 1 end
    for _, element in ipairs(value) do
      if not item(element) then return false end
    end
    return count == #value
  end
end

local TEXT = { "a text", is_text }
local TEXTS = { "an array of texts", is_array_of(is_text) }
local TEXT_OR_TEXTS = { "a text, or an array of texts", function(value)
  return is_text(value) or TEXTS[2](value)
end }
local OBJECT = { "an object", function(value)
  return type(value) == "table" and value[1] == nil
end }
local OBJECTS = { "an array of objects", is_array_of(function(value)
  return type(value) == "table"
end) }
local ENVIRONMENT = { '"test" or "production"', function(value)
  return value == "test" or value == "production"
end }

local function whole(least, most)
  local what = most and ("a whole number from %d to %d"):format(least, most)
    or ("a whole number, %d at least"):format(least)
  return { what, function(value)
    return type(value) == "number" and value % 1 == 0 and value >= least
      and value <= (most or math.huge)
  end }
end

local SECONDS = { "a number of seconds", function(value)
  return type(value) == "number" and value > 0 and value < math.huge
end }
local MOMENTS = { "an array of numbers", is_array_of(function(value)
  return type(value) == "number"
end) }

--- Everything that can be configured: what it may be, the variable that holds it, whether it is a
-- secret, and whether a text may hold several, between white space.
config.entries = {
  { name = "api_key", kind = TEXT, variable = "DEBITURA_API_KEY", secret = true,
    about = "the key that Debitura issued" },
  { name = "environment", kind = ENVIRONMENT, variable = "DEBITURA_ENVIRONMENT",
    about = '"test" or "production"; needed without a base_url' },
  { name = "base_url", kind = TEXT, variable = "DEBITURA_BASE_URL",
    about = "instead of the environment's host: a sandbox, a proxy" },
  { name = "customer_base_url", kind = TEXT, variable = "DEBITURA_CUSTOMER_BASE_URL",
    about = "the Customer API beside it; default: base_url and /customer" },
  { name = "store", kind = TEXT, variable = "DEBITURA_STORE",
    about = "such as sqlite:///var/lib/app/ledger.db" },
  { name = "encryption_key", kind = TEXT, variable = "DEBITURA_ENCRYPTION_KEY", secret = true,
    about = "of the store, Base64" },
  { name = "encryption_keys", kind = TEXTS, secret = true,
    about = "older ones, which still open what they sealed" },
  { name = "webhook_secret", kind = TEXT_OR_TEXTS, variable = "DEBITURA_WEBHOOK_SECRET",
    secret = true,
    several = true, about = "Base64; several, the newest first, while one is replaced" },
  { name = "webhook_secret_file", kind = TEXT,
    about = "a file with them instead, one in each line" },
  { name = "webhook_url", kind = TEXT, about = "where this platform receives webhooks" },
  { name = "webhook_events", kind = TEXTS, about = "the events to subscribe to; default: all" },
  { name = "channels", kind = OBJECTS, about = "how hosted URLs are delivered" },
  { name = "permalink", kind = OBJECT,
    about = "url, brand, days: URLs of the platform's own take the place of Debitura's" },
  { name = "return_url", kind = TEXT, about = "where a customer lands after a hosted page" },
  { name = "window_days", kind = whole(1, 30),
    about = "how long an approval URL is good; default 7" },
  { name = "reminders", kind = MOMENTS, about = "when to remind of an approval URL" },
  { name = "max_generations", kind = whole(1),
    about = "how often an expired link is renewed; default 3" },
  { name = "timeout", kind = SECONDS, about = "of one attempt; default 60" },
  { name = "ca_file", kind = TEXT, about = "certificates to trust instead of the system's" },
  { name = "proxy", kind = TEXT, about = "to reach Debitura through" },
}

local BY_NAME = {}
for _, entry in ipairs(config.entries) do BY_NAME[entry.name] = entry end

-- The file ----------------------------------------------------------------------------------------

--- Where the file is, and whether somebody said so.
local function place(environment)
  local chosen = environment("DEBITURA_CONFIG")
  if chosen and chosen ~= "" then return chosen, true end
  local base, home = environment("XDG_CONFIG_HOME"), environment("HOME")
  if not base or base == "" then base = home and home .. "/.config" end
  return base and base .. "/debitura/config.json", false
end

local GROUP_AND_OTHERS = 64 -- 0100 octal: what stands below it is not the owner's

local function check_permissions(path)
  local mode, own = core.system.permissions(path)
  if not mode then return nil, own end
  if mode % GROUP_AND_OTHERS ~= 0 then
    return nil, ("%s can be read by others: chmod 600 '%s'"):format(path, path:gsub("'", "'\\''"))
  end
  if not own then
    return nil, path .. " belongs to another user; let it belong to the one who runs this"
  end
  return true
end

--- The names that are no entries, as a text; nil when there are none.
local function unknown_names(values)
  local unknown = {}
  for name in pairs(values) do
    if not BY_NAME[name] then unknown[#unknown + 1] = tostring(name) end
  end
  table.sort(unknown)
  return unknown[1] and table.concat(unknown, ", ")
end

--- Reads and checks the file.
-- @treturn[1] table values by name
-- @treturn[2] nil
-- @treturn[2] string what is wrong, without any value
local function read_file(path)
  local private, reason = check_permissions(path)
  if not private then return nil, reason end
  local values
  values, reason = input.json(path)
  if not values then return nil, reason end
  if values[1] ~= nil then return nil, path .. ": a JSON object is expected" end
  local unknown = unknown_names(values)
  if unknown then
    return nil, ("%s: unknown: %s; `man debitura` lists what there is"):format(path, unknown)
  end
  for name, value in pairs(values) do
    local kind = BY_NAME[name].kind
    if not kind[2](value) then
      return nil, ("%s: %s: %s is expected"):format(path, name, kind[1])
    end
  end
  return values
end

-- All of it ---------------------------------------------------------------------------------------

--- A value as commands are given it: secrets are wrapped, so that no message can show them.
local function usable(entry, value)
  if entry.several and type(value) == "string" then
    local words = {}
    for word in value:gmatch("%S+") do words[#words + 1] = word end
    value = words
  end
  if not entry.secret then return value end
  if type(value) ~= "table" then return core.secret(value) end
  local list = {}
  for index, text in ipairs(value) do list[index] = core.secret(text) end
  return list
end

--- Reads the configuration.
-- @tparam function environment gives a variable of the environment, or nil
-- @treturn[1] table the values by name (secrets wrapped), `path` of the file that was read or nil,
--   `default_path`, and `sources`: for each name the variable or the file that it comes from
-- @treturn[2] nil
-- @treturn[2] string what is wrong and what to do
function config.load(environment)
  local path, chosen = place(environment)
  local values, reason = {}
  local there = path and (chosen or core.system.permissions(path))
  if there then
    values, reason = read_file(path)
    if not values then return nil, reason end
  end
  local found = { path = there and path or nil, default_path = path, sources = {} }
  for _, entry in ipairs(config.entries) do
    local value, source = values[entry.name], path
    local given = entry.variable and environment(entry.variable)
    if given and given ~= "" then
      value, source = given, entry.variable
      if not entry.kind[2](value) then
        return nil, ("%s: %s is expected"):format(entry.variable, entry.kind[1])
      end
    end
    if value ~= nil then
      found[entry.name] = usable(entry, value)
      found.sources[entry.name] = source
    end
  end
  return found
end

return config
