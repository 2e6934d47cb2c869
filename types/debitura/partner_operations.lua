---@meta
-- The operations of the Referral Partner API.
-- Made by scripts/generate.lua from lua/debitura; not to be edited.

---@class debitura.Partner.cases.list.Query
---@field FromDate? string # date-time
---@field ToDate? string # date-time
---@field ExternalTenantId? string
---@field Statuses? (string|"Pending contract signing"|"Pending Verification Internal"|"Pending Verification"|"More Info Required"|"Collecting Quotes"|"Pending Quote Selection"|"Active"|"Paused"|"Closed")[]
---@field Query? string # case reference, creditor reference, debtor's name
---@field Page? integer # at least 1
---@field PageSize? integer # 1 to 100; default 10
---@field CountryIds? integer[] # of the debtor; ids come from filter_options
---@field CollectionPartnerIds? string[] # uuid
---@field Sort? "DateCreated"|"DateCreated:asc"|"DateCreated:desc"|"GrossAmount"|"GrossAmount:asc"|"GrossAmount:desc"|"DueDate"|"DueDate:asc"|"DueDate:desc"

---@class debitura.Partner.cases.list.Listing: debitura.Listing
---@field each fun(self: debitura.Listing): fun(): debitura.CaseItem # raises the failure when a page cannot be had
---@field next fun(self: debitura.Listing): debitura.CaseItem?, debitura.Failure?
---@field all fun(self: debitura.Listing, limit?: integer): debitura.CaseItem[]?, debitura.Failure?
---@field page fun(self: debitura.Listing, number: integer): debitura.GetCasesResponse?, debitura.Failure?, debitura.Response?
---@field summary fun(self: debitura.Listing): debitura.CasesSummary?, debitura.Failure?

---@class debitura.Partner.cases.upload_file.Form
---@field file string|debitura.File

---@class debitura.Partner.cases.upload_file.Query
---@field sendChatNotification? boolean # default true; a message in the case's chat

---@class debitura.Partner.cases.upload_file.Options: debitura.CallOptions
---@field query? debitura.Partner.cases.upload_file.Query

---@class debitura.Partner.clients.list.Query
---@field Page? integer # at least 1; default 1
---@field PageSize? integer # 1 to 100; default 50
---@field Query? string # company name, office e-mail, registration number
---@field ExternalTenantId? string
---@field IsAttributedClient? boolean
---@field DateCreatedFrom? string # date-time
---@field DateCreatedTo? string # date-time
---@field OnboardingDone? boolean
---@field Sort? "dateCreated"|"dateCreated:asc"|"dateCreated:desc"|"name"|"name:asc"|"name:desc"

---@class debitura.Partner.clients.list.Listing: debitura.Listing
---@field each fun(self: debitura.Listing): fun(): debitura.ClientCreatedResponse # raises the failure when a page cannot be had
---@field next fun(self: debitura.Listing): debitura.ClientCreatedResponse?, debitura.Failure?
---@field all fun(self: debitura.Listing, limit?: integer): debitura.ClientCreatedResponse[]?, debitura.Failure?
---@field page fun(self: debitura.Listing, number: integer): debitura.GetClientsResponse?, debitura.Failure?, debitura.Response?
---@field summary fun(self: debitura.Listing): debitura.ClientsSummary?, debitura.Failure?

---@class debitura.Partner.clients.submit_kyc.Query
---@field sendChatNotification? boolean # default true; a message in the chats of the client's active cases

---@class debitura.Partner.clients.submit_kyc.Options: debitura.CallOptions
---@field query? debitura.Partner.clients.submit_kyc.Query

---@class debitura.Partner.reporting.transactions.Query
---@field FromDate? string # date-time
---@field ToDate? string # date-time
---@field ExternalTenantId? string
---@field HasRecognizedRevenue? boolean
---@field CommissionPaymentStatuses? debitura.PayoutCommissionPaymentStatus[]
---@field PlatformInvoicingStatuses? debitura.PlatformInvoicingStatus[]
---@field ReferralInvoicingStatuses? debitura.ReferralInvoicingStatus[]
---@field RevenueStages? debitura.TransactionRevenueStage[] # narrows the rows, never the summary
---@field Search? string # ignored below 2 characters
---@field Page? integer # at least 1
---@field PageSize? integer # 1 to 100; default 10
---@field CountryIds? integer[]
---@field CollectionPartnerIds? string[] # uuid
---@field Sort? "collectionDate"|"collectionDate:asc"|"collectionDate:desc"|"amount"|"amount:asc"|"amount:desc"

---@class debitura.Partner.reporting.transactions.Listing: debitura.Listing
---@field each fun(self: debitura.Listing): fun(): debitura.TransactionItem # raises the failure when a page cannot be had
---@field next fun(self: debitura.Listing): debitura.TransactionItem?, debitura.Failure?
---@field all fun(self: debitura.Listing, limit?: integer): debitura.TransactionItem[]?, debitura.Failure?
---@field page fun(self: debitura.Listing, number: integer): debitura.TransactionsResponse?, debitura.Failure?, debitura.Response?
---@field summary fun(self: debitura.Listing): debitura.TransactionsSummary?, debitura.Failure?

---@class debitura.Partner.cases
local cases = {}

---Lists the cases of all clients linked to the partner.
---
---`GET /cases` of the Referral Partner API, retry class `safe`.
---@param query? debitura.Partner.cases.list.Query
---@param options? debitura.CallOptions
---@return debitura.Partner.cases.list.Listing
function cases:list(query, options) end

---Reads one case, with what the partner earns if all is collected.
---
---`GET /cases/{id}` of the Referral Partner API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.GetCaseDetailResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:get(id, options) end

---Uploads a file to a case of one of the partner's clients.
---
---`POST /cases/{caseId}/files` of the Referral Partner API, retry class `keyed`.
---@param caseId string
---@param form string|debitura.File|debitura.Partner.cases.upload_file.Form
---@param options? debitura.Partner.cases.upload_file.Options
---@return true? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:upload_file(caseId, form, options) end

---Prices a case without creating it.
---
---`POST /cases/preview` of the Referral Partner API, retry class `safe`.
---@param body debitura.PreviewCaseRequestApiViewModel
---@param options? debitura.CallOptions
---@return debitura.ReferralPartnerPreviewCaseResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:preview(body, options) end

---@class debitura.Partner.clients
local clients = {}

---Creates a client, or reports the known one; the same call on the same externalTenantId renews an approval URL.
---
---`POST /clients` of the Referral Partner API, retry class `idempotent`.
---@param body debitura.CreateClientRequest
---@param options? debitura.CallOptions
---@return debitura.ClientCreatedResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function clients:create(body, options) end

---Lists the clients with an active link; pending link requests are not among them.
---
---`GET /clients` of the Referral Partner API, retry class `safe`.
---@param query? debitura.Partner.clients.list.Query
---@param options? debitura.CallOptions
---@return debitura.Partner.clients.list.Listing
function clients:list(query, options) end

---Reads one client; 404 as long as its link is not active.
---
---`GET /clients/{externalTenantId}` of the Referral Partner API, retry class `safe`.
---@param externalTenantId string
---@param options? debitura.CallOptions
---@return debitura.ClientCreatedResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function clients:get(externalTenantId, options) end

---Deletes a client with all its cases and frees its e-mail addresses.
---
---`DELETE /clients/{externalTenantId}` of the Referral Partner API, retry class `idempotent`. Test environment only.
---@param externalTenantId string
---@param options? debitura.CallOptions
---@return true? data
---@return debitura.Failure? err
---@return debitura.Response? response
function clients:delete(externalTenantId, options) end

---Tells whether a client can be deleted, and what stands in the way.
---
---`GET /clients/{externalTenantId}/is-deletable` of the Referral Partner API, retry class `safe`. Test environment only.
---@param externalTenantId string
---@param options? debitura.CallOptions
---@return debitura.ClientDeletableResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function clients:is_deletable(externalTenantId, options) end

---Withdraws a client that never finished onboarding and closes its pending cases.
---
---`POST /clients/{externalTenantId}/withdraw` of the Referral Partner API, retry class `idempotent`.
---@param externalTenantId string
---@param options? debitura.CallOptions
---@return true? data
---@return debitura.Failure? err
---@return debitura.Response? response
function clients:withdraw(externalTenantId, options) end

---Submits the director's identity; the newest submission counts.
---
---`POST /clients/{externalTenantId}/kyc-verification` of the Referral Partner API, retry class `keyed`.
---@param externalTenantId string
---@param body debitura.SubmitKycVerificationRequest
---@param options? debitura.Partner.clients.submit_kyc.Options
---@return debitura.KycVerificationDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function clients:submit_kyc(externalTenantId, body, options) end

---@class debitura.Partner.coverage
local coverage = {}

---Lists every jurisdiction served, with its partners and their conditions.
---
---`GET /coverage` of the Referral Partner API, retry class `safe`.
---@param options? debitura.CallOptions
---@return debitura.partner.CoverageItemApiDTO[]? data
---@return debitura.Failure? err
---@return debitura.Response? response
function coverage:list(options) end

---@class debitura.Partner.tokens
local tokens = {}

---Mints a token of 30 minutes for the Customer API, for one client that is onboarded.
---
---`POST /oauth/token` of the Referral Partner API, retry class `idempotent`.
---@param body debitura.CreateAccessTokenRequest
---@param options? debitura.CallOptions
---@return debitura.AccessTokenResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function tokens:create(body, options) end

---@class debitura.Partner.reporting
local reporting = {}

---Lists the partner's earnings by payment, over all its clients.
---
---`GET /reporting/transactions` of the Referral Partner API, retry class `safe`.
---@param query? debitura.Partner.reporting.transactions.Query
---@param options? debitura.CallOptions
---@return debitura.Partner.reporting.transactions.Listing
function reporting:transactions(query, options) end

---@class debitura.Partner.webhooks
local webhooks = {}

---Lists the webhook subscriptions, without their secrets.
---
---`GET /v1/Webhooks` of the Referral Partner API, retry class `safe`.
---@param options? debitura.CallOptions
---@return debitura.WebhookDto[]? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:list(options) end

---Subscribes a URL to events; the response holds the secret, this once.
---
---`POST /v1/Webhooks` of the Referral Partner API, retry class `never`.
---@param body debitura.partner.CreateWebhookRequest
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:create(body, options) end

---Reads one subscription, without its secret.
---
---`GET /v1/Webhooks/{id}` of the Referral Partner API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:get(id, options) end

---Changes what the body names; isActive = true wakes a disabled subscription.
---
---`PUT /v1/Webhooks/{id}` of the Referral Partner API, retry class `idempotent`.
---@param id string
---@param body debitura.UpdateWebhookRequest
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:update(id, body, options) end

---Deletes a subscription and its history for good.
---
---`DELETE /v1/Webhooks/{id}` of the Referral Partner API, retry class `idempotent`.
---@param id string
---@param options? debitura.CallOptions
---@return true? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:delete(id, options) end

---Queues a signed test event about a real case or client.
---
---`POST /v1/Webhooks/test` of the Referral Partner API, retry class `never`. Test environment only.
---@param body debitura.TriggerTestWebhookRequest
---@param options? debitura.CallOptions
---@return debitura.TriggerTestWebhookResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:test(body, options) end

---Gives a subscription a new secret; the response holds it, this once.
---
---`PUT /v1/Webhooks/{id}` of the Referral Partner API, retry class `idempotent`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:rotate_secret(id, options) end

---@class debitura.Partner: debitura.Api
---@field cases debitura.Partner.cases
---@field clients debitura.Partner.clients
---@field coverage debitura.Partner.coverage
---@field tokens debitura.Partner.tokens
---@field reporting debitura.Partner.reporting
---@field webhooks debitura.Partner.webhooks
local object = {}

---Lists the ids that CountryIds and CollectionPartnerIds take.
---
---`GET /referral-partner/filter-options` of the Referral Partner API, retry class `safe`.
---@param options? debitura.CallOptions
---@return debitura.GetFilterOptionsResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function object:filter_options(options) end

---Reads the partner behind the key.
---
---`GET /me` of the Referral Partner API, retry class `safe`.
---@param options? debitura.CallOptions
---@return debitura.ReferralPartnerResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function object:me(options) end
