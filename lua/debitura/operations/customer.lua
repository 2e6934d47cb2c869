--- The operations of the Customer API, one row each; `debitura.operations` says what a row may
-- hold.
--
-- Source: the Customer API's OpenAPI document, v1; order and spelling are the document's. Bounds,
-- defaults and values that only its text states stand in the row as well.
-- @module debitura.operations.customer

return {
  -- Cases
  {
    "cases.create", "POST /cases", body = "CreateCollectionCaseRequestApiViewModel",
    answers = "200:InvoiceDto 400 422:BusinessErrorResponseApiDTO 500", idempotency_key = true,
    doc = "Submits a case; the response may still wait for signatures when "
      .. "allowPendingContracts was set.",
  },
  {
    "cases.list", "GET /cases", answers = "200:InvoiceListDto 400", pages = "cases",
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
    doc = "Lists the cases of the account.",
  },
  {
    "cases.preview", "POST /cases/preview", body = "PreviewCaseRequestApiViewModel",
    answers = "200:PreviewCaseResponseApiViewModel 400 500", retry = "safe",
    doc = "Prices a case and lists what has to be done first, without creating it.",
  },
  {
    "cases.get", "GET /cases/{id}", answers = "200:InvoiceDto 400 404",
    doc = "Reads one case.",
  },
  {
    "cases.by_creditor_reference", "GET /cases/by-creditor-reference/{creditorReference string}",
    answers = "200:InvoiceDto 400 404",
    doc = "Reads the case that has this reference of the creditor's own.",
  },
  {
    "cases.contract_status", "GET /cases/{id}/contract-status",
    answers = "200:CaseContractStatusApiDTO 400 404",
    doc = "Tells which signatures keep a case waiting.",
  },
  {
    "cases.by_reference", "GET /cases/case-reference/{caseReference string}",
    answers = "200:InvoiceDto 400 404",
    doc = "Reads the case that has this reference of Debitura's.",
  },
  {
    "cases.timeline", "GET /cases/{id}/timeline", answers = "200:CaseTimelineResponse 400 404",
    doc = "Lists what has happened to a case, oldest first.",
  },
  {
    "cases.chats", "GET /cases/{id}/chats", answers = "200:[ChatDto] 400 404",
    doc = "Lists the messages of a case.",
  },
  {
    "cases.send_chat", "POST /cases/{id}/chats", body = "SendChatRequest",
    answers = "200:ChatDto 400 404 500",
    doc = "Sends a message to the collection partner, who is mailed.",
  },
  {
    "cases.payments", "GET /cases/{id}/payments", answers = "200:[PaymentDto] 400 404",
    doc = "Lists the payments of a case.",
  },
  {
    "cases.upload_file", "POST /cases/{id}/files", answers = "200:CaseFileDto 400 404 413 415 500",
    form = [[
      Description   string
      DocumentType  string (default OriginalInvoice) = OriginalInvoice | DebtorDocuments
                                                     | CreditorDocuments | PartnerDocuments
                                                     | DemandLetter | Miscellaneous
      File!         binary
    ]],
    doc = "Uploads a file to a case.",
  },
  {
    "cases.files", "GET /cases/{id}/files", answers = "200:[CaseFileDto] 400 404 500",
    doc = "Lists the files of a case.",
  },
  {
    "cases.quote_requests", "GET /cases/{id}/quote-requests", answers = "200:LeadListDto 400 404",
    doc = "Lists the requests for quotes about a case.",
  },
  {
    "cases.quote_request", "GET /cases/{id}/quote-requests/{quoteRequestId}",
    answers = "200:LeadDetailDto 400 404",
    doc = "Reads one request for quotes.",
  },
  {
    "cases.quotes", "GET /cases/{id}/quote-requests/{quoteRequestId}/quotes",
    answers = "200:LeadQuoteListDto 400 404",
    doc = "Lists the quotes given to a request.",
  },
  {
    "cases.quote", "GET /cases/{id}/quote-requests/{quoteRequestId}/quotes/{quoteId}",
    answers = "200:LeadQuoteDetailDto 400 404 500",
    doc = "Reads one quote with its pricing; no operation accepts one.",
  },
  {
    "cases.exclusive_period", "GET /cases/{id}/exclusive-period",
    answers = "200:ExclusivePeriodDto 400 404",
    doc = "Reads the collection partner's exclusive period; 404 when the case has none.",
  },
  {
    "cases.validation", "GET /cases/{id}/validation",
    answers = "200:CaseValidationStatusDto 400 404",
    doc = "Tells which information a case still needs.",
  },
  {
    "cases.tasks", "GET /cases/{id}/tasks", answers = "200:[TaskDto] 400 404",
    query = [[
      status  string (default Open) = Open | Solved
      type    [string]
    ]],
    doc = "Lists what the creditor has to do for a case.",
  },

  -- Contracts and coverage
  {
    "contracts.status", "GET /contracts/debt-collection/status",
    answers = "200:CollectionContractStatusApiDTO",
    doc = "Tells whether the debt collection agreement is signed and current.",
  },
  {
    "coverage.list", "GET /coverage", answers = "200:[CoverageItemApiDTO]",
    doc = "Lists every jurisdiction served, with the creditor's power of attorney for each "
      .. "partner.",
  },
  {
    "coverage.get", "GET /coverage/{id integer}", answers = "200:CoverageItemApiDTO 404",
    doc = "Reads one jurisdiction.",
  },
  {
    "coverage.search", "GET /coverage/search", answers = "200:CoverageItemApiDTO 400 404",
    deprecated = true, query = "q string",
    doc = "Finds one jurisdiction by text; coverage.check_eligibility replaces it.",
  },
  {
    "coverage.search_colon", "GET /coverage/:search", alias_of = "coverage.search",
  },
  {
    "coverage.check_eligibility", "POST /coverage/check-eligibility",
    body = "CaseEligibilityRequestApiDTO", answers = "200:CaseEligibilityResponseApiDTO 400",
    retry = "safe",
    doc = "Tells whether a case could be taken, and by whom.",
  },

  -- Divisions
  {
    "divisions.create", "POST /divisions", body = "CreateDivisionRequestDto",
    answers = "201:DivisionDto 400 422", idempotency_key = true,
    doc = "Creates a business unit of the creditor.",
  },
  {
    "divisions.list", "GET /divisions", answers = "200:DivisionListDto", pages = "divisions",
    query = [[
      page             integer 1.. (default 1)
      pageSize         integer 1.. (default 10)
      includeArchived  boolean (default false)
    ]],
    doc = "Lists the divisions.",
  },
  {
    "divisions.get", "GET /divisions/{id}", answers = "200:DivisionDto 404",
    doc = "Reads one division.",
  },
  {
    "divisions.update", "PUT /divisions/{id}", body = "UpdateDivisionRequestDto",
    answers = "200:DivisionDto 400 404",
    doc = "Replaces a division; optional fields left out are cleared.",
  },
  {
    "divisions.delete", "DELETE /divisions/{id}", answers = "204 404 422",
    destroys = "This deletes the division",
    doc = "Deletes a division that no active case points at.",
  },
  {
    "divisions.archive", "POST /divisions/{id}/archive", answers = "200:DivisionDto 404 422",
    destroys = "This archives the division",
    doc = "Archives a division for good; its cases keep it.",
  },
  {
    "divisions.archive_colon", "POST /divisions/{id}:archive", alias_of = "divisions.archive",
  },

  -- Account, payments, tasks
  {
    "me", "GET /me", answers = "200:CreditorMeApiDTO 401:none 404:none",
    doc = "Reads the creditor behind the credential.",
  },
  {
    "payments.list", "GET /Payments", answers = "200:PaymentListApiDTO 400", pages = "payments",
    query = [[
      Page      integer 1.. (default 1)
      PageSize  integer 1..100 (default 10)
    ]],
    doc = "Lists the payments of all cases.",
  },
  {
    "payments.get", "GET /Payments/{id}", answers = "200:PaymentDto 400 404",
    doc = "Reads one payment.",
  },
  {
    "tasks.list", "GET /tasks", answers = "200:TaskListDto 400", pages = "tasks",
    query = [[
      status    string (default Open) = Open | Solved
      type      [string]
      Page      integer 1.. (default 1)
      PageSize  integer 1..100 (default 10)
    ]],
    doc = "Lists what the creditor has to do; a task goes by itself once its cause is gone.",
  },

  -- Test helpers. They act on test cases alone; production code is kept from them before anything
  -- is sent.
  {
    "test.advance", "POST /test/cases/{id}/advance", body = "AdvanceTestCaseRequest",
    answers = "200:AdvanceTestCaseResponse 400:none 404:none 500:none", test_only = true,
    retry = "idempotent",
    doc = "Moves a test case on to Active, Closed:Paid or Closed:NoPayment.",
  },
  {
    "test.delete", "DELETE /test/cases/{id}", answers = "204 400:none 404:none 500:none",
    test_only = true,
    doc = "Deletes a test case and all that belongs to it.",
  },
  {
    "test.delete_all", "DELETE /test/cases", answers = "204 400:none 500:none", test_only = true,
    query = "tag! string 1.. -- required by the text, not by the schema",
    doc = "Deletes the test cases with a tag.",
  },
  {
    "test.fire_webhook", "POST /test/webhooks/fire", body = "FireWebhookRequest",
    answers = "200:FireWebhookResponse 400:none 404:none 422:none 500:none", test_only = true,
    doc = "Queues an event about the present state of a test case.",
  },
  {
    "users.list", "GET /users",
    answers = "200:UserListDto 400:ProblemDetails 401:ProblemDetails 500:ProblemDetails",
    pages = "users",
    query = [[
      Page      integer 1.. (default 1)
      PageSize  integer 1..100 (default 50)
    ]],
    doc = "Lists the team members, who may send chats.",
  },

  -- Webhooks
  {
    "webhooks.events", "GET /webhooks/events", answers = "200:[WebhookEventDto] 400:none",
    query = [[
      caseId!  uuid       -- required by the text, not by the schema
      since    date-time
    ]],
    doc = "Lists the events of a case that were sent to the account's subscriptions, newest first.",
  },
  {
    "webhooks.replay", "POST /webhooks/events/{id}/replay",
    answers = "200:ReplayEventResultDto 404:none",
    doc = "Delivers one event again, with the header X-Debitura-Replay.",
  },
  {
    "webhooks.create", "POST /webhooks", body = "CreateWebhookRequest",
    answers = "201:WebhookDto 400 422",
    doc = "Subscribes a URL to events; the response holds the secret, this once.",
  },
  {
    "webhooks.list", "GET /webhooks", answers = "200:[WebhookDto]",
    doc = "Lists the webhook subscriptions, without their secrets.",
  },
  {
    "webhooks.get", "GET /webhooks/{id}", answers = "200:WebhookDto 404",
    doc = "Reads one subscription, without its secret.",
  },
  {
    "webhooks.update", "PATCH /webhooks/{id}", body = "UpdateWebhookRequest",
    answers = "200:WebhookDto 400 404", retry = "idempotent",
    doc = "Changes what the body names; the events of a subscription are fixed at its creation.",
  },
  {
    "webhooks.delete", "DELETE /webhooks/{id}", answers = "204 404",
    destroys = "This deletes the subscription with its history",
    doc = "Deletes a subscription for good.",
  },
  {
    "webhooks.test", "POST /webhooks/{id}/test", answers = "200:TestResultDto 404",
    doc = "Sends a synthetic case.created to a subscription and tells what its receiver answered.",
  },
  {
    "webhooks.test_colon", "POST /webhooks/{id}:test", alias_of = "webhooks.test",
  },
  {
    "webhooks.replay_since", "POST /webhooks/{id}/replay", body = "ReplayRequestDto",
    answers = "200:ReplayResultDto 400 404", deprecated = true,
    doc = "Counts the cases created since a time and delivers nothing; webhooks.replay "
      .. "replaces it.",
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
