---@meta
-- Options of the objects and of single calls, what hooks are told, and what comes beside a decoded answer.

---JSON null: the value of `debitura.null`, `cjson.null` and `ngx.null`. An answer may hold it wherever its shape says so.
---@alias debitura.null lightuserdata

---Text that shows itself to nobody; made by `debitura.secret`.
---@class debitura.Secret: userdata

---A file to upload: a path, or the bytes themselves with a name. At most 25 MB; pdf, xls, xlsx, csv, txt, jpg, jpeg, png, gif.
---@class debitura.File
---@field path? string
---@field data? string # instead of `path`; needs `filename`
---@field filename? string
---@field content_type? string # default: by the name's ending

---@class debitura.SessionOptions
---@field api_key string|debitura.Secret
---@field environment? "production"|"test" # default "production"
---@field base_url? string # instead of the environment's: a sandbox, a proxy; https, or http of this machine
---@field timeout? number # seconds for one attempt; default 60
---@field connect_timeout? number # seconds; default 10
---@field budget? number # seconds for a call with all its attempts and pauses; default 120
---@field attempts? integer # default 3
---@field backoff_base? number # seconds; default 0.5
---@field backoff_cap? number # seconds; default 8
---@field max_response_bytes? integer # default 16 MiB
---@field max_connections? integer # default 64
---@field ca_file? string
---@field ca_path? string
---@field proxy? string
---@field user_agent? string
---@field engine? userdata # to share one between objects
---@field waiter? debitura.Waiter # default: nginx's in nginx, else the process waits
---@field limiter? debitura.Limiter|false # default: one with the documented limits; false: none
---@field logger? debitura.Logger|fun(level: string, line: string) # also `ngx.log`
---@field clock? fun(): number # monotonic seconds
---@field random? fun(): number # from 0 up to 1
---@field on_request? fun(event: debitura.RequestEvent)
---@field on_response? fun(event: debitura.ResponseEvent)
---@field on_retry? fun(event: debitura.RetryEvent)

---@class debitura.PartnerOptions: debitura.SessionOptions
---@field customer_base_url? string # of the Customer API; beside a `base_url`, default `base_url` .. "/customer"

---@class debitura.CallOptions
---@field check? boolean # false leaves out all checks but those of the path
---@field idempotency_key? string # 1 to 255 visible ASCII characters; for operations that take one, default: a random one
---@field timeout? number # seconds for one attempt
---@field budget? number # seconds for the call with all its attempts and pauses
---@field attempts? integer
---@field query? table # query parameters by name, beside a body or a file

---@class debitura.GenericCallOptions: debitura.CallOptions
---@field path? table<string, string|integer> # what fills the `{name}` of a template

---@class debitura.Logger
---@field debug? fun(self: debitura.Logger, line: string)
---@field info fun(self: debitura.Logger, line: string)
---@field warn? fun(self: debitura.Logger, line: string)

---@class debitura.RequestEvent
---@field operation string # such as `clients.create`
---@field attempt integer # from 1
---@field method string
---@field path string # the template

---@class debitura.ResponseEvent: debitura.RequestEvent
---@field status? integer # absent when no answer came
---@field kind? debitura.FailureKind # absent on success
---@field request_id? string
---@field seconds? number
---@field bytes_up? integer # of the body, as it was sent
---@field bytes_down? integer # of the body, as it was sent

---@class debitura.RetryEvent: debitura.RequestEvent
---@field status? integer
---@field kind debitura.FailureKind
---@field pause number # seconds until the next attempt

---@class debitura.Answer
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
---@return debitura.Failure? failure
function Listing:totals() end

---What the objects of both APIs have in common.
---@class debitura.Api
local Api = {}

---Reaches every operation by method and path, also one that this library does not know.
---@param method "GET"|"POST"|"PUT"|"PATCH"|"DELETE"
---@param path string a template such as `/clients/{externalTenantId}`, or a path as it is sent
---@param body? table of POST, PUT and PATCH the body, else the query
---@param options? debitura.GenericCallOptions
---@return any answer
---@return debitura.Failure? failure
---@return debitura.Answer? received
function Api:call(method, path, body, options) end

---@class debitura.Partner
local Partner = {}

---The Customer API for one client. Tokens are minted, kept and renewed as needed.
---@param external_tenant_id string
---@return debitura.Customer
function Partner:customer(external_tenant_id) end

---Short for `clients:create`.
---@param body debitura.CreateClientRequest
---@param options? debitura.CallOptions
---@return debitura.ClientCreatedResponse? answer
---@return debitura.Failure? failure
---@return debitura.Answer? received
function Partner:create_client(body, options) end

---Short for `clients:get`.
---@param externalTenantId string
---@param options? debitura.CallOptions
---@return debitura.ClientCreatedResponse? answer
---@return debitura.Failure? failure
---@return debitura.Answer? received
function Partner:get_client(externalTenantId, options) end

---Short for `tokens:create`.
---@param body debitura.CreateAccessTokenRequest
---@param options? debitura.CallOptions
---@return debitura.AccessTokenResponse? answer
---@return debitura.Failure? failure
---@return debitura.Answer? received
function Partner:create_token(body, options) end

---Short for `webhooks:create`.
---@param body debitura.partner.CreateWebhookRequest
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? answer
---@return debitura.Failure? failure
---@return debitura.Answer? received
function Partner:create_webhook(body, options) end
