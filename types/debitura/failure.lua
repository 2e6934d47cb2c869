---@meta debitura.failure
-- What `nil, err` carries.

---What to do about it; the library knows no other kinds.
---@alias debitura.FailureKind
---| "transport" # no answer came
---| "timeout" # no answer came in time
---| "rate_limited" # 429; `retry_after` seconds
---| "server" # 5xx
---| "validation" # wrong arguments, or 400; `fields` has them by path
---| "unauthorized" # 401, or a delivery whose signature does not fit
---| "forbidden" # 403, or an operation of the test environment in production
---| "not_found" # 404
---| "conflict" # 409; `type`, and `approval_url` when the customer must approve the link
---| "business" # 422; `business_errors` and `signing_url`
---| "too_large" # 413
---| "unsupported_media" # 415
---| "malformed" # a response or event that is not what it should be
---| "limit" # larger than an option allows
---| "link_invalid" # a new token was refused as well
---| "onboarding_incomplete" # the client has not signed; `signing_url`
---| "store" # locked, full, gone, or of another layout
---| "unreadable" # kept in the store, but cannot be opened
---| "configuration" # this process is not set up for what was asked of it

---@class debitura.BusinessError
---@field type? string|"MissingDebtCollectionContract"|"MissingPowerOfAttorney"|"MissingKycVerification"|"CreditorBlocked"|"NoPartnerAvailable"|"IdempotencyConflict"|"DuplicateReference"|"DuplicateCreditorReference"|"UnsupportedCountry"|"UnsupportedCurrency"
---@field message? string
---@field solution_url? string # solves this one error only

---`tostring(err)` is one line that a person can act on, without body, credential or hosted URL.
---@class debitura.Failure
---@field kind debitura.FailureKind
---@field message string
---@field status? integer # of HTTP
---@field type? string # Debitura's own name for the case, or why a signature does not fit
---@field operation? string # such as `clients.create`
---@field business_errors? debitura.BusinessError[]
---@field signing_url? string # walks the customer through everything that is to be signed
---@field approval_url? string # where the customer approves the link
---@field variant? "approval"|"choice" # of the page at `approval_url`
---@field fields? table<string, string[]> # path to messages
---@field retryable boolean # whether the same call can succeed later
---@field retry_after? number # seconds
---@field missing? boolean # the store does not exist yet
---@field attempts? integer # that were made
---@field request_id? string
---@field sent? boolean # false: certainly nothing reached the server
---@field final? boolean # of a delivery by a channel, true: the same can never pass
---@field detail? string # what the server says of it; may name persons, so `tostring` does not show it
---@field blockers? string[] # what keeps a client from being deleted, where the command has asked
---@field body? string # the answer as it came
---@field data? any # the decoded answer

local failure = {}

---Every kind, and whether repeating the same call later can help.
---@type table<debitura.FailureKind, { retryable: boolean }>
failure.kinds = {}

---Makes a failure; the table itself becomes it.
---@param values { kind: debitura.FailureKind, message: string, [string]: any }
---@return debitura.Failure
function failure.new(values) end

---@param value any
---@return boolean
function failure.is(value) end

---Calls a function that raises failures, and does not wait, with the arguments that follow it.
---Gives what it gives, or nil and the failure; any other error is raised.
---@type fun(run: function, ...: any): any, debitura.Failure?
failure.catch = nil

return failure
