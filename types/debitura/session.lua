---@meta
-- What hooks are told, what comes beside a decoded response, and what the objects of both APIs have in common.

---JSON null: the value of `debitura.null`, `cjson.null` and `ngx.null`. A response may hold it wherever its shape says so.
---@alias debitura.null lightuserdata

---Text that shows itself nowhere; made by `debitura.secret`.
---@class debitura.Secret: userdata
---@field equals fun(self: debitura.Secret, other: string|debitura.Secret): boolean # in constant time
---@field close fun(self: debitura.Secret) # wipes it

---A file to upload: a path, or the bytes themselves with a name. At most 25 MB; pdf, xls, xlsx, csv, txt, jpg, jpeg, png, gif.
---@class debitura.File
---@field path? string
---@field data? string # instead of `path`; needs `filename`
---@field filename? string
---@field content_type? string # default: by the name's ending

---@class debitura.Logger
---@field level? string # "DEBUG", "INFO", "WARN", "ERROR", "FATAL" or "OFF", as those of lua-logging; no line is made for a lower one
---@field debug? fun(self: debitura.Logger, line: string)
---@field info fun(self: debitura.Logger, line: string)
---@field warn? fun(self: debitura.Logger, line: string)

---@class debitura.RequestEvent
---@field operation string # such as `clients.create`
---@field attempt integer # from 1
---@field method string
---@field path string # the template

---@class debitura.ResponseEvent: debitura.RequestEvent
---@field status? integer # absent when no response came
---@field kind? debitura.FailureKind # absent on success
---@field request_id? string
---@field seconds? number
---@field bytes_up? integer # of the body, as it was sent
---@field bytes_down? integer # of the body, as it was sent

---@class debitura.RetryEvent: debitura.RequestEvent
---@field status? integer
---@field kind debitura.FailureKind
---@field pause number # seconds until the next attempt

---@class debitura.Response: userdata
---@field status integer
---@field headers table<string, string> # names in lower case
---@field body string
---@field request_id? string
---@field timing table<string, number> # seconds

---A list that comes in pages. Nothing is sent before it is asked; the next page is on its way while rows are used.
---@class debitura.Listing
local Listing = {}

---What the page read last tells of the whole; the first page is read if none was.
---@return debitura.PageData? totals
---@return debitura.Failure? err
function Listing:totals() end

---What the objects of both APIs have in common.
---@class debitura.Api
local Api = {}

---Reaches every operation by method and path, also one that this library does not know.
---@param method "GET"|"POST"|"PUT"|"PATCH"|"DELETE"
---@param path string a template such as `/clients/{externalTenantId}`, or a path as it is sent
---@param body? table of POST, PUT and PATCH the body, else the query
---@param options? debitura.GenericCallOptions
---@return any data
---@return debitura.Failure? err
---@return debitura.Response? response
function Api:call(method, path, body, options) end

---How answers differ from the documents, as `observe = true` has seen it.
---@return debitura.Differences? seen
---@return debitura.Failure? err
function Api:differences() end

---@class debitura.Difference
---@field api "partner"|"customer"
---@field operation string
---@field status integer
---@field kind string
---@field path string
---@field severity "fails"|"noted"
---@field message string
---@field value? string
---@field count integer
---@field first_at number
---@field last_at number

---@class debitura.Differences
---@field differences debitura.Difference[] those that fail first
---@field dropped integer
---@field shapes table<string, table>

---@class debitura.Partner
local Partner = {}

---The Customer API for one client. Tokens are minted, kept and renewed as needed.
---@param external_tenant_id string
---@return debitura.Customer
function Partner:customer(external_tenant_id) end

---What part of the limits on requests is used, by window; nil without a limiter.
---@return { minute: number, hour: number, day: number }?
function Partner:limits_used() end

---Short for `clients:create`.
---@param body debitura.CreateClientRequest
---@param options? debitura.CallOptions
---@return debitura.ClientCreatedResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function Partner:create_client(body, options) end

---Short for `clients:get`.
---@param externalTenantId string
---@param options? debitura.CallOptions
---@return debitura.ClientCreatedResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function Partner:get_client(externalTenantId, options) end

---Short for `tokens:create`.
---@param body debitura.CreateAccessTokenRequest
---@param options? debitura.CallOptions
---@return debitura.AccessTokenResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function Partner:create_token(body, options) end

---Short for `webhooks:create`.
---@param body debitura.partner.CreateWebhookRequest
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function Partner:create_webhook(body, options) end
