--- The operations of the Customer API, one row each; `debitura.operations` says what a row may
-- hold.
--
-- Source: the Customer API's OpenAPI document, v1; order and spelling are the document's. Bounds,
-- defaults and values that only its text states stand in the row as well.
-- @module debitura.operations.customer

return {
  -- Cases
  {
    "cases.create", "POST /cases", "200:InvoiceDto 400 422:BusinessErrorResponseApiDTO 500",
    "Submits a case; the response may still wait for signatures when allowPendingContracts was "
      .. "set.", body = "CreateCollectionCaseRequestApiViewModel", idempotency_key = true,
  },
  {
    "cases.list", "GET /cases", "200:InvoiceListDto 400", "Lists the cases of the account.",
    pages = "cases",
    query = [[
      Page  integer 1..
      PageSize  integer 1..100 (default 10)
      DebtorIds, Ids  [uuid]
      Statuses  [string] ~ PendingContractSigning | PendingVerificationInternal
                         | PendingVerification | NeedsAdditionalDetails | Leads
                         | LeadsQuoteGiven | Active | Paused | Closed | Merged
      DivisionIds  [uuid]
      Sort  string  -- Field[:asc|desc], several with commas; an unknown field is ignored by
                    -- the service
    ]],
  },
  {
    "cases.preview", "POST /cases/preview", "200:PreviewCaseResponseApiViewModel 400 500",
    "Prices a case and lists what has to be done first, without creating it.",
    body = "PreviewCaseRequestApiViewModel", retry = "safe",
  },
  { "cases.get", "GET /cases/{id}", "200:InvoiceDto 400 404", "Reads one case." },
  {
    "cases.by_creditor_reference", "GET /cases/by-creditor-reference/{creditorReference string}",
    "200:InvoiceDto 400 404", "Reads the case that has this reference of the creditor's own.",
  },
  {
    "cases.contract_status", "GET /cases/{id}/contract-status",
    "200:CaseContractStatusApiDTO 400 404", "Tells which signatures keep a case waiting.",
  },
  {
    "cases.by_reference", "GET /cases/case-reference/{caseReference string}",
    "200:InvoiceDto 400 404", "Reads the case that has this reference of Debitura's.",
  },
  {
    "cases.timeline", "GET /cases/{id}/timeline", "200:CaseTimelineResponse 400 404",
    "Lists what has happened to a case, oldest first.",
  },
  {
    "cases.chats", "GET /cases/{id}/chats", "200:[ChatDto] 400 404",
    "Lists the messages of a case.",
  },
  {
    "cases.send_chat", "POST /cases/{id}/chats", "200:ChatDto 400 404 500",
    "Sends a message to the collection partner, who is mailed.", body = "SendChatRequest",
  },
  {
    "cases.payments", "GET /cases/{id}/payments", "200:[PaymentDto] 400 404",
    "Lists the payments of a case.",
  },
  {
    "cases.upload_file", "POST /cases/{id}/files", "200:CaseFileDto 400 404 413 415 500",
    "Uploads a file to a case.",
    form = [[
      Description  string
      DocumentType  string (default OriginalInvoice) = OriginalInvoice | DebtorDocuments
                                                     | CreditorDocuments | PartnerDocuments
                                                     | DemandLetter | Miscellaneous
      File!  binary
    ]],
  },
  {
    "cases.files", "GET /cases/{id}/files", "200:[CaseFileDto] 400 404 500",
    "Lists the files of a case.",
  },
  {
    "cases.quote_requests", "GET /cases/{id}/quote-requests", "200:LeadListDto 400 404",
    "Lists the requests for quotes about a case.",
  },
  {
    "cases.quote_request", "GET /cases/{id}/quote-requests/{quoteRequestId}",
    "200:LeadDetailDto 400 404", "Reads one request for quotes.",
  },
  {
    "cases.quotes", "GET /cases/{id}/quote-requests/{quoteRequestId}/quotes",
    "200:LeadQuoteListDto 400 404", "Lists the quotes given to a request.",
  },
  {
    "cases.quote", "GET /cases/{id}/quote-requests/{quoteRequestId}/quotes/{quoteId}",
    "200:LeadQuoteDetailDto 400 404 500",
    "Reads one quote with its pricing; no operation accepts one.",
  },
  {
    "cases.exclusive_period", "GET /cases/{id}/exclusive-period", "200:ExclusivePeriodDto 400 404",
    "Reads the collection partner's exclusive period; 404 when the case has none.",
  },
  {
    "cases.validation", "GET /cases/{id}/validation", "200:CaseValidationStatusDto 400 404",
    "Tells which information a case still needs.",
  },
  {
    "cases.tasks", "GET /cases/{id}/tasks", "200:[TaskDto] 400 404",
    "Lists what the creditor has to do for a case.",
    query = [[
      status  string (default Open) = Open | Solved
      type  [string]
    ]],
  },

  -- Contracts and coverage
  {
    "contracts.status", "GET /contracts/debt-collection/status",
    "200:CollectionContractStatusApiDTO",
    "Tells whether the debt collection agreement is signed and current.",
  },
  {
    "coverage.list", "GET /coverage", "200:[CoverageItemApiDTO]",
    "Lists every jurisdiction served, with the creditor's power of attorney for each partner.",
  },
  {
    "coverage.get", "GET /coverage/{id integer}", "200:CoverageItemApiDTO 404",
    "Reads one jurisdiction.",
  },
  {
    "coverage.search", "GET /coverage/search", "200:CoverageItemApiDTO 400 404",
    "Finds one jurisdiction by text; coverage.check_eligibility replaces it.", deprecated = true,
    query = "q string",
  },
  { "coverage.search_colon", "GET /coverage/:search", alias_of = "coverage.search" },
  {
    "coverage.check_eligibility", "POST /coverage/check-eligibility",
    "200:CaseEligibilityResponseApiDTO 400", "Tells whether a case could be taken, and by whom.",
    body = "CaseEligibilityRequestApiDTO", retry = "safe",
  },

  -- Divisions
  {
    "divisions.create", "POST /divisions", "201:DivisionDto 400 422",
    "Creates a business unit of the creditor.", body = "CreateDivisionRequestDto",
    idempotency_key = true,
  },
  {
    "divisions.list", "GET /divisions", "200:DivisionListDto", "Lists the divisions.",
    pages = "divisions",
    query = [[
      page  integer 1.. (default 1)
      pageSize  integer 1.. (default 10)
      includeArchived  boolean (default false)
    ]],
  },
  { "divisions.get", "GET /divisions/{id}", "200:DivisionDto 404", "Reads one division." },
  {
    "divisions.update", "PUT /divisions/{id}", "200:DivisionDto 400 404",
    "Replaces a division; optional fields left out are cleared.", body = "UpdateDivisionRequestDto",
  },
  {
    "divisions.delete", "DELETE /divisions/{id}", "204 404 422",
    "Deletes a division that no active case points at.", destroys = "This deletes the division",
  },
  {
    "divisions.archive", "POST /divisions/{id}/archive", "200:DivisionDto 404 422",
    "Archives a division for good; its cases keep it.", destroys = "This archives the division",
  },
  { "divisions.archive_colon", "POST /divisions/{id}:archive", alias_of = "divisions.archive" },

  -- Account, payments, tasks
  {
    "me", "GET /me", "200:CreditorMeApiDTO 401:none 404:none",
    "Reads the creditor behind the credential.",
  },
  {
    "payments.list", "GET /Payments", "200:PaymentListApiDTO 400",
    "Lists the payments of all cases.", pages = "payments",
    query = [[
      Page  integer 1.. (default 1)
      PageSize  integer 1..100 (default 10)
    ]],
  },
  { "payments.get", "GET /Payments/{id}", "200:PaymentDto 400 404", "Reads one payment." },
  {
    "tasks.list", "GET /tasks", "200:TaskListDto 400",
    "Lists what the creditor has to do; a task goes by itself once its cause is gone.",
    pages = "tasks",
    query = [[
      status  string (default Open) = Open | Solved
      type  [string]
      Page  integer 1.. (default 1)
      PageSize  integer 1..100 (default 10)
    ]],
  },

  -- Test helpers. They act on test cases alone; production code is kept from them before anything
  -- is sent.
  {
    "test.advance", "POST /test/cases/{id}/advance",
    "200:AdvanceTestCaseResponse 400:none 404:none 500:none",
    "Moves a test case on to Active, Closed:Paid or Closed:NoPayment.",
    body = "AdvanceTestCaseRequest", test_only = true, retry = "idempotent",
  },
  {
    "test.delete", "DELETE /test/cases/{id}", "204 400:none 404:none 500:none",
    "Deletes a test case and all that belongs to it.", test_only = true,
  },
  {
    "test.delete_all", "DELETE /test/cases", "204 400:none 500:none",
    "Deletes the test cases with a tag.", test_only = true,
    query = "tag! string 1.. -- required by the text, not by the schema",
  },
  {
    "test.fire_webhook", "POST /test/webhooks/fire",
    "200:FireWebhookResponse 400:none 404:none 422:none 500:none",
    "Queues an event about the present state of a test case.", body = "FireWebhookRequest",
    test_only = true,
  },
  {
    "users.list", "GET /users",
    "200:UserListDto 400:ProblemDetails 401:ProblemDetails 500:ProblemDetails",
    "Lists the team members, who may send chats.", pages = "users",
    query = [[
      Page  integer 1.. (default 1)
      PageSize  integer 1..100 (default 50)
    ]],
  },

  -- Webhooks
  {
    "webhooks.events", "GET /webhooks/events", "200:[WebhookEventDto] 400:none",
    "Lists the events of a case that were sent to the account's subscriptions, newest first.",
    query = [[
      caseId!  uuid  -- required by the text, not by the schema
      since  date-time
    ]],
  },
  {
    "webhooks.replay", "POST /webhooks/events/{id}/replay", "200:ReplayEventResultDto 404:none",
    "Delivers one event again, with the header X-Debitura-Replay.",
  },
  {
    "webhooks.create", "POST /webhooks", "201:WebhookDto 400 422",
    "Subscribes a URL to events; the response holds the secret, this once.",
    body = "CreateWebhookRequest",
  },
  {
    "webhooks.list", "GET /webhooks", "200:[WebhookDto]",
    "Lists the webhook subscriptions, without their secrets.",
  },
  {
    "webhooks.get", "GET /webhooks/{id}", "200:WebhookDto 404",
    "Reads one subscription, without its secret.",
  },
  {
    "webhooks.update", "PATCH /webhooks/{id}", "200:WebhookDto 400 404",
    "Changes what the body names; the events of a subscription are fixed at its creation.",
    body = "UpdateWebhookRequest", retry = "idempotent",
  },
  {
    "webhooks.delete", "DELETE /webhooks/{id}", "204 404", "Deletes a subscription for good.",
    destroys = "This deletes the subscription with its history",
  },
  {
    "webhooks.test", "POST /webhooks/{id}/test", "200:TestResultDto 404",
    "Sends a synthetic case.created to a subscription and tells what its receiver answered.",
  },
  { "webhooks.test_colon", "POST /webhooks/{id}:test", alias_of = "webhooks.test" },
  {
    "webhooks.replay_since", "POST /webhooks/{id}/replay", "200:ReplayResultDto 400 404",
    "Counts the cases created since a time and delivers nothing; webhooks.replay replaces it.",
    body = "ReplayRequestDto", deprecated = true,
  },
  {
    "webhooks.replay_since_colon", "POST /webhooks/{id}:replay", alias_of = "webhooks.replay_since",
  },

  -- Another name for an operation above, with part of its body set.
  {
    "webhooks.rotate_secret", variant_of = "webhooks.update", preset = { regenerateSecret = true },
    doc = "Gives a subscription a new secret; the response holds it, this once.",
    destroys = "From now on events are signed with another secret only",
  },
}
