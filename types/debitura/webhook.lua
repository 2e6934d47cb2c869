---@meta debitura.webhook
-- Deliveries of webhooks. Source: the partner documents and both OpenAPI documents; what none of them states about an event
-- is marked as optional here.

---Every event that can be subscribed to, in either API, with the class of its `data`.
---@alias debitura.EventName
---| "client.link_requested" # ClientEventData: POST /clients answered 409 and opened a link request
---| "client.linked" # ClientEventData: the customer approved
---| "client.link_declined" # ClientEventData: the customer declined
---| "client.link_expired" # ClientEventData: the customer did not answer in time
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

---@class debitura.ReceiverOptions
---@field store debitura.Store
---@field secret? string|debitura.Secret|false|fun(headers: table<string, string>, subscription?: string): string|debitura.Secret|(string|debitura.Secret)[]|nil
---@field secrets? (string|debitura.Secret)[] # the newest first
---@field on? table<debitura.EventName|"*", fun(event: debitura.Event, context: debitura.EventContext): any, any>
---@field tolerance? number # seconds that a signature may be old; default 300
---@field skew? number # seconds that it may be ahead; default 30
---@field accept_late? number # seconds up to which an older signature passes when its event was never seen; default 0
---@field max_body? integer # bytes of a delivery that is kept; default 8 MiB
---@field max_event? integer # bytes of a body that handlers are given; default 1 MiB
---@field tenant? fun(event: debitura.Event): string? # whose events are processed one after the other
---@field clock? fun(): number # Unix seconds
---@field logger? any # as debitura.partner takes it

---What a handler is told beside the event.
---@class debitura.EventContext
---@field attempt integer # how often the event was handed out, this time included
---@field received_at number # Unix seconds
---@field replay boolean # whether it was sent as one
---@field blank? boolean # set to true: the event's body is not kept when it is done
---@field tenant? string

---@class debitura.Receiver
local receiver = {}

---Verifies a delivery, keeps its event in the inbox and acknowledges it.
---@param delivery { method: string, headers: table<string, string|string[]>, body: string, subscription?: string }
---@return integer status
---@return string body
---@return table<string, string> headers
function receiver:handle(delivery) end

---Hands the events of the inbox to the handlers.
---@param options? { batch?: integer, once?: boolean, at_once?: integer, lease?: number, attempts?: integer, idle?: number, stop?: fun(): boolean }
---@return table<string, integer>? counts
---@return debitura.Failure? failure
function receiver:work(options) end

---Makes a receiver, which keeps deliveries in an inbox before it acknowledges them, and works them off.
---@param options debitura.ReceiverOptions
---@return debitura.Receiver
function webhook.receiver(options) end

---@class debitura.EnsureOptions
---@field url string # https
---@field events debitura.EventName[]
---@field keep fun(secret: string, id: string): any, any # keeps the secret that is shown once
---@field known? fun(id: string): boolean # whether the secret of this subscription was kept
---@field rotate? boolean # another secret
---@field test? boolean # test events only
---@field store? debitura.Store # processes that share it take turns
---@field dry_run? boolean # changes nothing, and tells what would be done

---Sees to it that Debitura sends events to a URL. Called again it changes nothing.
---@param partner debitura.Partner
---@param options debitura.EnsureOptions
---@return debitura.WebhookDto? subscription
---@return { created?: boolean, updated?: boolean, enabled?: boolean, rotated?: boolean, disabled_reason?: string }|debitura.Failure report
function webhook.ensure(partner, options) end

---Makes a sample event, for tests.
---@param name debitura.EventName
---@param changes? table fields to set
---@return debitura.Event event
---@return string body its JSON
function webhook.example(name, changes) end

---Signs a body as Debitura does, for tests.
---@param body string
---@param secret string|debitura.Secret Base64
---@param time? number Unix seconds; default: now
---@return string header the value of X-Debitura-Signature
function webhook.sign(body, secret, time) end

return webhook
