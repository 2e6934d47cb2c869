--- The options of stores: those of all backends, and those that each backend has of its own.
-- @module debitura.store.options

local options = require("debitura.base.options")
local usage = require("debitura.base.usage")

local store_options = {}

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
    "such as sqlite:///var/lib/app/store.db, postgresql://…, redis://… or memory:",
  },
  {
    "create", "boolean", default = true,
    "false: a store that does not exist yet is a failure",
  },
  {
    "encryption_key", "secret",
    "32 bytes in Base64: what is personal or hosted is sealed",
  },
  {
    "encryption_keys", "table",
    "array of keys that were replaced and still open what they sealed",
  },
  {
    "accept_unsealed", "boolean", default = false,
    "also reads what was kept before there was a key",
  },
}

--- The rows of all backends, each name once.
local function own_rows()
  local rows, seen = {}, {}
  for _, scheme in ipairs(OPTIONED) do
    for _, row in ipairs(require(BACKENDS[scheme]).options) do
      if not seen[row[1]] then
        seen[row[1]], rows[#rows + 1] = true, row
      end
    end
  end
  return rows
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

--- Reads options as the backend of their address takes them.
local function read(owner, given)
  local address = type(given) == "table" and given.address
  local scheme = type(address) == "string" and address:match("^(%a+):")
  if not BACKENDS[scheme] then
    return options.define(owner, SHARED):read(type(given) ~= "table" and given or {
      address = address,
    })
  end
  local backend = require(BACKENDS[scheme])
  local known = options.define(owner, SHARED, backend.options)
  for name in pairs(given) do
    local others = known.by_name[name] and {} or schemes_with(name)
    usage.check(#others == 0, ("%s: option '%s' is for %s, not for %s:")
      :format(owner, tostring(name), table.concat(others, " and "), scheme))
  end
  return known:read(given), backend
end

--- The options of a store.
-- @tparam string owner what they are options of, as errors say it
-- @treturn table as debitura.base.options gives it; its `read` takes options of the address's
--   backend alone, and gives that backend's module as well, nil when there is none
function store_options.define(owner)
  local defined = options.define(owner, SHARED, own_rows())
  function defined.read(_, given) return read(owner, given) end
  return defined
end

return store_options
