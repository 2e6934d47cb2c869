--- The shapes that both APIs have in common, in the notation of `debitura.operations.notation`.
--
-- Source: both OpenAPI documents, v1. Where a text adds to its schema (a required field, known
-- values), the field says so in its note or simply carries it. A name in lower case is no shape but
-- fields that several shapes include.
-- @module debitura.operations.shapes.shared

return {
  -- Failures
  ApiErrorResponseDto = [[
    error  string?  -- legacy
    message  string?  -- legacy
    businessErrors  [BusinessErrorApiDTO]?  -- the one to read
  ]],
  BusinessErrorResponseApiDTO = [[
    businessErrors  [BusinessErrorApiDTO]?
    signingHandoff  SigningHandoffDto
  ]],
  BusinessErrorApiDTO = [[
    type  string? ~ MissingDebtCollectionContract | MissingPowerOfAttorney
                  | MissingKycVerification | CreditorBlocked | NoPartnerAvailable
                  | IdempotencyConflict
    message  string?
    solutionUrl  string?  -- solves this one error only
  ]],
  SigningHandoffDto = [[
    combinedSigningUrl  string?  -- walks through every open signing, then to returnUrl
  ]],

  -- Pages
  PageData = [[
    totalResults, pageSize, currentPage  integer
    responseCount  integer  -- rows on this page
    totalPages  integer (read-only)
  ]],

  -- A case as it is handed in. The schema requires currencyCode alone; a claim without debtor or
  -- principal is none.
  CreateCollectionCaseRequestApiViewModel = [[
    currencyCode!  string? 3..3  -- ISO 4217
    date  date-time
    dueDate  date-time?  -- gives the age when there are no buckets
    comments, claimDescription  string? ..4000
    creditorReference  string? ..50  -- unique for the creditor
    debtor!  DebtorDto
    creditorDivisionId  uuid?
    amountToRecover!  number  -- the whole principal, over all bundled invoices
    amountToRecoverOver6Months  number?  -- the part older than 180 days, the older parts included
    amountToRecoverOver12Months, amountToRecoverOver24Months  number?
    skipDebituraVerification  boolean  -- goes straight to the collection partner
    skipCreationEmails  boolean (deprecated)  -- ignored
    allowPendingContracts  boolean  -- accept before contracts are signed, as "Pending
                                    -- contract signing"
    isTest  boolean
    tag  string? ..100  -- means something only with isTest; for deleting
                        -- many
    collectionPartnerId  uuid?  -- this partner and no other
    assignedUserEmail  email? ..320  -- an active team member, who alone is mailed
    returnUrl  url? ..2048  -- the service drops a bad one without a word
  ]],
  DebtorDto = [[
    type!  string 1.. = Company | Person | Private  -- the two documents
                                                    -- disagree on the word for
                                                    -- a person
    name!  string 1..
    contactPerson  string?  -- for companies; some sources require it
    companyRegistrationNumber, address, zipCode, city, state  string?
    stateAlpha2  string?  -- required for US; CA, US-CA or California
    countryAlpha2!  string? 2..2  -- required by the text, not by the schema
    country, email  string?
    phone  string?  -- with country code
  ]],

  -- Preview
  PreviewCaseRequestApiViewModel = [[
    amountToRecover!  number
    currencyCode!  string 3..3
    debtor!  PreviewDebtorDto
    amountToRecoverOver6Months, amountToRecoverOver12Months, amountToRecoverOver24Months  number?
    dueDate  date-time?  -- not in the future, and not beside buckets
    returnUrl  url? ..2048
  ]],
  PreviewDebtorDto = [[
    type!  string 1.. = Company | Private
    countryAlpha2!  string 2..2
    stateAlpha2  string? 2..2  -- required for US
  ]],
  PricingPreviewDto = [[
    baseSuccessFeePercentage, ageSurchargePercentage, totalSuccessFeePercentage  number
    currencyCode  string?
    pricingSource  string? ~ Standard agreement | Creditor custom pricing
                           | Managing partner custom pricing
                           | Jurisdiction custom pricing | Partner custom pricing
                           | Accepted quote
    pricingSourceDescription  string?
  ]],
  JurisdictionDto = [[
    id  integer
    name, countryAlpha2  string?
    stateAlpha2  string?  -- only where cases are routed by state
  ]],

  -- A case as it is read, in parts
  invoiceFields = [[
    id  uuid
    dateCreated  date-time
    dateUpdated  date-time?
    reference, creditorReference, creditorComments, claimDescription  string?
    grossAmount, remainder, interestFees, reminderFees, collectionFees, totalAddedFees  number
    currency  string?
    isTestCase  boolean
    lifecycle  string?
    dueDate, date  date-time
    dateFinished, dateCollectionStarted  date-time?
    closeCode  string?
    currentEngagementPhase  string? ~ Pre-legal | Legal | Enforcement
    creditorDivisionId  uuid?
    debtor  DebtorDto
    collectionPartner  CollectionPartnerDto
    bankAccount  BankAccountDto
    blendedAgeUpliftPoints  number?
    preLegalSuccessFee  number?  -- 20.5 is 20.5 percent, uplift included
    solutionUrl  string? (deprecated)  -- signingHandoff replaces it
    signingHandoff  SigningHandoffDto
    exclusivePeriodEndDate  date-time?
    disputeStatus  string? ~ Yes, the claim is disputed | No, the claim is not disputed
                           | Don't Know
    validation  CaseValidationLeanDto
    assignedUser  AssignedUserDto
    allocationOutstanding  InvoiceAllocationOutstandingDto
  ]],
  creditorFields = [[
    id  uuid
    companyName, companyRegistrationNumber, officeEmail, officePhone, address, city  string?
    zipCode, state, country  string?
    division  CreditorDivisionDto
  ]],
  AssignedUserDto = [[
    email, name  string?
  ]],
  BankAccountDto = [[
    id  integer
    label  string?
    scheme  string? ~ IBAN | SWIFT | LOCAL
    currencyCode, bankCountryCode, accountHolderName  string?
    iban  string?  -- IBAN
    bic  string?  -- IBAN and SWIFT
    accountNumber  string?  -- SWIFT and LOCAL
    localIdentifier  string?  -- LOCAL
    localIdentifierType  string? ~ Sort Code | Routing Number
    bankName, bankAddress, bankCity, bankZipCode, bankState  string?
  ]],
  CaseValidationLeanDto = [[
    needsInfo  boolean
  ]],
  CaseValidationStatusDto = [[
    needsInfo  boolean
    creditorRespondedAt  date-time?
    items  [CaseValidationItemDto]?
  ]],
  CaseValidationItemDto = [[
    resolutionArea  string? ~ ProvideDocuments | CorrectDebtorAddress
    description  string?
  ]],
  CollectionPartnerDto = [[
    name, officeEmail, officePhone, publicSite  string?
    surveyCadenceMode  SurveyCadenceMode
  ]],
  SurveyCadenceMode = "enum integer = 0 | 1",
  CreditorDivisionDto = [[
    id  uuid
    name  string?
  ]],
  InvoiceAllocationOutstandingDto = [[
    principal, interest, reminderFees, collectionFees  number
  ]],

  -- Coverage
  CoverageItemApiDTO = [[
    jurisdictionId  integer
    jurisdiction, country  string?
    countryId  integer
    countryAlpha2, usStateAlpha2  string?
    partners  [PartnerCoverageApiDTO]?
  ]],

  -- Webhook subscriptions; what may be subscribed to differs and stands with each API
  UpdateWebhookRequest = [[
    url  url? ..1024
    events  [string]?
    isActive  boolean?  -- true wakes a subscription that was disabled after failures
    regenerateSecret  boolean  -- the response then holds the new secret, once
    isTestMode  boolean?
  ]],
  WebhookDto = [[
    id  uuid
    url  string?
    events  [string]?
    isActive  boolean
    createdUtc, updatedUtc  date-time
    disabledReason  string?
    secret  string?  -- Base64; only on creation and rotation
    isTestMode  boolean
  ]],
}
