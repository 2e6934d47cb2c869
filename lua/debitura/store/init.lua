--- Where all data is kept: records and their history, the jobs that they enqueue, and the webhooks
-- that came in. One list of verbs, several backends; debitura.store.contract says what each
-- promises.
-- @module debitura.store

local encrypted = require("debitura.store.encrypted")
local failure = require("debitura.base.failure")
local lazy = require("debitura.store.lazy")
local merged = require("debitura.base.merged")
local options = require("debitura.store.options")
local usage = require("debitura.base.usage")

local store = {}

local OPTIONS = options.define("debitura.store.open")

--- Reads an address and options, or one table of both.
local function read(address, more)
  if type(address) == "table" then
    usage.check(more == nil, "debitura.store.open: one table of options is enough")
    return OPTIONS:read(address)
  end
  return OPTIONS:read(merged({ address = address }, more))
end

--- What a backend is told, which is no key.
local function own_options(backend, given)
  local own = { create = given.create }
  for _, row in ipairs(backend.options) do own[row[1]] = given[row[1]] end
  return own
end

local function open(given, backend)
  local scheme, rest = given.address:match("^(%a+):(.*)$")
  if not backend then
    return nil, failure.new {
      kind = "store", retryable = false, message = ("unknown kind of store %q; use memory:, "
        .. "sqlite:///path, postgresql://… or redis://…"):format(scheme or given.address),
    }
  end
  local seal, err = encrypted.prepare(given)
  if not seal then return nil, err end
  local opened
  if rawget(_G, "ngx") and backend.blocks and not given.blocking then
    opened, err = require("debitura.store.lanes").open(scheme, rest, own_options(backend, given))
  else
    opened, err = backend.open(rest, given, scheme)
  end
  if not opened then return nil, err end
  return seal(opened)
end

--- Opens a store.
-- @tparam string|table address `"memory:"` (gone with the process), `"sqlite:///absolute/path"`,
--   `"postgresql://user:password@host/database"` or `"redis://:password@host/0"` (`rediss:` over
--   TLS); or one table of the address and the options
-- @tparam[opt] table more `encryption_key` 32 bytes in Base64 (text or `debitura.secret`): what is
--   personal or hosted is sealed; `encryption_keys` (array) keys that were replaced and still open
--   what they sealed; `accept_unsealed` (boolean) also reads what was kept before there was a key;
--   `create` (boolean, default true) false: a store that is not there yet is a failure;
--   `busy_timeout` seconds to wait for another worker's write, default 10 (SQLite, PostgreSQL);
--   `blocking` (boolean) in nginx verbs run in the worker, not in a thread (SQLite, PostgreSQL);
--   `batch` in nginx: how many calls go together, default 256 (SQLite, PostgreSQL, Redis);
--   `group` (boolean) a new file is for the user's group as well (SQLite);
--   `schema` of the tables, default "debitura", `pooled` (boolean) a pooler in between keeps no
--   sessions (PostgreSQL);
--   `prefix` of the keys, default "debitura:"; `timeout` seconds to wait for the server, default
--   10; `ca_file` the authorities that vouch for a server of TLS, outside of nginx; `volatile`
--   (boolean) takes a server that would forget what was acknowledged (Redis)
-- @treturn[1] table the store
-- @treturn[2] nil
-- @treturn[2] table failure: what is missing, cannot be opened, or has another layout; `missing` is
--   true when the store does not exist yet and `create` is false
function store.open(address, more)
  return open(read(address, more))
end

--- A store that is opened by the first verb that needs it; the options are checked at once. While
-- it cannot be opened, each verb gives nil and the failure, and the next one tries again.
-- @tparam string|table address as for `store.open`
-- @tparam[opt] table more
-- @treturn table the store; its `open()` opens it now: true, or nil and the failure; after
--   `require_existing()` one that does not exist yet is not made
function store.lazy(address, more)
  local read_, backend = read(address, more)
  return lazy.new(function(given) return open(given, backend) end, read_)
end

return store
