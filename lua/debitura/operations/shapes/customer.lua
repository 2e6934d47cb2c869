--- The shapes of the Customer API: cases and all that belongs to one. Those of the account stand
-- beside.
--
-- Source: the Customer API's OpenAPI document, v1.
-- @module debitura.operations.shapes.customer

return {
  -- Cases
  InvoiceListDto = [[
    page!  PageData
    cases  [InvoiceDto]?
  ]],
  InvoiceDto = [[
    ...invoiceFields
    claimType  string?
    creditor  CreditorDto
  ]],
  CreditorDto = "...creditorFields",
  CaseContractStatusApiDTO = [[
    sdca  ContractItemDto
    poa  ContractItemDto  -- once a collection partner is assigned
    pricingAppendix  ContractItemDto
    collectionPartnerName  string?
    needsPoaSigning  boolean  -- also for a missing pricing appendix, which signers see as a
                              -- power of attorney
  ]],
  ContractItemDto = [[
    signed, requiresResigning  boolean
    solutionUrl  string?  -- only when something is to be signed
  ]],
  CaseTimelineResponse = [[
    items!  [TimelineItemDto]?
    currentEngagementPhase  string? ~ Pre-legal | Legal | Enforcement
  ]],
  TimelineItemDto = [[
    date  date-time
    type!, title!, description!  string?
    actor  TimelineActorDto
  ]],
  TimelineActorDto = [[
    type!  string? ~ System | Creditor user | Partner user
    name  string?
  ]],
  ExclusivePeriodDto = [[
    engagementStartDate, currentEndDate  date-time
    daysRemaining  integer  -- negative once run out, 0 when ended early
    status  string? ~ Active | Expired | Terminated
    extensions  [ExclusivePeriodExtensionDto]?
  ]],
  ExclusivePeriodExtensionDto = [[
    type  string? ~ PromiseToPay | PaymentAgreement | Payment | Manual
    eventDate, newEndDate  date-time
  ]],
  CaseFileDto = [[
    id  uuid
    dateCreated, dateUpdated  date-time
    caseId  uuid
    entityType  string?
    entityId  uuid
    fileName, url, description, documentType  string?
  ]],

  -- Chats
  SendChatRequest = [[
    message!  string ..10000
    userId  uuid? (deprecated)  -- userEmail replaces it; one of the two is required
    userEmail  email?  -- an active team member, as GET /users lists them
  ]],
  ChatDto = [[
    id  uuid
    dateCreated  date-time
    dateUpdated  date-time?
    role  ChatRole
    roleLabel  string? ~ Partner | Creditor | Managed by partner
    message  string?
    isSeen  boolean
    user  UserRelationDto
  ]],
  -- The documents name none of them: roleLabel is the one to read.
  ChatRole = "enum integer = 0 | 1 | 2",
  UserRelationDto = [[
    id  integer
    dateCreated, dateUpdated  date-time?
    firstName, lastName, email!  string?
  ]],

  -- Preview and eligibility
  PreviewCaseResponseApiViewModel = [[
    result  PreviewResultDto
  ]],
  PreviewResultDto = [[
    isEligible  boolean  -- false is an answer, not a failure
    ineligibilityReason  string?
    partnerAssignment  PartnerAssignmentDto
    requiredActions  [RequiredActionDto]?
    jurisdiction  JurisdictionDto
    pricingPreview  PricingPreviewDto
    requiresKycVerification, hasKycOnFile  boolean
    signingHandoff  SigningHandoffDto
  ]],
  PartnerAssignmentDto = [[
    collectionPartnerId  uuid
    partnerName, partnerCountry  string?
  ]],
  RequiredActionDto = [[
    type  string?  -- the types of business errors
    message, solutionUrl  string?
    isBlocking  boolean
  ]],
  CaseEligibilityRequestApiDTO = [[
    countryAlpha2!  string 1..
    stateAlpha2  string?  -- required for US
    debtorType!  string 1.. = Company | Private
    amount!  number 0.01..
    currencyCode!  string 1..
  ]],
  CaseEligibilityResponseApiDTO = [[
    isEligible  boolean
    jurisdiction  JurisdictionInfoApiDTO
    partner  PartnerInfoApiDTO
    powerOfAttorneyStatus  PowerOfAttorneyStatusApiDTO
    errorMessage  string?
  ]],
  JurisdictionInfoApiDTO = [[
    id  integer
    name, country, countryAlpha2, usStateAlpha2  string?
  ]],
  PartnerInfoApiDTO = [[
    id  uuid
    name  string?
  ]],
  PowerOfAttorneyStatusApiDTO = [[
    signed, requiresResigning  boolean
    invalidationReason, termsUrl, solutionUrl  string?
  ]],

  -- Quotes
  LeadListDto = [[
    quoteRequests!  [LeadDto]?
  ]],
  leadFields = [[
    quoteRequestId, caseId  uuid
    status!, leadFlowStatus!, quoteType!  string?
    maxQuotes, currentQuotesCount  integer
    outcome  string?
    dateCreated  date-time
    dateQualified, leadsDoneOffered, dateReminderSent, dateReminderTwoSent  date-time?
    dateOutcomeSelected  date-time?
  ]],
  LeadDto = [[
    ...leadFields
    purpose  string? ~ PhaseChange | AdditionalService
  ]],
  LeadDetailDto = [[
    ...leadFields
    isMaxBidCountReached  boolean
    request, existingFees  string?
  ]],
  LeadQuoteListDto = [[
    quotes!  [LeadQuoteDto]?
  ]],
  quoteFields = [[
    quoteId, quoteRequestId, partnerId  uuid
    partnerName!, status!, agreementType!, proposedSolution, partnerWhyUsSection, currency!  string?
    dateCreated  date-time
  ]],
  priceFields = [[
    hourlyRate, hourlyEstimated, flatFeeEstimate, hybridEstimate  number?
  ]],
  LeadQuoteDto = [[
    ...quoteFields
    ...priceFields
    successFee  number?  -- pricing.successFeeFee in the detail
    phase  string? ~ Pre-legal | Legal | Enforcement
    offerNature  string? ~ Recommendation | Required
  ]],
  LeadQuoteDetailDto = [[
    ...quoteFields
    pricing!  LeadQuotePricingDto
    feeComments, fullQuoteLink  string?
    dateUpdated  date-time?
  ]],
  LeadQuotePricingDto = [[
    ...priceFields
    successFeeFee  number?
    costProcessMisc  number
  ]],
}
