---@meta debitura.webhook
-- Deliveries of webhooks. Source: the partner documents and both OpenAPI documents; what none of them states about an event
-- is marked as optional here.

---Every event that can be subscribed to, in either API, with the class of its `data`.
---@alias debitura.EventName
---| "client.link_requested" # ClientEventData: POST /clients answered 409 and opened a link request
---| "client.linked" # ClientEventData: the customer approved
---| "client.link_declined" # ClientEventData: the customer declined
---| "client.link_expired" # ClientEventData: nobody answered in time
---| "client.onboarding.poa_signed" # SigningEventData: a power of attorney was signed
---| "client.onboarding.contract_signed" # SigningEventData: the client is fully onboarded
---| "case.created" # CaseEventData
---| "case.updated" # CaseEventData: the lifecycle changed
---| "case.closed" # CaseEventData
---| "cases.replay_failed" # ReplayFailedEventData: stored cases could not be created after approval
---| "payment.created" # CaseEventData, of the Customer API only
---| "payment.deleted" # CaseEventData, of the Customer API only
---| "chat.created" # CaseEventData, of the Customer API only

---@class debitura.EventCreditor
---@field id string # uuid
---@field companyName? string|debitura.null
---@field registrationNumber? string|debitura.null
---@field countryId? integer|debitura.null
---@field isAttributed? boolean # absent on client.link_declined

---@class debitura.ClientEventData
---@field externalTenantId string
---@field creditor debitura.EventCreditor

---@class debitura.SigningEventData: debitura.ClientEventData
---@field signedAt string # date-time

---@class debitura.CaseEventData
---@field caseId? string # uuid
---@field externalTenantId? string # subscriptions of the Referral Partner API
---@field creditor? debitura.EventCreditor # subscriptions of the Referral Partner API
---@field reference? string|debitura.null
---@field creditorReference? string|debitura.null
---@field status? string # the lifecycle
---@field amount? number
---@field currency? string|debitura.null
---@field debtorName? string|debitura.null
---@field oldLifecycle? string # case.updated
---@field newLifecycle? string # case.updated
---@field closeCode? string|debitura.null # case.closed
---@field closeComment? string|debitura.null # case.closed
---@field classification? "test" # events of test cases

---@class debitura.ReplayFailedEventData: debitura.ClientEventData
---@field failedCases? debitura.CaseCreationFailure[]

---One delivery. The same event may come more than once; its `id` tells.
---@class debitura.Event
---@field id string
---@field specVersion? string # "1.0"; absent in the Customer API's older form
---@field event debitura.EventName
---@field timestamp string # date-time
---@field data debitura.ClientEventData|debitura.SigningEventData|debitura.CaseEventData|debitura.ReplayFailedEventData
---@field links? { client?: string }

---@class debitura.VerifierOptions
---@field secret? string|debitura.Secret # Base64, as Debitura shows it
---@field secrets? (string|debitura.Secret)[] # while one is rotated: the newest first
---@field tolerance? number # seconds that a signature may be old; default 300
---@field skew? number # seconds that it may be ahead; default 30

---@class debitura.Delivery: debitura.VerifierOptions
---@field body string # the raw body of the request, not decoded and encoded again
---@field signature? string # the header X-Debitura-Signature
---@field now? number # Unix seconds; default: the machine's clock

---@class debitura.Verifier
local verifier = {}

---Verifies and parses one delivery. A failure is `unauthorized`, its `type` the reason, or `malformed`.
---@param body string the raw body of the request
---@param signature? string the header X-Debitura-Signature
---@param now? number Unix seconds
---@return debitura.Event? event
---@return debitura.Failure? failure
function verifier:verify(body, signature, now) end

local webhook = {}

---Prepares secrets once, for many deliveries.
---@param options debitura.VerifierOptions
---@return debitura.Verifier
function webhook.verifier(options) end

---Verifies and parses one delivery. A failure is `unauthorized`, its `type` the reason, or `malformed`.
---@param delivery debitura.Delivery
---@return debitura.Event? event
---@return debitura.Failure? failure
function webhook.verify(delivery) end

return webhook
