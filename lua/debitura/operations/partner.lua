--- The operations of the Referral Partner API, one row each; `debitura.operations` says what a row
-- may hold.
--
-- Source: the Referral Partner API's OpenAPI document, v1; order and spelling are the document's.
-- Bounds and defaults that only its text states stand in the row as well.
-- @module debitura.operations.partner

return {
  {
    name = "cases.list", method = "GET", path = "/cases",
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
    success = { [200] = "GetCasesResponse" }, errors = "400 500", pages = "cases",
    doc = "Lists the cases of all clients linked to the partner.",
  },
  {
    name = "cases.get", method = "GET", path = "/cases/{id}", path_params = "id uuid",
    success = { [200] = "GetCaseDetailResponse" }, errors = "404 500",
    doc = "Reads one case, with what the partner earns if all is collected.",
  },
  {
    name = "cases.upload_file", method = "POST", path = "/cases/{caseId}/files",
    path_params = "caseId uuid",
    query = "sendChatNotification boolean (default true) -- a message in the case's chat",
    form = "file! binary", idempotency_key = true,
    success = { [200] = false }, errors = "400 404 413 415 500",
    doc = "Uploads a file to a case of one of the partner's clients.",
  },
  {
    name = "clients.create", method = "POST", path = "/clients",
    body = "CreateClientRequest", retry = "idempotent",
    success = { [201] = "ClientCreatedResponse", [202] = "ClientCreatedResponse" },
    errors = "400 409:ConflictResponse 422:BusinessErrorResponseApiDTO 500",
    doc = "Creates a client, or reports the known one; the same call on the same externalTenantId "
      .. "renews an approval URL.",
  },
  {
    name = "clients.list", method = "GET", path = "/clients",
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
    success = { [200] = "GetClientsResponse" }, errors = "400 500", pages = "clients",
    doc = "Lists the clients with an active link; pending link requests are not among them.",
  },
  {
    name = "clients.get", method = "GET", path = "/clients/{externalTenantId}",
    path_params = "externalTenantId string",
    success = { [200] = "ClientCreatedResponse" }, errors = "404 500",
    doc = "Reads one client; 404 as long as its link is not active.",
  },
  {
    name = "clients.delete", method = "DELETE", path = "/clients/{externalTenantId}",
    path_params = "externalTenantId string",
    success = { [204] = false }, errors = "403 404 500", test_only = true,
    doc = "Deletes a client with all its cases and frees its e-mail addresses.",
    destroys = "This deletes the client with all its cases",
  },
  {
    name = "clients.is_deletable", method = "GET",
    path = "/clients/{externalTenantId}/is-deletable",
    path_params = "externalTenantId string",
    success = { [200] = "ClientDeletableResponse" }, errors = "403 404 500", test_only = true,
    doc = "Tells whether a client can be deleted, and what stands in the way.",
  },
  {
    name = "clients.withdraw", method = "POST", path = "/clients/{externalTenantId}/withdraw",
    path_params = "externalTenantId string", retry = "idempotent",
    success = { [204] = false }, errors = "404 409 500",
    doc = "Withdraws a client that never finished onboarding and closes its pending cases.",
    destroys = "This withdraws the client and closes its pending cases",
  },
  {
    name = "clients.submit_kyc", method = "POST",
    path = "/clients/{externalTenantId}/kyc-verification",
    path_params = "externalTenantId string",
    query = "sendChatNotification boolean (default true) -- a message in the chats of the client's "
      .. "active cases",
    body = "SubmitKycVerificationRequest", idempotency_key = true,
    success = { [201] = "KycVerificationDto" }, errors = "404 500",
    doc = "Submits the director's identity; the newest submission counts.",
  },
  {
    name = "coverage.list", method = "GET", path = "/coverage",
    success = { [200] = "[CoverageItemApiDTO]" },
    doc = "Lists every jurisdiction served, with its partners and their conditions.",
  },
  {
    name = "filter_options", method = "GET", path = "/referral-partner/filter-options",
    success = { [200] = "GetFilterOptionsResponse" }, errors = "500",
    doc = "Lists the ids that CountryIds and CollectionPartnerIds take.",
  },
  {
    name = "tokens.create", method = "POST", path = "/oauth/token",
    body = "CreateAccessTokenRequest", retry = "idempotent",
    success = { [200] = "AccessTokenResponse" }, errors = "400 404 500",
    doc = "Mints a token of 30 minutes for the Customer API, for one client that is onboarded.",
  },
  {
    name = "cases.preview", method = "POST", path = "/cases/preview",
    body = "PreviewCaseRequestApiViewModel", retry = "safe",
    success = { [200] = "ReferralPartnerPreviewCaseResponse" }, errors = "400 500",
    doc = "Prices a case without creating it.",
  },
  {
    name = "me", method = "GET", path = "/me",
    success = { [200] = "ReferralPartnerResponse" }, errors = "404 500",
    doc = "Reads the partner behind the key.",
  },
  {
    name = "reporting.transactions", method = "GET", path = "/reporting/transactions",
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
    success = { [200] = "TransactionsResponse" }, errors = "400 500", pages = "data",
    doc = "Lists the partner's earnings by payment, over all its clients.",
  },
  {
    name = "webhooks.list", method = "GET", path = "/v1/Webhooks",
    success = { [200] = "[WebhookDto]" }, errors = "401:none",
    doc = "Lists the webhook subscriptions, without their secrets.",
  },
  {
    name = "webhooks.create", method = "POST", path = "/v1/Webhooks",
    body = "CreateWebhookRequest",
    success = { [200] = "WebhookDto" }, errors = "400 401:none",
    doc = "Subscribes a URL to events; the response holds the secret, this once.",
  },
  {
    name = "webhooks.get", method = "GET", path = "/v1/Webhooks/{id}", path_params = "id uuid",
    success = { [200] = "WebhookDto" }, errors = "401:none 404",
    doc = "Reads one subscription, without its secret.",
  },
  {
    name = "webhooks.update", method = "PUT", path = "/v1/Webhooks/{id}", path_params = "id uuid",
    body = "UpdateWebhookRequest",
    success = { [200] = "WebhookDto" }, errors = "400 401:none 404",
    doc = "Changes what the body names; isActive = true wakes a disabled subscription.",
  },
  {
    name = "webhooks.delete", method = "DELETE", path = "/v1/Webhooks/{id}",
    path_params = "id uuid",
    success = { [204] = false }, errors = "401:none 404",
    doc = "Deletes a subscription and its history for good.",
    destroys = "This deletes the subscription with its history",
  },
  {
    name = "webhooks.test", method = "POST", path = "/v1/Webhooks/test",
    body = "TriggerTestWebhookRequest", test_only = true,
    success = { [200] = "TriggerTestWebhookResponse" }, errors = "400 401:none 403 404",
    doc = "Queues a signed test event about a real case or client.",
  },

  -- Another name for an operation above, with part of its body set.
  {
    name = "webhooks.rotate_secret", variant_of = "webhooks.update",
    preset = { regenerateSecret = true },
    doc = "Gives a subscription a new secret; the response holds it, this once.",
    destroys = "From now on events are signed with another secret only",
  },
}
