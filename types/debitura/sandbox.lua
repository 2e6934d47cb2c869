---@meta debitura.sandbox
-- Debitura on this machine: `require("debitura.sandbox")`.

---@class debitura.Sandbox
---@field url string # of the Referral Partner API
---@field customer_url string # of the Customer API
---@field api_key string
---@field port integer
local Sandbox = {}

---@return nil
function Sandbox:stop() end

---@return boolean
function Sandbox:running() end

---@return string # empty unless something went wrong
function Sandbox:log() end

---@param method "GET"|"POST"|"DELETE"
---@param name string # of a control, such as "clock"
---@param body? table
---@return table?
---@return string? err
function Sandbox:control(method, name, body) end

---@param duration string # such as "7d1h"
---@return table?
---@return string? err
function Sandbox:advance(duration) end

---@class debitura.sandbox
local sandbox = {}

---@param options? debitura.SandboxOptions
---@return debitura.Sandbox?
---@return string? err
function sandbox.start(options) end

return sandbox
