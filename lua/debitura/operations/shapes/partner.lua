--- The shapes of the Referral Partner API: clients, cases, account. Those of reporting stand
-- beside.
--
-- Source: the Referral Partner API's OpenAPI document, v1.
-- @module debitura.operations.shapes.partner

return {
  -- Creating a client
  CreateClientRequest = [[
    externalTenantId!  string 1..255  -- longer ones cannot be given to POST /oauth/token
    client!  ClientDetailsDto
    users!  [ClientUserDto] 1..
    cases  [CreateCollectionCaseRequestApiViewModel]?
  ]],
  ClientDetailsDto = [[
    name!  string 1..
    registrationNumber  string?
    address  string? ..500
    zipCode  string? ..20
    city, state  string? ..100
    country!  string 1..  -- a country's name, as in the documented example
    supportEmail!  email 1..
    supportPhone  string?
  ]],
  ClientUserDto = [[
    name!  string 1..
    email!  email 1..
    isOnboardingUser  boolean  -- exactly one when there are several users
  ]],

  -- A client as it is read
  ClientCreatedResponse = [[
    externalTenantId  string?
    onboardingDone  boolean
    onboardingLinks  OnboardingLinksDto  -- while onboarding is open
    client  Clients.CreditorDto
    users  [UserDto]?
    isAttributedClient  boolean  -- created through this partner, not linked later
    dateLinked  date-time
    caseStats  ClientCaseStats
    kycStatus  KycStatus
    kycVerification  KycVerificationDto
    caseResults  MultiCaseResult  -- after a create with cases
  ]],
  OnboardingLinksDto = [[
    url  string?
  ]],
  ["Clients.CreditorDto"] = [[
    id  uuid
    companyName, officeEmail, country, address, city, zipCode, companyRegistrationNumber  string?
  ]],
  UserDto = [[
    id  integer
    email, firstName, lastName  string?
  ]],
  ClientCaseStats = [[
    casesTotal, casesClosed  integer
    earningsUsd  number
  ]],
  -- The schema has the first three, its text says that the wire carries the others.
  KycStatus = "enum string ~ NotRequired | Pending | Verified | not_required | pending | verified",
  KycVerificationDto = [[
    directorFullName, directorHomeAddress  string?
    directorDateOfBirth  date
    dateCreated  date-time
    verificationStatus  CreditorKycVerificationStatus  -- null until it is reviewed
    verificationStatusUpdatedAt  date-time?
  ]],
  CreditorKycVerificationStatus = "enum string ~ Processing | Completed",
  MultiCaseResult = [[
    successfulCases  [InvoiceDto]?
    failedCases  [CaseCreationFailure]?
  ]],
  CaseCreationFailure = [[
    caseIndex  integer  -- position in the request's cases, counted from 0
    creditorReference  string?
    errorType  string? ~ NoPartnerAvailable | ValidationError | DuplicateReference
                       | IdempotencyViolation | UnexpectedError
    errorMessage  string?
    validationErrors  {[string]}?
    signingHandoff  SigningHandoffDto
  ]],
  ConflictResponse = [[
    type  string? ~ ClientExistsNeedsLinking | AlreadyLinkedToAnotherPartner
                  | ClientAlreadyLinkedToAnotherPartner | InvalidClientType
    message  string?
    data  any?
  ]],
  GetClientsResponse = [[
    page  PageData
    summary  ClientsSummary
    clients  [ClientCreatedResponse]?
  ]],
  ClientsSummary = [[
    totalClients, attributedClients, onboardingComplete, onboardingPending, totalCases  integer
  ]],
  ClientDeletableResponse = [[
    isDeletable  boolean
    blockers  [string]?
  ]],
  SubmitKycVerificationRequest = [[
    directorFullName!  string 1..500
    directorHomeAddress!  string 1..1000
    directorDateOfBirth!  date
  ]],

  -- Tokens
  CreateAccessTokenRequest = [[
    externalTenantId!  string 1..255
  ]],
  AccessTokenResponse = [[
    accessToken  string?
    expiresIn  integer  -- seconds
    creditorId  uuid
    externalTenantId  string?
    tokenType  string? ~ Bearer
  ]],

  -- Cases
  GetCasesResponse = [[
    page  PageData
    cases  [CaseItem]?
    summary  CasesSummary
  ]],
  CasesSummary = [[
    totalCases, casesThisMonth  integer
    byLifecycle  LifecycleBreakdown
  ]],
  LifecycleBreakdown = [[
    active, pending, closed, paused  integer
  ]],
  caseFields = [[
    id  uuid
    reference, creditorReference  string?
    client  CaseClientInfo
    debtor  CaseDebtorInfo
    grossAmount, remainder  number
    currency  string?
    currentEngagementPhase  string? ~ Pre-legal | Legal | Enforcement
    dateCreated, dueDate  date-time
    dateCollectionStarted, dateFinished  date-time?
    validation  CaseValidationStatusDto
    collectionPartner  string?  -- a name, null until assigned
    expectedReferralRatePercentage  number?  -- 70.0 is 70 percent
  ]],
  CaseItem = [[
    ...caseFields
    lifecycle  string? ~ Active | Closed | Pending Verification
    closeCode  string? ~ Paid | Withdrawn by Client  -- null while open
  ]],
  GetCaseDetailResponse = [[
    ...caseFields
    lifecycle, closeCode  string?
    potentialRevenue  CasePotentialRevenue  -- what the partner earns if all is collected
  ]],
  CaseClientInfo = [[
    externalTenantId  string?
    creditorId  uuid
    companyName  string?
    contacts  ClientContacts
  ]],
  ClientContacts = [[
    onboardingUser  ContactUser
    officeEmail  string?
    otherUsers  [ContactUser]?
  ]],
  ContactUser = [[
    email, name  string?
  ]],
  CaseDebtorInfo = [[
    name, country  string?
  ]],
  CasePotentialRevenue = [[
    grossAmountUsd, successFeePercentage, collectionPartnerRevenueUsd  number
    platformRevenueSharePercentage, platformRevenueUsd, referralFeePercentage  number
    referralRevenueUsd  number
  ]],
  InvoiceDto = [[
    ...invoiceFields
    claimType  string? ~ Unpaid Invoice | Loan Repayment | Breach of Contract
    creditor  Cases.CreditorDto
  ]],
  ["Cases.CreditorDto"] = "...creditorFields",
  ReferralPartnerPreviewCaseResponse = [[
    isEligible  boolean  -- false is an answer, not a failure
    ineligibilityReason  string?
    jurisdiction  JurisdictionDto
    pricingPreview  PricingPreviewDto
    requiresKycVerification  boolean
    pendingActions  [PendingActionDto]?
    combinedSigningUrl  string?  -- always null here
  ]],
  PendingActionDto = [[
    type  PendingActionType
    collectionPartnerId  uuid?
    dueDate  date-time?
  ]],
  PendingActionType = "enum string ~ SdcaUpgrade | PoA | Jpa | Kyc",

  -- Coverage and account
  PartnerCoverageApiDTO = [[
    partnerId  uuid
    partnerName  string?
    conditions  string? ~ All cases | B2B cases only | Amount ≥ €1,000  -- prose, not to be parsed
  ]],
  ReferralPartnerResponse = [[
    id  uuid
    companyName, shortName, contactEmail, externalSystemId  string?
    referralFeePercentage  number
    isActive, isPublicDemo  boolean
    logoUrl, backgroundColorCode, fontColor, fontFamily  string?
    invoicingTriggerMode  InvoicingTriggerMode
  ]],
  InvoicingTriggerMode = "enum string ~ PayWhenPaid | ConfirmedPipeline",

  -- Webhook subscriptions
  CreateWebhookRequest = [[
    url!  url ..1024  -- https, public
    events!  [string] 1.. = client.onboarding.poa_signed | client.onboarding.contract_signed
                          | client.linked | client.link_declined | client.link_requested
                          | client.link_expired | case.created | case.updated | case.closed
                          | cases.replay_failed
    isTestMode  boolean  -- true: test events only
  ]],
  TriggerTestWebhookRequest = [[
    eventType!  string 1.. = case.created | case.updated | case.closed | client.linked
                           | client.link_declined | client.link_requested
                           | client.link_expired | client.onboarding.poa_signed
                           | client.onboarding.contract_signed
    caseId  uuid?  -- required for case events
    externalTenantId  string?  -- required for client events
    oldLifecycle, newLifecycle, closeCode, closeComment  string?
  ]],
  TriggerTestWebhookResponse = [[
    eventType  string?
    enqueuedCount  integer
    message  string?
  ]],
}
