---@meta debitura.status.desk
-- Pages for the platform's own operators.

---@class debitura.DeskRequest
---@field method string
---@field path string whose last part names the page
---@field query string?
---@field body string? of a form
---@field headers table<string, string> by their lower-case names
---@field user string? whom the server has authenticated
---@field address string?

---@class debitura.Desk
local Desk = {}

---Answers one request.
---@param request debitura.DeskRequest
---@return integer status
---@return string body
---@return table<string, string> headers
function Desk:handle(request) end

---Answers a form that is too large to be read.
---@return integer status
---@return string body
---@return table<string, string> headers
function Desk:refuse_large() end

local desk = {}

---@param given debitura.DeskOptions
---@return debitura.Desk
function desk.new(given) end

return desk
