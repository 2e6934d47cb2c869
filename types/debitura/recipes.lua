---@meta debitura.recipes
-- The recipes. lua/debitura/recipes/link.lua, case.lua and signing.lua hold the states, docs/machines.md shows them.

---@alias debitura.LinkState
---| "requesting"
---| "pending"
---| "expired"
---| "linked"
---| "incomplete"
---| "carried"
---| "onboarding"
---| "onboarded"
---| "declined"
---| "refused"
---| "rejected"
---| "exhausted"
---| "closed"
---| "gone"
---| "forgotten"

---@alias debitura.CaseState
---| "awaited"
---| "failed"
---| "replaced"
---| "submitting"
---| "parked"
---| "created"
---| "unsupported"
---| "blocked"
---| "rejected"
---| "withdrawn"
---| "forgotten"

---What a function of the platform is given of a case that cannot be taken.
---@class debitura.CaseTrouble
---@field key string # the same whenever it is called again for this
---@field tenant string
---@field creditor_reference string
---@field reason string
---@field detail? string # Debitura's own sentence
---@field payload debitura.CreateCollectionCaseRequestApiViewModel

---@class debitura.Change
---@field key string # the same whenever it is told again
---@field tenant string
---@field kind string
---@field name string
---@field generation integer
---@field event string
---@field from? string
---@field to string
---@field at number

---@class debitura.Delivery
---@field state "delivered"|"waiting"|"given up"
---@field why? string

---@class debitura.RecipeOptions
---@field partner debitura.Partner
---@field store debitura.Store
---@field clock fun(): number # Unix seconds
---@field channels? debitura.Channel[]
---@field return_url? string|fun(external_tenant_id: string): string? # where hosted pages send the customer afterwards
---@field window_days? number # 7; the partner's setting at Debitura, 1 to 30
---@field reminders? number[] # { 0.5, -86400 }: parts of the window, or seconds before its end
---@field follow_after? number # seconds that the webhooks of carried cases have before they are asked for, 3600
---@field lease? number # seconds, 600
---@field logger? table|fun(level: string, line: string) # is warned of settings that differ from Debitura's
---@field max_generations? integer # 3: how many URLs a customer is sent for one request of the platform
---@field pauses? number[] # { 0, 86400 }: seconds before the second, the third … generation
---@field permalink? debitura.Permalink
---@field directors? fun(external_tenant_id: string): debitura.SubmitKycVerificationRequest?
---@field fallback? fun(case: debitura.CaseTrouble): any, string?
---@field escalate? fun(case: debitura.CaseTrouble): any, string?
---@field on_change? fun(change: debitura.Change): any, string? # is told of every move
---@field on_alert? fun(alert: debitura.Alert): any, string? # is told, once for each cause and day, of what a person has to look at
---@field retention? { ended?: number, inbox?: number, payload?: number } # seconds that ended clients, done webhooks (604800) and payloads of what has ended are kept
---@field onboarding_reminders? number[] # seconds, { 172800, 604800, 1814400 }
---@field debitura_support? string # Debitura's address for customers, named in `advice`

---@class debitura.SweepStep
---@field tenant string
---@field kind string # the job's
---@field record string # the kind of record that it is about
---@field name string # a case's reference; "" for the others
---@field generation integer
---@field channel? string
---@field result string
---@field problem? string
---@field given_up? boolean

---@class debitura.SweepOptions
---@field limit? integer
---@field at_once? integer # clients side by side
---@field dry_run? boolean
---@field on_progress? fun(step: debitura.SweepStep): boolean? # false stops

---@class debitura.PendingLink
---@field payload debitura.CreateClientRequest
---@field url? string # the page that the customer has
---@field requested_at? string|number # ISO 8601, or Unix seconds
---@field expires_at? string|number

---@class debitura.AdoptionStep
---@field result "adopted"|"known"|"refused"
---@field tenant? string
---@field state? debitura.LinkState
---@field reason? string
---@field row? integer # of `pending`, when it is refused

---@class debitura.LinkOutcome
---@field external_tenant_id string
---@field state debitura.LinkState
---@field generation integer
---@field variant? "approval"|"choice"|"onboarding"
---@field expires_at? number
---@field cases integer
---@field awaited integer
---@field failed integer
---@field deliveries table<string, debitura.Delivery> # by channel
---@field unanswered? boolean # no reminder of the onboarding is left
---@field client? debitura.ClientCreatedResponse
---@field is_attributed_client? boolean # once Debitura has said
---@field reason? string
---@field detail? string # Debitura's own sentence
---@field advice? string # what to tell the customer
---@field redirect? string
---@field failure? debitura.Failure

---@class debitura.CaseOutcome
---@field external_tenant_id string
---@field creditor_reference string
---@field state debitura.CaseState
---@field generation integer
---@field case_id? string
---@field reference? string
---@field lifecycle? string # as Debitura told it last
---@field close_code? string
---@field case? debitura.customer.InvoiceDto
---@field reason? string
---@field detail? string # Debitura's own sentence
---@field advice? string # what to tell the customer
---@field failure? debitura.Failure

---@class debitura.SubmitOptions
---@field again? boolean # starts anew what has ended without success, also with another body
---@field check? boolean # false leaves the case to Debitura's own checks

---@class debitura.RequestOptions
---@field again? boolean # starts anew what has ended, or replaces the payload of what has not
---@field check? boolean # false leaves the payload to Debitura's own checks

---@class debitura.DeliverOptions
---@field channel? string # default: all that the link was requested with
---@field remind? boolean # true: as a reminder, unless Debitura says that the link is active

---@class debitura.DeliverSigningOptions
---@field kind? "signing"|"kyc"
---@field channel? string

---@class debitura.ImportOptions: debitura.SubmitOptions
---@field external_tenant_id? string
---@field format? "csv"|"jsonl"
---@field decimal? "comma"|"point" # default: a number that can be read in two ways is refused
---@field dates? "iso"|"dmy"|"mdy" # default: only dates such as 2026-01-31 are read
---@field encoding? "utf-8"|"windows-1252"|"windows-1250"|"iso-8859-15"|"macintosh"|"utf-16le"|"utf-16be"
---@field separator? ","|";"|"\t"|"|"
---@field map? table # what the columns of another system's file are, see docs/import.md
---@field dry_run? boolean # nothing is recorded or sent; what is right is counted as right
---@field record_only? boolean
---@field limit? integer
---@field restart? boolean
---@field on_summary? fun(summary: table): boolean? # before anything is sent; false stops
---@field on_error? fun(line: integer, failure: debitura.Failure)
---@field on_progress? fun(step: { line: integer, bytes: integer, size: integer, counts: table<string, integer> }): boolean?

---@class debitura.ApprovalDelivery
local Approval = {}

---@param payload debitura.CreateClientRequest
---@param options? debitura.RequestOptions
---@return debitura.LinkOutcome?
---@return debitura.Failure? failure
function Approval:request(payload, options) end

---@param external_tenant_id string
---@return debitura.LinkOutcome|false|nil
---@return debitura.Failure? failure
function Approval:status(external_tenant_id) end

---@param external_tenant_id string
---@param options? debitura.DeliverOptions
---@return "moved"|"recorded"|"unknown"|nil
---@return table|false|debitura.Failure link
function Approval:deliver(external_tenant_id, options) end

---@param external_tenant_id string
---@param reason? string
---@return "moved"|"recorded"|"unknown"|nil
---@return table|false|debitura.Failure link
function Approval:close(external_tenant_id, reason) end

---@param event debitura.Event
---@return "moved"|"recorded"|"duplicate"|"unknown"|nil
---@return table|false|debitura.Failure link
function Approval:handle(event) end

---@param options? debitura.SweepOptions
---@return table<string, integer>?
---@return debitura.Failure? failure
function Approval:sweep(options) end

---@class debitura.ExpiredLinkRecovery
local Recovery = {}

---@param external_tenant_id string
---@return "moved"|"recorded"|"unknown"|nil
---@return table|false|debitura.Failure link
function Recovery:recover(external_tenant_id) end

---@param event debitura.Event
---@return "moved"|"recorded"|"duplicate"|"unknown"|nil
---@return table|false|debitura.Failure link
function Recovery:handle(event) end

---@param options? debitura.SweepOptions
---@return table<string, integer>?
---@return debitura.Failure? failure
function Recovery:sweep(options) end

---@class debitura.SigningHandoff
local Signing = {}

---@param external_tenant_id string
---@return "outstanding"|"done"|nil
---@return debitura.Failure? failure
function Signing:check(external_tenant_id) end

---@param external_tenant_id string
---@param options? debitura.DeliverSigningOptions
---@return "moved"|"recorded"|"unknown"|nil
---@return debitura.Failure? failure
function Signing:deliver(external_tenant_id, options) end

---@param external_tenant_id string
---@param director debitura.SubmitKycVerificationRequest
---@return debitura.KycVerificationDto?
---@return debitura.Failure? failure
function Signing:identify(external_tenant_id, director) end

---@param event debitura.Event
---@return "moved"|"recorded"|"unknown"|nil
---@return debitura.Failure? failure
function Signing:handle(event) end

---@param options? debitura.SweepOptions
---@return table<string, integer>?
---@return debitura.Failure? failure
function Signing:sweep(options) end

---@class debitura.CaseSubmission
local Submission = {}

---@param external_tenant_id string
---@param case debitura.CreateCollectionCaseRequestApiViewModel
---@param options? debitura.SubmitOptions
---@return debitura.CaseOutcome?
---@return debitura.Failure? failure
function Submission:submit(external_tenant_id, case, options) end

---@param external_tenant_id string
---@param case debitura.CreateCollectionCaseRequestApiViewModel
---@param options? debitura.SubmitOptions
---@return "new"|"again"|"known"|nil
---@return debitura.CaseOutcome|debitura.Failure outcome
function Submission:record(external_tenant_id, case, options) end

---@param path string
---@param options? debitura.ImportOptions
---@return table<string, integer>?
---@return debitura.Failure? failure
---@return table<string, integer>? counts
function Submission:import(path, options) end

---@param external_tenant_id string
---@param creditor_reference string
---@return debitura.CaseOutcome|false|nil
---@return debitura.Failure? failure
function Submission:status(external_tenant_id, creditor_reference) end

---@param external_tenant_id string
---@param creditor_reference string
---@param reason? string
---@return "moved"|"recorded"|nil
---@return debitura.Failure? failure
function Submission:withdraw(external_tenant_id, creditor_reference, reason) end

---@param event debitura.Event
---@return "moved"|"recorded"|"unknown"|nil
---@return debitura.Failure? failure
function Submission:handle(event) end

---@param options? debitura.SweepOptions
---@return table<string, integer>?
---@return debitura.Failure? failure
function Submission:sweep(options) end

---@class debitura.Recipes
---@field approval debitura.ApprovalDelivery
---@field recovery debitura.ExpiredLinkRecovery
---@field signing debitura.SigningHandoff
---@field submission debitura.CaseSubmission
---@field permalink? debitura.Permalink
local Recipes = {}

---@param event debitura.Event
---@param context? debitura.EventContext # of a client who was forgotten, nothing is kept
---@return "moved"|"recorded"|"duplicate"|"unknown"|nil
---@return table<string, table>|debitura.Failure records by kind
function Recipes:handle(event, context) end

---@param options? debitura.SweepOptions
---@return table<string, integer>?
---@return debitura.Failure? failure
function Recipes:sweep(options) end

---@param options? debitura.AdoptOptions
---@return { total: integer, adopted: integer, known: integer, refused: integer, cases: integer, unnamed: integer }?
---@return debitura.Failure? failure
---@return table<string, integer>? so_far
function Recipes:adopt(options) end

---@param external_tenant_id string
---@param options? debitura.ForgetOptions
---@return integer? count of records and webhooks that were blanked
---@return debitura.Failure? failure
function Recipes:forget(external_tenant_id, options) end

---@param external_tenant_id string
---@return { tenant: string, records: table[], jobs: table[], events: table[] }|false|nil
---@return debitura.Failure? failure
function Recipes:export(external_tenant_id) end

---@return debitura.PermalinkHandler
function Recipes:permalink_handler() end

local recipes = {}

---@param options debitura.RecipeOptions
---@return debitura.Recipes
function recipes.new(options) end

return recipes
