--- What the command works with: the options of a platform. They come from a Lua file of the
-- application's, or from a JSON file that only its owner can read and from the environment, which
-- goes before that file. The key is never taken from the command line, where every user of the
-- machine could see it.
-- @module debitura.cli.config

local app = require("debitura.cli.app")
local clock = require("debitura.cli.clock")
local core = require("debitura.core")
local input = require("debitura.cli.input")
local merged = require("debitura.base.merged")
local platform = require("debitura.platform")
local secret_file = require("debitura.webhook.secret_file")

local config = {}

--- The variables of the environment: their option, or the option of a part; `several` may stand
-- between white space.
config.variables = {
  { "DEBITURA_API_KEY", "api_key" },
  { "DEBITURA_ENVIRONMENT", "environment" },
  { "DEBITURA_BASE_URL", "base_url" },
  { "DEBITURA_CUSTOMER_BASE_URL", "customer_base_url" },
  { "DEBITURA_STORE", "address", part = "store" },
  { "DEBITURA_ENCRYPTION_KEY", "encryption_key", part = "store" },
  { "DEBITURA_WEBHOOK_SECRET", "secrets", part = "webhook", several = true },
}

-- Files -------------------------------------------------------------------------------------------

--- The file: where it is, and whether it was asked for.
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

--- The first field of an object that is null, if any.
local function null_field(object)
  for name, value in pairs(object) do
    if value == core.null then return name end
    local inner = type(value) == "table" and null_field(value)
    if inner then return inner end
  end
end

--- Reads the JSON file.
-- @treturn[1] table options of a platform
-- @treturn[2] nil
-- @treturn[2] string what is wrong, without any value
local function read_json(path)
  local private, err = check_permissions(path)
  if not private then return nil, err end
  local values
  values, err = input.json(path)
  if not values then return nil, err end
  if values[1] ~= nil then return nil, path .. ": a JSON object is expected" end
  local empty = null_field(values)
  if empty then return nil, ("%s: %s is null; leave it out"):format(path, empty) end
  return values
end

-- The options -------------------------------------------------------------------------------------

--- A mistake as a text, without the place in a program.
-- @param message
-- @treturn string
function config.plain(message)
  return (tostring(message):gsub("^.-:%d+: ", "", 1):gsub("^debitura%.platform: ", ""))
end

--- A part's options, to be written to.
local function part_of(values, name)
  local part = values[name]
  if type(part) == "string" then part = { address = part } end
  values[name] = type(part) == "table" and part or {}
  return values[name]
end

--- Puts the environment's variables before what a file says.
-- @treturn table for each of them that is set: its name by that of its option, "store.address"
local function add_variables(values, environment)
  local sources, has_store = {}, values.store ~= nil
  for _, row in ipairs(config.variables) do
    local variable, name, part = row[1], row[2], row.part
    local given = environment(variable)
    if given and given ~= "" then
      local holder = part and part_of(values, part) or values
      holder[name] = row.several and secret_file.words(given) or given
      sources[part and part .. "." .. name or name] = variable
    end
  end
  if sources["webhook.secrets"] then
    values.webhook.secret, values.webhook.secret_file = nil, nil
  end
  -- A key alone opens nothing.
  if not has_store and values.store and not values.store.address then values.store = nil end
  return sources
end

--- Says where a mistake in the options comes from, without the value.
local function explain(message, sources, path)
  local said = config.plain(message):gsub(", got .*$", "")
  local part, name = said:match("^(%a+): option '([%w_]+)'")
  name = part and part .. "." .. name or said:match("^option '([%w_]+)'")
  local source = sources[name] or path
  return source and ("%s: %s"):format(source, said) or said
end

local function load_json(given)
  local path, chosen = place(given.environment)
  local there = path and (chosen or core.system.permissions(path))
  local values, err = {}, nil
  if there then values, err = read_json(path) end
  if not values then return nil, err end
  local sources = add_variables(values, given.environment)
  for _, channel in ipairs(type(values.channels) == "table" and values.channels or {}) do
    if type(channel) == "table" and channel.type == "print" then channel.write = given.write end
  end
  local sound, options = pcall(platform.read, values)
  if not sound then return nil, explain(options, sources, there and path) end
  return {
    options = options, path = there and path or nil, default_path = path, sources = sources,
  }
end

local function load_app(path)
  local defined, err = app.load(path)
  if not defined then return nil, err end
  return { options = defined.options, platform = defined, path = path, sources = {} }
end

--- Puts what a command line says of a part before what is configured.
local function override(loaded, name, chosen)
  if not chosen or next(chosen) == nil then return end
  local options = merged(loaded.options)
  options[name] = merged(options[name])
  for option, value in pairs(chosen) do options[name][option] = value end
  if chosen.secret_file then options[name].secret, options[name].secrets = nil, nil end
  loaded.options, loaded.platform = options, nil
end

--- Takes the clock that DEBITURA_CLOCK names.
local function set_clock(loaded, named)
  if not named or named == "" then return true end
  if named ~= "sandbox" then return nil, "DEBITURA_CLOCK: 'sandbox' is all that it may say" end
  local read, err = clock.of_sandbox(loaded.options.base_url)
  if not read then return nil, err end
  loaded.options, loaded.platform = merged(loaded.options), nil
  loaded.options.clock = read
  return true
end

--- Finds out what the command works with.
-- @tparam table given `environment` (gives a variable, or nil), `app` (path of a Lua file, goes
--   before all else), `write` (a function of what the channel print says), `store` and `webhook`
--   (options of these parts that go before those configured)
-- @treturn[1] table the platform's `options` (secrets wrapped), or those that a file and the
--   environment give; `platform` when a Lua file has defined it; `path` of the file that was read,
--   or nil; `default_path`; and `sources`: the variable that an option comes from, by its name
-- @treturn[2] nil
-- @treturn[2] string what is wrong and what to do
function config.load(given)
  local named = given.environment("DEBITURA_CONFIG") or ""
  local path = given.app or named:find("%.lua$") and named or nil
  local load = path and load_app or load_json
  local loaded, err = load(path or given)
  if not loaded then return nil, err end
  override(loaded, "store", given.store)
  override(loaded, "webhook", given.webhook)
  local set
  set, err = set_clock(loaded, given.environment("DEBITURA_CLOCK"))
  if not set then return nil, err end
  return loaded
end

return config
