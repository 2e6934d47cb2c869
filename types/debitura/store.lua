---@meta debitura.store
-- The ledger of recipes and webhooks. Its verbs are the recipes' own; lua/debitura/store/init.lua lists them.

---@class debitura.StoreOptions
---@field encryption_key? string|debitura.Secret # 32 bytes in Base64: payloads, URLs, webhook bodies and tokens are sealed
---@field encryption_keys? (string|debitura.Secret)[] # that were replaced and still open what they sealed
---@field accept_unsealed? boolean # also reads what was kept before there was a key
---@field busy_timeout? number # seconds to wait for another process's write; default 10 (SQLite)

---@class debitura.Store: table

local store = {}

---@param address string `memory:` or `sqlite:///absolute/path`
---@param options? debitura.StoreOptions
---@return debitura.Store?
---@return debitura.Failure? failure what is missing, cannot be opened, or was written by a newer release
function store.open(address, options) end

return store
