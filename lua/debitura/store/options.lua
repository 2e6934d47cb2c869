--- The options of stores: those of all backends, and those that each backend has of its own.
-- @module debitura.store.options

local options = require("debitura.base.options")
local usage = require("debitura.base.usage")

local store_options = {}

local OWNER = "debitura.store.open"

--- The backends by the schemes of their addresses. They are loaded when one is opened.
local BACKENDS = {
  memory = "debitura.store.memory",
  postgresql = "debitura.store.sql.postgresql",
  redis = "debitura.store.redis",
  rediss = "debitura.store.redis",
  sqlite = "debitura.store.sql.sqlite",
}

--- The schemes of those that have options of their own.
local OPTIONED = { "sqlite", "postgresql", "redis" }

local SHARED = {
  {
    "address", "text", required = true,
    doc = "memory:, sqlite:///path, postgresql://… or redis://…",
  },
  {
    "create", "boolean", default = true,
    doc = "false: a store that is not there yet is a failure with `missing`",
  },
  {
    "encryption_key", "secret",
    doc = "32 bytes in Base64: what is personal or hosted is sealed",
  },
  {
    "encryption_keys", "table",
    doc = "array of keys that were replaced and still open what they sealed",
  },
  {
    "accept_unsealed", "boolean", default = false,
    doc = "also reads what was kept before there was a key",
  },
}

--- The options of all backends together, for the reference.
-- @treturn table see debitura.base.options
function store_options.all()
  local rows, seen = {}, {}
  for _, scheme in ipairs(OPTIONED) do
    for _, row in ipairs(require(BACKENDS[scheme]).options) do
      if not seen[row[1]] then
        seen[row[1]], rows[#rows + 1] = true, row
      end
    end
  end
  return options.define(OWNER, SHARED, rows)
end

--- The schemes whose backends have an option.
local function schemes_with(option)
  local schemes = {}
  for _, scheme in ipairs(OPTIONED) do
    for _, row in ipairs(require(BACKENDS[scheme]).options) do
      if row[1] == option then schemes[#schemes + 1] = scheme .. ":" end
    end
  end
  return schemes
end

--- One table of an address and options.
local function joined(given, more)
  if type(given) == "table" then
    usage.check(more == nil, OWNER .. ": one table of options is enough")
    return given
  end
  local all = { address = given }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

--- Reads what `store.open` was given.
-- @tparam string|table given
-- @tparam ?table more
-- @treturn table the options with their defaults
-- @treturn ?table the backend's module; nil when no backend has such an address
-- @raise at the caller's line
function store_options.read(given, more)
  given = joined(given, more)
  local scheme = type(given.address) == "string" and given.address:match("^(%a+):")
  local module = BACKENDS[scheme]
  if not module then return options.define(OWNER, SHARED):read { address = given.address } end
  local backend = require(module)
  local known = options.define(OWNER, SHARED, backend.options)
  for name in pairs(given) do
    local others = known.by_name[name] and {} or schemes_with(name)
    usage.check(#others == 0, ("%s: option '%s' is for %s, not for %s:")
      :format(OWNER, tostring(name), table.concat(others, " and "), scheme))
  end
  return known:read(given), backend
end

return store_options
