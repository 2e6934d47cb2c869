---@meta debitura.permalink
-- URLs of the platform's own that outlive Debitura's.

---@class debitura.PermalinkOptions
---@field url string # what the ids are appended to, such as https://platform.example/debitura/h/
---@field store debitura.Store
---@field clock? fun(): number # Unix seconds; default: the machine's
---@field brand debitura.Brand
---@field language? string|fun(message: debitura.Message): string? # default: the country's, else the browser's
---@field texts? table<string, table> # texts that replace built-in ones, by language
---@field days? number # 90 (1 to 3650): how long a URL lasts after it was last handed out

---@class debitura.Permalink
local Permalink = {}

---@param external_tenant_id string
---@param variant "approval"|"choice"|"onboarding"|"signing"|"kyc"
---@return string?
---@return debitura.Failure? failure
function Permalink:url(external_tenant_id, variant) end

---@param id string
---@return { tenant: string, purpose: "link"|"signing"|"kyc" }|false|nil
---@return debitura.Failure? failure
function Permalink:find(id) end

---@param external_tenant_id string
---@param purpose? "link"|"signing"|"kyc"|"approval"|"choice"|"onboarding" # default: all
---@return integer?
---@return debitura.Failure? failure
function Permalink:revoke(external_tenant_id, purpose) end

---@class debitura.PermalinkHandler
local PermalinkHandler = {}

---@param request { method: string, path: string, accept_language?: string }
---@return integer status
---@return string body
---@return table<string, string> headers
function PermalinkHandler:handle(request) end

---What `recipes:permalink_handler()` calls.
---@param runner table
---@return debitura.PermalinkHandler
function Permalink:handler(runner) end

local permalink = {}

---@param options debitura.PermalinkOptions
---@return debitura.Permalink
function permalink.new(options) end

return permalink
