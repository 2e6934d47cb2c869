--- The operations of the Referral Partner API, one row each; `debitura.operations` says what a row
-- may hold.
--
-- Source: the Referral Partner API's OpenAPI document, v1; order and spelling are the document's.
-- Bounds and defaults that only its text states stand in the row as well.
-- @module debitura.operations.partner

return {
  {
    "cases.list", "GET /cases", "200:GetCasesResponse 400 500",
    "Lists the cases of all clients linked to the partner.", pages = "cases",
    query = [[
      FromDate, ToDate  date-time
      ExternalTenantId  string
      Statuses  [string] ~ Pending contract signing | Pending Verification Internal
                         | Pending Verification | More Info Required
                         | Collecting Quotes | Pending Quote Selection | Active
                         | Paused | Closed
      Query  string  -- case reference, creditor reference, debtor's name
      Page  integer 1..
      PageSize  integer 1..100 (default 10)
      CountryIds  [integer]  -- of the debtor; ids come from filter_options
      CollectionPartnerIds  [uuid]
      Sort  sort = DateCreated | GrossAmount | DueDate
    ]],
  },
  {
    "cases.get", "GET /cases/{id}", "200:GetCaseDetailResponse 404 500",
    "Reads one case, with what the partner earns if all is collected.",
  },
  {
    "cases.upload_file", "POST /cases/{caseId}/files", "200 400 404 413 415 500",
    "Uploads a file to a case of one of the partner's clients.", idempotency_key = true,
    query = "sendChatNotification boolean (default true) -- a message in the case's chat",
    form = "file! binary",
  },
  {
    "clients.create", "POST /clients",
    "201:ClientCreatedResponse 202:ClientCreatedResponse 400 409:ConflictResponse "
      .. "422:BusinessErrorResponseApiDTO 500",
    "Creates a client, or reports the known one; the same call on the same externalTenantId renews "
      .. "an approval URL.", body = "CreateClientRequest", retry = "idempotent",
  },
  {
    "clients.list", "GET /clients", "200:GetClientsResponse 400 500",
    "Lists the clients with an active link; pending link requests are not among them.",
    pages = "clients",
    query = [[
      Page  integer 1.. (default 1)
      PageSize  integer 1..100 (default 50)
      Query  string  -- company name, office e-mail, registration number
      ExternalTenantId  string
      IsAttributedClient  boolean
      DateCreatedFrom, DateCreatedTo  date-time
      OnboardingDone  boolean
      Sort  sort = dateCreated | name
    ]],
  },
  {
    "clients.get", "GET /clients/{externalTenantId string}", "200:ClientCreatedResponse 404 500",
    "Reads one client; 404 as long as its link is not active.",
  },
  {
    "clients.delete", "DELETE /clients/{externalTenantId string}", "204 403 404 500",
    "Deletes a client with all its cases and frees its e-mail addresses.", test_only = true,
    destroys = "This deletes the client with all its cases",
  },
  {
    "clients.is_deletable", "GET /clients/{externalTenantId string}/is-deletable",
    "200:ClientDeletableResponse 403 404 500",
    "Tells whether a client can be deleted, and what stands in the way.", test_only = true,
  },
  {
    "clients.withdraw", "POST /clients/{externalTenantId string}/withdraw", "204 404 409 500",
    "Withdraws a client that never finished onboarding and closes its pending cases.",
    retry = "idempotent", destroys = "This withdraws the client and closes its pending cases",
  },
  {
    "clients.submit_kyc", "POST /clients/{externalTenantId string}/kyc-verification",
    "201:KycVerificationDto 404 500",
    "Submits the director's identity; the newest submission counts.",
    body = "SubmitKycVerificationRequest", idempotency_key = true,
    query = "sendChatNotification boolean (default true) -- a message in the chats of the client's "
      .. "active cases",
  },
  {
    "coverage.list", "GET /coverage", "200:[CoverageItemApiDTO]",
    "Lists every jurisdiction served, with its partners and their conditions.",
  },
  {
    "filter_options", "GET /referral-partner/filter-options", "200:GetFilterOptionsResponse 500",
    "Lists the ids that CountryIds and CollectionPartnerIds take.",
  },
  {
    "tokens.create", "POST /oauth/token", "200:AccessTokenResponse 400 404 500",
    "Mints a token of 30 minutes for the Customer API, for one client that is onboarded.",
    body = "CreateAccessTokenRequest", retry = "idempotent",
  },
  {
    "cases.preview", "POST /cases/preview", "200:ReferralPartnerPreviewCaseResponse 400 500",
    "Prices a case without creating it.", body = "PreviewCaseRequestApiViewModel", retry = "safe",
  },
  { "me", "GET /me", "200:ReferralPartnerResponse 404 500", "Reads the partner behind the key." },
  {
    "reporting.transactions", "GET /reporting/transactions", "200:TransactionsResponse 400 500",
    "Lists the partner's earnings by payment, over all its clients.", pages = "data",
    query = [[
      FromDate, ToDate  date-time
      ExternalTenantId  string
      HasRecognizedRevenue  boolean
      CommissionPaymentStatuses  [PayoutCommissionPaymentStatus]
      PlatformInvoicingStatuses  [PlatformInvoicingStatus]
      ReferralInvoicingStatuses  [ReferralInvoicingStatus]
      RevenueStages  [TransactionRevenueStage]  -- narrows the rows, never the summary
      Search  string  -- ignored below 2 characters
      Page  integer 1..
      PageSize  integer 1..100 (default 10)
      CountryIds  [integer]
      CollectionPartnerIds  [uuid]
      Sort  sort = collectionDate | amount
    ]],
  },
  {
    "webhooks.list", "GET /v1/Webhooks", "200:[WebhookDto] 401:none",
    "Lists the webhook subscriptions, without their secrets.",
  },
  {
    "webhooks.create", "POST /v1/Webhooks", "200:WebhookDto 400 401:none",
    "Subscribes a URL to events; the response holds the secret, this once.",
    body = "CreateWebhookRequest",
  },
  {
    "webhooks.get", "GET /v1/Webhooks/{id}", "200:WebhookDto 401:none 404",
    "Reads one subscription, without its secret.",
  },
  {
    "webhooks.update", "PUT /v1/Webhooks/{id}", "200:WebhookDto 400 401:none 404",
    "Changes what the body names; isActive = true wakes a disabled subscription.",
    body = "UpdateWebhookRequest",
  },
  {
    "webhooks.delete", "DELETE /v1/Webhooks/{id}", "204 401:none 404",
    "Deletes a subscription and its history for good.",
    destroys = "This deletes the subscription with its history",
  },
  {
    "webhooks.test", "POST /v1/Webhooks/test",
    "200:TriggerTestWebhookResponse 400 401:none 403 404",
    "Queues a signed test event about a real case or client.", body = "TriggerTestWebhookRequest",
    test_only = true,
  },

  -- Another name for an operation above, with part of its body set.
  {
    "webhooks.rotate_secret", variant_of = "webhooks.update", preset = { regenerateSecret = true },
    doc = "Gives a subscription a new secret; the response holds it, this once.",
    destroys = "From now on events are signed with another secret only",
  },
}
