--- The operations of the Referral Partner API, one row each; `debitura.operations` says what a row
-- may hold.
--
-- Source: the Referral Partner API's OpenAPI document, v1; order and spelling are the document's.
-- Bounds and defaults that only its text states stand in the row as well.
-- @module debitura.operations.partner

return {
  {
    "cases.list", "GET /cases", answers = "200:GetCasesResponse 400 500", pages = "cases",
    query = [[
      FromDate              date-time
      ToDate                date-time
      ExternalTenantId      string
      Statuses              [string] ~ Pending contract signing | Pending Verification Internal
                                     | Pending Verification | More Info Required
                                     | Collecting Quotes | Pending Quote Selection | Active
                                     | Paused | Closed
      Query                 string     -- case reference, creditor reference, debtor's name
      Page                  integer 1..
      PageSize              integer 1..100 (default 10)
      CountryIds            [integer]  -- of the debtor; ids come from filter_options
      CollectionPartnerIds  [uuid]
      Sort                  sort = DateCreated | GrossAmount | DueDate
    ]],
    doc = "Lists the cases of all clients linked to the partner.",
  },
  {
    "cases.get", "GET /cases/{id}", answers = "200:GetCaseDetailResponse 404 500",
    doc = "Reads one case, with what the partner earns if all is collected.",
  },
  {
    "cases.upload_file", "POST /cases/{caseId}/files", answers = "200 400 404 413 415 500",
    idempotency_key = true,
    query = "sendChatNotification boolean (default true) -- a message in the case's chat",
    form = "file! binary",
    doc = "Uploads a file to a case of one of the partner's clients.",
  },
  {
    "clients.create", "POST /clients", body = "CreateClientRequest",
    answers = "201:ClientCreatedResponse 202:ClientCreatedResponse 400 409:ConflictResponse "
      .. "422:BusinessErrorResponseApiDTO 500",
    retry = "idempotent",
    doc = "Creates a client, or reports the known one; the same call on the same "
      .. "externalTenantId renews an approval URL.",
  },
  {
    "clients.list", "GET /clients", answers = "200:GetClientsResponse 400 500", pages = "clients",
    query = [[
      Page                integer 1.. (default 1)
      PageSize            integer 1..100 (default 50)
      Query               string   -- company name, office e-mail, registration number
      ExternalTenantId    string
      IsAttributedClient  boolean
      DateCreatedFrom     date-time
      DateCreatedTo       date-time
      OnboardingDone      boolean
      Sort                sort = dateCreated | name
    ]],
    doc = "Lists the clients with an active link; pending link requests are not among them.",
  },
  {
    "clients.get", "GET /clients/{externalTenantId string}",
    answers = "200:ClientCreatedResponse 404 500",
    doc = "Reads one client; 404 as long as its link is not active.",
  },
  {
    "clients.delete", "DELETE /clients/{externalTenantId string}", answers = "204 403 404 500",
    test_only = true, destroys = "This deletes the client with all its cases",
    doc = "Deletes a client with all its cases and frees its e-mail addresses.",
  },
  {
    "clients.is_deletable", "GET /clients/{externalTenantId string}/is-deletable",
    answers = "200:ClientDeletableResponse 403 404 500", test_only = true,
    doc = "Tells whether a client can be deleted, and what stands in the way.",
  },
  {
    "clients.withdraw", "POST /clients/{externalTenantId string}/withdraw",
    answers = "204 404 409 500", retry = "idempotent",
    destroys = "This withdraws the client and closes its pending cases",
    doc = "Withdraws a client that never finished onboarding and closes its pending cases.",
  },
  {
    "clients.submit_kyc", "POST /clients/{externalTenantId string}/kyc-verification",
    body = "SubmitKycVerificationRequest", answers = "201:KycVerificationDto 404 500",
    idempotency_key = true,
    query = "sendChatNotification boolean (default true) -- a message in the chats of the client's "
      .. "active cases",
    doc = "Submits the director's identity; the newest submission counts.",
  },
  {
    "coverage.list", "GET /coverage", answers = "200:[CoverageItemApiDTO]",
    doc = "Lists every jurisdiction served, with its partners and their conditions.",
  },
  {
    "filter_options", "GET /referral-partner/filter-options",
    answers = "200:GetFilterOptionsResponse 500",
    doc = "Lists the ids that CountryIds and CollectionPartnerIds take.",
  },
  {
    "tokens.create", "POST /oauth/token", body = "CreateAccessTokenRequest",
    answers = "200:AccessTokenResponse 400 404 500", retry = "idempotent",
    doc = "Mints a token of 30 minutes for the Customer API, for one client that is onboarded.",
  },
  {
    "cases.preview", "POST /cases/preview", body = "PreviewCaseRequestApiViewModel",
    answers = "200:ReferralPartnerPreviewCaseResponse 400 500", retry = "safe",
    doc = "Prices a case without creating it.",
  },
  {
    "me", "GET /me", answers = "200:ReferralPartnerResponse 404 500",
    doc = "Reads the partner behind the key.",
  },
  {
    "reporting.transactions", "GET /reporting/transactions",
    answers = "200:TransactionsResponse 400 500", pages = "data",
    query = [[
      FromDate                   date-time
      ToDate                     date-time
      ExternalTenantId           string
      HasRecognizedRevenue       boolean
      CommissionPaymentStatuses  [PayoutCommissionPaymentStatus]
      PlatformInvoicingStatuses  [PlatformInvoicingStatus]
      ReferralInvoicingStatuses  [ReferralInvoicingStatus]
      RevenueStages              [TransactionRevenueStage]  -- narrows the rows, never the summary
      Search                     string                     -- ignored below 2 characters
      Page                       integer 1..
      PageSize                   integer 1..100 (default 10)
      CountryIds                 [integer]
      CollectionPartnerIds       [uuid]
      Sort                       sort = collectionDate | amount
    ]],
    doc = "Lists the partner's earnings by payment, over all its clients.",
  },
  {
    "webhooks.list", "GET /v1/Webhooks", answers = "200:[WebhookDto] 401:none",
    doc = "Lists the webhook subscriptions, without their secrets.",
  },
  {
    "webhooks.create", "POST /v1/Webhooks", body = "CreateWebhookRequest",
    answers = "200:WebhookDto 400 401:none",
    doc = "Subscribes a URL to events; the response holds the secret, this once.",
  },
  {
    "webhooks.get", "GET /v1/Webhooks/{id}", answers = "200:WebhookDto 401:none 404",
    doc = "Reads one subscription, without its secret.",
  },
  {
    "webhooks.update", "PUT /v1/Webhooks/{id}", body = "UpdateWebhookRequest",
    answers = "200:WebhookDto 400 401:none 404",
    doc = "Changes what the body names; isActive = true wakes a disabled subscription.",
  },
  {
    "webhooks.delete", "DELETE /v1/Webhooks/{id}", answers = "204 401:none 404",
    destroys = "This deletes the subscription with its history",
    doc = "Deletes a subscription and its history for good.",
  },
  {
    "webhooks.test", "POST /v1/Webhooks/test", body = "TriggerTestWebhookRequest",
    answers = "200:TriggerTestWebhookResponse 400 401:none 403 404", test_only = true,
    doc = "Queues a signed test event about a real case or client.",
  },

  -- Another name for an operation above, with part of its body set.
  {
    "webhooks.rotate_secret", variant_of = "webhooks.update", preset = { regenerateSecret = true },
    doc = "Gives a subscription a new secret; the response holds it, this once.",
    destroys = "From now on events are signed with another secret only",
  },
}
