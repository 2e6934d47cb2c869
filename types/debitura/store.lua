---@meta debitura.store
-- The ledger of recipes and webhooks. Its verbs are the recipes' own; lua/debitura/store/init.lua lists them.

---@class debitura.StoreOptions
---@field encryption_key? string|debitura.Secret # 32 bytes in Base64: payloads, URLs, webhook bodies and tokens are sealed
---@field encryption_keys? (string|debitura.Secret)[] # that were replaced and still open what they sealed
---@field accept_unsealed? boolean # also reads what was kept before there was a key
---@field busy_timeout? number # seconds to wait for another worker's write; default 10 (SQLite, PostgreSQL)
---@field schema? string # of the tables; default "debitura" (PostgreSQL)
---@field prefix? string # of the keys; default "debitura:" (Redis)
---@field timeout? number # seconds to wait for the server; default 10 (Redis)
---@field volatile? boolean # takes a server that would forget what was acknowledged (Redis)

---@class debitura.Store: table

local store = {}

---@param address string `memory:`, `sqlite:///absolute/path`, `postgresql://user:password@host/database` or `redis://:password@host/0`
---@param options? debitura.StoreOptions
---@return debitura.Store?
---@return debitura.Failure? failure what is missing, cannot be opened, or was written by a newer release
function store.open(address, options) end

return store
