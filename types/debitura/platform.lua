---@meta debitura.platform
-- A partner's set-up.

local platform = {}

---One definition for the application, its workers, cron and the command. A part is made when it is first used.
---@class debitura.Platform
---@field options debitura.PlatformOptions as they were checked; secrets are wrapped
---@field environment "test"|"production"
---@field partner debitura.Partner
---@field store debitura.Store opened by its first verb, or by `store:open()`
---@field recipes debitura.Recipes
---@field receiver debitura.Receiver
---@field permalink debitura.Permalink
---@field status debitura.Status
---@field desk debitura.Desk
local Platform = {}

---Closes what has been opened.
---@return nil
function Platform:close() end

---Whether a value is a platform.
---@param value any
---@return boolean
function platform.is(value) end

return platform
