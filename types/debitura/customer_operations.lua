---@meta
-- The operations of the Customer API.
-- Made by scripts/generate.lua from lua/debitura; not to be edited.

---@class debitura.Customer.cases.list.Query
---@field Page? integer # at least 1
---@field PageSize? integer # 1 to 100; default 10
---@field DebtorIds? string[] # uuid
---@field Ids? string[] # uuid
---@field Statuses? (string|"PendingContractSigning"|"PendingVerificationInternal"|"PendingVerification"|"NeedsAdditionalDetails"|"Leads"|"LeadsQuoteGiven"|"Active"|"Paused"|"Closed"|"Merged")[]
---@field DivisionIds? string[] # uuid
---@field Sort? string # Field[:asc|desc], several with commas; an unknown field is ignored by the service

---@class debitura.Customer.cases.list.Listing: debitura.Listing
---@field each fun(self: debitura.Listing): fun(): debitura.customer.InvoiceDto # raises the failure when a page cannot be had
---@field next fun(self: debitura.Listing): debitura.customer.InvoiceDto?, debitura.Failure?
---@field all fun(self: debitura.Listing, limit?: integer): debitura.customer.InvoiceDto[]?, debitura.Failure?
---@field page fun(self: debitura.Listing, number: integer): debitura.InvoiceListDto?, debitura.Failure?, debitura.Response?

---@class debitura.Customer.cases.upload_file.Form
---@field Description? string
---@field DocumentType? "OriginalInvoice"|"DebtorDocuments"|"CreditorDocuments"|"PartnerDocuments"|"DemandLetter"|"Miscellaneous" # default OriginalInvoice
---@field File string|debitura.File

---@class debitura.Customer.cases.tasks.Query
---@field status? "Open"|"Solved" # default Open
---@field type? string[]

---@class debitura.Customer.coverage.search.Query
---@field q? string

---@class debitura.Customer.coverage.search_colon.Query
---@field q? string

---@class debitura.Customer.divisions.list.Query
---@field page? integer # at least 1; default 1
---@field pageSize? integer # at least 1; default 10
---@field includeArchived? boolean # default false

---@class debitura.Customer.divisions.list.Listing: debitura.Listing
---@field each fun(self: debitura.Listing): fun(): debitura.DivisionDto # raises the failure when a page cannot be had
---@field next fun(self: debitura.Listing): debitura.DivisionDto?, debitura.Failure?
---@field all fun(self: debitura.Listing, limit?: integer): debitura.DivisionDto[]?, debitura.Failure?
---@field page fun(self: debitura.Listing, number: integer): debitura.DivisionListDto?, debitura.Failure?, debitura.Response?

---@class debitura.Customer.payments.list.Query
---@field Page? integer # at least 1; default 1
---@field PageSize? integer # 1 to 100; default 10

---@class debitura.Customer.payments.list.Listing: debitura.Listing
---@field each fun(self: debitura.Listing): fun(): debitura.PaymentDto # raises the failure when a page cannot be had
---@field next fun(self: debitura.Listing): debitura.PaymentDto?, debitura.Failure?
---@field all fun(self: debitura.Listing, limit?: integer): debitura.PaymentDto[]?, debitura.Failure?
---@field page fun(self: debitura.Listing, number: integer): debitura.PaymentListApiDTO?, debitura.Failure?, debitura.Response?

---@class debitura.Customer.tasks.list.Query
---@field status? "Open"|"Solved" # default Open
---@field type? string[]
---@field Page? integer # at least 1; default 1
---@field PageSize? integer # 1 to 100; default 10

---@class debitura.Customer.tasks.list.Listing: debitura.Listing
---@field each fun(self: debitura.Listing): fun(): debitura.TaskDto # raises the failure when a page cannot be had
---@field next fun(self: debitura.Listing): debitura.TaskDto?, debitura.Failure?
---@field all fun(self: debitura.Listing, limit?: integer): debitura.TaskDto[]?, debitura.Failure?
---@field page fun(self: debitura.Listing, number: integer): debitura.TaskListDto?, debitura.Failure?, debitura.Response?

---@class debitura.Customer.test.delete_all.Query
---@field tag string # not empty; required by the text, not by the schema

---@class debitura.Customer.users.list.Query
---@field Page? integer # at least 1; default 1
---@field PageSize? integer # 1 to 100; default 50

---@class debitura.Customer.users.list.Listing: debitura.Listing
---@field each fun(self: debitura.Listing): fun(): debitura.CollectionPartnerUserDto # raises the failure when a page cannot be had
---@field next fun(self: debitura.Listing): debitura.CollectionPartnerUserDto?, debitura.Failure?
---@field all fun(self: debitura.Listing, limit?: integer): debitura.CollectionPartnerUserDto[]?, debitura.Failure?
---@field page fun(self: debitura.Listing, number: integer): debitura.UserListDto?, debitura.Failure?, debitura.Response?

---@class debitura.Customer.webhooks.events.Query
---@field caseId string # uuid; required by the text, not by the schema
---@field since? string # date-time

---@class debitura.Customer.cases
local cases = {}

---Submits a case; the response may still wait for signatures when allowPendingContracts was set.
---
---`POST /cases` of the Customer API, retry class `keyed`.
---@param body debitura.CreateCollectionCaseRequestApiViewModel
---@param options? debitura.CallOptions
---@return debitura.customer.InvoiceDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:create(body, options) end

---Lists the cases of the account.
---
---`GET /cases` of the Customer API, retry class `safe`.
---@param query? debitura.Customer.cases.list.Query
---@param options? debitura.CallOptions
---@return debitura.Customer.cases.list.Listing
function cases:list(query, options) end

---Prices a case and lists what has to be done first, without creating it.
---
---`POST /cases/preview` of the Customer API, retry class `safe`.
---@param body debitura.PreviewCaseRequestApiViewModel
---@param options? debitura.CallOptions
---@return debitura.PreviewCaseResponseApiViewModel? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:preview(body, options) end

---Reads one case.
---
---`GET /cases/{id}` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.customer.InvoiceDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:get(id, options) end

---Reads the case that has this reference of the creditor's own.
---
---`GET /cases/by-creditor-reference/{creditorReference}` of the Customer API, retry class `safe`.
---@param creditorReference string
---@param options? debitura.CallOptions
---@return debitura.customer.InvoiceDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:by_creditor_reference(creditorReference, options) end

---Tells which signatures keep a case waiting.
---
---`GET /cases/{id}/contract-status` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.CaseContractStatusApiDTO? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:contract_status(id, options) end

---Reads the case that has this reference of Debitura's.
---
---`GET /cases/case-reference/{caseReference}` of the Customer API, retry class `safe`.
---@param caseReference string
---@param options? debitura.CallOptions
---@return debitura.customer.InvoiceDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:by_reference(caseReference, options) end

---Lists what has happened to a case, oldest first.
---
---`GET /cases/{id}/timeline` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.CaseTimelineResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:timeline(id, options) end

---Lists the messages of a case.
---
---`GET /cases/{id}/chats` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.ChatDto[]? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:chats(id, options) end

---Sends a message to the collection partner, who is mailed.
---
---`POST /cases/{id}/chats` of the Customer API, retry class `never`.
---@param id string
---@param body debitura.SendChatRequest
---@param options? debitura.CallOptions
---@return debitura.ChatDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:send_chat(id, body, options) end

---Lists the payments of a case.
---
---`GET /cases/{id}/payments` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.PaymentDto[]? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:payments(id, options) end

---Uploads a file to a case.
---
---`POST /cases/{id}/files` of the Customer API, retry class `never`.
---@param id string
---@param form string|debitura.File|debitura.Customer.cases.upload_file.Form
---@param options? debitura.CallOptions
---@return debitura.CaseFileDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:upload_file(id, form, options) end

---Lists the files of a case.
---
---`GET /cases/{id}/files` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.CaseFileDto[]? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:files(id, options) end

---Lists the requests for quotes about a case.
---
---`GET /cases/{id}/quote-requests` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.LeadListDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:quote_requests(id, options) end

---Reads one request for quotes.
---
---`GET /cases/{id}/quote-requests/{quoteRequestId}` of the Customer API, retry class `safe`.
---@param id string
---@param quoteRequestId string
---@param options? debitura.CallOptions
---@return debitura.LeadDetailDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:quote_request(id, quoteRequestId, options) end

---Lists the quotes given to a request.
---
---`GET /cases/{id}/quote-requests/{quoteRequestId}/quotes` of the Customer API, retry class `safe`.
---@param id string
---@param quoteRequestId string
---@param options? debitura.CallOptions
---@return debitura.LeadQuoteListDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:quotes(id, quoteRequestId, options) end

---Reads one quote with its pricing; no operation accepts one.
---
---`GET /cases/{id}/quote-requests/{quoteRequestId}/quotes/{quoteId}` of the Customer API, retry class `safe`.
---@param id string
---@param quoteRequestId string
---@param quoteId string
---@param options? debitura.CallOptions
---@return debitura.LeadQuoteDetailDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:quote(id, quoteRequestId, quoteId, options) end

---Reads the collection partner's exclusive period; 404 when the case has none.
---
---`GET /cases/{id}/exclusive-period` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.ExclusivePeriodDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:exclusive_period(id, options) end

---Tells which information a case still needs.
---
---`GET /cases/{id}/validation` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.CaseValidationStatusDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:validation(id, options) end

---Lists what the creditor has to do for a case.
---
---`GET /cases/{id}/tasks` of the Customer API, retry class `safe`.
---@param id string
---@param query? debitura.Customer.cases.tasks.Query
---@param options? debitura.CallOptions
---@return debitura.TaskDto[]? data
---@return debitura.Failure? err
---@return debitura.Response? response
function cases:tasks(id, query, options) end

---@class debitura.Customer.contracts
local contracts = {}

---Tells whether the debt collection agreement is signed and current.
---
---`GET /contracts/debt-collection/status` of the Customer API, retry class `safe`.
---@param options? debitura.CallOptions
---@return debitura.CollectionContractStatusApiDTO? data
---@return debitura.Failure? err
---@return debitura.Response? response
function contracts:status(options) end

---@class debitura.Customer.coverage
local coverage = {}

---Lists every jurisdiction served, with the creditor's power of attorney for each partner.
---
---`GET /coverage` of the Customer API, retry class `safe`.
---@param options? debitura.CallOptions
---@return debitura.customer.CoverageItemApiDTO[]? data
---@return debitura.Failure? err
---@return debitura.Response? response
function coverage:list(options) end

---Reads one jurisdiction.
---
---`GET /coverage/{id}` of the Customer API, retry class `safe`.
---@param id integer
---@param options? debitura.CallOptions
---@return debitura.customer.CoverageItemApiDTO? data
---@return debitura.Failure? err
---@return debitura.Response? response
function coverage:get(id, options) end

---Finds one jurisdiction by text; coverage.check_eligibility replaces it.
---
---`GET /coverage/search` of the Customer API, retry class `safe`.
---@param query? debitura.Customer.coverage.search.Query
---@param options? debitura.CallOptions
---@return debitura.customer.CoverageItemApiDTO? data
---@return debitura.Failure? err
---@return debitura.Response? response
---@deprecated
function coverage:search(query, options) end

---The same as coverage.search.
---
---`GET /coverage/:search` of the Customer API, retry class `safe`.
---@param query? debitura.Customer.coverage.search_colon.Query
---@param options? debitura.CallOptions
---@return debitura.customer.CoverageItemApiDTO? data
---@return debitura.Failure? err
---@return debitura.Response? response
---@deprecated
function coverage:search_colon(query, options) end

---Tells whether a case could be taken, and by whom.
---
---`POST /coverage/check-eligibility` of the Customer API, retry class `safe`.
---@param body debitura.CaseEligibilityRequestApiDTO
---@param options? debitura.CallOptions
---@return debitura.CaseEligibilityResponseApiDTO? data
---@return debitura.Failure? err
---@return debitura.Response? response
function coverage:check_eligibility(body, options) end

---@class debitura.Customer.divisions
local divisions = {}

---Creates a business unit of the creditor.
---
---`POST /divisions` of the Customer API, retry class `keyed`.
---@param body debitura.CreateDivisionRequestDto
---@param options? debitura.CallOptions
---@return debitura.DivisionDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function divisions:create(body, options) end

---Lists the divisions.
---
---`GET /divisions` of the Customer API, retry class `safe`.
---@param query? debitura.Customer.divisions.list.Query
---@param options? debitura.CallOptions
---@return debitura.Customer.divisions.list.Listing
function divisions:list(query, options) end

---Reads one division.
---
---`GET /divisions/{id}` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.DivisionDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function divisions:get(id, options) end

---Replaces a division; optional fields left out are cleared.
---
---`PUT /divisions/{id}` of the Customer API, retry class `idempotent`.
---@param id string
---@param body debitura.UpdateDivisionRequestDto
---@param options? debitura.CallOptions
---@return debitura.DivisionDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function divisions:update(id, body, options) end

---Deletes a division that no active case points at.
---
---`DELETE /divisions/{id}` of the Customer API, retry class `idempotent`.
---@param id string
---@param options? debitura.CallOptions
---@return true? data
---@return debitura.Failure? err
---@return debitura.Response? response
function divisions:delete(id, options) end

---Archives a division for good; its cases keep it.
---
---`POST /divisions/{id}/archive` of the Customer API, retry class `never`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.DivisionDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function divisions:archive(id, options) end

---The same as divisions.archive.
---
---`POST /divisions/{id}:archive` of the Customer API, retry class `never`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.DivisionDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function divisions:archive_colon(id, options) end

---@class debitura.Customer.payments
local payments = {}

---Lists the payments of all cases.
---
---`GET /Payments` of the Customer API, retry class `safe`.
---@param query? debitura.Customer.payments.list.Query
---@param options? debitura.CallOptions
---@return debitura.Customer.payments.list.Listing
function payments:list(query, options) end

---Reads one payment.
---
---`GET /Payments/{id}` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.PaymentDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function payments:get(id, options) end

---@class debitura.Customer.tasks
local tasks = {}

---Lists what the creditor has to do; a task goes by itself once its cause is gone.
---
---`GET /tasks` of the Customer API, retry class `safe`.
---@param query? debitura.Customer.tasks.list.Query
---@param options? debitura.CallOptions
---@return debitura.Customer.tasks.list.Listing
function tasks:list(query, options) end

---@class debitura.Customer.test
local test = {}

---Moves a test case on to Active, Closed:Paid or Closed:NoPayment.
---
---`POST /test/cases/{id}/advance` of the Customer API, retry class `idempotent`. Test environment only.
---@param id string
---@param body debitura.AdvanceTestCaseRequest
---@param options? debitura.CallOptions
---@return debitura.AdvanceTestCaseResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function test:advance(id, body, options) end

---Deletes a test case and all that belongs to it.
---
---`DELETE /test/cases/{id}` of the Customer API, retry class `idempotent`. Test environment only.
---@param id string
---@param options? debitura.CallOptions
---@return true? data
---@return debitura.Failure? err
---@return debitura.Response? response
function test:delete(id, options) end

---Deletes the test cases with a tag.
---
---`DELETE /test/cases` of the Customer API, retry class `idempotent`. Test environment only.
---@param query? debitura.Customer.test.delete_all.Query
---@param options? debitura.CallOptions
---@return true? data
---@return debitura.Failure? err
---@return debitura.Response? response
function test:delete_all(query, options) end

---Queues an event about the present state of a test case.
---
---`POST /test/webhooks/fire` of the Customer API, retry class `never`. Test environment only.
---@param body debitura.FireWebhookRequest
---@param options? debitura.CallOptions
---@return debitura.FireWebhookResponse? data
---@return debitura.Failure? err
---@return debitura.Response? response
function test:fire_webhook(body, options) end

---@class debitura.Customer.users
local users = {}

---Lists the team members, who may send chats.
---
---`GET /users` of the Customer API, retry class `safe`.
---@param query? debitura.Customer.users.list.Query
---@param options? debitura.CallOptions
---@return debitura.Customer.users.list.Listing
function users:list(query, options) end

---@class debitura.Customer.webhooks
local webhooks = {}

---Lists the events of a case that were sent to the account's subscriptions, newest first.
---
---`GET /webhooks/events` of the Customer API, retry class `safe`.
---@param query? debitura.Customer.webhooks.events.Query
---@param options? debitura.CallOptions
---@return debitura.WebhookEventDto[]? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:events(query, options) end

---Delivers one event again, with the header X-Debitura-Replay.
---
---`POST /webhooks/events/{id}/replay` of the Customer API, retry class `never`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.ReplayEventResultDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:replay(id, options) end

---Subscribes a URL to events; the response holds the secret, this once.
---
---`POST /webhooks` of the Customer API, retry class `never`.
---@param body debitura.customer.CreateWebhookRequest
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:create(body, options) end

---Lists the webhook subscriptions, without their secrets.
---
---`GET /webhooks` of the Customer API, retry class `safe`.
---@param options? debitura.CallOptions
---@return debitura.WebhookDto[]? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:list(options) end

---Reads one subscription, without its secret.
---
---`GET /webhooks/{id}` of the Customer API, retry class `safe`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:get(id, options) end

---Changes what the body names; the events of a subscription are fixed at its creation.
---
---`PATCH /webhooks/{id}` of the Customer API, retry class `idempotent`.
---@param id string
---@param body debitura.UpdateWebhookRequest
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:update(id, body, options) end

---Deletes a subscription for good.
---
---`DELETE /webhooks/{id}` of the Customer API, retry class `idempotent`.
---@param id string
---@param options? debitura.CallOptions
---@return true? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:delete(id, options) end

---Sends a synthetic case.created to a subscription and tells what its receiver answered.
---
---`POST /webhooks/{id}/test` of the Customer API, retry class `never`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.TestResultDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:test(id, options) end

---The same as webhooks.test.
---
---`POST /webhooks/{id}:test` of the Customer API, retry class `never`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.TestResultDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:test_colon(id, options) end

---Counts the cases created since a time and delivers nothing; webhooks.replay replaces it.
---
---`POST /webhooks/{id}/replay` of the Customer API, retry class `never`.
---@param id string
---@param body debitura.ReplayRequestDto
---@param options? debitura.CallOptions
---@return debitura.ReplayResultDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
---@deprecated
function webhooks:replay_since(id, body, options) end

---The same as webhooks.replay_since.
---
---`POST /webhooks/{id}:replay` of the Customer API, retry class `never`.
---@param id string
---@param body debitura.ReplayRequestDto
---@param options? debitura.CallOptions
---@return debitura.ReplayResultDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
---@deprecated
function webhooks:replay_since_colon(id, body, options) end

---Gives a subscription a new secret; the response holds it, this once.
---
---`PATCH /webhooks/{id}` of the Customer API, retry class `idempotent`.
---@param id string
---@param options? debitura.CallOptions
---@return debitura.WebhookDto? data
---@return debitura.Failure? err
---@return debitura.Response? response
function webhooks:rotate_secret(id, options) end

---@class debitura.Customer: debitura.Api
---@field cases debitura.Customer.cases
---@field contracts debitura.Customer.contracts
---@field coverage debitura.Customer.coverage
---@field divisions debitura.Customer.divisions
---@field payments debitura.Customer.payments
---@field tasks debitura.Customer.tasks
---@field test debitura.Customer.test
---@field users debitura.Customer.users
---@field webhooks debitura.Customer.webhooks
local object = {}

---Reads the creditor behind the credential.
---
---`GET /me` of the Customer API, retry class `safe`.
---@param options? debitura.CallOptions
---@return debitura.CreditorMeApiDTO? data
---@return debitura.Failure? err
---@return debitura.Response? response
function object:me(options) end
