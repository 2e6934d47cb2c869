---@meta debitura.store
-- Where all data is kept. Its verbs are the recipes' own; lua/debitura/store/contract.lua lists them.

---@class debitura.Store: table

local store = {}

---@param address string|debitura.StoreOptions `memory:`, `sqlite:///absolute/path`, `postgresql://user:password@host/database` or `redis://:password@host/0`; or one table
---@param more? debitura.StoreOptions without `address`
---@return debitura.Store?
---@return debitura.Failure? failure what is missing, cannot be opened, or has another layout; `missing`: the store does not exist yet
function store.open(address, more) end

---@param address string|debitura.StoreOptions as for `open`
---@param more? debitura.StoreOptions
---@return debitura.Store # opened by the first verb that needs it
function store.lazy(address, more) end

return store
