--- The operations of the Customer API, one row each; `debitura.operations` says what a row may
-- hold.
--
-- Source: the Customer API's OpenAPI document, v1; order and spelling are the document's. Bounds,
-- defaults and values that only its text states stand in the row as well.
-- @module debitura.operations.customer

return {
  -- Cases
  {
    name = "cases.create", method = "POST", path = "/cases",
    body = "CreateCollectionCaseRequestApiViewModel", idempotency_key = true,
    success = { [200] = "InvoiceDto" }, errors = "400 422:BusinessErrorResponseApiDTO 500",
    doc = "Submits a case; the response may still wait for signatures when allowPendingContracts "
      .. "was "
      .. "set.",
  },
  {
    name = "cases.list", method = "GET", path = "/cases",
    query = [[
      Page         integer 1..
      PageSize     integer 1..100 (default 10)
      DebtorIds    [uuid]
      Ids          [uuid]
      Statuses     [string] ~ PendingContractSigning | PendingVerificationInternal
                            | PendingVerification | NeedsAdditionalDetails | Leads
                            | LeadsQuoteGiven | Active | Paused | Closed | Merged
      DivisionIds  [uuid]
      Sort         string  -- Field[:asc|desc], several with commas; an unknown field is ignored by
                           -- the service
    ]],
    success = { [200] = "InvoiceListDto" }, errors = "400", pages = "cases",
    doc = "Lists the cases of the account.",
  },
  {
    name = "cases.preview", method = "POST", path = "/cases/preview",
    body = "PreviewCaseRequestApiViewModel", retry = "safe",
    success = { [200] = "PreviewCaseResponseApiViewModel" }, errors = "400 500",
    doc = "Prices a case and lists what has to be done first, without creating it.",
  },
  {
    name = "cases.get", method = "GET", path = "/cases/{id}", path_params = "id uuid",
    success = { [200] = "InvoiceDto" }, errors = "400 404",
    doc = "Reads one case.",
  },
  {
    name = "cases.by_creditor_reference", method = "GET",
    path = "/cases/by-creditor-reference/{creditorReference}",
    path_params = "creditorReference string",
    success = { [200] = "InvoiceDto" }, errors = "400 404",
    doc = "Reads the case that has this reference of the creditor's own.",
  },
  {
    name = "cases.contract_status", method = "GET", path = "/cases/{id}/contract-status",
    path_params = "id uuid",
    success = { [200] = "CaseContractStatusApiDTO" }, errors = "400 404",
    doc = "Tells which signatures keep a case waiting.",
  },
  {
    name = "cases.by_reference", method = "GET", path = "/cases/case-reference/{caseReference}",
    path_params = "caseReference string",
    success = { [200] = "InvoiceDto" }, errors = "400 404",
    doc = "Reads the case that has this reference of Debitura's.",
  },
  {
    name = "cases.timeline", method = "GET", path = "/cases/{id}/timeline", path_params = "id uuid",
    success = { [200] = "CaseTimelineResponse" }, errors = "400 404",
    doc = "Lists what has happened to a case, oldest first.",
  },
  {
    name = "cases.chats", method = "GET", path = "/cases/{id}/chats", path_params = "id uuid",
    success = { [200] = "[ChatDto]" }, errors = "400 404",
    doc = "Lists the messages of a case.",
  },
  {
    name = "cases.send_chat", method = "POST", path = "/cases/{id}/chats", path_params = "id uuid",
    body = "SendChatRequest",
    success = { [200] = "ChatDto" }, errors = "400 404 500",
    doc = "Sends a message to the collection partner, who is mailed.",
  },
  {
    name = "cases.payments", method = "GET", path = "/cases/{id}/payments", path_params = "id uuid",
    success = { [200] = "[PaymentDto]" }, errors = "400 404",
    doc = "Lists the payments of a case.",
  },
  {
    name = "cases.upload_file", method = "POST", path = "/cases/{id}/files",
    path_params = "id uuid",
    form = [[
      Description   string
      DocumentType  string (default OriginalInvoice) = OriginalInvoice | DebtorDocuments
                                                     | CreditorDocuments | PartnerDocuments
                                                     | DemandLetter | Miscellaneous
      File!         binary
    ]],
    success = { [200] = "CaseFileDto" }, errors = "400 404 413 415 500",
    doc = "Uploads a file to a case.",
  },
  {
    name = "cases.files", method = "GET", path = "/cases/{id}/files", path_params = "id uuid",
    success = { [200] = "[CaseFileDto]" }, errors = "400 404 500",
    doc = "Lists the files of a case.",
  },
  {
    name = "cases.quote_requests", method = "GET", path = "/cases/{id}/quote-requests",
    path_params = "id uuid",
    success = { [200] = "LeadListDto" }, errors = "400 404",
    doc = "Lists the requests for quotes about a case.",
  },
  {
    name = "cases.quote_request", method = "GET",
    path = "/cases/{id}/quote-requests/{quoteRequestId}",
    path_params = [[
      id              uuid
      quoteRequestId  uuid
    ]],
    success = { [200] = "LeadDetailDto" }, errors = "400 404",
    doc = "Reads one request for quotes.",
  },
  {
    name = "cases.quotes", method = "GET",
    path = "/cases/{id}/quote-requests/{quoteRequestId}/quotes",
    path_params = [[
      id              uuid
      quoteRequestId  uuid
    ]],
    success = { [200] = "LeadQuoteListDto" }, errors = "400 404",
    doc = "Lists the quotes given to a request.",
  },
  {
    name = "cases.quote", method = "GET",
    path = "/cases/{id}/quote-requests/{quoteRequestId}/quotes/{quoteId}",
    path_params = [[
      id              uuid
      quoteRequestId  uuid
      quoteId         uuid
    ]],
    success = { [200] = "LeadQuoteDetailDto" }, errors = "400 404 500",
    doc = "Reads one quote with its pricing; no operation accepts one.",
  },
  {
    name = "cases.exclusive_period", method = "GET", path = "/cases/{id}/exclusive-period",
    path_params = "id uuid",
    success = { [200] = "ExclusivePeriodDto" }, errors = "400 404",
    doc = "Reads the collection partner's exclusive period; 404 when the case has none.",
  },
  {
    name = "cases.validation", method = "GET", path = "/cases/{id}/validation",
    path_params = "id uuid",
    success = { [200] = "CaseValidationStatusDto" }, errors = "400 404",
    doc = "Tells which information a case still needs.",
  },
  {
    name = "cases.tasks", method = "GET", path = "/cases/{id}/tasks", path_params = "id uuid",
    query = [[
      status  string (default Open) = Open | Solved
      type    [string]
    ]],
    success = { [200] = "[TaskDto]" }, errors = "400 404",
    doc = "Lists what the creditor has to do for a case.",
  },

  -- Contracts and coverage
  {
    name = "contracts.status", method = "GET", path = "/contracts/debt-collection/status",
    success = { [200] = "CollectionContractStatusApiDTO" },
    doc = "Tells whether the debt collection agreement is signed and current.",
  },
  {
    name = "coverage.list", method = "GET", path = "/coverage",
    success = { [200] = "[CoverageItemApiDTO]" },
    doc = "Lists every jurisdiction served, with the creditor's power of attorney for each "
      .. "partner.",
  },
  {
    name = "coverage.get", method = "GET", path = "/coverage/{id}", path_params = "id integer",
    success = { [200] = "CoverageItemApiDTO" }, errors = "404",
    doc = "Reads one jurisdiction.",
  },
  {
    name = "coverage.search", method = "GET", path = "/coverage/search",
    query = "q string",
    success = { [200] = "CoverageItemApiDTO" }, errors = "400 404", deprecated = true,
    doc = "Finds one jurisdiction by text; coverage.check_eligibility replaces it.",
  },
  {
    name = "coverage.search_colon", method = "GET", path = "/coverage/:search",
    alias_of = "coverage.search",
    query = "q string",
    success = { [200] = "CoverageItemApiDTO" }, errors = "400 404", deprecated = true,
    doc = "The same as coverage.search.",
  },
  {
    name = "coverage.check_eligibility", method = "POST", path = "/coverage/check-eligibility",
    body = "CaseEligibilityRequestApiDTO", retry = "safe",
    success = { [200] = "CaseEligibilityResponseApiDTO" }, errors = "400",
    doc = "Tells whether a case could be taken, and by whom.",
  },

  -- Divisions
  {
    name = "divisions.create", method = "POST", path = "/divisions",
    body = "CreateDivisionRequestDto", idempotency_key = true,
    success = { [201] = "DivisionDto" }, errors = "400 422",
    doc = "Creates a business unit of the creditor.",
  },
  {
    name = "divisions.list", method = "GET", path = "/divisions",
    query = [[
      page             integer 1.. (default 1)
      pageSize         integer 1.. (default 10)
      includeArchived  boolean (default false)
    ]],
    success = { [200] = "DivisionListDto" }, pages = "divisions",
    doc = "Lists the divisions.",
  },
  {
    name = "divisions.get", method = "GET", path = "/divisions/{id}", path_params = "id uuid",
    success = { [200] = "DivisionDto" }, errors = "404",
    doc = "Reads one division.",
  },
  {
    name = "divisions.update", method = "PUT", path = "/divisions/{id}", path_params = "id uuid",
    body = "UpdateDivisionRequestDto",
    success = { [200] = "DivisionDto" }, errors = "400 404",
    doc = "Replaces a division; optional fields left out are cleared.",
  },
  {
    name = "divisions.delete", method = "DELETE", path = "/divisions/{id}", path_params = "id uuid",
    success = { [204] = false }, errors = "404 422", destroys = "This deletes the division",
    doc = "Deletes a division that no active case points at.",
  },
  {
    name = "divisions.archive", method = "POST", path = "/divisions/{id}/archive",
    path_params = "id uuid",
    success = { [200] = "DivisionDto" }, errors = "404 422",
    doc = "Archives a division for good; its cases keep it.",
    destroys = "This archives the division",
  },
  {
    name = "divisions.archive_colon", method = "POST", path = "/divisions/{id}:archive",
    path_params = "id uuid", alias_of = "divisions.archive",
    success = { [200] = "DivisionDto" }, errors = "404 422",
    doc = "The same as divisions.archive.",
    destroys = "This archives the division",
  },

  -- Account, payments, tasks
  {
    name = "me", method = "GET", path = "/me",
    success = { [200] = "CreditorMeApiDTO" }, errors = "401:none 404:none",
    doc = "Reads the creditor behind the credential.",
  },
  {
    name = "payments.list", method = "GET", path = "/Payments",
    query = [[
      Page      integer 1.. (default 1)
      PageSize  integer 1..100 (default 10)
    ]],
    success = { [200] = "PaymentListApiDTO" }, errors = "400", pages = "payments",
    doc = "Lists the payments of all cases.",
  },
  {
    name = "payments.get", method = "GET", path = "/Payments/{id}", path_params = "id uuid",
    success = { [200] = "PaymentDto" }, errors = "400 404",
    doc = "Reads one payment.",
  },
  {
    name = "tasks.list", method = "GET", path = "/tasks",
    query = [[
      status    string (default Open) = Open | Solved
      type      [string]
      Page      integer 1.. (default 1)
      PageSize  integer 1..100 (default 10)
    ]],
    success = { [200] = "TaskListDto" }, errors = "400", pages = "tasks",
    doc = "Lists what the creditor has to do; a task goes by itself once its cause is gone.",
  },

  -- Test helpers. They act on test cases alone; production code is kept from them before anything
  -- is sent.
  {
    name = "test.advance", method = "POST", path = "/test/cases/{id}/advance",
    path_params = "id uuid",
    -- A case that is there already answers 200 without events.
    body = "AdvanceTestCaseRequest", retry = "idempotent", test_only = true,
    success = { [200] = "AdvanceTestCaseResponse" }, errors = "400:none 404:none 500:none",
    doc = "Moves a test case on to Active, Closed:Paid or Closed:NoPayment.",
  },
  {
    name = "test.delete", method = "DELETE", path = "/test/cases/{id}", path_params = "id uuid",
    success = { [204] = false }, errors = "400:none 404:none 500:none", test_only = true,
    doc = "Deletes a test case and all that belongs to it.",
  },
  {
    name = "test.delete_all", method = "DELETE", path = "/test/cases",
    query = "tag! string 1.. -- required by the text, not by the schema",
    success = { [204] = false }, errors = "400:none 500:none", test_only = true,
    doc = "Deletes the test cases with a tag.",
  },
  {
    name = "test.fire_webhook", method = "POST", path = "/test/webhooks/fire",
    body = "FireWebhookRequest", test_only = true,
    success = { [200] = "FireWebhookResponse" }, errors = "400:none 404:none 422:none 500:none",
    doc = "Queues an event about the present state of a test case.",
  },
  {
    name = "users.list", method = "GET", path = "/users",
    query = [[
      Page      integer 1.. (default 1)
      PageSize  integer 1..100 (default 50)
    ]],
    success = { [200] = "UserListDto" },
    errors = "400:ProblemDetails 401:ProblemDetails 500:ProblemDetails",
    pages = "users",
    doc = "Lists the team members, who may send chats.",
  },

  -- Webhooks
  {
    name = "webhooks.events", method = "GET", path = "/webhooks/events",
    query = [[
      caseId!  uuid       -- required by the text, not by the schema
      since    date-time
    ]],
    success = { [200] = "[WebhookEventDto]" }, errors = "400:none",
    doc = "Lists the events of a case that were sent to the account's subscriptions, newest first.",
  },
  {
    name = "webhooks.replay", method = "POST", path = "/webhooks/events/{id}/replay",
    path_params = "id uuid",
    success = { [200] = "ReplayEventResultDto" }, errors = "404:none",
    doc = "Delivers one event again, with the header X-Debitura-Replay.",
  },
  {
    name = "webhooks.create", method = "POST", path = "/webhooks",
    body = "CreateWebhookRequest",
    success = { [201] = "WebhookDto" }, errors = "400 422",
    doc = "Subscribes a URL to events; the response holds the secret, this once.",
  },
  {
    name = "webhooks.list", method = "GET", path = "/webhooks",
    success = { [200] = "[WebhookDto]" },
    doc = "Lists the webhook subscriptions, without their secrets.",
  },
  {
    name = "webhooks.get", method = "GET", path = "/webhooks/{id}", path_params = "id uuid",
    success = { [200] = "WebhookDto" }, errors = "404",
    doc = "Reads one subscription, without its secret.",
  },
  {
    -- A plain partial object rather than a JSON Patch, so a repeat does no more than the first.
    name = "webhooks.update", method = "PATCH", path = "/webhooks/{id}", path_params = "id uuid",
    body = "UpdateWebhookRequest", retry = "idempotent",
    success = { [200] = "WebhookDto" }, errors = "400 404",
    doc = "Changes what the body names; the events of a subscription are fixed at its creation.",
  },
  {
    name = "webhooks.delete", method = "DELETE", path = "/webhooks/{id}", path_params = "id uuid",
    success = { [204] = false }, errors = "404",
    doc = "Deletes a subscription for good.",
    destroys = "This deletes the subscription with its history",
  },
  {
    name = "webhooks.test", method = "POST", path = "/webhooks/{id}/test", path_params = "id uuid",
    success = { [200] = "TestResultDto" }, errors = "404",
    doc = "Sends a synthetic case.created to a subscription and tells what its receiver answered.",
  },
  {
    name = "webhooks.test_colon", method = "POST", path = "/webhooks/{id}:test",
    path_params = "id uuid",
    alias_of = "webhooks.test",
    success = { [200] = "TestResultDto" }, errors = "404",
    doc = "The same as webhooks.test.",
  },
  {
    name = "webhooks.replay_since", method = "POST", path = "/webhooks/{id}/replay",
    path_params = "id uuid",
    body = "ReplayRequestDto",
    success = { [200] = "ReplayResultDto" }, errors = "400 404", deprecated = true,
    doc = "Counts the cases created since a time and delivers nothing; webhooks.replay replaces "
      .. "it.",
  },
  {
    name = "webhooks.replay_since_colon", method = "POST", path = "/webhooks/{id}:replay",
    path_params = "id uuid",
    alias_of = "webhooks.replay_since", body = "ReplayRequestDto",
    success = { [200] = "ReplayResultDto" }, errors = "400 404", deprecated = true,
    doc = "The same as webhooks.replay_since.",
  },

  -- Another name for an operation above, with part of its body set.
  {
    name = "webhooks.rotate_secret", variant_of = "webhooks.update",
    preset = { regenerateSecret = true },
    doc = "Gives a subscription a new secret; the response holds it, this once.",
    destroys = "From now on events are signed with another secret only",
  },
}
