---@meta debitura.limiter
-- Holds requests back before the service has to.

---@class debitura.LimiterOptions
---@field minute? integer # requests in any minute; default 2000
---@field hour? integer # default 20000
---@field day? integer # default 100000
---@field store? debitura.Store # counts the requests of all workers together
---@field name? string # of the counter in the store, for a second API key
---@field clock? fun(): number # seconds; default monotonic, with a store the time of day

---@class debitura.Limiter
local Limiter = {}

---Counts a request that is about to be sent, or tells how long it has to wait; then nothing is counted.
---@return number seconds
---@return "minute"|"hour"|"day"|"held"|nil reason
function Limiter:reserve() end

---Lets nobody pass for some seconds.
---@param seconds number at most a day
---@return nil
function Limiter:hold(seconds) end

local limiter = {}

---@type { minute: integer, hour: integer, day: integer }
limiter.defaults = {}

---@param options? debitura.LimiterOptions
---@return debitura.Limiter
function limiter.new(options) end

---@param value any
---@return boolean
function limiter.is(value) end

return limiter
