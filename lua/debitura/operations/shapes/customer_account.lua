--- The shapes of the Customer API that belong to an account rather than to a case.
--
-- Source: the Customer API's OpenAPI document, v1.
-- @module debitura.operations.shapes.customer_account

return {
  CreditorMeApiDTO = [[
    id  uuid
    companyName!, companyRegistrationNumber, address, zipCode, city, state, country  string?
    officeEmail, officePhone  string?
  ]],

  -- Contracts and coverage
  CollectionContractStatusApiDTO = [[
    signed, requiresResigning  boolean
    invalidationReason  string? ~ None | NewVersion | AdminInvalidated | Other | CreditorNameChanged
    termsUrl, solutionUrl  string?
  ]],
  PartnerCoverageApiDTO = [[
    ...PowerOfAttorneyStatusApiDTO
    partnerId  uuid
    partnerName  string?
    conditions  string?  -- prose, not to be parsed
  ]],

  -- Divisions
  CreateDivisionRequestDto = [[
    companyName!  string ..200
    registrationNumber  string? ..50
    address  string?
    zipCode  string? ..50
    state  string?
    city!  string 1..
    countryCode!  string 2..2
    officeEmail  email? ..250
    officePhone  string? ..50
  ]],
  -- Replaces the whole division: an optional field that is left out is cleared.
  UpdateDivisionRequestDto = "...CreateDivisionRequestDto",
  DivisionListDto = [[
    page!  PageData
    divisions  [DivisionDto]?
  ]],
  DivisionDto = [[
    id  uuid
    companyName, registrationNumber, address, zipCode, state, city  string?
    country  DivisionCountryDto
    officeEmail, officePhone  string?
    isArchived  boolean
    createdUtc  date-time
    updatedUtc  date-time?
  ]],
  DivisionCountryDto = [[
    id  integer
    name, alpha2  string?
  ]],

  -- Payments
  PaymentListApiDTO = [[
    page!  PageData
    payments  [PaymentDto]?
  ]],
  PaymentDto = [[
    id  uuid
    dateCreated  date-time
    dateUpdated  date-time?
    date  date-time
    grossAmount  number
    recipient!, method!, currency!  string?
    invoice!  PaymentRelatedInvoiceDto
  ]],
  PaymentRelatedInvoiceDto = [[
    status!, reference!  string?
    invoiceId  uuid
  ]],

  -- Tasks and users
  TaskListDto = [[
    page!  PageData
    tasks  [TaskDto]?
  ]],
  TaskDto = [[
    id  uuid
    type  string? ~ ReplyToChat | ClientInputRequired | MoreInfoNeeded | SignContract
                  | AssignBankAccount | SelectQuoteWinner
    typeLabel, title, description  string?
    status  string? ~ Open | Solved
    caseId  uuid?  -- null for a task of the account
    caseReference  string?
    leadId  uuid?
    deadline  date-time?
    dateCreated  date-time
    dateSolved  date-time?
    solutionUrl  string?
    action  TaskActionDto
  ]],
  TaskActionDto = [[
    method  string?
    path  string?  -- a template with {caseId}
  ]],
  UserListDto = [[
    page!  PageData
    users  [CollectionPartnerUserDto]?
  ]],
  CollectionPartnerUserDto = [[
    id  uuid  -- what a chat takes as userId
    name, email  string?
  ]],
  ProblemDetails = [[
    type, title  string?
    status  integer?
    detail, instance  string?
  ]],

  -- Webhook subscriptions and their log
  CreateWebhookRequest = [[
    url!  url ..1024  -- https, public
    events!  [string] 1.. = case.created | case.updated | case.closed | payment.created
                          | payment.deleted | chat.created
    isTestMode  boolean  -- true: events of test cases only
  ]],
  TestResultDto = [[
    success  boolean  -- false is an answer too: the receiver failed
    httpStatusCode, durationMs  integer?
    errorMessage  string?
    errorCategory  string? ~ TimeoutError | NetworkError | SslError | HttpError | UnknownError
    testPayload  any?
  ]],
  WebhookEventDto = [[
    id, subscriptionId  uuid
    caseId  uuid?
    eventType  string?
    payload  string?  -- JSON as a text
    createdAt  date-time
    deliveredAt  date-time?
    attemptCount  integer
    lastResponseCode  integer?
    lastError  string?
  ]],
  ReplayEventResultDto = [[
    eventId, subscriptionId  uuid
    eventType  string?
  ]],
  ReplayRequestDto = [[
    sinceUtc!  date-time
  ]],
  ReplayResultDto = [[
    eventsReplayed  integer  -- cases created since then; nothing is delivered again
  ]],

  -- Test helpers
  AdvanceTestCaseRequest = [[
    to!  string? = Active | Closed:Paid | Closed:NoPayment
    amount  number?  -- required for Closed:Paid
  ]],
  AdvanceTestCaseResponse = [[
    advanced  boolean
    state  string? ~ Active | Closed:Paid | Closed:NoPayment | Closed
  ]],
  FireWebhookRequest = [[
    event!  string? = case.created | case.updated | case.closed | payment.created
                    | payment.deleted | chat.created
    caseId!  uuid
    subscriptionId  uuid?  -- else every active test subscription of the event
  ]],
  FireWebhookResponse = [[
    eventType  string?
    caseId  uuid
    enqueuedCount  integer  -- 0: no subscription wanted it
  ]],
}
