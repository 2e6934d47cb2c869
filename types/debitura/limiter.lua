---@meta debitura.limiter
-- Holds requests back before the service has to.

---@class debitura.Limiter
local Limiter = {}

---Counts a request that is about to be sent, or tells how long it has to wait; then nothing is counted.
---@param account? string what tells the API key from others
---@return number seconds
---@return "minute"|"hour"|"day"|"held"|nil reason
function Limiter:reserve(account) end

---Lets no call pass for some seconds.
---@param seconds number at most a day
---@param account? string what tells the API key from others
---@return nil
function Limiter:hold(seconds, account) end

local limiter = {}

---What the options are: names, types, defaults.
---@type table
limiter.options = nil

---@param options? debitura.LimiterOptions
---@return debitura.Limiter
function limiter.new(options) end

---@param value any
---@return boolean
function limiter.is(value) end

return limiter
